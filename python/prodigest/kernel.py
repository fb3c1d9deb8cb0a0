"""Gaussian kernel matrices, by their products: densities, attention, eigenvalues, ridge regression.

``K[i, j] = exp(-|q_i - k_j|² / (2 bandwidth²))`` of queries and keys, which are never held as a
matrix. Points are float32 within: float64 and others are converted, Fortran order is copied.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._gaussian_operator import GaussianOperator, as_columns, as_points, like
from ._kernel_reports import (
    Diagnosis,
    Doubles,
    Eigenpairs,
    HashedReport,
    PlanReport,
    PrefixDiagnosis,
    ProductReport,
    RidgeSolution,
    SoftmaxReport,
    TraceEstimate,
)

__all__ = [
    "Diagnosis",
    "Eigenpairs",
    "GaussianOperator",
    "HashedReport",
    "PlanReport",
    "PrefixDiagnosis",
    "ProductReport",
    "RidgeSolution",
    "SoftmaxReport",
    "TraceEstimate",
    "gaussian_product",
    "hashed_product",
    "kernel_attention",
    "kernel_density",
    "kernel_diagnose",
    "kernel_eigenvalues",
    "kernel_ridge",
    "kernel_trace",
]


def _pair(queries: Any, keys: Any) -> tuple[Any, Any]:
    """Points of both; no keys where they are the queries."""
    same = keys is None or keys is queries
    return as_points(queries, "queries"), None if same else as_points(keys, "keys")


def gaussian_product(
    queries: Any, keys: Any, x: Any, bandwidth: float, *, threads: int = 0
) -> Doubles:
    """y = K x by every pair, without holding K.

    Parameters
    ----------
    queries : array of shape (n_q, d)
    keys : array of shape (n, d) or None
        None, or the array `queries` itself: queries are keys, which takes half the time for one
        column.
    x : array of shape (n,) or (n, m)
        Converted to float64.
    bandwidth : float
        Positive, in the unit of the points.
    threads : int
        0: all cores.

    Returns
    -------
    y : array of shape (n_q,) or (n_q, m)
        To about 1e-6 of each kernel value.

    Notes
    -----
    O(n_q n (d + m)) time, O((n_q + n) (d + m)) memory.
    """
    rows, cols = _pair(queries, keys)
    made: Doubles = _core.gaussian_product(rows, cols, bandwidth, as_columns(x, "x"), threads)
    return like(made, x)


def kernel_density(
    queries: Any,
    keys: Any = None,
    *,
    weights: Any = None,
    log: bool = False,
    exact: bool = False,
    **options: Any,
) -> tuple[Doubles, ProductReport | None]:
    """Kernel density estimates: the weighted mean over keys of the normal density about each.

    Parameters
    ----------
    queries : array of shape (n_q, d)
    keys : array of shape (n, d), optional
        The data; None: the queries.
    weights : array of shape (n,), optional
        Of the keys, not negative; None: all equal. They are divided by their sum.
    log : bool
        Natural logarithms; -inf where a density is 0.
    exact : bool
        By every pair.
    **options
        `bandwidth`, the standard deviation, and others of `GaussianOperator`: an error of epsilon
        is of ``|weights|``, one over the root of the number of keys, before densities are
        normalized.

    Returns
    -------
    densities : array of shape (n_q,)
    report : ProductReport or None
        None if `exact`.

    Raises
    ------
    ValueError
        On bad weights, and where densities in so many dimensions are beyond what a double holds
        (take `log`).
    """
    count = len(queries if keys is None else keys)
    shares = np.ones(count) if weights is None else as_columns(weights, "weights")[:, 0]
    total = float(shares.sum())
    if not (np.all(shares >= 0) and 0 < total < np.inf):
        raise ValueError("weights: expected numbers that are not negative and not all 0")
    shares = shares / total
    report: ProductReport | None = None
    if exact:
        bandwidth = float(options.pop("bandwidth"))
        densities = gaussian_product(
            queries, keys, shares, bandwidth, threads=options.pop("threads", 0)
        )
        dim = np.shape(queries)[1]
    else:
        made = GaussianOperator(queries, keys, **options)
        densities, report = made.apply(shares)
        bandwidth, dim = made.bandwidth, made.dim
    densities = np.maximum(densities, 0)
    # Of a kernel the integral is (2 pi)^(d/2) bandwidth^d.
    log_integral = dim * (np.log(2 * np.pi) / 2 + np.log(bandwidth))
    if log:
        with np.errstate(divide="ignore"):
            return np.log(densities) - log_integral, report
    if abs(log_integral) > -np.log(np.finfo(np.float64).tiny):
        raise ValueError(
            f"kernel_density: densities of {dim} coordinates are beyond what a double holds, "
            f"exp({-log_integral:.4g}) (take log=True)"
        )
    return densities * np.exp(-log_integral), report


def kernel_attention(
    queries: Any,
    keys: Any,
    values: Any,
    *,
    epsilon: float = 0.05,
    failure: float = 0.01,
    scale: float = 0,
    seed: int = 0,
    threads: int = 0,
) -> tuple[npt.NDArray[np.float32], SoftmaxReport]:
    """softmax(Q Kᵀ scale) V of one head, not causal, as a Gaussian kernel product.

    Values and row sums come from one product with points of one coordinate more. Pays from some
    ten thousand tokens on.

    Parameters
    ----------
    queries : array of shape (n_q, d)
    keys : array of shape (n, d)
    values : array of shape (n, d_v)
    epsilon, failure
        ``|out - softmax(Q Kᵀ scale) V| <= epsilon |V - mean of V|``, about, with probability
        1 - failure.
    scale : float
        Of the inner products, 0: d**-0.5.

    Returns
    -------
    out : float32 array of shape (n_q, d_v)
    report : SoftmaxReport

    Raises
    ------
    UnsupportedError
        Where row sums are too small for float32 even after the reduction.
    """
    out, product, least, most = _core.kernel_attention(
        as_points(queries, "queries"),
        as_points(keys, "keys"),
        as_points(values, "values"),
        epsilon,
        failure,
        seed,
        scale,
        threads,
    )
    return out, SoftmaxReport(ProductReport(**product), least, most)


def _operator(kernel: Any, options: dict[str, Any]) -> GaussianOperator:
    if not isinstance(kernel, GaussianOperator):
        return GaussianOperator(kernel, **options)
    if options:
        raise TypeError(f"an operator has its own {', '.join(options)} (leave them out)")
    return kernel


def kernel_eigenvalues(
    kernel: Any,
    count: int = 1,
    *,
    iterations: int = 30,
    tolerance: float = 1e-4,
    oversampling: int = 4,
    exact: bool = False,
    seed: int = 0,
    **options: Any,
) -> Eigenpairs:
    """Largest eigenvalues of K and their vectors, by the noisy block power method.

    Parameters
    ----------
    kernel : array of shape (n, d) or GaussianOperator
        Points, which are queries and keys, or an operator whose queries are keys.
    count : int
        How many.
    iterations : int
        Products, at most.
    tolerance : float
        Ends where no value changes by more, relatively.
    oversampling : int
        Further columns of each product.
    exact : bool
        Products by every pair.
    seed : int
        Of the first block of vectors.
    **options
        Of `GaussianOperator`, if points are given: `bandwidth`, `epsilon` and so on.

    Returns
    -------
    Eigenpairs
        Values err by about epsilon.
    """
    found = _core.kernel_eigenvalues(
        (made := _operator(kernel, options))._made,
        count,
        iterations,
        tolerance,
        oversampling,
        seed,
        exact,
        made.threads,
    )
    return Eigenpairs(**found)


def kernel_trace(
    kernel: Any,
    power: int = 2,
    *,
    products: int = 60,
    exact: bool = False,
    seed: int = 0,
    **options: Any,
) -> TraceEstimate:
    """tr(K^power) by Hutch++: exactly on a subspace, by random probes on the rest.

    Parameters
    ----------
    kernel : array of shape (n, d) or GaussianOperator
        As in `kernel_eigenvalues`.
    power : int
        1 or 2. The trace of K itself is n, as every K[i, i] is 1; that of K² is the sum of all
        squared entries.
    products : int
        Columns multiplied in all, in two products; at least 6.
    exact, seed, **options
        As in `kernel_eigenvalues`.
    """
    made = _operator(kernel, options)
    return TraceEstimate(
        **_core.kernel_trace(made._made, power, products, seed, exact, made.threads)
    )


def kernel_ridge(
    kernel: Any,
    b: Any,
    *,
    ridge: float = 1.0,
    tolerance: float = 1e-4,
    iterations: int = 8,
    refinements: int = 20,
    exact: bool = False,
    **options: Any,
) -> RidgeSolution:
    """Kernel ridge regression, the mean of a Gaussian process: (K + ridge I) v = b.

    Residuals are by exact products, corrections by conjugate gradients on approximate ones, so
    that the error of a product does not limit that of the solution. ``GaussianOperator(new, old,
    bandwidth=...) @ v`` predicts b at other points.

    Parameters
    ----------
    kernel : array of shape (n, d) or GaussianOperator
        As in `kernel_eigenvalues`.
    b : array of shape (n,) or (n, m)
    ridge : float
        Added to the diagonal, positive.
    tolerance : float
        Of ``|b - (K + ridge) v| / |b|``.
    iterations : int
        Of conjugate gradients between two exact products.
    refinements : int
        Exact products, at most.
    exact : bool
        All products by every pair.
    **options
        As in `kernel_eigenvalues`.

    Returns
    -------
    RidgeSolution
        Look at `converged`.
    """
    made = _operator(kernel, options)
    found = _core.kernel_ridge(
        made._made,
        as_columns(b, "b"),
        ridge,
        tolerance,
        iterations,
        refinements,
        exact,
        made.threads,
    )
    found["weights"] = like(found["weights"], b)
    return RidgeSolution(**found)


def kernel_diagnose(
    queries: Any,
    keys: Any = None,
    *,
    bandwidth: float = 0,
    attention: bool = False,
    scale: float = 0,
    first: int = 50,
    step: int = 0,
    threads: int = 0,
) -> Diagnosis:
    """Whether a kernel matrix satisfies what sub-quadratic products rest on.

    The sum of all but the n largest entries over that of the n largest, for the first n points,
    and what follows; by every pair and in double.

    Parameters
    ----------
    queries, keys : arrays of shape (n, d)
        Equally many, at most 8,192; no keys: the queries.
    bandwidth : float
        Of the kernel; not of attention.
    attention : bool
        They are queries and keys of one head of attention, made points of a Gaussian kernel first.
    scale : float
        Of attention, 0: d**-0.5.
    first, step : int
        Smallest prefix, and from one to the next; a step of 0 makes about 50 of them.

    Notes
    -----
    O(n² d) time, 8 n² bytes.
    """
    if attention and bandwidth:
        raise ValueError("kernel_diagnose: of attention the bandwidth follows from scale")
    rows, cols = _pair(queries, keys)
    found = _core.kernel_diagnose(
        rows, cols, 1 if attention else bandwidth, attention, scale, first, step, threads
    )
    found["prefixes"] = tuple(PrefixDiagnosis(**one) for one in found["prefixes"])
    return Diagnosis(**found)


def hashed_product(
    queries: Any,
    keys: Any,
    x: Any,
    bandwidth: float,
    *,
    epsilon: float = 0.1,
    heavy: float = 1 / 3,
    large: float = 0.109,
    tables: int = 0,
    projections: int = 12,
    width: float = 8,
    density_keys: int = 64,
    samples: float = 10,
    repetitions: int = 0,
    seed: int = 0,
    threads: int = 0,
) -> tuple[Doubles, HashedReport]:
    """y ≈ K x by the algorithm of the paper, for study: its constants make it slower than the exact
    product at any size that fits a machine.

    Parameters
    ----------
    queries : array of shape (n_q, d)
    keys : array of shape (n, d) or None
    x : array of shape (n,)
    bandwidth : float
    epsilon : float
        ``|y - K x| <= epsilon |x|`` with probability 0.99 if the sum of K is O(n).
    heavy : float
        alpha: kernels of at least n**-alpha are heavy, in (0, 1/2].
    large : float
        gamma: entries with x² >= n**gamma mean(x²) are summed exactly.
    tables : int
        Hash tables, 0: as many as the guarantee takes.
    projections : int
        Of a hash.
    width : float
        Of a projection's interval, in bandwidths.
    density_keys : int
        Of a bucket of x² that its density is estimated from.
    samples : float
        Factor of a row's samples.
    repetitions : int
        Averages that the median is taken of, 0: 10 log(n).

    Returns
    -------
    y : array of shape (n_q,)
    report : HashedReport
    """
    rows, cols = _pair(queries, keys)
    y, report = _core.hashed_product(
        rows,
        cols,
        as_columns(x, "x"),
        bandwidth,
        epsilon,
        heavy,
        large,
        tables,
        projections,
        width,
        density_keys,
        samples,
        repetitions,
        seed,
        threads,
    )
    return like(y, x), HashedReport(**report)

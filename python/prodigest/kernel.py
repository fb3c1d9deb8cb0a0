"""Gaussian kernel matrices, by their products: densities, attention, eigenvalues, ridge regression.

``K[i, j] = exp(-|q_i - k_j|² / (2 bandwidth²))`` of queries and keys, which are never held as a
matrix. Points are float32 within: float64 and others are converted, Fortran order is copied.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import as_vector
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
from ._kernel_solvers import largest_eigenvalues, solve_ridge, trace

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
    "density",
    "diagnose",
    "exact_product",
    "hashed_product",
    "largest_eigenvalues",
    "softmax_attention",
    "solve_ridge",
    "trace",
]


def _pair(queries: Any, keys: Any) -> tuple[Any, Any]:
    """Points of both; no keys where they are the queries."""
    same = keys is None or keys is queries
    return as_points(queries, "queries"), None if same else as_points(keys, "keys")


def _scale(scale: float | None) -> float:
    """0 is what C++ calls none."""
    if scale is not None and not scale > 0:
        raise ValueError(f"scale: expected a positive number, or None for d**-0.5, got {scale}")
    return scale or 0.0


def exact_product(
    queries: Any, keys: Any, x: Any, *, bandwidth: float, threads: int = 0
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


def density(
    queries: Any,
    keys: Any = None,
    *,
    bandwidth: float,
    weights: Any = None,
    log: bool = False,
    exact: bool = False,
    threads: int = 0,
    **options: Any,
) -> tuple[Doubles, ProductReport | None]:
    """Kernel density estimates: the weighted mean over keys of the normal density about each.

    Parameters
    ----------
    queries : array of shape (n_q, d)
    keys : array of shape (n, d), optional
        The data; None: the queries.
    bandwidth : float
        The standard deviation.
    weights : array of shape (n,), optional
        Of the keys, not negative; None: all equal. They are divided by their sum.
    log : bool
        Natural logarithms; -inf where a density is 0.
    exact : bool
        By every pair.
    **options
        `epsilon` and others of `GaussianOperator`, if not exact: an error of epsilon is of
        ``|weights|``, one over the root of the number of keys, before densities are normalized.

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
    rows, cols = _pair(queries, keys)
    count = len(rows if cols is None else cols)
    given = np.ones(count) if weights is None else as_vector(weights, "weights", dtype=np.float64)
    if len(given) != count:
        raise ValueError(f"weights: expected one for each of {count} keys, got {len(given)}")
    total = float(given.sum())
    if not (np.all(given >= 0) and 0 < total < np.inf):
        raise ValueError("weights: expected numbers that are not negative and not all 0")
    shares = given / total
    report: ProductReport | None = None
    if exact:
        if options:
            raise TypeError(f"exact densities have no {', '.join(options)} (leave them out)")
        densities = exact_product(rows, cols, shares, bandwidth=bandwidth, threads=threads)
    else:
        made = GaussianOperator(rows, cols, bandwidth=bandwidth, threads=threads, **options)
        densities, report = made.apply(shares)
    dim = rows.shape[1]
    densities = np.maximum(densities, 0)
    # Of a kernel the integral is (2 pi)^(d/2) bandwidth^d.
    log_integral = dim * (np.log(2 * np.pi) / 2 + np.log(bandwidth))
    if log:
        with np.errstate(divide="ignore"):
            return np.log(densities) - log_integral, report
    if abs(log_integral) > -np.log(np.finfo(np.float64).tiny):
        raise ValueError(
            f"density: densities of {dim} coordinates are beyond what a double holds, "
            f"exp({-log_integral:.4g}) (take log=True)"
        )
    return densities * np.exp(-log_integral), report


def softmax_attention(
    queries: Any,
    keys: Any,
    values: Any,
    *,
    epsilon: float = 0.05,
    failure: float = 0.01,
    scale: float | None = None,
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
    scale : float, optional
        Of the inner products, positive; None: d**-0.5.
    seed : int
        Another seed, other samples.
    threads : int
        0: all cores.

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
        _scale(scale),
        threads,
    )
    return out, SoftmaxReport(ProductReport(**product), least, most)


def diagnose(
    queries: Any,
    keys: Any = None,
    *,
    bandwidth: float | None = None,
    attention: bool = False,
    scale: float | None = None,
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
        Of the kernel; must be given, but not of attention.
    attention : bool
        They are queries and keys of one head of attention, made points of a Gaussian kernel first.
    scale : float, optional
        Of attention, positive; None: d**-0.5.
    first, step : int
        Smallest prefix, and from one to the next; a step of 0 makes about 50 of them.

    Notes
    -----
    O(n² d) time, 8 n² bytes.
    """
    if attention and bandwidth is not None:
        raise ValueError("diagnose: of attention the bandwidth follows from scale")
    if not attention and bandwidth is None:
        raise ValueError("diagnose: expected a bandwidth, or attention=True")
    width = 1.0 if attention or bandwidth is None else bandwidth
    rows, cols = _pair(queries, keys)
    found = _core.kernel_diagnose(
        rows, cols, width, attention, _scale(scale), first, step, threads
    )
    found["prefixes"] = tuple(PrefixDiagnosis(**one) for one in found["prefixes"])
    return Diagnosis(**found)


def hashed_product(
    queries: Any,
    keys: Any,
    x: Any,
    *,
    bandwidth: float,
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
    """y ≈ K x by the algorithm of the paper, for study.

    Its constants make it slower than the exact product at any size that fits a machine.

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

"""Eigenvalues, traces and ridge regression of Gaussian kernel matrices."""

from __future__ import annotations

from typing import Any

from . import _core
from ._gaussian_operator import GaussianOperator, as_columns, like
from ._kernel_reports import Eigenpairs, RidgeSolution, TraceEstimate


def _operator(kernel: Any, options: dict[str, Any], seed: int = 0) -> GaussianOperator:
    if not isinstance(kernel, GaussianOperator):
        return GaussianOperator(kernel, **{"seed": seed, **options})
    if options:
        raise TypeError(f"an operator has its own {', '.join(options)} (leave them out)")
    return kernel


def largest_eigenvalues(
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
        Of the first block of vectors, and of an operator that is made here.
    **options
        Of `GaussianOperator`, if points are given: `bandwidth`, `epsilon` and so on.

    Returns
    -------
    Eigenpairs
        Values err by about epsilon.
    """
    made = _operator(kernel, options, seed)
    found = _core.kernel_eigenvalues(
        made._made,
        count,
        iterations,
        tolerance,
        oversampling,
        seed,
        exact,
        made.threads,
    )
    return Eigenpairs(**found)


def trace(
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
        As in `largest_eigenvalues`.
    power : int
        1 or 2. The trace of K itself is n, as every K[i, i] is 1; that of K² is the sum of all
        squared entries.
    products : int
        Columns multiplied in all, in two products; at least 6.
    exact, seed, **options
        As in `largest_eigenvalues`.
    """
    made = _operator(kernel, options, seed)
    return TraceEstimate(
        **_core.kernel_trace(made._made, power, products, seed, exact, made.threads)
    )


def solve_ridge(
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
        As in `largest_eigenvalues`.
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
        As in `largest_eigenvalues`.

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

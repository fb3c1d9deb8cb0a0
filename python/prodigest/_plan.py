"""How much an accuracy takes, before anything is digested."""

from __future__ import annotations

from . import _core


def plan(epsilon: float, delta: float = 0.05, *, sides: int = 2) -> int:
    """The least size of priority samples that surely does, whatever the matrices.

    Parameters
    ----------
    epsilon : float
        Error as a share of ``||A|| ||B||`` (Frobenius norms), above 0.
    delta : float
        Probability of a larger error, between 0 and 1.
    sides : {2, 1}
        2: both matrices are sampled. 1: one is at hand in full.

    Returns
    -------
    int
        ``1 + ceil(sides / (delta epsilon²))`` rows: a guarantee (Theorem 2 of Daliri, Freire, Li,
        Musco, ICLR 2025). The typical error is smaller, see `expected_size`.

    Raises
    ------
    ValueError
        Unless epsilon > 0, 0 < delta < 1 and sides is 1 or 2.

    Examples
    --------
    >>> import prodigest
    >>> prodigest.plan(0.1)
    4001
    """
    return _core.plan(epsilon, delta, sides)


def expected_size(epsilon: float, *, sides: int = 2) -> int:
    """The least size whose root mean square error is at most `epsilon`, whatever the matrices.

    ``1 + ceil(sides / epsilon²)`` rows; parameters and errors as `plan`.
    """
    return _core.expected_size(epsilon, sides)


def rate_distortion(rate: float) -> float:
    """Gamma(R): how well AᵀB can be known at best from `rate` bits an entry of A and B.

    Parameters
    ----------
    rate : float
        Bits an entry, at least 0.

    Returns
    -------
    float
        ``E||W - AᵀB||² / (n d m)`` for independent standard normal entries, A (n, d), B (n, m): no
        pair of encoders errs less (Ordentlich and Polyanskiy, arXiv 2410.13780). 1 at rate 0.

    Raises
    ------
    ValueError
        On a negative rate, NaN or Inf.
    """
    return _core.rate_distortion(rate)


def rate_for(error: float) -> float:
    """The rate at which `rate_distortion` is `error`, for 0 < error <= 1."""
    return _core.rate_for(error)

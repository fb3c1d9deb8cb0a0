"""The Gaussian kernel matrix of two sets of points as a linear operator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np

from . import _core
from ._arrays import as_array, as_matrix, as_vector
from ._kernel_reports import Doubles, PlanReport, ProductReport

if TYPE_CHECKING:
    from scipy.sparse.linalg import LinearOperator


def as_columns(x: Any, name: str) -> Doubles:
    """x as an n x m matrix of float64; a vector is one column."""
    columns: Doubles
    array = as_array(x, name)
    if array.ndim == 1:
        columns = as_vector(array, name, dtype=np.float64)[:, np.newaxis]
    else:
        columns = cast(Doubles, as_matrix(array, name, dtype=np.float64))
    return columns


def as_points(points: Any, name: str) -> Any:
    """Points as an n x d matrix of float32."""
    return as_matrix(points, name, dtype=np.float32)


def like(y: Doubles, x: Any) -> Doubles:
    """y with as many dimensions as x."""
    return y[:, 0] if np.ndim(x) == 1 else y


class GaussianOperator:
    """K with ``K[i, j] = exp(-|q_i - k_j|² / (2 bandwidth²))``, known by its products.

    The points are prepared once; then ``op @ x`` is made for many x in less than n² time, to an
    error that is checked on rows computed exactly: ``|y - K x| <= epsilon |x|`` (Frobenius norms
    for several columns) with probability 1 - failure, x of any sign. Where sampling would cost as
    much as every pair, or misses epsilon, every pair is evaluated; with fewer than 8,192 queries
    or keys always.

    Parameters
    ----------
    queries : array of shape (n_q, d)
        Rows of K. Points are held as float32: float64 and others are converted, Fortran order is
        copied.
    keys : array of shape (n, d), optional
        Columns of K; None, or the array `queries` itself: queries are keys, K is symmetric.
    bandwidth : float
        In the unit of the points, positive.
    epsilon : float
        Largest error, in (0, 1).
    failure : float
        Probability that the error is larger after all, in (0, 1).
    target : {"vector", "row_relative"}
        What epsilon is of: ``|y - K x|``, or that after both were divided by the row sums of K.
    near : int
        Largest kernel values found and kept for each query, 0: none.
    trees : int
        Random trees that look for them; 0: 8, and 16 from 2**18 keys on.
    key_cell, query_cell : int
        Points of a cell, about.
    verify_rows : int
        Exact rows that the error is estimated from.
    seed : int
        Another seed, other samples.
    threads : int
        0: all cores. Results have the same bits for any number.

    Attributes
    ----------
    threads : int
        May be set, as after `prodigest.load`.
    shape : tuple of int
        (n_q, n).
    dtype : numpy.dtype
        float64.
    last_report : ProductReport or None
        Of the latest ``matvec``, ``matmat`` or ``@``.

    Raises
    ------
    ValueError
        On points that are not finite or do not fit, no keys, or numbers out of range.

    Notes
    -----
    Preparing takes about O(n d trees log n), a product about n^1.5 / epsilon kernel evaluations
    where row sums of K do not grow with n; memory is linear in n. See docs/kernel.md for when this
    pays.

    **In solvers.** The class has what SciPy asks of an operator (``shape``, ``dtype``, ``matvec``,
    ``rmatvec``), so ``scipy.sparse.linalg.cg``, ``eigsh`` and ``svds`` take it;
    `as_linear_operator` makes a SciPy object of it, for sums and for block methods.
    A product is a function of x: the same x gives the same bits. But it is *not linear*: which
    keys are sampled depends on x, so each product is that of another matrix, within epsilon of K.
    Methods see products with noise of at most epsilon |x|. Measured on the hardest data that we
    know (where the noise is nearly as large as allowed), 8,192 and 16,384 points, epsilon 0.02 to
    0.1:

    - ``eigsh`` and ``svds`` err by 0.03 to 0.16 epsilon (absolutely), whatever tolerance is asked
      for; with ``tol`` below epsilon / eigenvalue they only take longer. From one start of five
      ``eigsh`` passed over one of two eigenvalues half an epsilon apart, and erred by that;
    - ``cg`` on ``K + ridge I`` comes to a residual of 0.45 epsilon |b| for a ridge of 1 and stays
      there. SciPy does not notice, as it updates a residual of its own: ask for ``rtol`` of
      epsilon / ridge, or take `prodigest.kernel.solve_ridge`, which corrects by exact products.

    Other samples in each product (``apply`` with another `call`) were no better.

    Examples
    --------
    >>> op = GaussianOperator(points, bandwidth=2.0, epsilon=0.05)
    >>> y = op @ x
    >>> y, report = op.apply(x)
    >>> report.error
    0.043
    """

    dtype = np.dtype(np.float64)
    ndim = 2
    __array_ufunc__ = None  # so that ``array @ op`` comes here

    def __init__(
        self,
        queries: Any,
        keys: Any = None,
        *,
        bandwidth: float,
        epsilon: float = 0.05,
        failure: float = 0.01,
        target: str = "vector",
        near: int = 64,
        trees: int = 0,
        key_cell: int = 64,
        query_cell: int = 96,
        verify_rows: int = 512,
        seed: int = 0,
        threads: int = 0,
    ) -> None:
        spec = (
            f"gaussian:bandwidth={float(bandwidth)!r},epsilon={float(epsilon)!r},"
            f"failure={float(failure)!r},target={target},near={near},trees={trees},"
            f"key_cell={key_cell},query_cell={query_cell},verify_rows={verify_rows},seed={seed}"
        )
        rows = as_points(queries, "queries")
        cols = None if keys is None or keys is queries else as_points(keys, "keys")
        self._points: Any = (rows, cols)
        self._take(_core.GaussianOperator.make(rows, cols, spec, threads), threads)

    def _take(self, made: _core.GaussianOperator, threads: int) -> None:
        self._made = made
        self.threads = threads
        self.shape = (made.rows, made.cols)
        self.last_report: ProductReport | None = None
        self._transposed: GaussianOperator | None = None

    @classmethod
    def _of(
        cls, made: _core.GaussianOperator, threads: int = 0, points: Any = None
    ) -> GaussianOperator:
        self = cls.__new__(cls)
        self._points = points
        self._take(made, threads)
        return self

    def to_bytes(self) -> bytes:
        """Points and all that was prepared, as `prodigest.save` writes them."""
        return self._made.to_bytes()

    @property
    def spec(self) -> str:
        """How it was made, what is not as usual: ``"gaussian:bandwidth=2,epsilon=0.05"``."""
        return self._made.spec

    @property
    def bandwidth(self) -> float:
        """Of the kernel."""
        return self._made.bandwidth

    @property
    def epsilon(self) -> float:
        """Largest error of a product."""
        return self._made.epsilon

    @property
    def dim(self) -> int:
        """Coordinates of a point."""
        return self._made.dim

    @property
    def symmetric(self) -> bool:
        """Whether queries are keys."""
        return self._made.symmetric

    @property
    def plan(self) -> PlanReport:
        """What was prepared."""
        return PlanReport(**self._made.plan)

    def apply(self, x: Any, *, call: int = 0) -> tuple[Doubles, ProductReport]:
        """y ≈ K x, and what it cost and how far off it is.

        Parameters
        ----------
        x : array of shape (n,) or (n, m)
            Converted to float64.
        call : int
            Names the product: other calls draw other samples. The same call and x give the same
            bits.

        Returns
        -------
        y : array of shape (n_q,) or (n_q, m)
        report : ProductReport
        """
        y, report = self._made.apply(as_columns(x, "x"), call, self.threads)
        return like(y, x), ProductReport(**report)

    def apply_exactly(self, x: Any) -> Doubles:
        """y = K x by every pair; shapes as in `apply`."""
        return like(self._made.apply_exactly(as_columns(x, "x"), self.threads), x)

    def matvec(self, x: Any) -> Doubles:
        """``apply(x)[0]``; the report is `last_report`."""
        y, self.last_report = self.apply(x)
        return y

    matmat = matvec

    @property
    def T(self) -> GaussianOperator:
        """The operator whose queries are these keys, itself if it is symmetric.

        Else it is prepared when first asked for, from the arrays that were given, which must not
        have changed since.

        Raises
        ------
        UnsupportedError
            If it was loaded from a file or a pickle: there the arrays are no longer at hand.
        """
        if self.symmetric:
            return self
        if self._transposed is None:
            if self._points is None:
                raise _core.UnsupportedError(
                    "GaussianOperator: one that was loaded has no transpose "
                    "(make it from keys and queries in exchanged roles)"
                )
            queries, keys = self._points
            made = _core.GaussianOperator.make(keys, queries, self.spec, self.threads)
            self._transposed = GaussianOperator._of(made, self.threads, (keys, queries))
        return self._transposed

    H = T

    def rmatvec(self, y: Any) -> Doubles:
        """x ≈ Kᵀ y; the report is ``op.T.last_report``."""
        return self.T.matvec(y)

    rmatmat = rmatvec

    def __matmul__(self, x: Any) -> Doubles:
        return self.matvec(x)

    def __rmatmul__(self, y: Any) -> Doubles:
        return self.rmatvec(as_array(y, "y").T).T

    def as_linear_operator(self) -> LinearOperator:
        """A ``scipy.sparse.linalg.LinearOperator``, whose block products are one product each."""
        from scipy.sparse.linalg import LinearOperator

        return LinearOperator(
            self.shape,
            matvec=self.matvec,
            rmatvec=self.rmatvec,
            matmat=self.matmat,
            rmatmat=self.rmatmat,
            dtype=self.dtype,
        )

    def __reduce__(self) -> Any:
        return _from_bytes, (self.to_bytes(), self.threads)

    def __repr__(self) -> str:
        rows, cols = self.shape
        return f"GaussianOperator({rows} x {cols}, {self.spec})"


def _from_bytes(data: bytes, threads: int) -> GaussianOperator:
    made: Any = _core.from_bytes(data)
    return GaussianOperator._of(made, threads)

"""Lattice codes: a matrix in a few bits an entry."""

from __future__ import annotations

import threading
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import as_matrix, as_vector, is_sparse
from ._digests import Digest, sketch

LatticeCodes = _core.LatticeCodes

# What a look at the beginning of a matrix reads, and how many vectors.
_LOOK_BYTES = 8 << 20
_LOOK_VECTORS = 256


def quantize(
    a: Any,
    spec: str = "lattice:format=F4",
    *,
    vectors: bool = False,
    threads: int = 0,
) -> LatticeCodes:
    """A matrix in lattice codes: every entry in 2 to 8 bits.

    Columns are coded one by one, down the rows: a random rotation that the seed gives, then points
    of the lattice E8. All sides of a product need the same rows and seed; formats may differ.

    Parameters
    ----------
    a : matrix (n, d), or with `vectors` (d, n)
        float32, float64, or what `sketch` takes; with `vectors` dense.
    spec : str
        ``lattice:format=F4`` (4.25 bits, the default), F4pair, F4fast, F3 (3.25), F2 (2), I8 (8,
        nearly exact), or to compare with int4, group4, lloyd4; with ``seed=``, ``size=`` (so many
        coordinates of each column only), ``rotation=hadamard|none``, ``centre=yes|no``,
        ``gain=auto|unbiased|mmse|plain``.
    vectors : bool
        Each row of `a` is a vector that is coded as a column, as embeddings and keys are.
    threads : int
        0: all cores.

    Returns
    -------
    LatticeCodes
        Of an (n, d) matrix, also with `vectors`.

    Raises
    ------
    ValueError
        Another sort of spec, NaN, Inf, no rows, size above n.
    TypeError
        Not an array of numbers.

    Warns
    -----
    UserWarning
        Few entries of the columns matter (one-hot columns, say), so a rotation does harm.

    Notes
    -----
    O(n d log n), one panel of columns a thread beside the codes. Beside its codes a column takes 6
    bytes, and 8 for its mean unless ``centre=no``.

    Examples
    --------
    >>> import numpy as np, prodigest
    >>> a = np.random.default_rng(1).normal(size=(1000, 3))
    >>> codes = prodigest.quantize(a)
    >>> bool(np.linalg.norm(prodigest.decode(codes) - a) < 0.09 * np.linalg.norm(a))
    True
    """
    if vectors:
        rows = as_matrix(a, "a")
        encoder = LatticeEncoder(spec, rows.shape[1])
        _advise(spec, np.ascontiguousarray(rows[:_LOOK_VECTORS].T))
        encoder.append_vectors(rows, threads=threads)
        return encoder.snapshot()
    _check_lattice(spec)
    if not is_sparse(a):
        a = as_matrix(a, "a")
        _advise(spec, a[: max(1, _LOOK_BYTES // max(1, a.shape[1] * a.itemsize))])
    codes: Digest = sketch(a, spec, threads=threads)
    assert isinstance(codes, LatticeCodes)
    return codes


def decode(
    codes: LatticeCodes,
    *,
    first: int = 0,
    count: int | None = None,
    vectors: bool = False,
    threads: int = 0,
) -> npt.NDArray[np.float32]:
    """The matrix as its codes know it.

    Parameters
    ----------
    codes : LatticeCodes of (n, d)
    first, count : int
        Columns ``first`` to ``first + count`` only; None: all that follow.
    vectors : bool
        A column of the matrix becomes a row, as ``quantize(vectors=True)`` read it.
    threads : int
        0: all cores.

    Returns
    -------
    (n, count) float32 array, or with `vectors` (count, n)
        Rows with keys are in the order of their ids. Coordinates that were not coded are taken as 0.

    Raises
    ------
    ValueError
        Columns that are not there.
    TypeError
        A digest of another kind, which does not hold the matrix.

    Notes
    -----
    O(n d log n). For products take `estimate_product`, which knows the error of each entry.
    """
    _check_codes("decode", codes)
    matrix = np.asarray(_core.decode(codes, first, count, threads))
    return np.ascontiguousarray(matrix.T) if vectors else matrix


def gram(
    codes: LatticeCodes,
    *,
    confidence: float = 0.95,
    standard_deviations: bool = False,
    threads: int = 0,
) -> _core.ProductEstimate:
    """AᵀA from codes of A, (n, d) -> (d, d); its diagonal is good to 1e-4.

    The product of the codes with themselves has a diagonal that is too large by their noise; here
    it is the norms of the columns. Arguments and errors as `estimate_product`.
    """
    _check_codes("gram", codes)
    return _core.codes_times_codes(codes, codes, confidence, standard_deviations, threads)


class LatticeEncoder:
    """Codes columns as they come: keys of a cache, embeddings of new documents.

    A column's codes depend on the spec and on itself alone, so the codes are those of `quantize`.

    Parameters
    ----------
    spec : str
        As in `quantize`.
    rows : int
        n, at least 1.

    Raises
    ------
    ValueError
        A spec that cannot be read, or whose size is above `rows`.
    """

    def __init__(self, spec: str, rows: int) -> None:
        _check_lattice(spec)
        self._encoder = _core.LatticeEncoder(spec, rows)
        self._lock = threading.Lock()

    @property
    def cols(self) -> int:
        """Columns so far."""
        return self._encoder.cols

    def append(self, columns: Any, *, threads: int = 0) -> None:
        """Add the columns of an (n, c) matrix; after an error the encoder is as it was."""
        with self._lock:
            self._encoder.append(as_matrix(columns, "columns"), threads)

    def append_vectors(self, vectors: Any, *, threads: int = 0) -> None:
        """Add the rows of a (c, n) matrix as columns."""
        with self._lock:
            self._encoder.append_vectors(as_matrix(vectors, "vectors"), threads)

    def snapshot(self) -> LatticeCodes:
        """The codes of all columns so far; the encoder goes on."""
        with self._lock:
            return self._encoder.snapshot()


class CodesOperator:
    """y -> Aᵀ y as codes of A know it: scores of a vector against coded vectors.

    Parameters
    ----------
    codes : LatticeCodes of (n, d)
        In a format that decodes to 8-bit integers: not group or lloyd (ValueError).

    Attributes
    ----------
    shape : (d, n)
    """

    def __init__(self, codes: LatticeCodes) -> None:
        _check_codes("CodesOperator", codes)
        self._operator = _core.CodesOperator(codes)
        self._lock = threading.Lock()
        self.shape = (self._operator.cols, self._operator.rows)

    def __matmul__(self, y: Any) -> npt.NDArray[np.float32]:
        return self.apply(y)[0]

    def apply(
        self, y: Any, *, threads: int = 0
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """(n,) -> (d,) products and (d,) their standard deviations; reads the codes once.

        Raises
        ------
        ValueError
            Another length, NaN, Inf.
        """
        with self._lock:
            value, deviation = self._operator.apply(as_vector(y, "y", dtype=np.float32), threads)
        return value, deviation


def _check_lattice(spec: str) -> None:
    if spec.partition(":")[0] != "lattice":
        raise ValueError(
            f'quantize: expected a spec "lattice:format=NAME", got "{spec}" (sketch makes samples '
            "and linear sketches)"
        )


def _check_codes(where: str, codes: Any) -> None:
    if not isinstance(codes, LatticeCodes):
        raise TypeError(
            f"{where}: expected lattice codes, got a {type(codes).__name__} (quantize makes them)"
        )


def _advise(spec: str, columns: npt.NDArray[Any]) -> None:
    if "rotation=none" in spec or any(f"format={f}" in spec for f in ("int", "group")):
        return
    if columns.size > 0 and _core.better_unrotated(columns):
        warnings.warn(
            "few entries of the columns matter, and a rotation spreads them over all: "
            '"lattice:format=group4", which has none, errs less (take it on both sides)',
            stacklevel=3,
        )

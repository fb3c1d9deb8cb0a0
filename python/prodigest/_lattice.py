"""Lattice codes: a matrix in a few bits an entry."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import as_vector
from ._core import LatticeCodes, ProductEstimate
from ._digests import sketch_rows, spec_text
from ._progress import progress_bar
from ._rows import Reading, named_rows

# How many vectors tell what all are like.
_LOOKED_AT = 256


def quantize(
    a: Any,
    spec: str = "lattice:format=F4",
    *,
    size: int | None = None,
    seed: int | None = None,
    vectors: bool = False,
    row_ids: Any = None,
    key: str | Sequence[str] | None = None,
    columns: str | Sequence[str] | None = None,
    missing: str = "error",
    key_as: str = "typed",
    threads: int = 0,
    progress: bool = False,
) -> LatticeCodes:
    """A matrix in lattice codes: every entry in 2 to 8 bits.

    Columns are coded one by one, down the rows: a random rotation that the seed gives, then points
    of the lattice E8. All sides of a product need the same rows and seed; formats may differ.

    Parameters
    ----------
    a : array_like
        Matrix (n, d), or with `vectors` (d, n); whatever `sketch` takes.
    spec : str
        ``lattice:format=F4`` (4.25 bits), F4pair (4.19), F4fast (4.25, decoded faster), F3 (3.25),
        F2 (2), I8 (8, nearly exact), or to compare with int4, group4, lloyd4; and
        ``rotation=hadamard|none``, ``centre=yes|no``, ``gain=auto|unbiased|mmse|plain``.
    size : int, optional
        So many coordinates of each column only, for less than 2 bits an entry.
    seed : int, optional
        What all sides of a product share, 0 by default.
    vectors : bool
        Each row of `a` is a vector that is coded as a column, as embeddings and keys are.
    row_ids, key, columns, missing, key_as
        As in `sketch`, without `vectors` only; with a key, rows are put in the order of their ids.
    threads : int
        0 is all cores; never changes the result.
    progress : bool
        Show a bar, if tqdm is installed.

    Returns
    -------
    LatticeCodes
        Of an (n, d) matrix, also with `vectors`.

    Raises
    ------
    ValueError
        Another sort of spec, NaN, infinities, no rows, a size above n.
    TypeError
        Not numbers, or not in the CPU's memory.

    Warns
    -----
    UserWarning
        Few entries of the columns matter, as of one-hot columns: a rotation does harm.

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
    text = _lattice_spec(spec_text(spec, size, seed))
    if vectors:
        if Reading(row_ids, key, columns, missing).asked_for:
            raise ValueError(
                "quantize: with vectors=True rows are columns, which have no keys and no names "
                "(leave out row_ids, key, columns and missing)"
            )
        return _quantize_vectors(a, text, threads)
    rows = named_rows(
        a, "a", row_ids=row_ids, key=key, columns=columns, missing=missing, key_as=key_as
    )
    _advise(text, rows.rows)
    with progress_bar(progress, "quantize", rows.count) as show:
        codes = sketch_rows(rows, text, threads, show=show)
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
    codes : LatticeCodes
        Of (n, d).
    first, count : int
        Columns ``first`` to ``first + count`` only; None: all that follow.
    vectors : bool
        A column of the matrix becomes a row, as ``quantize(vectors=True)`` read it.
    threads : int
        0 is all cores; never changes the result.

    Returns
    -------
    (n, count) array, with `vectors` (count, n)
        Rows with keys are in the order of their ids, and coordinates that were not coded are taken
        as 0.

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
) -> ProductEstimate:
    """AᵀA from codes of A, (n, d) -> (d, d); its diagonal is good to 1e-4.

    A product of two codes of one matrix that differ has a diagonal too large by their noise; here
    it is the norms of the columns. ``estimate_product(codes, codes)`` is the same.

    Raises
    ------
    TypeError
        A digest of another kind.
    ValueError
        A confidence outside (0, 1).
    """
    _check_codes("gram", codes)
    return _core.gram(codes, confidence, standard_deviations, threads)


class CodesOperator:
    """y -> Aᵀ y as codes of A know it: scores of a vector against coded vectors.

    Parameters
    ----------
    codes : LatticeCodes
        Of (n, d), in a format that decodes to 8-bit integers.

    Attributes
    ----------
    shape : (d, n)

    Raises
    ------
    ValueError
        The formats group and lloyd.
    TypeError
        A digest of another kind.

    Examples
    --------
    >>> import numpy as np, prodigest
    >>> documents = np.random.default_rng(1).normal(size=(500, 128))
    >>> scores = prodigest.CodesOperator(prodigest.quantize(documents, vectors=True))
    >>> int(np.argmax(scores @ documents[7]))
    7
    """

    def __init__(self, codes: LatticeCodes) -> None:
        _check_codes("CodesOperator", codes)
        self._operator = _core.CodesOperator(codes)
        self._lock = threading.Lock()  # it has one scratch, and Python's lock is not held
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
            Another length, NaN, infinities.
        """
        vector = as_vector(y, "y", dtype=np.float32)
        with self._lock:
            value, deviation = self._operator.apply(vector, threads)
        return np.asarray(value), np.asarray(deviation)


def _quantize_vectors(a: Any, spec: str, threads: int) -> LatticeCodes:
    rows = named_rows(a, "a").rows
    if isinstance(rows, np.ndarray):
        _advise(spec, np.ascontiguousarray(rows[:_LOOKED_AT].T))
        encoder = _core.LatticeEncoder(spec, rows.shape[1])
    else:
        encoder = _core.LatticeEncoder(spec, a.shape[1])
    encoder.append(rows, True, threads)
    return encoder.finish()


def _lattice_spec(spec: str) -> str:
    if spec.partition(":")[0] != "lattice":
        raise ValueError(
            f'quantize: expected a spec "lattice:format=NAME", got "{spec}" (sketch makes samples '
            "and linear sketches)"
        )
    return spec


def _check_codes(where: str, codes: Any) -> None:
    if not isinstance(codes, LatticeCodes):
        raise TypeError(
            f"{where}: expected lattice codes, got a {type(codes).__name__} (quantize makes them)"
        )


def _advise(spec: str, rows: npt.NDArray[Any] | _core.CsrRows) -> None:
    if _core.rotation_does_harm(rows, spec):
        warnings.warn(
            "few entries of the columns matter, and a rotation spreads them over all: "
            '"lattice:format=group4", which has none, errs less (take it on both sides)',
            stacklevel=3,
        )

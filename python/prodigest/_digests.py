"""Digests and their verbs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from . import _core
from ._core import LatticeCodes, LinearSketch, ProductEstimate, RowSample
from ._progress import progress_bar
from ._rows import NamedRows, Reading, named_rows, user_weights

Digest: TypeAlias = RowSample | LinearSketch | LatticeCodes

_DEFAULT_SPEC = "priority:size=1024"


def sketch(
    a: Any,
    spec: str = _DEFAULT_SPEC,
    *,
    size: int | None = None,
    seed: int | None = None,
    row_ids: Any = None,
    key: str | Sequence[str] | None = None,
    columns: str | Sequence[str] | None = None,
    weights: Any = None,
    missing: str = "error",
    key_as: str = "typed",
    threads: int = 0,
    progress: bool = False,
) -> Digest:
    """Digest a matrix, so that its products with others can be estimated without it.

    Two digests can be multiplied if they were made by one family of methods with one seed, wherever
    they were made: here, by the command line or in C++. The same data makes the same bytes.

    Parameters
    ----------
    a : array_like of shape (n, d)
        Rows: a numpy array, a scipy.sparse matrix, a CPU tensor with ``__dlpack__``, or a table: a
        pandas DataFrame or anything with ``__arrow_c_stream__`` (polars, pyarrow, DuckDB). Nothing
        is copied of float32 and float64 arrays with contiguous rows, of such tensors, and of CSR
        matrices in canonical form with 32-bit indices (but their row pointers). Fortran order,
        integers, other sparse formats and lists are copied; of a table the numeric columns are
        copied once into a row-major matrix.
    spec : str
        Method and options: ``priority``, ``threshold``, ``countsketch``, ``osnap``, ``srht``,
        ``gaussian``, ``sign``, ``lattice``; e.g. ``"priority:size=1000,weight=norm"``.
    size, seed : int, optional
        Instead of ``size=`` and ``seed=`` in the spec. The seed, 0 by default, is what all sides of
        a product share, not a source of randomness.
    row_ids : array_like of shape (n,), optional
        Integers or texts that name the rows; rows are numbered from 0 otherwise. Of negative
        integers the two's complement is taken.
    key : str or sequence of str, optional
        Column or columns of a table that name its rows; beside ``row_ids`` the name to remember.
    columns : str or sequence of str, optional
        Columns of a table to digest, else all numeric ones; of anything else their names.
    weights : array_like of shape (n,), optional
        Weights of the rows, for ``weight=user``.
    missing : str
        Of a table: "error" refuses nulls and NaN, "zero" takes 0, "drop" leaves the row out.
    key_as : str
        "typed": a key that reads as an integer is one; "text": all keys are texts.
    threads : int
        0 is all cores; never changes the result.
    progress : bool
        Show a bar, if tqdm is installed.

    Returns
    -------
    RowSample, LinearSketch or LatticeCodes

    Raises
    ------
    TypeError
        Not numbers, or not in the CPU's memory.
    ValueError
        NaN, infinities, another shape than expected, an invalid spec, missing values.

    Notes
    -----
    One pass over the values: O(nnz) for samples and ``countsketch``, O(nnz * nonzeros) for
    ``osnap``, O(n d log size) for ``srht``, O(size * nnz) for ``gaussian`` and ``sign``, O(n d
    log n) for ``lattice``. Ctrl-C stops it, and other threads of Python run meanwhile.

    Examples
    --------
    >>> import numpy as np, prodigest
    >>> a = np.random.default_rng(1).normal(size=(10_000, 20))
    >>> b = a @ np.ones((20, 3))
    >>> w = prodigest.estimate_product(prodigest.sketch(a), prodigest.sketch(b))
    >>> bool(np.linalg.norm(w.value - a.T @ b) <= w.frobenius_error.bound)
    True
    """
    rows = named_rows(
        a, "a", row_ids=row_ids, key=key, columns=columns, missing=missing, key_as=key_as
    )
    user = user_weights(weights, rows)
    with progress_bar(progress, "sketch", rows.count) as show:
        return sketch_rows(rows, spec_text(spec, size, seed), threads, user, show)


def sketch_rows(
    rows: NamedRows, spec: str, threads: int, weights: Any = None, show: Any = None
) -> Digest:
    """`sketch` of what its arguments mean."""
    return _core.sketch(rows.rows, spec, rows.row_ids, weights, rows.schema, threads, show)


def merge(*digests: Digest | Iterable[Digest]) -> Digest:
    """The digest of all rows of the digested parts, given one by one or in one list.

    Samples: the very digest of the whole, in whatever order. Linear sketches are added up. The
    parts must share no row, unless they are linear sketches with ``rows=parts``, whose rows of one
    key are added.

    Raises
    ------
    IncompatibleError
        Different kinds, specs or columns, or samples that share a row.
    UnsupportedError
        Lattice codes, whose columns are coded as a whole.
    ValueError
        Nothing to merge.
    """
    parts: list[Any] = list(digests)
    if len(parts) == 1 and not isinstance(parts[0], Digest):
        parts = list(parts[0])
    if not parts:
        raise ValueError("merge: expected at least one digest, got none")
    for part in parts:
        if not isinstance(part, Digest):
            raise TypeError(
                f"merge: expected digests, got {type(part).__name__} (make one with "
                "prodigest.sketch)"
            )
    merged: Digest = functools.reduce(_core.merge, parts)
    return merged


def subtract(a: LinearSketch, b: LinearSketch) -> LinearSketch:
    """The sketch of A - B from linear sketches of A and B; rows of one id are subtracted.

    Raises
    ------
    TypeError
        Anything else than linear sketches.
    IncompatibleError
        Other specs or columns.
    """
    for digest in (a, b):
        if not isinstance(digest, LinearSketch):
            raise TypeError(
                f"subtract: expected linear sketches, got {type(digest).__name__} (sketch with "
                '"countsketch:size=K")'
            )
    return _core.subtract(a, b)


def truncate(sample: RowSample, size: int) -> RowSample:
    """A smaller sample from a sample: byte for byte what a sketch of that size makes.

    Raises
    ------
    TypeError
        Anything else than a sample.
    ValueError
        A size larger than the sample's, or too small for its method.
    """
    if not isinstance(sample, RowSample):
        raise TypeError(
            f"truncate: expected a sample, got {type(sample).__name__}; nothing else can be made "
            "smaller afterwards (sketch again)"
        )
    return _core.truncate(sample, size)


def estimate_product(
    a: Any,
    b: Any,
    *,
    confidence: float = 0.95,
    standard_deviations: bool = False,
    row_ids: Any = None,
    key: str | Sequence[str] | None = None,
    columns: str | Sequence[str] | None = None,
    missing: str = "error",
    threads: int = 0,
) -> ProductEstimate:
    """An unbiased estimate of the product of A transposed and B, with what is known of its error.

    Parameters
    ----------
    a, b : digests, or one digest and one array_like
        Digests of an n x d and an n x m matrix, of one family and seed. One of them may be the
        matrix itself, whatever `sketch` takes: beside a sample or codes it is used in full, which
        halves the variance; beside a linear sketch it is sketched the same way first.
    confidence : float
        Probability with which the bounds hold.
    standard_deviations : bool
        Also the standard deviation of each entry.
    row_ids, key, columns, missing
        How to read that matrix, as in `sketch`. Of a table the key of the digest is taken unless
        another is named.
    threads : int
        0 is all cores; never changes the result.

    Returns
    -------
    ProductEstimate
        Value (d, m), standard_deviation (d, m) or None, matched_rows, effective_rows,
        frobenius_error with estimated, blind, bound, apriori, confidence.

    Raises
    ------
    IncompatibleError
        Digests of different kinds, seeds, sizes of sketches or sorts of keys.
    TypeError
        No digest among the two.
    """
    reading = Reading(row_ids, key, columns, missing)
    check_sides("estimate_product", a, b, reading)
    if not isinstance(b, Digest):
        return _beside(a, b, "b", reading, confidence, standard_deviations, threads)
    if not isinstance(a, Digest):
        turned = _beside(b, a, "a", reading, confidence, standard_deviations, threads)
        return turned.transposed()
    return _core.estimate_product(a, b, confidence, standard_deviations, threads)


def check_sides(where: str, a: Any, b: Any, reading: Reading) -> None:
    """Of two sides one at least is a digest, and a reading is for the other."""
    digests = isinstance(a, Digest) + isinstance(b, Digest)
    if digests == 0:
        raise TypeError(
            f"{where}: expected at least one digest, got {type(a).__name__} and "
            f"{type(b).__name__} (make one with prodigest.sketch)"
        )
    if digests == 2 and reading.asked_for:
        raise TypeError(
            f"{where}: row_ids, key, columns and missing read a matrix, got two digests"
        )


def _beside(
    digest: Digest,
    matrix: Any,
    name: str,
    reading: Reading,
    confidence: float,
    standard_deviations: bool,
    threads: int,
) -> ProductEstimate:
    """The product of a digest and a matrix at hand."""
    rows = named_rows(matrix, name, **reading.beside(digest, matrix))
    if isinstance(digest, LinearSketch):
        other = sketch_rows(rows, digest.spec, threads)
        return _core.estimate_product(digest, other, confidence, standard_deviations, threads)
    if isinstance(digest, LatticeCodes) and len(rows.row_ids) > 0:
        rows = rows.in_order_of_ids()
    return _core.estimate_product_beside(
        digest, rows.rows, rows.row_ids, rows.schema, confidence, standard_deviations, threads
    )


def spec_text(spec: str, size: int | None, seed: int | None) -> str:
    """The spec with the size and the seed that are given beside it."""
    # A size alone is that of the default method, in place of its own.
    text = spec.split(":size=")[0] if spec == _DEFAULT_SPEC and size is not None else spec
    for name, value in (("size", size), ("seed", seed)):
        if value is None:
            continue
        if f"{name}=" in text:
            raise ValueError(
                f'{name} is given both in the spec "{spec}" and as {name}={value} (give it once)'
            )
        text += f"{',' if ':' in text else ':'}{name}={value}"
    return text

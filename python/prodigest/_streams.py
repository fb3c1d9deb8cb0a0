"""Digests of rows that come a block at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from . import _core
from ._core import LatticeCodes, LinearSketch, RowSample
from ._digests import spec_text
from ._keys import takes_text
from ._rows import named_rows, user_weights
from ._tables import as_names, is_table

_Digest = TypeVar("_Digest", RowSample, LinearSketch)


class _RowStream(Generic[_Digest]):
    """What takes rows a block at a time and makes a digest of them."""

    _maker: type[Any]

    def __init__(
        self,
        spec: str,
        cols: int,
        *,
        size: int | None = None,
        seed: int | None = None,
        key: str | Sequence[str] | None = None,
        columns: str | Sequence[str] | None = None,
        missing: str = "error",
        key_as: str = "typed",
        threads: int = 0,
    ) -> None:
        self._key, self._columns = as_names(key), as_names(columns)
        self._missing, self._key_as, self._threads = missing, key_as, threads
        self._given = 0  # rows, those that were dropped included
        schema = _core.Schema(self._columns, self._key, takes_text(key_as))
        self._stream = self._maker(spec_text(spec, size, seed), cols, schema)

    @property
    def rows(self) -> int:
        """Rows so far."""
        return int(self._stream.rows)

    def _update(self, rows: Any, row_ids: Any, weights: Any) -> None:
        table = is_table(rows)
        block = named_rows(
            rows,
            "rows",
            row_ids=row_ids,
            key=self._key if table and row_ids is None else None,
            columns=self._columns if table else None,
            missing=self._missing if table else "error",
            key_as=self._key_as,
        )
        if self._key and row_ids is None and not table:
            raise ValueError(f"rows: expected row_ids= of the key {', '.join(self._key)}")
        ids, named = block.row_ids, row_ids is not None or bool(self._key)
        if not named and len(ids) > 0:  # rows between these were dropped
            ids, named = ids + np.uint64(self._given), True
        user = user_weights(weights, block)
        if user is not None and not named:
            ids = np.arange(self._given, self._given + block.count, dtype=np.uint64)
        self._stream.update(block.rows, ids, named, self._given, user, self._threads)
        self._given += block.given

    def finish(self) -> _Digest:
        """The digest of all rows; nothing can be added after that."""
        digest: _Digest = self._stream.finish()
        return digest


class RowSampler(_RowStream[RowSample]):
    """Samples rows as they come, in blocks of any size and any order.

    The sample depends on the set of rows alone, not on the blocks; it is the one that `sketch`
    makes of all rows. A row must come whole: one that is the sum of several updates needs a
    `LinearSketcher`.

    Parameters
    ----------
    spec : str
        E.g. ``"priority:size=1000"``; weights of leverage need the whole matrix: see `sketch`.
    cols : int
        d, columns of the matrix.
    size, seed, key, columns, missing, key_as, threads
        As in `sketch`; `columns` names the columns of a table to take, or those of arrays.
    """

    _maker = _core.RowSampler

    def update(self, rows: Any, row_ids: Any = None, *, weights: Any = None) -> RowSampler:
        """Add rows: (b, d), anything that `sketch` takes, numbered on from those before unless they
        are named. After an exception all is as it was before.
        """
        self._update(rows, row_ids, weights)
        return self


class LinearSketcher(_RowStream[LinearSketch]):
    """Sketches rows as they come; with ``rows=parts`` a row may come in parts that add up.

    Parameters
    ----------
    spec : str
        E.g. ``"countsketch:size=1000"``; ``srht`` needs its ``length=``.
    cols : int
        d, columns of the matrix.
    size, seed, key, columns, missing, key_as, threads
        As in `sketch`; `columns` names the columns of a table to take, or those of arrays.
    """

    _maker = _core.LinearSketcher

    def update(self, rows: Any, row_ids: Any = None) -> LinearSketcher:
        """Add rows: (b, d), anything that `sketch` takes, numbered on from those before unless they
        are named. After an exception all is as it was before.
        """
        self._update(rows, row_ids, None)
        return self


class LatticeEncoder:
    """Codes columns as they come: keys and values of a cache, embeddings of new documents.

    Parameters
    ----------
    spec : str
        E.g. ``"lattice:format=F4"``.
    rows : int
        n, numbers of a column.
    size, seed : int, optional
        As in `quantize`.
    threads : int
        0 is all cores; never changes the result.
    """

    def __init__(
        self,
        spec: str,
        rows: int,
        *,
        size: int | None = None,
        seed: int | None = None,
        threads: int = 0,
    ) -> None:
        self._encoder = _core.LatticeEncoder(spec_text(spec, size, seed), rows)
        self._threads = threads

    @property
    def cols(self) -> int:
        """Columns so far."""
        return self._encoder.cols

    def append(self, columns: Any) -> LatticeEncoder:
        """Add the columns of an (n, c) array."""
        self._encoder.append(named_rows(columns, "columns").rows, False, self._threads)
        return self

    def append_vectors(self, vectors: Any) -> LatticeEncoder:
        """Add the rows of a (c, n) array as columns, as embeddings lie."""
        self._encoder.append(named_rows(vectors, "vectors").rows, True, self._threads)
        return self

    def snapshot(self) -> LatticeCodes:
        """The codes of all columns so far; the encoder goes on."""
        return self._encoder.snapshot()

    def finish(self) -> LatticeCodes:
        """The codes of all columns; nothing can be added after that."""
        return self._encoder.finish()

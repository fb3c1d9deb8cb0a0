"""Rows of any sort, with their names, as _core takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from . import _core
from ._arrays import Matrix, SparseRows, as_rows, as_vector, is_sparse
from ._keys import RowIds, row_ids as _row_ids, takes_text
from ._tables import as_names, is_table, rows_of_table

CoreRows: TypeAlias = Matrix | _core.CsrRows
NO_ROW_IDS: RowIds = np.empty(0, np.uint64)


@dataclass(frozen=True)
class NamedRows:
    """Rows for _core."""

    rows: CoreRows
    row_ids: RowIds  # empty: rows are numbered
    schema: _core.Schema

    @property
    def count(self) -> int:
        rows = self.rows
        return len(rows) if isinstance(rows, np.ndarray) else rows.rows

    @property
    def cols(self) -> int:
        return self.rows.shape[1] if isinstance(self.rows, np.ndarray) else self.rows.cols


def named_rows(
    a: Any,
    name: str,
    *,
    row_ids: Any = None,
    key: str | Sequence[str] | None = None,
    columns: str | Sequence[str] | None = None,
    missing: str = "error",
    key_as: str = "typed",
) -> NamedRows:
    """Rows of an array, a sparse matrix, a tensor or a table.

    Of a table `key` names the columns that name rows and `columns` picks the numeric ones; of
    anything else they are names of the row ids and of the columns.
    """
    text_keys = takes_text(key_as)
    if not is_sparse(a) and is_table(a):
        if row_ids is not None and key is not None:
            raise ValueError(f"{name}: rows are named by row_ids= or by key=, not by both")
        table = rows_of_table(a, name, key=key, columns=columns, missing=missing, key_as=key_as)
        if row_ids is None:
            ids = table.row_ids
        elif missing == "drop" and len(table.row_ids) > 0:
            ids = _ids(row_ids, key_as)[table.row_ids.astype(np.intp)]
        else:
            ids = _ids(row_ids, key_as)
        schema = _core.Schema(table.columns, table.key, text_keys)
        return NamedRows(table.values, ids, schema)

    if missing != "error":
        raise ValueError(f"{name}: missing= is for tables (fill the gaps of an array yourself)")
    keys = as_names(key)
    if keys and row_ids is None:
        raise ValueError(
            f"{name}: key= names the key columns of a table, got {type(a).__name__} (give row_ids=)"
        )
    ids = NO_ROW_IDS if row_ids is None else _ids(row_ids, key_as)
    schema = _core.Schema(as_names(columns), keys, text_keys)
    rows = as_rows(a, name)
    if row_ids is not None and len(ids) == 0 and _count(rows) > 0:
        raise ValueError(f"{name}: expected a row id for each of {_count(rows)} rows, got 0")
    return NamedRows(_for_core(rows), ids, schema)


def _ids(given: Any, key_as: str) -> RowIds:
    array = given if isinstance(given, np.ndarray) else np.asarray(given)
    if array.dtype.kind in "UTO" and array.ndim == 1 and array.size > 0:
        return _row_ids(array, key_as=key_as)
    ids: RowIds = as_vector(given, "row_ids", dtype=np.uint64)
    return ids


def _count(rows: Matrix | SparseRows) -> int:
    return rows.rows if isinstance(rows, SparseRows) else len(rows)


def _for_core(rows: Matrix | SparseRows) -> CoreRows:
    if isinstance(rows, SparseRows):
        return _core.CsrRows(rows.row_start, rows.columns, rows.values, rows.cols)
    return rows

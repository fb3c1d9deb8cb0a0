"""Rows of any sort, with their names, as _core takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import Matrix, SparseRows, as_array, as_rows, as_vector
from ._keys import RowIds, ids_of, key_column, takes_text
from ._tables import as_names, is_table, rows_of_table

NO_ROW_IDS: RowIds = np.empty(0, np.uint64)


@dataclass(frozen=True)
class NamedRows:
    """Rows for _core."""

    name: str  # as messages call the matrix
    values: Matrix | SparseRows
    row_ids: RowIds  # empty: rows are numbered
    schema: _core.Schema
    given: int  # rows, those that were dropped included

    @property
    def count(self) -> int:
        return self.values.rows if isinstance(self.values, SparseRows) else len(self.values)

    @property
    def rows(self) -> Matrix | _core.CsrRows:
        """What _core takes."""
        v = self.values
        if isinstance(v, SparseRows):
            return _core.CsrRows(v.row_start, v.columns, v.values, v.cols)
        return v

    def in_order_of_ids(self) -> NamedRows:
        """A copy, unless they are in this order."""
        ids = self.row_ids
        if len(ids) != self.count or bool(np.all(ids[:-1] <= ids[1:])):
            return self
        order = np.argsort(ids, kind="stable")
        v = self.values
        taken = v.take(order) if isinstance(v, SparseRows) else v[order]
        return NamedRows(self.name, taken, ids[order], self.schema, self.given)


@dataclass(frozen=True)
class Reading:
    """How a matrix is to be read, in the words of `sketch`."""

    row_ids: Any = None
    key: str | Sequence[str] | None = None
    columns: str | Sequence[str] | None = None
    missing: str = "error"

    @property
    def asked_for(self) -> bool:
        """Whether anything is not as usual."""
        given = (self.row_ids, self.key, self.columns)
        return self.missing != "error" or any(value is not None for value in given)

    def beside(self, digest: Any, matrix: Any) -> dict[str, Any]:
        """The arguments by which rows of a matrix meet those of a digest, whose key is that of a
        table unless another is named."""
        own = self.key is None and self.row_ids is None and is_table(matrix)
        return {
            "row_ids": self.row_ids,
            "key": (digest.key or None) if own else self.key,
            "columns": self.columns,
            "missing": self.missing,
            "key_as": "text" if digest.schema.text_keys else "typed",
        }


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
    if is_table(a):
        if row_ids is not None and key is not None:
            raise ValueError(f"{name}: rows are named by row_ids= or by key=, not by both")
        table = rows_of_table(a, name, key=key, columns=columns, missing=missing, key_as=key_as)
        ids = table.row_ids
        if row_ids is not None:
            given = _ids(row_ids, key_as)
            if len(given) != table.given:
                raise ValueError(
                    f"{name}: expected a row id for each of {table.given} rows, got {len(given)}"
                )
            ids = given[ids.astype(np.intp)] if len(table.values) < table.given else given
        schema = _core.Schema(table.columns, table.key, text_keys)
        return NamedRows(name, table.values, ids, schema, table.given)

    if missing != "error":
        raise ValueError(f"{name}: missing= is for tables (fill the gaps of an array yourself)")
    keys = as_names(key)
    if keys and row_ids is None:
        raise ValueError(
            f"{name}: key= names the key columns of a table, got {type(a).__name__} (give row_ids=)"
        )
    ids = NO_ROW_IDS if row_ids is None else _ids(row_ids, key_as)
    schema = _core.Schema(as_names(columns), keys, text_keys)
    values = as_rows(a, name)
    count = values.rows if isinstance(values, SparseRows) else len(values)
    if row_ids is not None and len(ids) != count:
        raise ValueError(f"{name}: expected a row id for each of {count} rows, got {len(ids)}")
    return NamedRows(name, values, ids, schema, count)


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Says which of several matrices is wrong: C++ names the row and the column."""
    try:
        yield
    except ValueError as error:
        raise type(error)(f"{name}: {error}") from None


def user_weights(weights: Any, rows: NamedRows) -> npt.NDArray[np.float64] | None:
    """Weights of rows for _core, if there are any."""
    if weights is None:
        return None
    if rows.count < rows.given:
        raise ValueError(
            f"weights: {rows.given - rows.count} rows were dropped and their weights are not known "
            "(drop the rows before, from both)"
        )
    given: npt.NDArray[np.float64] = as_vector(weights, "weights", dtype=np.float64)
    if len(given) != rows.count:
        raise ValueError(f"weights: expected one for each of {rows.count} rows, got {len(given)}")
    return given


def _ids(given: Any, key_as: str) -> RowIds:
    array = as_array(given, "row_ids", objects=True)
    if array.dtype.kind in "UTO" and array.ndim == 1 and array.size > 0:
        return ids_of([key_column(array, "row_ids")], ["row_ids"], key_as)
    ids: RowIds = as_vector(array, "row_ids", dtype=np.uint64)
    return ids

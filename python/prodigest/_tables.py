"""Tables as matrices with names: pandas, and whatever speaks Arrow's C stream.

A table stores columns one by one and a digest is made row by row, so the numeric columns are copied
once into a row-major matrix. It is float32 if all of them are, else float64.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ._arrays import Matrix, check_exact
from ._keys import KeyColumn, RowIds, ids_of

_BLOCK_BYTES = 1 << 18  # of the matrix while it is filled: what stays in a core's cache


@dataclass(frozen=True)
class Column:
    """A column of a table, read when it is asked for."""

    name: str
    kind: Literal["integer", "number", "text", "other"]
    type: str  # as the table calls it
    numbers: Callable[[], npt.NDArray[Any]]  # integers without gaps, else floats, NaN if missing
    key: Callable[[], KeyColumn]
    missing: Callable[[], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class TableRows:
    """The rows of a table, ready to be digested."""

    values: Matrix
    row_ids: RowIds  # empty: rows are numbered
    columns: list[str]
    key: list[str]
    given: int  # rows of the table, those that were dropped included


def is_table(a: Any) -> bool:
    """Whether this is a data frame or a relation rather than an array."""
    return _is_pandas(a) or hasattr(a, "__arrow_c_stream__")


def rows_of_table(
    table: Any,
    name: str,
    *,
    key: str | Sequence[str] | None,
    columns: str | Sequence[str] | None,
    missing: str,
    key_as: str,
) -> TableRows:
    """The numeric columns as a matrix and the key columns as row ids.

    Raises
    ------
    ValueError
        A column that is not there or not unique, or is neither numeric nor named by `columns`; with
        missing="error" a missing number, with its row and column; a missing key.
    TypeError
        A key of neither integers nor texts.
    ImportError
        The table is none of pandas and pyarrow is not installed.
    """
    if missing not in ("error", "zero", "drop"):
        raise ValueError(f'missing: expected "error", "zero" or "drop", got {missing!r}')
    keys = as_names(key)
    all_columns = _columns_of(table, keys)
    by_name = {column.name: column for column in all_columns}
    if len(by_name) < len(all_columns):
        names = [column.name for column in all_columns]
        twice = next(n for n in names if names.count(n) > 1)
        raise ValueError(f'{name}: two columns are named "{twice}" (rename one)')

    row_ids = _row_ids(name, [_find(by_name, n, name) for n in keys], key_as)
    chosen = _choose(name, by_name, keys, as_names(columns))
    values = _fill([_exact_numbers(name, column) for column in chosen])
    given, gaps = len(values), np.isnan(values)
    if gaps.any():
        if missing == "error":
            row, column = (int(i) for i in np.argwhere(gaps)[0])
            raise ValueError(
                f'{name}: row {row}, column "{chosen[column].name}": expected a number, it is '
                'missing or NaN (choose missing="zero" or missing="drop")'
            )
        if missing == "zero":
            values[gaps] = 0
        else:
            whole = ~gaps.any(axis=1)
            row_ids = row_ids[whole] if keys else np.flatnonzero(whole).astype(np.uint64)
            values = values[whole]
    return TableRows(values, row_ids, [column.name for column in chosen], keys, given)


def as_names(names: str | Sequence[str] | None) -> list[str]:
    """One name or several, as a list without repetition."""
    listed = [names] if isinstance(names, str) else list(names or [])
    for name in listed:
        if listed.count(name) > 1:
            raise ValueError(f'column "{name}" is named twice (name it once)')
    return listed


def _is_pandas(a: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(a, pandas.DataFrame)


def _columns_of(table: Any, keys: list[str]) -> list[Column]:
    if _is_pandas(table):
        from . import _pandas

        return _pandas.columns_of(table, keys)
    from . import _arrow

    return _arrow.columns_of(table)


def _find(by_name: dict[str, Column], wanted: str, name: str) -> Column:
    if wanted not in by_name:
        raise ValueError(f'{name}: no column "{wanted}" (there are {", ".join(by_name)})')
    return by_name[wanted]


def _choose(
    name: str, by_name: dict[str, Column], keys: list[str], wanted: list[str]
) -> list[Column]:
    numeric = ("integer", "number")
    if wanted:
        chosen = [_find(by_name, n, name) for n in wanted]
        others = [column for column in chosen if column.kind not in numeric]
        hint = "convert it, or leave it out of columns="
    else:
        chosen = [column for n, column in by_name.items() if n not in keys]
        others = [column for column in chosen if column.kind not in numeric]
        hint = "name the numeric ones in columns=, or those that name rows in key="
    if others:
        listed = ", ".join(f'"{column.name}" ({column.type})' for column in others)
        raise ValueError(f"{name}: expected numeric columns, got {listed} ({hint})")
    if not chosen:
        raise ValueError(f"{name}: expected numeric columns, got none")
    return chosen


def _row_ids(name: str, keys: list[Column], key_as: str) -> RowIds:
    for column in keys:
        if column.kind not in ("integer", "text"):
            raise TypeError(
                f'{name}: key column "{column.name}": expected integers or texts, got '
                f"{column.type} (convert it to one of them)"
            )
        gaps = column.missing()
        if gaps.any():
            raise ValueError(
                f'{name}: row {int(np.argmax(gaps))}, key column "{column.name}": the key is '
                "missing (give every row a key)"
            )
    if not keys:
        return np.empty(0, np.uint64)
    names = [f'{name}: key column "{column.name}"' for column in keys]
    return ids_of([column.key() for column in keys], names, key_as)


def _exact_numbers(name: str, column: Column) -> npt.NDArray[Any]:
    numbers = column.numbers()
    if numbers.dtype.kind in "iu" and numbers.itemsize == 8:
        check_exact(numbers, numbers.astype(np.float64), f'{name}: column "{column.name}"')
    return numbers


def _fill(columns: list[npt.NDArray[Any]]) -> Matrix:
    single = all(column.dtype == np.float32 for column in columns)
    rows = len(columns[0])
    values = np.empty((rows, len(columns)), np.float32 if single else np.float64)
    step = max(64, _BLOCK_BYTES // max(1, values.itemsize * len(columns)))
    for first in range(0, rows, step):
        block = slice(first, first + step)
        for j, column in enumerate(columns):
            values[block, j] = column[block]
    return values

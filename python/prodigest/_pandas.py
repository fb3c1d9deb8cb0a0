"""Columns of pandas data frames."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ._arrays import as_vector
from ._keys import KeyColumn, texts_of
from ._tables import Column


def columns_of(frame: Any, keys: list[str]) -> list[Column]:
    """The columns, and those levels of the index that are keys."""
    columns = [_column(str(label), frame.iloc[:, j]) for j, label in enumerate(frame.columns)]
    names = {column.name for column in columns}
    for level in frame.index.names:
        if level in keys and level not in names:
            columns.append(_column(level, frame.index.get_level_values(level).to_series()))
    return columns


def _column(name: str, series: Any) -> Column:
    categories: Any = getattr(series.dtype, "categories", None)
    if categories is not None:
        series = series.astype(categories.dtype)
    kind = _kind(series)

    def numbers() -> npt.NDArray[Any]:
        if isinstance(series.dtype, np.dtype):
            array: npt.NDArray[Any] = series.to_numpy()
            return array
        if kind == "integer" and not series.isna().any():
            return np.asarray(series.to_numpy(dtype=_integer_type(series)))
        single = str(series.dtype).lower() in ("float32", "float[pyarrow]")
        dtype = np.float32 if single else np.float64
        return np.asarray(series.to_numpy(dtype=dtype, na_value=np.nan))

    def key() -> KeyColumn:
        if kind == "integer":
            return as_vector(
                series.to_numpy(dtype=_integer_type(series)), name, dtype=_integer_type(series)
            )
        return texts_of(series.tolist(), name)

    return Column(name, kind, str(series.dtype), numbers, key, lambda: np.asarray(series.isna()))


def _kind(series: Any) -> Literal["integer", "number", "text", "other"]:
    from pandas.api import types

    dtype = series.dtype
    if types.is_bool_dtype(dtype):
        return "number"
    if types.is_integer_dtype(dtype):
        return "integer"
    if types.is_float_dtype(dtype):
        return "number"
    if isinstance(dtype, np.dtype) and dtype.kind != "O":
        return "other"
    return "text" if types.infer_dtype(series, skipna=True) == "string" else "other"


def _integer_type(series: Any) -> npt.DTypeLike:
    from pandas.api import types

    return np.uint64 if types.is_unsigned_integer_dtype(series.dtype) else np.int64

"""Columns of tables that speak Arrow's C stream: polars, pyarrow, DuckDB and others."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import as_vector
from ._keys import KeyColumn
from ._tables import Column


def columns_of(table: Any) -> list[Column]:
    """The columns of the whole stream, which is read into memory if it is not there yet."""
    try:
        import pyarrow
    except ImportError as error:
        raise ImportError(
            "tables other than pandas' are read by pyarrow: install it (pip install prodigest[io])"
        ) from error
    read = pyarrow.table(table)
    return [_column(str(n), read.column(j)) for j, n in enumerate(read.column_names)]


def _column(name: str, column: Any) -> Column:
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if types.is_decimal(column.type) and column.type.scale == 0:
        # What DuckDB makes of sums of integers.
        try:
            column = column.cast(pa.int64())
        except pa.ArrowInvalid:
            pass
    kind = _kind(column.type)

    def numbers() -> npt.NDArray[Any]:
        if kind == "integer" and column.null_count == 0:
            return np.asarray(column.to_numpy())
        single = types.is_float32(column.type) or types.is_float16(column.type)
        real = column.cast(pa.float32() if single else pa.float64())
        return np.asarray(real.to_numpy())

    def key() -> KeyColumn:
        if kind == "integer":
            unsigned = types.is_unsigned_integer(column.type)
            return as_vector(column.to_numpy(), name, dtype=np.uint64 if unsigned else np.int64)
        return _texts(column)

    def missing() -> npt.NDArray[np.bool_]:
        return np.asarray(column.is_null().to_numpy())

    return Column(name, kind, str(column.type), numbers, key, missing)


def _kind(dtype: Any) -> Literal["integer", "number", "text", "other"]:
    import pyarrow as pa

    types = pa.types
    if types.is_integer(dtype):
        return "integer"
    if types.is_floating(dtype) or types.is_boolean(dtype) or types.is_decimal(dtype):
        return "number"
    is_view = getattr(types, "is_string_view", lambda _: False)
    if types.is_string(dtype) or types.is_large_string(dtype) or is_view(dtype):
        return "text"
    return "other"


def _texts(column: Any) -> _core.Texts:
    import pyarrow as pa

    array = column.cast(pa.large_string()).combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.array([], pa.large_string())
    _, offsets, data = array.buffers()
    count = len(array) + 1
    starts = (
        np.zeros(1, np.int64)
        if offsets is None or offsets.size == 0
        else np.frombuffer(offsets, np.int64)[array.offset : array.offset + count]
    )
    return _core.Texts(starts, np.frombuffer(data if data is not None else b"", np.uint8))

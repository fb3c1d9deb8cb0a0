"""Keys as row ids: the 64-bit names by which rows of different digests meet."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import as_array, as_vector

KeyColumn: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.uint64] | _core.Texts
RowIds: TypeAlias = npt.NDArray[np.uint64]


def row_ids(*columns: Any, key_as: str = "typed") -> RowIds:
    """Row ids of a key, the same as those of ``prodigest sketch --key``.

    Parameters
    ----------
    *columns : array_like
        The key columns, one for a simple key, several for a composite one: arrays of integers, or
        sequences of str.
    key_as : str
        "typed": a text that reads as an integer is that integer; "text": everything is text.

    Returns
    -------
    (n,) uint64
        An integer is its own row id, a negative one in two's complement; a text is a hash of its
        normal form NFC; a composite key a hash of its parts (docs/keys.md).

    Raises
    ------
    TypeError
        A column of neither integers nor texts.
    ValueError
        No column, columns of different lengths, an empty text.
    """
    if not columns:
        raise ValueError("row_ids: expected one or more key columns, got none")
    names = [f"key column {j}" for j in range(len(columns))] if len(columns) > 1 else ["key"]
    parts = [key_column(column, name) for column, name in zip(columns, names, strict=True)]
    return ids_of(parts, names, key_as)


def ids_of(columns: list[KeyColumn], names: list[str], key_as: str) -> RowIds:
    """Row ids of columns that key_column or a table made."""
    text_keys = takes_text(key_as)
    if len(columns) == 1 and not text_keys and isinstance(columns[0], np.ndarray):
        return columns[0].view(np.uint64)
    return _core.row_ids_of(columns, names, text_keys)


def takes_text(key_as: str) -> bool:
    if key_as not in ("typed", "text"):
        raise ValueError(f'key_as: expected "typed" or "text", got {key_as!r}')
    return key_as == "text"


def key_column(a: Any, name: str) -> KeyColumn:
    """A column of integers or texts."""
    array = as_array(a, name, objects=True)
    if array.dtype.kind in "iu":
        return as_vector(array, name, dtype=np.uint64 if array.dtype.kind == "u" else np.int64)
    if array.ndim == 1 and array.dtype.kind in "UTO":
        return texts_of(array.tolist(), name)
    if array.size == 0 and array.ndim == 1:
        return np.empty(0, np.int64)
    raise TypeError(
        f"{name}: expected integers or texts, got dtype {array.dtype} of {array.ndim} dimensions"
    )


def texts_of(texts: list[Any], name: str) -> _core.Texts:
    """Texts one behind the other, in UTF-8."""
    for row, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(
                f"{name}: row {row}: expected a text, got {text!r} (make the "
                "column all integers or all texts, by .astype(int) or .astype(str))"
            )
    encoded = [text.encode() for text in texts]
    offsets = np.zeros(len(encoded) + 1, np.int64)
    np.cumsum([len(text) for text in encoded], out=offsets[1:])
    return _core.Texts(offsets, np.frombuffer(b"".join(encoded), np.uint8))

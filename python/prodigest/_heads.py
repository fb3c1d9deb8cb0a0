"""Queries, keys and values of users as the C++ library takes them: four dimensions, one type."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from ._arrays import as_array, as_real

Array: TypeAlias = npt.NDArray[Any]
Layout: TypeAlias = Literal["bhnd", "bnhd"]


def sketch_of(sketch: Any) -> Any:
    """A name, or two tensors [key_heads, head_dim, size]."""
    if isinstance(sketch, str) or not isinstance(sketch, (tuple, list)):
        return sketch
    return [as_real(as_array(x, f"sketch[{i}]"), f"sketch[{i}]", None) for i, x in enumerate(sketch)]


def tensors_of(layout: Layout, dtype: np.dtype[Any] | None, **named: Any) -> list[Array]:
    """As [batch, heads, tokens, width] and of one type; copied where the last axis is not plain."""
    if layout not in ("bhnd", "bnhd"):
        raise ValueError(f'layout: expected "bhnd" or "bnhd", got {layout!r}')
    tensors: list[Array] = []
    for name, given_tensor in named.items():
        x = as_real(as_array(given_tensor, name), name, dtype)
        if x.ndim != 4:
            raise ValueError(
                f"{name}: expected 4 dimensions (layout {layout!r}), got shape {x.shape}"
            )
        if tensors and x.dtype != tensors[0].dtype:
            first = next(iter(named))
            raise TypeError(
                f"{first} and {name} must be of one type, got {tensors[0].dtype} and {x.dtype}"
            )
        tensors.append(in_layout(x if _has_plain_rows(x) else np.array(x, order="C"), layout))
    return tensors


def _has_plain_rows(x: Array) -> bool:
    if not x.flags.aligned or x.flags.c_contiguous:
        return bool(x.flags.aligned)
    size = x.itemsize
    return (x.shape[3] <= 1 or x.strides[3] == size) and all(s % size == 0 for s in x.strides)


def in_layout(x: Array, layout: Layout) -> Array:
    """From the layout to [batch, heads, tokens, width] and back."""
    return x if layout == "bhnd" else x.swapaxes(1, 2)


def empty_in(x: Array, width: int, layout: Layout) -> Array:
    """[batch, heads, tokens, width] in memory of the layout."""
    batch, heads, tokens, _ = x.shape
    if layout == "bhnd":
        return np.empty((batch, heads, tokens, width), x.dtype)
    return np.empty((batch, tokens, heads, width), x.dtype).swapaxes(1, 2)

"""Arrays of users as arrays of the library."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_matrix(a: Any, name: str, *, dtype: Any = None) -> Any:
    """A 2-d array of float32 or float64 whose rows are contiguous."""
    array = np.asarray(a)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: expected numbers, got an array of {array.dtype}")
    if array.ndim != 2:
        raise ValueError(f"{name}: expected a matrix, got an array of {array.ndim} dimensions")
    kept = array.dtype if array.dtype in (np.float32, np.float64) else np.float64
    return np.ascontiguousarray(array, dtype or kept)


def as_vector(a: Any, name: str, *, dtype: Any) -> Any:
    """A 1-d contiguous array of this type."""
    array = np.asarray(a)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name}: expected numbers, got an array of {array.dtype}")
    if array.ndim != 1:
        raise ValueError(f"{name}: expected a vector, got an array of {array.ndim} dimensions")
    return np.ascontiguousarray(array, dtype)

"""What users have, as what the C++ library takes.

Nothing is copied that need not be: a numpy array of float32 or float64 whose rows are contiguous
(any stride between rows) is passed as it is, and so is any CPU tensor that speaks DLPack. Integers,
booleans, lists, float16, arrays in Fortran order and those whose rows overlap or run backwards are
copied into C order.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

Matrix: TypeAlias = npt.NDArray[np.float32] | npt.NDArray[np.float64]

# DLPack's device types. Memory of types 1, 3, 11 and 13 can be read by the CPU.
_CPU_DEVICES = {1, 3, 11, 13}
_DEVICES = {2: "cuda", 4: "opencl", 7: "vulkan", 8: "metal", 10: "rocm", 14: "oneapi"}


@dataclass(frozen=True)
class SparseRows:
    """CSR rows as C++ takes them: columns ascend within a row, none is there twice."""

    row_start: npt.NDArray[np.int64]
    columns: npt.NDArray[np.int32]
    values: Matrix
    cols: int

    @property
    def rows(self) -> int:
        return len(self.row_start) - 1

    def take(self, order: npt.NDArray[np.intp]) -> SparseRows:
        """Rows order[0], order[1], ..."""
        sizes = np.diff(self.row_start)[order]
        row_start = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        # Entry e of the result is this far behind the first of its row.
        behind = np.arange(row_start[-1]) - np.repeat(row_start[:-1], sizes)
        entries = np.repeat(self.row_start[:-1][order], sizes) + behind
        return SparseRows(row_start, self.columns[entries], self.values[entries], self.cols)


def is_sparse(a: Any) -> bool:
    """Whether this is a scipy.sparse matrix or array (scipy is not imported for that)."""
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(a))


def as_matrix(a: Any, name: str, *, dtype: npt.DTypeLike | None = None) -> Matrix:
    """A matrix of float32 or float64 with contiguous rows.

    Parameters
    ----------
    a : array_like of shape (n, d)
        Numpy array, object with ``__dlpack__`` on the CPU, or nested lists.
    name : str
        What the matrix is called in messages.
    dtype : dtype, optional
        np.float32 or np.float64 for that type only; a copy is made if it is another.

    Raises
    ------
    TypeError
        What is there is not real numbers, or not in the CPU's memory.
    ValueError
        Another number of dimensions, integers that no double holds, a tensor that requires a
        gradient.
    """
    if is_sparse(a):
        raise TypeError(
            f"{name}: a sparse matrix, expected a dense one (call .toarray() if it fits in memory)"
        )
    array = as_array(a, name)
    if array.ndim != 2:
        hint = " (a[:, None] is a matrix of one column)" if array.ndim == 1 else ""
        raise ValueError(
            f"{name}: expected a matrix of 2 dimensions, got shape {array.shape}{hint}"
        )
    array = as_real(array, name, dtype)
    return array if _has_plain_rows(array) else np.require(array, requirements=["C", "A"])


def as_vector(a: Any, name: str, *, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """A contiguous vector of this dtype; signed integers become unsigned in two's complement.

    Raises
    ------
    TypeError
        Numbers of another sort, such as fractions where integers are asked for.
    ValueError
        Another number of dimensions, integers beyond the range of the dtype.
    """
    array = as_array(a, name)
    if array.ndim != 1:
        hint = " (call .ravel())" if array.ndim == 2 and 1 in array.shape else ""
        raise ValueError(f"{name}: expected a vector of 1 dimension, got shape {array.shape}{hint}")
    wanted = np.dtype(dtype)
    if wanted.kind == "f":
        array = as_real(array, name, wanted)
    elif array.dtype.kind not in "iu" and array.size > 0:
        raise TypeError(f"{name}: expected integers, got dtype {array.dtype}")
    elif array.dtype != wanted:
        _check_range(array, name, wanted)
        with np.errstate(all="ignore"):
            array = array.astype(wanted)
    return np.require(array, requirements=["C", "A"])


def as_csr(a: Any, name: str, *, dtype: npt.DTypeLike | None = None) -> SparseRows:
    """Rows of a scipy.sparse matrix.

    Of a CSR matrix in canonical form the values and 32-bit column indices are not copied, the row
    pointers are made 64-bit. Other formats are converted, 64-bit column indices are copied, columns
    that are not sorted or stand twice are sorted and summed in a copy.
    """
    if a.ndim != 2:
        raise ValueError(f"{name}: expected a matrix of 2 dimensions, got shape {a.shape}")
    csr = a if a.format == "csr" else a.tocsr()
    if csr.shape[1] > np.iinfo(np.int32).max:
        raise ValueError(f"{name}: at most 2^31 - 1 columns, got {csr.shape[1]}")
    if not csr.has_canonical_format:
        csr = csr.copy() if csr is a else csr
        csr.sum_duplicates()
    return SparseRows(
        row_start=csr.indptr.astype(np.int64),
        columns=np.ascontiguousarray(csr.indices, dtype=np.int32),
        values=np.require(as_real(csr.data, name, dtype), requirements=["C", "A"]),
        cols=int(csr.shape[1]),
    )


def csr_of(
    arrays: tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]], shape: tuple[int, int]
) -> Any:
    """A scipy matrix over values and columns that are not copied (called by _core)."""
    try:
        from scipy.sparse import csr_array
    except ImportError as error:
        raise ImportError(
            "the rows of this sample are sparse: install scipy (pip install prodigest[io])"
        ) from error
    return csr_array(arrays, shape=shape, copy=False)


def as_rows(a: Any, name: str, *, dtype: npt.DTypeLike | None = None) -> Matrix | SparseRows:
    """Rows to digest, dense or sparse; tables are turned into these by `_tables`."""
    return as_csr(a, name, dtype=dtype) if is_sparse(a) else as_matrix(a, name, dtype=dtype)


def as_array(a: Any, name: str, *, objects: bool = False) -> npt.NDArray[Any]:
    """An array of any sort in the CPU's memory; one of objects only where these are welcome.

    Raises
    ------
    TypeError
        Nothing that makes an array, a tensor elsewhere.
    ValueError
        A tensor that requires a gradient.
    """
    if isinstance(a, np.ma.MaskedArray):
        raise TypeError(f"{name}: a masked array (fill the gaps first, e.g. by .filled(0))")
    if isinstance(a, np.ndarray):
        return a
    # Texts of pyarrow have no form in DLPack.
    texts = objects and hasattr(a, "__arrow_c_array__")
    if hasattr(a, "__dlpack__") and hasattr(a, "__dlpack_device__") and not texts:
        return _from_dlpack(a, name)
    try:
        array = np.asarray(a)
    except (ValueError, TypeError) as error:
        raise _wrong_type(a, name) from error
    if array.dtype.kind == "O" and not objects and not hasattr(a, "__array__"):
        raise _wrong_type(a, name)
    return array


def _from_dlpack(a: Any, name: str) -> npt.NDArray[Any]:
    if getattr(a, "requires_grad", False):
        raise ValueError(
            f"{name}: a tensor that requires a gradient, which would stop here "
            "(call .detach() first)"
        )
    try:
        kind, number = a.__dlpack_device__()
    except (RuntimeError, ValueError):  # a device that DLPack does not know
        kind, number = 0, 0
    if int(kind) not in _CPU_DEVICES:
        device = getattr(a, "device", None) or f"{_DEVICES.get(int(kind), int(kind))}:{number}"
        raise TypeError(
            f"{name}: a tensor on device {device}; prodigest works on the CPU (call .cpu() first)"
        )
    try:
        return np.from_dlpack(a)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        dtype = getattr(a, "dtype", "unknown")
        raise TypeError(
            f"{name}: a {type(a).__module__}.{type(a).__qualname__} of dtype {dtype} that numpy "
            f"cannot read: {error} (expected dense float32 or float64, e.g. by .float())"
        ) from error


def _wrong_type(a: Any, name: str) -> TypeError:
    return TypeError(
        f"{name}: expected an array of numbers, got {type(a).__module__}.{type(a).__qualname__} "
        "that does not make one (are all rows of one length, and all entries numbers?)"
    )


def as_real(array: npt.NDArray[Any], name: str, dtype: npt.DTypeLike | None) -> npt.NDArray[Any]:
    """float32 and float64 as they are; what converts to them exactly, or `dtype`, in a copy."""
    given = array.dtype
    if given.kind not in "fiub" or given.itemsize > 8:
        _refuse_dtype(given, name)
    if dtype is not None:
        wanted = np.dtype(dtype)
    elif given.kind == "f":
        wanted = np.dtype(np.float64 if given.itemsize == 8 else np.float32)
    else:
        wanted = np.dtype(np.float64)
    if given == wanted and given.isnative:
        return array
    with np.errstate(all="ignore"):  # what becomes infinite is refused by C++, with its place
        real = np.asarray(array, dtype=wanted, order="C")
    if given.kind in "iu" and given.itemsize == 8 and dtype is None:
        check_exact(array, real, name)
    return real


def _refuse_dtype(given: np.dtype[Any], name: str) -> NoReturn:
    hint = {
        "O": "objects: convert it to numbers first, e.g. by .astype(float)",
        "c": "complex numbers: take the real and the imaginary part apart",
    }.get(given.kind, "")
    raise TypeError(
        f"{name}: expected real numbers (float32, float64 or what converts to them), got dtype "
        f"{given}" + (f" ({hint})" if hint else "")
    )


def check_exact(array: npt.NDArray[Any], real: npt.NDArray[Any], name: str) -> None:
    """Refuses integers that their doubles do not equal, naming the first."""
    with np.errstate(invalid="ignore"):
        changed = (real >= float(np.iinfo(array.dtype).max)) | (real.astype(array.dtype) != array)
    if changed.any():
        first = tuple(np.argwhere(changed)[0])
        where = ", ".join(f"{axis} {i}" for axis, i in zip(("row", "column"), first, strict=False))
        raise ValueError(
            f"{name}: {where}: {array[first]} is not exact as a double (call .astype(float) "
            "first, if rounding is fine)"
        )


def _check_range(array: npt.NDArray[Any], name: str, wanted: np.dtype[Any]) -> None:
    if array.size == 0 or np.can_cast(array.dtype, wanted) or wanted == np.dtype(np.uint64):
        return
    limits = np.iinfo(wanted)
    low, high = int(array.min()), int(array.max())
    if low < limits.min or high > limits.max:
        raise ValueError(
            f"{name}: expected integers of {wanted}, got {low if low < limits.min else high}"
        )


def _has_plain_rows(array: npt.NDArray[Any]) -> bool:
    """Whether C++ can walk it: contiguous rows, one after the other, none inside another."""
    rows, cols = array.shape
    if not array.flags.aligned:
        return False
    if array.flags.c_contiguous:
        return True
    row, column = array.strides
    size = array.itemsize
    return (cols <= 1 or column == size) and row % size == 0 and row >= cols * size

"""Files of digests, of states of attention and of prepared kernel matrices."""

from __future__ import annotations

import os
from typing import Any, BinaryIO, TypeAlias

import numpy.typing as npt

from . import _core
from ._core import AttentionState
from ._digests import Digest
from ._gaussian_operator import GaussianOperator

Saved: TypeAlias = Digest | AttentionState | GaussianOperator


def save(saved: Saved, file: str | os.PathLike[str] | BinaryIO) -> None:
    """Write a digest, or whatever else `load` reads, to a .pdg file.

    Parameters
    ----------
    saved : RowSample, LinearSketch, LatticeCodes, AttentionState or GaussianOperator
    file : path or file open for writing bytes
        A path is never half written: the file appears when it is whole. ``"-"`` is standard
        output.

    Raises
    ------
    TypeError
        On anything else.
    OSError
        The operating system refuses.

    Notes
    -----
    Equals make equal bytes: those of ``saved.to_bytes()``, and of the command line.
    """
    if not isinstance(saved, Saved):
        raise TypeError(
            "save: expected a digest, an AttentionState or a GaussianOperator, got "
            f"{type(saved).__name__} (make a digest with prodigest.sketch)"
        )
    if not isinstance(file, (str, os.PathLike)):
        file.write(saved.to_bytes())
    elif isinstance(saved, GaussianOperator):
        _core.save(saved._made, file)
    else:
        _core.save(saved, file)


def load(file: str | os.PathLike[str] | bytes | bytearray | memoryview | BinaryIO) -> Any:
    """Read what `save` or the command line wrote; the file says what it is.

    Parameters
    ----------
    file : path, bytes or file open for reading bytes
        ``"-"`` is standard input.

    Returns
    -------
    RowSample, LinearSketch, LatticeCodes, AttentionState or GaussianOperator

    Raises
    ------
    TypeError
        On anything else.
    OSError
        The operating system refuses.
    FormatError
        It is not a whole, intact file.
    UnsupportedError
        A newer prodigest wrote it.
    """
    if isinstance(file, (str, os.PathLike)):
        found = _core.load(file)
    elif isinstance(file, (bytes, bytearray, memoryview)):
        found = _core.from_bytes(bytes(file))
    elif hasattr(file, "read"):
        found = _core.from_bytes(file.read())
    else:
        raise TypeError(f"load: expected a path, bytes or an open file, got {type(file).__name__}")
    return GaussianOperator._of(found) if isinstance(found, _core.GaussianOperator) else found


def map_tensors(
    path: str | os.PathLike[str], *, checksums: bool = False
) -> tuple[dict[str, str], dict[str, npt.NDArray[Any]]]:
    """The arrays of a .pdg file, mapped into memory: nothing is read before it is looked at.

    Parameters
    ----------
    path : str or path
        The file, which may be replaced but not cut short while an array of it is alive.
    checksums : bool
        Compare those of the arrays too, which reads all of the file.

    Returns
    -------
    metadata : dict of str
    tensors : dict of read-only arrays
        By name; docs/format.md says what they mean.

    Raises
    ------
    OSError, FormatError, UnsupportedError
        As `load`, but for the contents of arrays.
    """
    container = _core.Container.open(path, checksums)
    return container.metadata, container.tensors

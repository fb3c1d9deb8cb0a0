"""Digests and their verbs."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from . import _core

Digest = _core.RowSample | _core.LinearSketch | _core.LatticeCodes


def sketch(a: Any, spec: str = "priority:size=1024", *, threads: int = 0) -> Digest:
    """Digest a matrix."""
    return _core.sketch_dense(a, spec, np.empty(0, np.uint64), threads, None)


def save(digest: Digest, path: str | os.PathLike[str]) -> None:
    """Write a digest to a .pdg file."""
    _core.save(digest, path)


def load(path: str | os.PathLike[str]) -> Digest:
    """Read a .pdg file."""
    return _core.load(path)

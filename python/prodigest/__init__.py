"""Products of matrices from small digests made alone."""

from . import kernel
from ._core import (
    FormatError,
    FrobeniusError,
    IncompatibleError,
    LatticeCodes,
    LinearSketch,
    ProductEstimate,
    RowSample,
    UnsupportedError,
    __version__,
)
from ._digests import estimate_product, load, map_tensors, merge, save, sketch, subtract, truncate
from ._info import info
from ._keys import row_ids
from ._streams import LatticeEncoder, LinearSketcher, RowSampler
from .kernel import GaussianOperator

__all__ = [
    "FormatError",
    "FrobeniusError",
    "GaussianOperator",
    "IncompatibleError",
    "LatticeCodes",
    "LatticeEncoder",
    "LinearSketch",
    "LinearSketcher",
    "ProductEstimate",
    "RowSample",
    "RowSampler",
    "UnsupportedError",
    "__version__",
    "estimate_product",
    "info",
    "kernel",
    "load",
    "map_tensors",
    "merge",
    "row_ids",
    "save",
    "sketch",
    "subtract",
    "truncate",
]

"""Products of matrices from small digests made alone."""

from ._core import FormatError, IncompatibleError, UnsupportedError, __version__
from . import kernel
from ._digests import load, save, sketch
from .kernel import GaussianOperator

__all__ = [
    "FormatError",
    "GaussianOperator",
    "IncompatibleError",
    "UnsupportedError",
    "__version__",
    "kernel",
    "load",
    "save",
    "sketch",
]

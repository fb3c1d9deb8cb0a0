"""Products of matrices from small digests made alone."""

from ._core import FormatError, IncompatibleError, UnsupportedError, __version__
from ._digests import load, save, sketch

__all__ = [
    "FormatError",
    "IncompatibleError",
    "UnsupportedError",
    "__version__",
    "load",
    "save",
    "sketch",
]

"""Products of matrices from small digests made alone."""

from ._core import FormatError, IncompatibleError, UnsupportedError, __version__
from ._digests import load, save, sketch
from .attention import (
    Attention,
    AttentionState,
    performer_attention,
    polynomial_attention,
    polysketch_attention,
    softmax_attention,
)

__all__ = [
    "Attention",
    "AttentionState",
    "FormatError",
    "IncompatibleError",
    "UnsupportedError",
    "__version__",
    "load",
    "performer_attention",
    "polynomial_attention",
    "polysketch_attention",
    "save",
    "sketch",
    "softmax_attention",
]

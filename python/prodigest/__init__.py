"""Products of matrices from small digests made alone."""

from ._core import FormatError, IncompatibleError, UnsupportedError, __version__
from ._digests import load, save, sketch
from ._plan import expected_size, plan, rate_distortion, rate_for
from ._regression import Coefficient, Regression, RegressionWarning, regress

__all__ = [
    "Coefficient",
    "FormatError",
    "IncompatibleError",
    "Regression",
    "RegressionWarning",
    "UnsupportedError",
    "__version__",
    "expected_size",
    "load",
    "plan",
    "rate_distortion",
    "rate_for",
    "regress",
    "save",
    "sketch",
]

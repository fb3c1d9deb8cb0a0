"""Products of matrices from small digests made alone."""

from ._core import FormatError, IncompatibleError, UnsupportedError, __version__
from . import kernel
from ._compare import (
    Comparison,
    Forecast,
    PairStatistics,
    Prediction,
    Recommendation,
    compare,
    predict,
    recommend,
    statistics_of,
)
from ._digests import load, save, sketch
from ._plan import expected_size, plan, rate_distortion, rate_for
from ._regression import Coefficient, Regression, RegressionWarning, regress
from .kernel import GaussianOperator

__all__ = [
    "Coefficient",
    "Comparison",
    "Forecast",
    "FormatError",
    "GaussianOperator",
    "IncompatibleError",
    "PairStatistics",
    "Prediction",
    "Recommendation",
    "Regression",
    "RegressionWarning",
    "UnsupportedError",
    "__version__",
    "compare",
    "expected_size",
    "kernel",
    "load",
    "plan",
    "predict",
    "rate_distortion",
    "rate_for",
    "recommend",
    "regress",
    "save",
    "sketch",
    "statistics_of",
]

"""Products of matrices from small digests made alone."""

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
from ._plan import expected_size, plan, rate_distortion, rate_for
from ._regression import Coefficient, Regression, RegressionWarning, regress
from .kernel import GaussianOperator
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
    "FrobeniusError",
    "LatticeCodes",
    "LatticeEncoder",
    "LinearSketch",
    "LinearSketcher",
    "ProductEstimate",
    "RowSample",
    "RowSampler",
    "estimate_product",
    "info",
    "map_tensors",
    "merge",
    "row_ids",
    "subtract",
    "truncate",
]

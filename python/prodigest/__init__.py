"""Products of matrices from small digests made alone."""

from ._compare import (
    Comparison,
    Forecast,
    Prediction,
    Recommendation,
    compare,
    predict,
    recommend,
    statistics_of,
)
from . import kernel
from ._core import (
    FormatError,
    FrobeniusError,
    IncompatibleError,
    LatticeCodes,
    LinearSketch,
    PairStatistics,
    ProductEstimate,
    RowSample,
    UnsupportedError,
    __version__,
)
from ._digests import estimate_product, load, map_tensors, merge, save, sketch, subtract, truncate
from ._info import info
from ._keys import row_ids
from ._lattice import CodesOperator, decode, gram, quantize
from ._plan import expected_size, plan, rate_distortion, rate_for
from ._regression import Coefficient, Regression, RegressionWarning, regress
from ._streams import LatticeEncoder, LinearSketcher, RowSampler
from ._whole import whole_matrix
from .kernel import GaussianOperator

__all__ = [
    "GaussianOperator",
    "kernel",
    "CodesOperator",
    "Coefficient",
    "Comparison",
    "Forecast",
    "FormatError",
    "FrobeniusError",
    "IncompatibleError",
    "LatticeCodes",
    "LatticeEncoder",
    "LinearSketch",
    "LinearSketcher",
    "PairStatistics",
    "Prediction",
    "ProductEstimate",
    "Recommendation",
    "Regression",
    "RegressionWarning",
    "RowSample",
    "RowSampler",
    "UnsupportedError",
    "__version__",
    "compare",
    "decode",
    "estimate_product",
    "expected_size",
    "gram",
    "info",
    "load",
    "map_tensors",
    "merge",
    "plan",
    "predict",
    "quantize",
    "rate_distortion",
    "rate_for",
    "recommend",
    "regress",
    "row_ids",
    "save",
    "sketch",
    "statistics_of",
    "subtract",
    "truncate",
    "whole_matrix",
]

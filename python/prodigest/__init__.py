"""Products of matrices from small digests made alone."""

from . import kernel
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
from ._digests import estimate_product, merge, sketch, subtract, truncate
from ._files import load, map_tensors, save
from ._info import info
from ._keys import row_ids
from ._lattice import CodesOperator, decode, gram, quantize
from ._plan import expected_size, plan, rate_distortion, rate_for
from ._regression import Coefficient, Regression, RegressionWarning, regress
from ._streams import LatticeEncoder, LinearSketcher, RowSampler
from ._whole import whole_matrix
from .attention import (
    Attention,
    AttentionState,
    performer_attention,
    polynomial_attention,
    polysketch_attention,
    softmax_attention,
)
from .kernel import GaussianOperator

__all__ = [
    "Attention",
    "AttentionState",
    "CodesOperator",
    "Coefficient",
    "Comparison",
    "Forecast",
    "FormatError",
    "FrobeniusError",
    "GaussianOperator",
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
    "kernel",
    "load",
    "map_tensors",
    "merge",
    "performer_attention",
    "plan",
    "polynomial_attention",
    "polysketch_attention",
    "predict",
    "quantize",
    "rate_distortion",
    "rate_for",
    "recommend",
    "regress",
    "row_ids",
    "save",
    "sketch",
    "softmax_attention",
    "statistics_of",
    "subtract",
    "truncate",
    "whole_matrix",
]

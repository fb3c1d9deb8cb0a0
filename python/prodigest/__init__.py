"""Products of matrices from small digests made alone.

Each side digests its matrix once, on its own and in one pass; whoever has two digests estimates
AᵀB, with its error, or fits a column of one matrix by the other.

Digests
    `sketch` (samples, linear sketches, lattice codes), `quantize`; of rows or columns that come one
    after the other `RowSampler`, `LinearSketcher`, `LatticeEncoder`; `merge`, `subtract`,
    `truncate`; `row_ids` of keys.
What they tell
    `estimate_product`, `gram`, `regress`, `decode`, `CodesOperator`.
Which and how large
    `recommend`, `compare`, `statistics_of`, `predict`, `whole_matrix`; `plan`, `expected_size`,
    `rate_distortion`, `rate_for`.
Kernel matrices
    `GaussianOperator`, and what is made of it in `prodigest.kernel`.
Attention
    `polysketch_attention`, `performer_attention`, `polynomial_attention`, `softmax_attention`,
    `Attention`, `AttentionState`; with gradients in `prodigest.torch`.
Files
    `save`, `load`, `info`, `map_tensors`.
Elsewhere
    `prodigest.sklearn`: estimators. `prodigest.plots`: pictures.

Arrays are numpy's, SciPy's CSR, CPU tensors with ``__dlpack__`` and tables of pandas, polars,
pyarrow and DuckDB. A `seed`, 0 unless it is given, is what all sides of a product share. ``threads``
never change a result. Errors are ValueError, TypeError, OSError, `IncompatibleError`,
`FormatError` and `UnsupportedError`.
"""

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

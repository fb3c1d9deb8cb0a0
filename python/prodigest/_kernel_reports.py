"""What kernel products cost and how far off they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ProductReport:
    """Of one product."""

    #: Estimate of the error that epsilon bounds, from exact rows.
    error: float
    #: The error is below this with probability 1 - failure.
    error_bound: float
    #: Kernel evaluations / (queries keys), pilot and verification included.
    pairs: float
    pilot_seconds: float
    apply_seconds: float
    verify_seconds: float
    #: Products made until one passed verification.
    attempts: int
    #: Every pair was evaluated.
    exact: bool
    #: Why, if exact.
    reason: str


@dataclass(frozen=True)
class PlanReport:
    """Of what was prepared for the points; no cells where there are too few points to sample."""

    key_cells: int
    query_cells: int
    #: Mean number of near keys kept for a query.
    near_pairs: float
    #: Share of the near keys of some queries, by squared kernel value, that was found.
    near_recall: float
    seconds: float
    near_seconds: float
    bytes: int


@dataclass(frozen=True)
class HashedReport:
    """Of each step of the paper's algorithm."""

    tables: int
    repetitions: int
    large_keys: int
    #: Buckets of x².
    density_structures: int
    #: Keys met in the tables, a query.
    candidates: float
    #: Of these heavy, a query.
    heavy_keys: float
    #: Kernels evaluated for densities, a query.
    density_pairs: float
    #: Keys drawn, a query.
    samples: float
    #: Share of queries for which more than n would have been drawn.
    exact_rows: float
    hash_seconds: float
    sum_seconds: float


@dataclass(frozen=True)
class SoftmaxReport:
    """Of attention as a kernel product."""

    #: Its errors are of D⁻¹ K V, in units of ‖V - mean‖.
    product: ProductReport
    #: log2 of the least and of the largest row sum of K.
    least_row_log2: float
    most_row_log2: float


@dataclass(frozen=True, eq=False)
class Eigenpairs:
    """Largest eigenvalues."""

    #: Descending.
    values: Doubles
    #: Points x count, orthonormal columns.
    vectors: Doubles = field(repr=False)
    #: ‖K v - value v‖, with products as good as those that were used.
    residuals: Doubles
    iterations: int


@dataclass(frozen=True)
class TraceEstimate:
    """A trace by Hutch++."""

    value: float
    #: Of the part that random probes estimate; the error of products is not in it.
    standard_error: float


@dataclass(frozen=True, eq=False)
class RidgeSolution:
    """The solution v of (K + ridge I) v = b."""

    #: As b.
    weights: Doubles = field(repr=False)
    #: ‖b - (K + ridge) v‖ / ‖b‖ by an exact product, the largest of the columns.
    residual: float
    exact_products: int
    approximate_products: int
    converged: bool


@dataclass(frozen=True)
class PrefixDiagnosis:
    """Of the first `size` queries and keys. Ratios are infinite where they divide by zero."""

    size: int
    #: c: (sum of K - its n largest entries) / (n largest).
    tail_over_head: float
    #: n-th largest entry / 2n-th.
    nth_over_2nth: float
    #: n-th largest entry / (n + 1)-th.
    nth_over_next: float
    mean_row_sum: float
    #: Where doubles cannot hold it.
    log10_mean_row_sum: float


@dataclass(frozen=True)
class Diagnosis:
    """Whether sampling pays for a kernel matrix. ``print`` tells it in words."""

    #: The last is of all points.
    prefixes: tuple[PrefixDiagnosis, ...] = field(repr=False)
    largest_tail_over_head: float
    median_nth_over_2nth: float
    median_nth_over_next: float
    #: ‖K‖₂ of all points.
    norm: float
    #: Of P, the rows of K divided by their sums.
    normalized_tail_over_head: float
    #: Mean over rows of 1 / sum P².
    effective_keys: float
    #: log2 of the largest kernel value of a query, the least of all.
    least_largest_log2: float
    #: Share of queries none of whose kernel values is a float.
    underflow: float
    verdict: str

    def __str__(self) -> str:
        points = self.prefixes[-1]
        lines: list[tuple[str, float]] = [
            ("points", points.size),
            ("tail / head of n, largest of prefixes", self.largest_tail_over_head),
            ("the same of all points", points.tail_over_head),
            ("the same of rows divided by their sums", self.normalized_tail_over_head),
            ("n-th largest / 2n-th", points.nth_over_2nth),
            ("n-th largest / next", points.nth_over_next),
            ("log10 of the mean row sum", points.log10_mean_row_sum),
            ("norm of K", self.norm),
            ("effective keys a query", self.effective_keys),
        ]
        return "\n".join([f"{name:40} {value:.4g}" for name, value in lines] + [self.verdict])

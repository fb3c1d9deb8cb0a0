"""Coordinated samples and products of them: docs/theory/sampling.md and docs/format.md."""

from dataclasses import dataclass, field
from fractions import Fraction
from math import inf

import numpy as np

from . import draws, specs

WIDE = np.longdouble  # products of two squared norms are beyond double


def squared_norm(row):
    """The sum of squares in double, entries but zeros dealt to eight lanes like cards."""
    squares = np.asarray(row, np.float64)
    squares = squares[squares != 0] ** 2
    lanes = np.zeros(8)
    for first in range(0, len(squares), 8):
        cards = squares[first:first + 8]
        lanes[:len(cards)] += cards
    a, b, c, d, e, f, g, h = lanes
    return float(((a + e) + (c + g)) + ((b + f) + (d + h)))


def exact_sum(numbers):
    return sum(map(Fraction, map(float, numbers)), Fraction(0))


def leverages(a, ridge=0.0):
    """Of each row, row (AᵀA + ridge)⁺ rowᵀ, and their sum."""
    values, vectors = np.linalg.eigh(a.T @ a)
    kept = values >= max(1e-12 * values[-1], np.finfo(float).tiny) if ridge == 0 else values == values
    values = np.maximum(values[kept], 0)
    scores = ((a @ vectors[:, kept]) ** 2 / (values + ridge)).sum(axis=1)
    return scores, (values / (values + ridge)).sum()


@dataclass
class Sample:
    method: str  # "priority", "threshold", "plain"
    size: int
    seed: int
    weight: str
    mixture: float
    mean: float
    ridge: float
    row_ids: np.ndarray
    weights: np.ndarray
    values: np.ndarray  # of the rows kept, double
    tau: float
    tau_row: int
    rows: int
    squared_norm: Fraction = None  # of all rows; nothing with totals=none
    weight_sum: Fraction = Fraction(0)
    norms: np.ndarray = field(init=False)  # squared, of the rows kept

    def __post_init__(self):
        self.norms = np.array([squared_norm(row) for row in self.values])

    @property
    def complete(self):
        return self.tau == inf


def _cut(method, size, ids, weights, ranks, weight_sum, taus=()):
    """Which rows are kept, and (tau, tau_row). taus are those of parts: ranks of rows not at hand."""
    if method == "priority":
        order = sorted([*zip(ranks.tolist(), ids.tolist()), *(tau for tau in taus if tau[0] < inf)])
        tau = order[size] if len(order) > size else (inf, 0)
    elif method == "plain":
        tau = (size / float(weight_sum) if weight_sum > 0 else inf, 0)
    elif len(ids) <= size and exact_sum(weights) == weight_sum:
        tau = (inf, 0)
    else:  # sum of min(1, tau u) = size: some of the largest are certain, the others share the rest
        rest, descending, certain = weight_sum, np.sort(weights)[::-1], 0
        while True:
            tau = ((size - certain) / float(rest), 0)
            if certain == len(descending) or descending[certain] * tau[0] <= 1:
                break
            rest -= Fraction(float(descending[certain]))
            certain += 1
    return np.array([pair < tau for pair in zip(ranks.tolist(), ids.tolist())], bool), tau


def sketch(a, spec, row_ids=None, user_weights=None):
    """The sample of a dense matrix."""
    name, options = specs.parse(spec)
    method = "plain" if options.get("tau") == "plain" else name
    size, seed = int(options["size"]), int(options.get("seed", 0))
    kind = options.get("weight", "squared_norm")
    mixture, ridge = float(options.get("mixture", 0)), float(options.get("ridge", 0))
    a = np.asarray(a)
    rows = a.astype(np.float64)
    ids = np.arange(len(a), dtype=np.uint64) if row_ids is None else np.asarray(row_ids, np.uint64)

    norms = np.array([squared_norm(row) for row in rows])
    if kind in ("leverage", "ridge_leverage"):
        weights, total = leverages(rows, ridge)
    else:
        weights = {"squared_norm": norms, "norm": np.sqrt(norms), "uniform": np.ones(len(a)),
                   "user": user_weights}[kind]
        total = float(exact_sum(weights))
    mean = float(options.get("mean", 0)) or (total / len(a) if total > 0 else 1.0)
    if mixture > 0:
        weights = mixture + (1 - mixture) * (weights / mean)
    weight_sum = exact_sum(weights)

    positive = weights > 0
    ids, weights, rows = ids[positive], weights[positive], rows[positive]
    ranks = draws.uniform(seed, draws.ROW_SELECTION, ids) / weights
    kept, (tau, tau_row) = _cut(method, size, ids, weights, ranks, weight_sum)
    order = np.flatnonzero(kept)[np.argsort(ids[kept])]
    totals = options.get("totals", "none" if kind == "uniform" else "norm")
    return Sample(method, size, seed, kind, mixture, mean, ridge, ids[order], weights[order], rows[order], tau, tau_row,
                  len(a), None if totals == "none" else exact_sum(norms), weight_sum)


def merge(parts, size=None):
    """The sample of all rows of parts that share no row, from their samples alone; cut to size."""
    first = parts[0]
    size = min([part.size for part in parts] + ([size] if size else []))
    ids = np.concatenate([part.row_ids for part in parts])
    weights = np.concatenate([part.weights for part in parts])
    values = np.concatenate([part.values for part in parts])
    weight_sum = sum((part.weight_sum for part in parts), Fraction(0))
    ranks = draws.uniform(first.seed, draws.ROW_SELECTION, ids) / weights
    kept, (tau, tau_row) = _cut(first.method, size, ids, weights, ranks, weight_sum,
                                [(part.tau, part.tau_row) for part in parts])
    order = np.flatnonzero(kept)[np.argsort(ids[kept])]
    squares = None if first.squared_norm is None else sum((part.squared_norm for part in parts), Fraction(0))
    return Sample(first.method, size, first.seed, first.weight, first.mixture, first.mean, first.ridge, ids[order],
                  weights[order], values[order], tau, tau_row, sum(part.rows for part in parts), squares, weight_sum)


@dataclass
class Product:
    value: np.ndarray
    standard_deviation: np.ndarray
    matched_rows: int
    effective_rows: float
    estimated: float
    blind: float
    bound: float
    apriori: float
    magnitude: np.ndarray  # of the terms of each entry, which rounding goes by
    scale: float  # root of the sum of squares of the terms' norms


def _most_squared_norm(sample, row_id):
    """Of a row that is not in the sample: its weight is at most h / tau."""
    if sample.complete:
        return 0.0
    weight = draws.uniform(sample.seed, draws.ROW_SELECTION, row_id) / sample.tau
    if sample.mixture > 0:
        weight = (weight - sample.mixture) / (1 - sample.mixture) * sample.mean
    weight = max(float(weight), 0.0)
    total = inf if sample.squared_norm is None else float(sample.squared_norm)
    if sample.weight == "squared_norm":
        return weight
    if sample.weight == "norm":
        return weight**2
    if sample.weight == "user":
        return total
    if sample.weight == "uniform":  # that of every row is 1
        return total if weight >= 1 else 0.0
    return min(1.0, weight) * (total + sample.ridge) if weight > 0 else 0.0


def _worst_factor(sample):
    if sample.complete:
        return 0.0
    if sample.weight != "squared_norm":
        return inf
    return 1 / ((1 - sample.mixture) * (sample.size - (sample.method == "priority")))


def _times(a, b):
    return 0.0 if a == 0 or b == 0 else a * b


def estimate_product(a, b, confidence=0.95):
    """Horvitz and Thompson's sum over the rows that both samples hold."""
    index_b = {row: j for j, row in enumerate(b.row_ids.tolist())}
    d, m = a.values.shape[1], b.values.shape[1]
    value, magnitude, deviation = np.zeros((d, m)), np.zeros((d, m)), np.zeros((d, m), WIDE)
    variance = blind = total = squares = WIDE(0)
    matched = 0
    for i, row in enumerate(a.row_ids.tolist()):
        if row not in index_b:
            blind += _times(WIDE(a.norms[i]), _most_squared_norm(b, row))
            continue
        j = index_b.pop(row)
        p = WIDE(min(1.0, a.weights[i] * a.tau, b.weights[j] * b.tau))
        outer = np.outer(a.values[i], b.values[j])
        value += outer / float(p)
        magnitude += np.abs(outer) / float(p)
        deviation += outer.astype(WIDE)**2 * (1 - p) / p**2
        size = WIDE(a.norms[i]) * b.norms[j]
        variance += size * (1 - p) / p**2
        total += np.sqrt(size) / p
        squares += size / p**2
        matched += 1
    for row, j in index_b.items():
        blind += _times(WIDE(b.norms[j]), _most_squared_norm(a, row))
    failure = 1 - WIDE(confidence)
    norms = [WIDE(inf if side.squared_norm is None else float(side.squared_norm)) for side in (a, b)]
    apriori = _times((_worst_factor(a) + _worst_factor(b)) / failure, _times(*norms))
    return Product(value, np.sqrt(deviation).astype(float), matched, float(total**2 / squares) if squares > 0 else 0.0,
                   float(np.sqrt(variance)), float(np.sqrt(blind)), float(np.sqrt(variance / failure + blind)),
                   float(np.sqrt(apriori)), magnitude, float(np.sqrt(squares)))


def whole(b, row_ids=None):
    """A matrix at hand in full, as the side of a product."""
    return sketch(b, f"priority:size={max(len(b), 2)},weight=uniform,totals=norm", row_ids)

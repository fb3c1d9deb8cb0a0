"""Linear sketches S A and products of them: docs/theory/linear.md."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from . import draws, specs
from .sampling import WIDE, exact_sum, squared_norm


@dataclass
class Sketch:
    method: str
    size: int
    nonzeros: int
    length: int
    values: np.ndarray  # S A
    squared_norm: float = None  # of A; nothing with rows=parts
    magnitude: np.ndarray = None  # |S| |A|, which rounding goes by


def bands(size, nonzeros):
    """Where the bands of sketch rows begin, and the end."""
    return [j * size // nonzeros for j in range(nonzeros + 1)]


def hadamard_rows(seed, size, length):
    """Floyd's sample without replacement, ascending."""
    taken = set()
    for t in range(length - size, length):
        drawn = draws.bounded(seed, draws.HADAMARD_ROW, t, 0, 0, t + 1)
        taken.add(t if drawn in taken else drawn)
    return np.array(sorted(taken), np.uint64)


def parity_sign(bits):
    bits = np.array(bits, np.uint64)
    for shift in (32, 16, 8, 4, 2, 1):
        bits = bits ^ bits >> np.uint64(shift)
    return 1.0 - 2.0 * (bits & np.uint64(1))


def operator(method, size, seed, row_ids, nonzeros=1, length=0):
    """S times its scale: whole numbers for all methods but gaussian. [size, rows]"""
    s = np.zeros((size, len(row_ids)))
    if method == "srht":
        negative = draws.words(seed, draws.ROTATION_SIGN, row_ids)[:, 0] >> np.uint64(63)
        return parity_sign(hadamard_rows(seed, size, length)[:, None] & row_ids[None, :]) * (1.0 - 2.0 * negative)
    for i, row in enumerate(row_ids):
        if method == "gaussian":
            s[:, i] = draws.normals(seed, draws.NORMAL, row, size)
        elif method == "sign":
            s[:, i] = draws.signs(seed, draws.DENSE_SIGN, row, size)
        else:
            begin = bands(size, nonzeros)
            for j in range(nonzeros):
                place = draws.bounded(seed, draws.BUCKET, row, j, 0, begin[j + 1] - begin[j])
                negative = int(draws.words(seed, draws.BUCKET, row, j)[1]) >> 63
                s[begin[j] + place, i] = -1.0 if negative else 1.0
    return s


def sketch(a, spec, row_ids=None):
    method, options = specs.parse(spec)
    size, seed = int(options["size"]), int(options.get("seed", 0))
    nonzeros = int(options.get("nonzeros", 8)) if method == "osnap" else 1
    a = np.asarray(a, np.float64)
    ids = np.arange(len(a), dtype=np.uint64) if row_ids is None else np.asarray(row_ids, np.uint64)
    length = int(options.get("length", len(a)))
    length = 1 << max(length - 1, 0).bit_length() if method == "srht" else 0
    s = operator(method, size, seed, ids, nonzeros, length)
    scale = sqrt(nonzeros if method in ("countsketch", "osnap") else size)
    values = np.zeros((size, a.shape[1]))
    for i in range(len(a)):  # row after row, as sparse embeddings do
        values += s[:, i:i + 1] * a[i]
    values /= scale
    if options.get("values") == "f32":
        values = values.astype(np.float32).astype(np.float64)
    whole = options.get("rows", "whole") == "whole"
    return Sketch(method, size, nonzeros, length, values,
                  float(exact_sum(squared_norm(row) for row in a)) if whole else None, np.abs(s) @ np.abs(a) / scale)


@dataclass
class Product:
    value: np.ndarray
    standard_deviation: np.ndarray
    effective_rows: float
    estimated: float
    bound: float
    apriori: float
    magnitude: np.ndarray  # |S A|ᵀ |S B|, which rounding goes by
    deviation_scale: np.ndarray  # products of the norms of columns of S A and S B
    scale: float  # of the norms of A and B


def _factor(s):
    """c in the mean squared error c (P + T - 2 D)."""
    if s.method == "srht":
        return WIDE(s.length - s.size) / (WIDE(s.size) * max(s.length - 1, 1))
    begin = bands(s.size, s.nonzeros)
    if s.method in ("countsketch", "osnap"):
        return sum(1 / WIDE(end - start) for start, end in zip(begin, begin[1:])) / WIDE(s.nonzeros)**2
    return 1 / WIDE(s.size)


def _error(s, norms, product, parts):
    """The mean squared error from P, ||W||² and the sum of squares of the independent parts of W.

    parts: of X_u / U, so that sum ||X_u||² is U² times it; of countsketch Q.
    """
    c = _factor(s)
    count = s.nonzeros if s.method in ("countsketch", "osnap") else s.size
    if count > 1:
        spread = np.maximum(count**2 * parts - count * product, 0) / (WIDE(count) * (count - 1))
        return spread * WIDE(s.length - s.size) / s.length if s.method == "srht" else spread
    if s.method not in ("countsketch", "osnap") or s.size <= 3:
        return c * (norms + product) / (1 + c)
    k = WIDE(s.size)
    g = 2 / (1 - 3 / k)
    error = (norms * (1 + g / k) + product * (1 + 2 * g / k) - g * parts) / (k + 1 + 2 * g / k)
    return np.clip(error, 0, (norms + product) / k)


def estimate_product(a, b, confidence=0.95):
    x, y = a.values.astype(WIDE), b.values.astype(WIDE)
    value = x.T @ y
    rows_a, rows_b = (x**2).sum(axis=1), (y**2).sum(axis=1)
    if a.nonzeros > 1:
        begin = bands(a.size, a.nonzeros)
        entry_parts = sum((x[i:j].T @ y[i:j])**2 for i, j in zip(begin, begin[1:]))
        parts = entry_parts.sum()
    else:
        entry_parts, parts = (x**2).T @ y**2, rows_a @ rows_b
    known = [rows.sum() if s.squared_norm is None else WIDE(s.squared_norm) for s, rows in ((a, rows_a), (b, rows_b))]
    norms, product = known[0] * known[1], (value**2).sum()
    error = _error(a, norms, product, parts)
    columns = np.outer((x**2).sum(axis=0), (y**2).sum(axis=0))
    deviation = np.sqrt(_error(a, columns, value**2, entry_parts))
    c, failure = _factor(a), 1 - WIDE(confidence)
    apriori = 2 * c * norms
    bound = min(c * (norms + max(product - error, 0)), apriori)
    shares = np.sqrt(rows_a * rows_b)
    return Product(value.astype(float), deviation.astype(float),
                   float(shares.sum()**2 / (shares**2).sum()) if shares.any() else 0.0, float(np.sqrt(error)),
                   float(np.sqrt(bound / failure)), float(np.sqrt(apriori / failure)),
                   (abs(x).T @ abs(y)).astype(float), np.sqrt(columns).astype(float), float(np.sqrt(norms)))

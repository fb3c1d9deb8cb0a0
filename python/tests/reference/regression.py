"""Regression from two digests: docs/theory/regression.md."""

from dataclasses import dataclass
from math import nan, sqrt
from statistics import NormalDist

import numpy as np


@dataclass
class Fit:
    coefficients: np.ndarray
    standard_errors: np.ndarray
    intercept: float
    intercept_error: float
    ridge: float
    r_squared: float  # raw: perhaps not above 0, or NaN
    r_squared_low: float
    r_squared_high: float
    matched_rows: int
    effective_rows: float
    join_rows: float
    rank: int
    losses: np.ndarray = None  # of the ridges of the grid, the least of which is taken


def grid(with_zero):
    return ([0.0] if with_zero else []) + [10.0 ** (h / 2) for h in range(-12, 13)]


def matched(a, b, target):
    """Rows of both samples, the column b and the weights 1/p."""
    place = {row: j for j, row in enumerate(b.row_ids.tolist())}
    pairs = [(i, place[row]) for i, row in enumerate(a.row_ids.tolist()) if row in place]
    i, j = (np.array([pair[side] for pair in pairs], int) for side in (0, 1))
    p = np.minimum(1, np.minimum(a.weights[i] * a.tau, b.weights[j] * b.tau))
    return a.values[i], b.values[j, target], 1 / p


def _inverse(matrix, tolerance=1e-12):
    """Eigenvalues and vectors of the directions that count."""
    values, vectors = np.linalg.eigh(matrix)
    kept = values >= max(tolerance * values[-1], np.finfo(float).tiny) if len(values) else values >= 0
    return values[kept], vectors[:, kept]


def _interval(value, error, confidence):
    if not np.isfinite(value) or not np.isfinite(error):
        return 0.0, 1.0
    reach = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return min(max(value - reach, 0.0), 1.0), min(max(value + reach, 0.0), 1.0)


def least_squares(x, y, w, ridge=None, constant=None, confidence=0.95):
    """sum of w (x a + a0 c - y)² + penalty. constant: c, ones or the sketch of ones; None: no a0."""
    n, d = x.shape
    share, c = w / w.sum(), np.zeros(n) if constant is None else constant
    square = (share * c**2).sum()  # what the constant is fitted out with
    means = (share * c) @ x / square if square > 0 else np.zeros(d)
    y_mean = (share * c) @ y / square if square > 0 else 0.0
    z, t = x - np.outer(c, means), y - c * y_mean
    variances = share @ z**2
    variances[variances <= (1e-14 * means)**2 * square] = 0
    if share @ t**2 <= (1e-14 * y_mean)**2 * square:
        t = np.zeros(n)
    varies = variances > 0

    # In columns of unit variance, penalty included. The penalty is a diagonal there.
    fixed = (ridge or 0.0) / w.sum()
    scales = np.where(varies, 1 / np.sqrt(np.where(varies, variances + fixed, 1)), 0)
    unit = z / np.sqrt(np.where(varies, variances, np.inf))  # columns of unit variance, without a penalty
    rank = len(_inverse(unit.T @ (share[:, None] * unit))[0])
    z = z * scales
    gram = z.T @ (share[:, None] * z) + np.diag(fixed * scales**2)
    values, vectors = _inverse(gram)
    h0 = share * c**2 / square if square > 0 else np.zeros(n)
    lam, losses = 0.0, None
    if ridge is None:
        ridges = grid(n - (square > 0) > rank)
        losses, left_out = np.zeros(len(ridges)), t
        projected, gradient = z @ vectors, vectors.T @ (z.T @ (share * t))
        for g in range(len(ridges) - 1, -1, -1):  # a row without a judgement keeps that of the next larger
            spread = 1 - h0 - share * (projected**2 @ (1 / (values + ridges[g])))
            left_out = np.where(spread > 1e-9, (t - projected @ (gradient / (values + ridges[g]))) /
                                np.where(spread > 1e-9, spread, 1), left_out)
            losses[g] = share @ left_out**2
        lam = ridges[int(np.argmin(losses))]
    inverse = vectors @ np.diag(1 / (values + lam)) @ vectors.T
    penalty = fixed * scales**2 + lam
    a = inverse @ (z.T @ (share * t))
    for _ in range(3):
        a = a + inverse @ (z.T @ (share * (t - z @ a)) - penalty * a)
    errors = t - z @ a
    h = np.clip(h0 + share * np.einsum("ij,jk,ik->i", z, inverse, z), 0, 1)
    spread = 1 - h
    left_out = np.where(spread > 1e-9, errors / np.where(spread > 1e-9, spread, 1), 0)
    influence = (share * left_out)[:, None] * (z @ inverse) * scales  # of each row on each coefficient
    on_constant = (share * left_out) * c / square - influence @ means if square > 0 else np.zeros(n)
    standard = np.where(varies, np.sqrt((influence**2).sum(axis=0)), nan)
    known = n - (square > 0) > rank
    fit = Fit(scales * a, standard if known else np.full(d, nan), y_mean - means @ (scales * a),
              sqrt((on_constant**2).sum()) if known else nan, lam if ridge is None else ridge, nan, 0.0, 1.0, n,
              w.sum()**2 / (w**2).sum(), w.sum(), rank, losses)

    def terms(e, leverage):
        room = 1 - leverage
        return np.where(room > 1e-9, share * e**2 / np.where(room > 1e-9, room, 1), 0)
    if known and (total := terms(t, h0).sum()) > 0:
        residual = terms(errors, h)
        ratio = residual.sum() / total
        variance = ((residual - ratio * terms(t, h0))**2).sum() / total**2 * n / max(n - h.sum(), 1)
        chance = ratio * sqrt(2 * rank) * (share**2).sum()
        fit.r_squared = 1 - ratio
        fit.r_squared_low, fit.r_squared_high = _interval(1 - ratio, max(sqrt(variance), chance), confidence)
    return fit


def joint(a, b, target=0, ridge=None, intercept=True, confidence=0.95):
    """From the rows that two samples share."""
    x, y, w = matched(a, b, target)
    return least_squares(x, y, w, ridge, np.ones(len(y)) if intercept else None, confidence)

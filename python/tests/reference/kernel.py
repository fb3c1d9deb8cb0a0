"""Gaussian kernel products and softmax as one: docs/theory/kernel.md."""

from math import sqrt

import numpy as np


def matrix(queries, keys, bandwidth):
    """exp(-|q - k|² / (2 bandwidth²)), from the differences themselves."""
    differences = np.asarray(queries, np.float64)[:, None, :] - np.asarray(keys, np.float64)[None, :, :]
    return np.exp(-(differences**2).sum(axis=2) / (2 * bandwidth**2))


def product(queries, keys, x, bandwidth):
    return matrix(queries, keys, bandwidth) @ x


def reduce_softmax(queries, keys, scale=0.0):
    """Points with exp(<q, k> scale) = exp(row_logs[q]) K(q', k'), logarithms of factors, bandwidth."""
    scale = scale or keys.shape[1] ** -0.5
    mean = keys.mean(axis=0)
    centred = keys - mean
    squares = (centred**2).sum(axis=1)
    most, longest = squares.max(), (queries**2).sum(axis=1).max()
    s = (most / longest) ** 0.25 if most > 0 and longest > 0 else 1.0
    q = s * np.hstack([queries, np.zeros((len(queries), 1))])
    k = np.hstack([centred, np.sqrt(most - squares)[:, None]]) / s
    row_logs = scale * (((q**2).sum(axis=1) + most / s**2) / 2 + queries @ mean)
    return q, k, row_logs, 1 / sqrt(scale)


def softmax_attention(queries, keys, values, scale=0.0):
    logs = queries @ keys.T * (scale or keys.shape[1] ** -0.5)
    weights = np.exp(logs - logs.max(axis=1, keepdims=True))
    return weights @ values / weights.sum(axis=1, keepdims=True)

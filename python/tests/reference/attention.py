"""Attention: include/prodigest/attention/*.hpp and docs/attention.md, every pair of tokens at once.

Tensors are [batch, heads, tokens, width], in double.
"""

from math import sqrt

import numpy as np

from . import draws, specs
from .linear import parity_sign

DEFAULTS = {"softmax": {"norm": "none"}, "performer": {"norm": "none", "size": "256"}}


def options_of(spec):
    kind, options = specs.parse(spec)
    defaults = {"degree": "2" if options.get("sketch") == "external" else "4", "size": "32", "sketch": "orthogonal",
                "norm": "layer", "scale": "0", "epsilon": "0.001", "local_block": "0", "seed": "0"}
    return kind, defaults | DEFAULTS.get(kind, {}) | options


def normalize(x, norm, scale):
    """What is done to each q and k: also multiplied by the root of scale."""
    if norm == "layer":
        x = x - x.mean(axis=-1, keepdims=True)
    if norm != "none":
        x = x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6)
    return x * sqrt(scale)


# --- Sketches of polynomials

def make_orthogonal(g):
    """Modified Gram-Schmidt from the left; every column as long as the root of the number of rows."""
    g = g.copy()
    for k in range(g.shape[1]):
        g[:, k] *= sqrt(len(g)) / np.sqrt((g[:, k]**2).sum())
        g[:, k + 1:] -= np.outer(g[:, k], g[:, k] @ g[:, k + 1:] / len(g))
    return g


def orthogonal_groups(g):
    return np.hstack([make_orthogonal(g[:, j:j + len(g)]) for j in range(0, g.shape[1], len(g))])


def gaussian_matrix(seed, domain, first_row, rows, cols):
    return np.stack([draws.normals(seed, domain, np.uint64(first_row + i), cols) for i in range(rows)])


def hadamard_matrix(seed, first_row, rows, cols):
    n = 1 << (rows - 1).bit_length()
    groups = []
    for g in range(0, cols, n):
        words = draws.words(seed, draws.POLYNOMIAL_SKETCH, first_row + np.arange(n, dtype=np.uint64), g // n)
        s = list(range(n))
        for k in range(n):
            other = k + draws.bounded(seed, draws.POLYNOMIAL_SKETCH, first_row + k, g // n, 1, n - k)
            s[k], s[other] = s[other], s[k]
        sign = 1.0 - 2.0 * (words[:rows, 0] >> np.uint64(63))
        groups.append(sign[:, None] * parity_sign(np.arange(rows)[:, None] & np.array(s)[None, :]))
    return np.hstack(groups)[:, :cols]


def sketch_matrices(kind, degree, size, seed, head_dim, stream):
    """G and H of the nodes of a sketch of degree 1 (one matrix), 2 or 4."""
    inputs = {1: [head_dim], 2: [head_dim] * 2, 4: [head_dim] * 4 + [size] * 2}[degree]
    made = []
    for m, rows in enumerate(inputs):
        first_row = (stream << 24) + (m << 20)
        if kind == "hadamard":
            made.append(hadamard_matrix(seed, first_row, rows, size))
            continue
        g = gaussian_matrix(seed, draws.POLYNOMIAL_SKETCH, first_row, rows, size)
        made.append(orthogonal_groups(g) if kind == "orthogonal" else g)
    return made


def sketch(x, matrices):
    """S x of every row."""
    if not matrices:
        return x
    r = sqrt(matrices[0].shape[1])
    if len(matrices) == 1:
        return x @ matrices[0] / r
    if len(matrices) == 2:
        return (x @ matrices[0]) * (x @ matrices[1]) / r
    left, right = sketch(x, matrices[0:2]), sketch(x, matrices[2:4])
    return (left @ matrices[4]) * (right @ matrices[5]) / r


def performer_directions(size, seed, head_dim, stream):
    """Orthogonal in groups of head_dim, each as long as the normal vector that it was."""
    w = gaussian_matrix(seed, draws.PERFORMER, stream << 24, head_dim, size)
    return orthogonal_groups(w) / sqrt(head_dim) * np.sqrt((w**2).sum(axis=0))


# --- Attention

def _features(x, kind, options, stream, head_dim, given):
    """What weights are products of, one feature vector a token: y with <y, y'>² or <f, f'>."""
    if kind == "performer":
        w = performer_directions(int(options["size"]), int(options["seed"]), head_dim, stream)
        return np.exp(x @ w - (x**2).sum(axis=-1, keepdims=True) / 2) / sqrt(w.shape[1])
    if options["sketch"] == "external" or options["degree"] == "2":
        return x
    matrices = given if given is not None else sketch_matrices(
        options["sketch"], int(options["degree"]) // 2, int(options["size"]), int(options["seed"]), head_dim, stream)
    return sketch(x, matrices)


def attend(q, k, v, spec, *, causal=True, stream=0, gain=None, starts=None, given=None):
    """out_i = sum of w(i, j) v_j / (sum of w(i, j) + epsilon).

    starts: of packed sequences, and the end. given: matrices of each key head.
    """
    kind, options = options_of(spec)
    heads, key_heads, head_dim = q.shape[1], k.shape[1], q.shape[3]
    scale = float(options["scale"]) or head_dim**-0.5
    local, degree = int(options["local_block"]), int(options["degree"])
    epsilon = 0.0 if kind == "softmax" else float(options["epsilon"])
    q, k = (normalize(np.asarray(x, np.float64), options["norm"], scale) for x in (q, k))
    v = np.asarray(v, np.float64)
    starts = [0, k.shape[2]] if starts is None else list(starts)
    out = np.zeros((*q.shape[:3], v.shape[3]))
    for b, h, (begin, end) in ((b, h, span) for b in range(len(q)) for h in range(heads)
                               for span in zip(starts, starts[1:])):
        g = h * key_heads // heads
        queries = slice(begin, end) if causal or len(starts) > 2 else slice(None)
        x, y, values = q[b, h, queries], k[b, g, begin:end], v[b, g, begin:end]
        if kind == "softmax":
            logs = x @ y.T
            logs = np.where(np.tri(*logs.shape, dtype=bool) | (not causal), logs, -np.inf)
            weights = np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf)) if logs.size else logs
        elif kind == "polynomial":
            weights = (x @ y.T)**degree
        else:
            matrices = None if given is None else given[g]
            f, e = (_features(z, kind, options, (stream << 16) + g, head_dim, matrices) for z in (x, y))
            weights = f @ e.T if kind == "performer" else (f @ e.T)**2
            weights = weights * (1.0 if gain is None else gain[h])
            if local:
                same = np.arange(len(x))[:, None] // local == np.arange(len(y))[None, :] // local
                weights = np.where(same, (x @ y.T)**degree, weights)
        if causal:
            weights = np.where(np.tri(*weights.shape, dtype=bool), weights, 0)
        totals = weights.sum(axis=1, keepdims=True) + epsilon
        out[b, h, queries] = weights @ values / np.where(totals == 0, 1, totals)
    return out


def recur(q, k, v, spec, *, stream=0):
    """The same of polysketch and performer, causal, without local blocks: token by token, from sums alone."""
    kind, options = options_of(spec)
    heads, key_heads, head_dim = q.shape[1], k.shape[1], q.shape[3]
    scale = float(options["scale"]) or head_dim**-0.5
    q, k = (normalize(np.asarray(x, np.float64), options["norm"], scale) for x in (q, k))
    out = np.zeros((*q.shape[:3], v.shape[3]))
    for b, h in np.ndindex(*q.shape[:2]):
        g = h * key_heads // heads
        f, e = (_features(z, kind, options, (stream << 16) + g, head_dim, None) for z in (q[b, h], k[b, g]))
        if kind != "performer":  # all products of two numbers of a sketch
            f, e = (np.einsum("ni,nj->nij", z, z).reshape(len(z), -1) for z in (f, e))
        sums, total = np.zeros((f.shape[1], v.shape[3])), np.zeros(f.shape[1])
        for i in range(len(f)):
            sums += np.outer(e[i], v[b, g, i])
            total += e[i]
            out[b, h, i] = f[i] @ sums / (f[i] @ total + float(options["epsilon"]))
    return out

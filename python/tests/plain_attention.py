"""Attention of every pair, in numpy: what the library's is compared with."""

import numpy as np


def normalized(x, norm):
    if norm == "layer":
        x = x - x.mean(-1, keepdims=True)
    return x if norm == "none" else x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-6)


def sketched(x, matrices):
    """Degree 2; x: [batch, key_heads, n, h], matrices: A, B of each key head."""
    a, b = np.stack(matrices[0::2]), np.stack(matrices[1::2])
    return (x @ a) * (x @ b) / np.sqrt(a.shape[-1])


def weights(q, k, kind, *, norm, degree=4, matrices=None, local_block=0, gain=None):
    """[batch, heads, n, n] before masking; k has a head for each of q."""
    q, k = (normalized(x, norm) * q.shape[-1] ** -0.25 for x in (q, k))
    products = q @ k.swapaxes(-1, -2)
    if kind == "softmax":
        return np.exp(products)
    if kind == "polynomial":
        return products**degree
    remote = (sketched(q, matrices) @ sketched(k, matrices).swapaxes(-1, -2)) ** 2
    if gain is not None:
        remote = remote * np.asarray(gain)[:, None, None]
    if local_block == 0:
        return remote
    block = np.arange(q.shape[-2]) // local_block
    return np.where(block[:, None] == block, products**degree, remote)


def attention(q, k, v, kind, *, causal=True, epsilon=1e-3, matrices=None, **options):
    """[batch, heads, n, d] from q [batch, heads, n, h], k and v [batch, key_heads, n, ...]."""
    group = q.shape[1] // k.shape[1]
    k, v = (np.repeat(x, group, axis=1) for x in (k, v))
    if matrices is not None:
        pairs = [matrices[i : i + 2] for i in range(0, len(matrices), 2) for _ in range(group)]
        matrices = [matrix for pair in pairs for matrix in pair]
    w = weights(q, k, kind, matrices=matrices, **options)
    if causal:
        w = w * np.tri(w.shape[-1])
    return w @ v / (w.sum(-1, keepdims=True) + (0 if kind == "softmax" else epsilon))

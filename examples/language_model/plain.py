"""The attentions by their definition, in plain PyTorch: all n x n weights at once.

What the library computes is held against these in the tests; nothing else needs them but exact degree 4
with a gain on what is outside the local block, which the library has not.
"""

import torch
import torch.nn.functional as F


def normalized(x):
    """Mean 0 and mean square 1 of each vector, then h^-1/4, so that <q, k> is about N(0, 1)."""
    return F.layer_norm(x, x.shape[-1:]) * x.shape[-1] ** -0.25


def is_local(tokens, block):
    """[n, n]: both tokens are in the same block."""
    of = torch.arange(tokens) // block
    return of[:, None] == of[None, :]


def average(weights, v, epsilon):
    """Causal averages of v; epsilon is the weight of a token whose value is 0."""
    weights = weights.tril()
    return weights @ v / (weights.sum(-1, keepdim=True) + epsilon)


def with_exact_blocks(remote, exact, local_block, remote_gain):
    if remote_gain is not None:
        remote = remote * remote_gain[:, None, None]
    if not local_block:
        return remote
    return torch.where(is_local(exact.shape[-1], local_block), exact, remote)


def polynomial_attention(q, k, v, degree=4, local_block=0, remote_gain=None, epsilon=1e-3):
    exact = (normalized(q) @ normalized(k).mT) ** degree
    return average(with_exact_blocks(exact, exact, local_block, remote_gain), v, epsilon)


def polysketch_attention(q, k, v, a, b, local_block=0, remote_gain=None, epsilon=1e-3):
    """Degree 4 by sketches (x A) * (x B) / sqrt(r) of degree 2; a, b: [heads, h, r]."""
    q, k = normalized(q), normalized(k)

    def sketch(x):
        return (x @ a) * (x @ b) * a.shape[-1] ** -0.5

    remote = (sketch(q) @ sketch(k).mT) ** 2
    exact = (q @ k.mT) ** 4
    return average(with_exact_blocks(remote, exact, local_block, remote_gain), v, epsilon)


def performer_attention(q, k, v, features, epsilon=1e-6):
    q, k = features(q), features(k)
    return average(q @ k.mT, v, epsilon)

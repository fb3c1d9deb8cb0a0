"""Attentions by name: each is a module that maps q, k, v of [batch, heads, tokens, h] to an output of that shape."""

import math

import prodigest.torch
import torch
import torch.nn as nn
import torch.nn.functional as F

import plain

EPSILON = 1e-3


class Softmax(nn.Module):
    def forward(self, q, k, v):
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)


class RemoteGain(nn.Module):
    """What weights outside the local block are multiplied by, one number a head, learned as its logarithm."""

    def __init__(self, heads, start):
        super().__init__()
        self.log_gain = nn.Parameter(torch.full((heads,), math.log(start)))

    def forward(self):
        return self.log_gain.exp()


class Polynomial(nn.Module):
    """Exact degree 4."""

    def forward(self, q, k, v):
        return prodigest.torch.polynomial_attention(q, k, v, is_causal=True, degree=4, epsilon=EPSILON, threads=1)


class PolynomialWithGain(nn.Module):
    """Exact degree 4, those outside the local block times a learned gain."""

    def __init__(self, heads, local_block):
        super().__init__()
        self.local_block, self.gain = local_block, RemoteGain(heads, 1.0)

    def forward(self, q, k, v):
        return plain.polynomial_attention(q, k, v, local_block=self.local_block, remote_gain=self.gain(),
                                          epsilon=EPSILON)


class Polysketch(nn.Module):
    """Degree 4 sketched; with a local block exact inside it, and the rest times a learned gain."""

    def __init__(self, heads, width, size, layer, seed, local_block=0, learned=False):
        super().__init__()
        self.size, self.layer, self.seed, self.local_block = size, layer, seed, local_block
        # So a random remote key weighs about as much at first as a random local one.
        self.gain = RemoteGain(heads, 3 * size / width**2) if local_block else None
        self.matrices = None
        if learned:
            draw = torch.Generator().manual_seed(2**20 * seed + layer)
            self.matrices = nn.ParameterList(
                orthogonal(torch.randn(heads, width, size, generator=draw)) for _ in "AB")

    def forward(self, q, k, v):
        sketch = tuple(self.matrices) if self.matrices else "orthogonal"
        return prodigest.torch.polysketch_attention(
            q, k, v, is_causal=True, degree=4, size=self.size, sketch=sketch, epsilon=EPSILON,
            local_block=self.local_block, remote_gain=self.gain() if self.gain else None, seed=self.seed,
            stream=self.layer, threads=1)


def orthogonal(matrices):
    """Columns made orthogonal in groups of as many as there are rows, as long as those of normals are."""
    rows = matrices.shape[-2]

    def made_orthogonal(group):
        q, r = torch.linalg.qr(group)
        # Gram-Schmidt's signs; with those of the decomposition directions would not be uniform.
        return q * r.diagonal(dim1=-2, dim2=-1).sign().unsqueeze(-2)

    return torch.cat([made_orthogonal(group) for group in matrices.split(rows, dim=-1)], -1) * math.sqrt(rows)


class Local(nn.Module):
    """Exact degree 4 within blocks and nothing outside them: what the rest of a polysketch adds is told beside it."""

    def __init__(self, local_block):
        super().__init__()
        self.local_block = local_block

    def forward(self, q, k, v):
        tokens = q.shape[-2]
        missing = -tokens % self.local_block
        q, k, v = (F.pad(x, (0, 0, 0, missing)).unflatten(-2, (-1, self.local_block)) for x in (q, k, v))
        out = plain.polynomial_attention(q, k, v, epsilon=EPSILON)
        return out.flatten(-3, -2)[..., :tokens, :]


class Performer(nn.Module):
    """FAVOR+: positive random features of the softmax's exponential, q and k normalized as those of the others."""

    BLOCK = 64

    def __init__(self, heads, width, features, layer, seed):
        super().__init__()
        draw = torch.Generator().manual_seed(2**20 * seed + layer)
        normals = torch.randn(heads, width, features, generator=draw)
        lengths = torch.randn(heads, width, features, generator=draw).norm(dim=-2, keepdim=True)
        self.register_buffer("directions", orthogonal(normals) / math.sqrt(width) * lengths)

    def features(self, x):
        x = plain.normalized(x)
        return torch.exp(x @ self.directions - x.square().sum(-1, keepdim=True) / 2)

    def forward(self, q, k, v):
        tokens = q.shape[-2]
        missing = -tokens % self.BLOCK
        v = torch.cat([v, torch.ones_like(v[..., :1])], -1)
        q, k, v = (F.pad(x, (0, 0, 0, missing)).unflatten(-2, (-1, self.BLOCK))
                   for x in (self.features(q), self.features(k), v))
        blocks = k.mT @ v  # [..., blocks, features, h + 1]
        before = F.pad(blocks.cumsum(-3)[..., :-1, :, :], (0, 0, 0, 0, 1, 0))
        sums = q @ before + (q @ k.mT).tril() @ v
        out = sums[..., :-1] / (sums[..., -1:] + 1e-6)
        return out.flatten(-3, -2)[..., :tokens, :]


def make(variant, *, heads, width, layer, seed, local_block, size):
    """The attention of one layer."""
    sketched = dict(heads=heads, width=width, size=size, layer=layer, seed=seed)
    makers = {
        "softmax": Softmax,
        "polynomial": Polynomial,
        "polynomial-local": lambda: PolynomialWithGain(heads, local_block),
        "polysketch": lambda: Polysketch(**sketched),
        "polysketch-local": lambda: Polysketch(**sketched, local_block=local_block),
        "polysketch-learned": lambda: Polysketch(**sketched, learned=True),
        "polysketch-learned-local": lambda: Polysketch(**sketched, local_block=local_block, learned=True),
        "local": lambda: Local(local_block),
        "performer": lambda: Performer(heads, width, 256, layer, seed),
    }
    return makers[variant]()


VARIANTS = ("softmax", "polynomial", "polynomial-local", "polysketch", "polysketch-local",
            "polysketch-learned", "polysketch-learned-local", "local", "performer")

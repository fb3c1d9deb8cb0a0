"""A small decoder-only transformer whose attention is any of attention.py."""

import dataclasses

import torch
import torch.nn as nn
import torch.nn.functional as F

import attention


@dataclasses.dataclass(frozen=True)
class Shape:
    variant: str
    vocabulary: int = 256
    layers: int = 4
    heads: int = 2
    width: int = 64  # of a head
    local_block: int = 64
    size: int = 32  # r of a sketch
    rotary: bool = True
    shift: bool = False  # q, k and v see the token before, too: a convolution of two tokens
    seed: int = 1


def rotated(x):
    """Rotary positions: <rotated(q)_i, rotated(k)_j> tells i - j."""
    tokens, width = x.shape[-2:]
    frequencies = 10000 ** (-torch.arange(0, width, 2) / width)
    angles = torch.arange(tokens)[:, None] * frequencies
    cos, sin = angles.cos(), angles.sin()
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Heads(nn.Module):
    def __init__(self, shape, layer):
        super().__init__()
        dim = shape.heads * shape.width
        self.shape = shape
        self.qkv = nn.Linear(dim, 3 * dim, bias=False)
        self.out = nn.Linear(dim, dim, bias=False)
        self.shift = nn.Parameter(torch.full((3 * dim,), 0.5)) if shape.shift else None
        self.attention = attention.make(shape.variant, heads=shape.heads, width=shape.width, layer=layer,
                                        seed=shape.seed, local_block=shape.local_block, size=shape.size)

    def forward(self, x):
        qkv = self.qkv(x)
        if self.shift is not None:
            qkv = qkv + self.shift * F.pad(qkv, (0, 0, 1, -1))
        q, k, v = qkv.unflatten(-1, (3, self.shape.heads, self.shape.width)).permute(2, 0, 3, 1, 4)
        if self.shape.rotary:
            q, k = rotated(q), rotated(k)
        return self.out(self.attention(q, k, v).transpose(1, 2).flatten(-2))


class Gated(nn.Module):
    def __init__(self, dim):
        super().__init__()
        hidden = 8 * dim // 3 // 8 * 8
        self.up = nn.Linear(dim, 2 * hidden, bias=False)
        self.down = nn.Linear(hidden, dim, bias=False)

    def forward(self, x):
        a, b = self.up(x).chunk(2, -1)
        return self.down(a * F.gelu(b))


class Layer(nn.Module):
    def __init__(self, shape, layer):
        super().__init__()
        dim = shape.heads * shape.width
        self.norm_heads, self.heads = nn.LayerNorm(dim), Heads(shape, layer)
        self.norm_gated, self.gated = nn.LayerNorm(dim), Gated(dim)

    def forward(self, x):
        x = x + self.heads(self.norm_heads(x))
        return x + self.gated(self.norm_gated(x))


class LanguageModel(nn.Module):
    """Logits of the next token. What the variants have in common starts from the same numbers."""

    def __init__(self, shape):
        super().__init__()
        torch.manual_seed(shape.seed)
        dim = shape.heads * shape.width
        self.embedding = nn.Embedding(shape.vocabulary, dim)
        nn.init.normal_(self.embedding.weight, 0, 0.02)
        self.layers = nn.Sequential(*(Layer(shape, i) for i in range(shape.layers)))
        self.norm = nn.LayerNorm(dim)
        self.bias = nn.Parameter(torch.zeros(shape.vocabulary))

    def forward(self, tokens):
        return F.linear(self.norm(self.layers(self.embedding(tokens))), self.embedding.weight, self.bias)

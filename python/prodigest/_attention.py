"""Which attention a call means: its spec in text, and objects whose sketches are drawn once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core

Core: TypeAlias = _core.Attention32 | _core.Attention64
Gain: TypeAlias = tuple[float, ...] | None


class Heads(NamedTuple):
    """Of a layer."""

    heads: int
    key_heads: int
    head_dim: int
    value_dim: int


def heads_of(q: Sequence[int], k: Sequence[int], v: Sequence[int], enable_gqa: bool) -> Heads:
    """From the shapes [batch, heads, tokens, width] of a call; whether they fit is C++'s to say."""
    if q[1] != k[1] and not enable_gqa:
        raise ValueError(
            f"q has {q[1]} heads and k {k[1]} (for grouped queries pass enable_gqa=True)"
        )
    return Heads(q[1], k[1], q[3], v[3])


def spec_text(kind: str, *, scale: float | None, **members: Any) -> str:
    """The text form of a spec: "polysketch:degree=4,size=32"."""
    if scale is not None:
        if not scale > 0:
            raise ValueError(f"scale must be positive, or None for 1 / sqrt(width), got {scale}")
        members["scale"] = float(scale)
    return f"{kind}:" + ",".join(f"{key}={value}" for key, value in members.items())


def polysketch_spec(
    *,
    degree: int,
    size: int,
    sketch: str,
    norm: str,
    epsilon: float,
    local_block: int,
    scale: float | None,
    seed: int,
) -> str:
    """The members that a spec of polysketch has."""
    members = {"degree": degree, "size": size, "sketch": sketch, "norm": norm, "seed": seed}
    if local_block != 0:
        members["local_block"] = local_block
    return spec_text("polysketch", scale=scale, epsilon=float(epsilon), **members)


def drawn(spec: str, heads: Heads, double: bool, stream: int, gain: Gain) -> Core:
    """An attention with random sketches, the same object for the same arguments."""
    with _drawing:
        if gain is None:
            return _drawn(spec, heads, double, stream)
        return _drawn_with_gain(spec, heads, double, stream, gain)


def given(spec: str, heads: Heads, a: npt.NDArray[Any], b: npt.NDArray[Any], gain: Gain) -> Core:
    """An attention with the caller's sketches, tensors [key_heads, head_dim, size]."""
    kind: Any = _core.Attention64 if a.dtype == np.float64 else _core.Attention32
    attention: Core = kind.given(spec, *heads, np.ascontiguousarray(a), np.ascontiguousarray(b))
    return attention if gain is None else attention.with_remote_gain(list(gain))


# Two threads that ask for the same sketches wait for one that draws them.
_drawing = threading.RLock()


@lru_cache(maxsize=64)
def _drawn(spec: str, heads: Heads, double: bool, stream: int) -> Core:
    kind = _core.Attention64 if double else _core.Attention32
    return kind.random(spec, *heads, stream)


@lru_cache(maxsize=64)
def _drawn_with_gain(
    spec: str, heads: Heads, double: bool, stream: int, gain: tuple[float, ...]
) -> Core:
    return _drawn(spec, heads, double, stream).with_remote_gain(list(gain))


def state_of(
    attention: Core,
    initial: _core.AttentionState | None,
    *,
    wanted: bool,
    in_place: bool,
    sequences: int,
) -> _core.AttentionState | None:
    """The state that a call moves on: a copy of the one it begins with, unless in place."""
    if initial is not None:
        return initial if in_place else initial.copy()
    return attention.empty_state(sequences) if wanted else None


def starts_of(cu_seqlens: Any) -> npt.NDArray[np.int64] | None:
    """Starts of packed sequences."""
    if cu_seqlens is None:
        return None
    starts = np.asarray(cu_seqlens)
    if starts.ndim != 1 or starts.size == 0 or starts.dtype.kind not in "iu":
        raise ValueError(
            "cu_seqlens must be integers, the first token of each sequence and then the number "
            f"of tokens, got shape {starts.shape} of {starts.dtype}"
        )
    return np.ascontiguousarray(starts, dtype=np.int64)

"""Which attention a call means: its spec in text, and objects whose sketches are drawn once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import as_array, as_real

Core: TypeAlias = _core.Attention32 | _core.Attention64
Gain: TypeAlias = tuple[float, ...] | None


class Heads(NamedTuple):
    """Of a layer."""

    heads: int
    key_heads: int
    head_dim: int
    value_dim: int


class Call(NamedTuple):
    """How tokens are attended to."""

    spec: str
    enable_gqa: bool = False
    stream: int = 0
    causal: bool = True
    starts: npt.NDArray[np.int64] | None = None
    threads: int = 0


class StateWish(NamedTuple):
    """Where a call begins and what is wanted of where it ends."""

    initial: _core.AttentionState | None = None
    final: bool = False
    in_place: bool = False


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
    sketch: str | tuple[Any, Any],
    norm: str,
    epsilon: float,
    local_block: int,
    scale: float | None,
    seed: int,
) -> str:
    """Of a polysketch; matrices (A, B) as the sketch say its size."""
    if not isinstance(sketch, str):
        check_pair(sketch)
        size, sketch = sketch[0].shape[-1], "given"
    members = {"degree": degree, "size": size, "sketch": sketch, "norm": norm, "seed": seed}
    if local_block != 0:
        members["local_block"] = local_block
    return spec_text("polysketch", scale=scale, epsilon=float(epsilon), **members)


def check_pair(sketch: Any) -> None:
    """Of a sketch that is not a name."""
    if not isinstance(sketch, (tuple, list)) or len(sketch) != 2:
        raise TypeError("sketch: expected a name or two tensors (A, B)")
    for i, matrix in enumerate(sketch):
        if len(matrix.shape) != 3:
            raise ValueError(
                f"sketch[{i}]: expected [key_heads, head_dim, size], got shape "
                f"{tuple(matrix.shape)}"
            )


def gain_of(remote_gain: Any, heads: Heads) -> Gain:
    """A number for each head, from an array, a tensor or one number for all."""
    if remote_gain is None:
        return None
    gain = as_real(as_array(remote_gain, "remote_gain"), "remote_gain", np.float64)
    if gain.ndim > 1:
        raise ValueError(
            f"remote_gain: expected a number, or one for each head, got shape {gain.shape}"
        )
    return tuple(gain.tolist()) if gain.ndim == 1 else (float(gain),) * heads.heads


def drawn(spec: str, heads: Heads, double: bool, stream: int, gain: Gain) -> Core:
    """An attention with random sketches, the same object for the same arguments."""
    with _drawing:
        if gain is None:
            return _drawn(spec, heads, double, stream)
        return _drawn_with_gain(spec, heads, double, stream, gain)


def given(spec: str, heads: Heads, a: npt.NDArray[Any], b: npt.NDArray[Any], gain: Gain) -> Core:
    """An attention with the caller's sketches, tensors [key_heads, head_dim, size]."""
    kind: Any = _core.Attention64 if a.dtype == np.float64 else _core.Attention32
    matrices = np.ascontiguousarray(a), np.ascontiguousarray(b)
    attention: Core = kind.given(spec, *heads, *matrices, gain or ())
    return attention


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
    attention: Core, wish: StateWish, call: Call, batch: int
) -> _core.AttentionState | None:
    """The state that a call moves on: a copy of the one it begins with, unless in place."""
    if wish.initial is not None:
        return wish.initial if wish.in_place else wish.initial.copy()
    if not wish.final:
        return None
    return attention.empty_state(batch if call.starts is None else len(call.starts) - 1)


def starts_of(cu_seqlens: Any) -> npt.NDArray[np.int64] | None:
    """Starts of packed sequences."""
    if cu_seqlens is None:
        return None
    starts = as_array(cu_seqlens, "cu_seqlens")
    if starts.ndim != 1 or starts.size == 0 or starts.dtype.kind not in "iu":
        raise ValueError(
            "cu_seqlens must be integers, the first token of each sequence and then the number "
            f"of tokens, got shape {starts.shape} of {starts.dtype}"
        )
    return np.ascontiguousarray(starts, dtype=np.int64)

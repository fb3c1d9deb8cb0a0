"""Attention on the CPU: exact softmax and polynomials, and what is linear in the number of tokens.

Tensors are numpy arrays of float32 or float64, or anything with ``__dlpack__`` on the CPU, of four
dimensions: ``layout="bhnd"`` [batch, heads, tokens, width] or ``"bnhd"`` [batch, tokens, heads,
width]. Strides may be any but the last; integers, lists and arrays whose last axis is not
contiguous are copied. For gradients in PyTorch see `prodigest.torch`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ._arrays import as_array, as_real
from ._attention import (
    Call,
    Core,
    Heads,
    StateWish,
    check_pair,
    drawn,
    gain_of,
    given,
    heads_of,
    polysketch_spec,
    spec_text,
    starts_of,
    state_of,
)
from ._core import AttentionState
from ._heads import Array, Layout, empty_in, in_layout, sketch_of, tensors_of

__all__ = [
    "Attention",
    "AttentionGradients",
    "AttentionState",
    "performer_attention",
    "polynomial_attention",
    "polysketch_attention",
    "softmax_attention",
]


def polysketch_attention(
    q: Any,
    k: Any,
    v: Any,
    *,
    is_causal: bool = True,
    scale: float | None = None,
    enable_gqa: bool = False,
    degree: int = 4,
    size: int = 32,
    sketch: str | tuple[Any, Any] = "orthogonal",
    norm: str = "layer",
    epsilon: float = 1e-3,
    local_block: int = 0,
    remote_gain: Any = None,
    cu_seqlens: Any = None,
    initial_state: AttentionState | None = None,
    output_final_state: bool = False,
    inplace_state: bool = False,
    seed: int = 0,
    stream: int = 0,
    layout: Layout = "bhnd",
    threads: int = 0,
) -> Any:
    """Sketched polynomial attention: weights <S q, S k>^2, linear in the number of tokens.

    A model of its own rather than an approximation: every key weighs about 1 / size at least.

    Parameters
    ----------
    q : [B, heads, N, D]
    k : [B, key_heads, N, D]
    v : [B, key_heads, N, D_v]
    is_causal : bool
        Token i sees tokens 0..i.
    scale : float, optional
        Of <q, k>; None is 1 / sqrt(D).
    enable_gqa : bool
        Head i of q meets head i // (heads // key_heads) of k and v.
    degree : int
        2 (exact), 4 or 8.
    size : int
        Numbers of a sketch.
    sketch : str or pair of arrays
        "orthogonal", "gaussian", "hadamard", "external" (q and k are sketches; degree 2), or arrays
        (A, B), each [key_heads, D, size]; `size` is theirs then.
    norm : str
        Of q and k, "layer", "rms" or "none".
    epsilon : float
        Weight of a token whose value is 0.
    local_block : int
        Tokens of a block within which weights are the exact <q, k>^degree, 0 for none.
    remote_gain : array_like, optional
        Factor of the weights outside the block, a number or [heads];
        ``3 * size / D**2`` is a good one.
    cu_seqlens : array_like of shape (sequences + 1,), optional
        Starts of sequences packed in a batch of 1.
    initial_state, output_final_state : AttentionState, bool
        Go on from a state, return (out, state).
    inplace_state : bool
        Move `initial_state` itself on, instead of a copy.
    seed, stream : int
        A protocol constant, and the number of the layer; both name the sketches.
    layout : {"bhnd", "bnhd"}
        Of all tensors.
    threads : int
        0 for all cores.

    Returns
    -------
    [B, heads, N, D_v]; (out, state) if output_final_state

    Notes
    -----
    A token and head cost size^2 D_v + 2 D size + local_block (D + D_v) / 2 multiply-adds.

    Raises
    ------
    ValueError
        Shapes that do not fit, parameters out of range.
    TypeError
        Other types or devices.
    IncompatibleError
        A state of another attention.
    """
    sketch = sketch_of(sketch)
    spec = polysketch_spec(
        degree=degree,
        size=size,
        sketch=sketch,
        norm=norm,
        epsilon=epsilon,
        local_block=local_block,
        scale=scale,
        seed=seed,
    )
    call = Call(spec, enable_gqa, stream, is_causal, starts_of(cu_seqlens), threads)
    state = StateWish(initial_state, output_final_state, inplace_state)
    return _attend(q, k, v, call, layout, state, remote_gain, sketch)


def softmax_attention(
    q: Any,
    k: Any,
    v: Any,
    *,
    is_causal: bool = True,
    scale: float | None = None,
    enable_gqa: bool = False,
    norm: str = "none",
    cu_seqlens: Any = None,
    layout: Layout = "bhnd",
    threads: int = 0,
) -> Array:
    """Exact softmax attention in O(N^2) time and O(N) memory.

    Parameters, result and errors are those of `polysketch_attention`.
    """
    spec = spec_text("softmax", scale=scale, norm=norm)
    call = Call(spec, enable_gqa, 0, is_causal, starts_of(cu_seqlens), threads)
    out: Array = _attend(q, k, v, call, layout)
    return out


def polynomial_attention(
    q: Any,
    k: Any,
    v: Any,
    *,
    is_causal: bool = True,
    scale: float | None = None,
    enable_gqa: bool = False,
    degree: int = 4,
    norm: str = "layer",
    epsilon: float = 1e-3,
    cu_seqlens: Any = None,
    layout: Layout = "bhnd",
    threads: int = 0,
) -> Array:
    """Attention with weights <q, k>^degree, exact, in O(N^2) time and O(N) memory.

    Parameters, result and errors are those of `polysketch_attention`.
    """
    spec = spec_text("polynomial", scale=scale, degree=degree, norm=norm, epsilon=float(epsilon))
    call = Call(spec, enable_gqa, 0, is_causal, starts_of(cu_seqlens), threads)
    out: Array = _attend(q, k, v, call, layout)
    return out


def performer_attention(
    q: Any,
    k: Any,
    v: Any,
    *,
    is_causal: bool = True,
    scale: float | None = None,
    enable_gqa: bool = False,
    size: int = 256,
    norm: str = "none",
    epsilon: float = 1e-3,
    cu_seqlens: Any = None,
    initial_state: AttentionState | None = None,
    output_final_state: bool = False,
    inplace_state: bool = False,
    seed: int = 0,
    stream: int = 0,
    layout: Layout = "bhnd",
    threads: int = 0,
) -> Any:
    """Positive random features of the softmax (FAVOR+), linear in the number of tokens.

    Parameters, results and errors are those of `polysketch_attention`; `size` counts features.
    """
    spec = spec_text(
        "performer", scale=scale, size=size, norm=norm, epsilon=float(epsilon), seed=seed
    )
    call = Call(spec, enable_gqa, stream, is_causal, starts_of(cu_seqlens), threads)
    state = StateWish(initial_state, output_final_state, inplace_state)
    return _attend(q, k, v, call, layout, state)


@dataclass(frozen=True)
class AttentionGradients:
    """Of a loss; `sketch` is (dA, dB) of given sketches, else None."""

    q: Array
    k: Array
    v: Array
    remote_gain: Array
    sketch: tuple[Array, Array] | None


class Attention:
    """An attention whose sketches are drawn once; immutable.

    Parameters
    ----------
    spec : str
        "softmax", "polynomial:degree=4", "polysketch:degree=4,size=32,local_block=256",
        "performer:size=256", ...
    heads, head_dim : int
        Of q.
    key_heads, value_dim : int, optional
        Of v; as of q unless given.
    stream : int
        Number of the layer, so that layers have sketches of their own.
    remote_gain : array_like, optional
        Factor of the weights outside the local block, a number or [heads].
    sketch : pair of arrays, optional
        Arrays (A, B), each [key_heads, head_dim, size], for "polysketch:sketch=given".
    dtype : dtype
        np.float32 or np.float64.

    Raises
    ------
    ValueError
        A spec that cannot be, counts out of range.
    """

    def __init__(
        self,
        spec: str = "polysketch",
        *,
        heads: int,
        head_dim: int,
        key_heads: int | None = None,
        value_dim: int | None = None,
        stream: int = 0,
        remote_gain: Any = None,
        sketch: tuple[Any, Any] | None = None,
        dtype: npt.DTypeLike = np.float32,
    ) -> None:
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise TypeError(f"dtype: expected float32 or float64, got {self.dtype}")
        shape = Heads(heads, key_heads or heads, head_dim, value_dim or head_dim)
        pair = "" if sketch is None else sketch_of(sketch)
        if sketch is not None:
            check_pair(pair)
        self._is_given = sketch is not None
        self._core = _core_of(spec, shape, self.dtype, stream, remote_gain, pair)

    @property
    def spec(self) -> str:
        """With all that was chosen for it."""
        return self._core.spec

    @property
    def shape(self) -> Heads:
        """(heads, key_heads, head_dim, value_dim)."""
        core = self._core
        return Heads(core.heads, core.key_heads, core.head_dim, core.value_dim)

    @property
    def remote_gain(self) -> Array:
        """[heads]."""
        return np.array(self._core.remote_gain)

    @property
    def matrices(self) -> list[Array]:
        """Of the sketches, those of a key head one after the other; not copied."""
        return list(self._core.matrices)

    def empty_state(self, sequences: int = 1) -> AttentionState:
        """A state of so many sequences that have not begun."""
        return self._core.empty_state(sequences)

    def __call__(
        self,
        q: Any,
        k: Any,
        v: Any,
        *,
        is_causal: bool = True,
        cu_seqlens: Any = None,
        state: AttentionState | None = None,
        layout: Layout = "bhnd",
        threads: int = 0,
    ) -> Array:
        """The output; `state` is gone on from and moved on.

        A call that fails on its arguments leaves the state as it was; one that is stopped leaves a
        state that is refused.
        """
        tensors = tensors_of(layout, self.dtype, q=q, k=k, v=v)
        call = Call(self.spec, causal=is_causal, starts=starts_of(cu_seqlens), threads=threads)
        return _forward(self._core, tensors, call, state, layout)[0]

    def forward(
        self,
        q: Any,
        k: Any,
        v: Any,
        *,
        is_causal: bool = True,
        cu_seqlens: Any = None,
        layout: Layout = "bhnd",
        threads: int = 0,
    ) -> tuple[Array, Array]:
        """(out, denominators): what `backward` needs. Denominators are [B, heads, N]."""
        tensors = tensors_of(layout, self.dtype, q=q, k=k, v=v)
        call = Call(self.spec, causal=is_causal, starts=starts_of(cu_seqlens), threads=threads)
        return _forward(self._core, tensors, call, None, layout, with_denominators=True)

    def backward(
        self,
        q: Any,
        k: Any,
        v: Any,
        out: Any,
        denominators: Any,
        dout: Any,
        *,
        is_causal: bool = True,
        cu_seqlens: Any = None,
        layout: Layout = "bhnd",
        threads: int = 0,
    ) -> AttentionGradients:
        """Gradients of a loss whose gradient in `out` is `dout`; not of "performer"."""
        tensors = tensors_of(layout, self.dtype, q=q, k=k, v=v, out=out, dout=dout)
        sums = as_real(as_array(denominators, "denominators"), "denominators", self.dtype)
        if sums.shape != tensors[0].shape[:3]:
            raise ValueError(
                f"denominators: expected shape {tensors[0].shape[:3]}, got {sums.shape} (forward "
                "gives them)"
            )
        dq, dk, dv = (empty_in(x, x.shape[3], layout) for x in tensors[:3])
        da = db = None
        if self._is_given:
            shape = (self.shape.key_heads, *self.matrices[0].shape)
            da, db = np.empty(shape, self.dtype), np.empty(shape, self.dtype)
        core: Any = self._core
        gain = core.backward(
            *tensors[:4],
            np.ascontiguousarray(sums),
            tensors[4],
            dq,
            dk,
            dv,
            da,
            db,
            True,
            is_causal,
            starts_of(cu_seqlens),
            threads,
        )
        dq, dk, dv = (in_layout(x, layout) for x in (dq, dk, dv))
        return AttentionGradients(dq, dk, dv, gain, None if da is None or db is None else (da, db))

    def __repr__(self) -> str:
        return f"Attention({self.spec!r}, {self.shape}, {self.dtype})"


def _attend(
    q: Any,
    k: Any,
    v: Any,
    call: Call,
    layout: Layout,
    wish: StateWish = StateWish(),
    remote_gain: Any = None,
    sketch: Any = "",
) -> Any:
    tensors = tensors_of(layout, None, q=q, k=k, v=v)
    heads = heads_of(tensors[0].shape, tensors[1].shape, tensors[2].shape, call.enable_gqa)
    core = _core_of(call.spec, heads, tensors[0].dtype, call.stream, remote_gain, sketch)
    state = state_of(core, wish, call, tensors[0].shape[0])
    out = _forward(core, tensors, call, state, layout)[0]
    return (out, state) if wish.final else out


def _core_of(
    spec: str, heads: Heads, dtype: np.dtype[Any], stream: int, remote_gain: Any, sketch: Any
) -> Core:
    gain = gain_of(remote_gain, heads)
    if isinstance(sketch, str):
        return drawn(spec, heads, dtype == np.float64, stream, gain)
    a, b = (np.ascontiguousarray(x, dtype) for x in sketch)
    return given(spec, heads, a, b, gain)


def _forward(
    core: Any,
    tensors: list[Array],
    call: Call,
    state: AttentionState | None,
    layout: Layout,
    *,
    with_denominators: bool = False,
) -> tuple[Array, Any]:
    out = empty_in(tensors[0], tensors[2].shape[3], layout)
    denominators = core.apply(
        *tensors, out, call.causal, call.starts, state, with_denominators, call.threads
    )
    return in_layout(out, layout), denominators

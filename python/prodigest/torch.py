"""Attention for PyTorch on the CPU, with gradients.

`polysketch_attention` and its siblings take what
`torch.nn.functional.scaled_dot_product_attention` takes, in its order and with its defaults
(``is_causal=False``), and then what is theirs; `chunk_polysketch_attention` and
`fused_recurrent_polysketch_attention` are called like those of flash-linear-attention. Tensors are
float32 or float64; float16, and bfloat16 where a gradient is wanted, are computed in float32 on
copies. Strides may be any but the last: ``x.view(B, N, H, D).transpose(1, 2)`` is not copied.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from . import _core
from ._attention import (
    Core,
    Heads,
    drawn,
    given,
    heads_of,
    polysketch_spec,
    spec_text,
    starts_of,
    state_of,
)

__all__ = [
    "chunk_polysketch_attention",
    "fused_recurrent_polysketch_attention",
    "performer_attention",
    "polynomial_attention",
    "polysketch_attention",
    "softmax_attention",
]


def polysketch_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
    degree: int = 4,
    size: int = 32,
    sketch: str | tuple[Tensor, Tensor] = "orthogonal",
    norm: str = "layer",
    epsilon: float = 1e-3,
    local_block: int = 0,
    remote_gain: Tensor | float | None = None,
    cu_seqlens: Any = None,
    initial_state: _core.AttentionState | None = None,
    output_final_state: bool = False,
    inplace_state: bool = False,
    seed: int = 0,
    stream: int = 0,
    threads: int = 0,
) -> Any:
    """Sketched polynomial attention, linear in the number of tokens.

    Parameters
    ----------
    query : [B, heads, N, D]
    key : [B, key_heads, N, D]
    value : [B, key_heads, N, D_v]
    attn_mask, dropout_p : refused unless left alone
    is_causal : token i sees tokens 0..i; False by default, as in PyTorch
    scale : of <q, k>; None is 1 / sqrt(D)
    enable_gqa : head i of the query meets head i // (heads // key_heads) of key and value
    sketch : "orthogonal", "gaussian", "hadamard", "external" (query and key are sketches), or
        tensors (A, B), each [key_heads, D, size], that may be learned; `size` is theirs then
    local_block : tokens of a block within which weights are exact, 0 for none
    remote_gain : factor of the weights outside the block, a number or [heads], which may be
        learned; ``3 * size / D**2`` is a good start
    cu_seqlens : [sequences + 1], starts of sequences packed in a batch of 1
    initial_state, output_final_state : go on from a state, return (out, state)
    inplace_state : move `initial_state` itself on, instead of a copy
    stream : number of the layer, so that layers have sketches of their own

    Returns
    -------
    [B, heads, N, D_v], with a gradient with respect to query, key, value, remote_gain and the
    sketch; (out, state) if output_final_state

    Raises
    ------
    ValueError : shapes that do not fit; a gradient through `initial_state`
    TypeError : other types or devices
    IncompatibleError : a state of another attention
    UnsupportedError : a mask, dropout
    """
    _refuse(attn_mask, dropout_p)
    a, b = (None, None) if isinstance(sketch, str) else sketch
    spec = polysketch_spec(
        degree=degree,
        size=size if a is None else a.shape[-1],
        sketch=sketch if isinstance(sketch, str) else "given",
        norm=norm,
        epsilon=epsilon,
        local_block=local_block,
        scale=scale,
        seed=seed,
    )
    call = _Call(spec, enable_gqa, stream, is_causal, starts_of(cu_seqlens), threads)
    state = _StateWish(initial_state, output_final_state, inplace_state)
    return _attend(query, key, value, call, state, remote_gain, a, b)


def chunk_polysketch_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    scale: float | None = None,
    initial_state: _core.AttentionState | None = None,
    output_final_state: bool = False,
    cu_seqlens: Any = None,
    **options: Any,
) -> tuple[Tensor, _core.AttentionState | None]:
    """Causal `polysketch_attention` as flash-linear-attention calls its own.

    Parameters
    ----------
    q : [B, T, H, D]
    k : [B, T, key_heads, D]
    v : [B, T, key_heads, D_v]
    options : of `polysketch_attention`

    Returns
    -------
    ([B, T, H, D_v], state, or None unless output_final_state)
    """
    out = polysketch_attention(
        *(x.transpose(1, 2) for x in (q, k, v)),
        is_causal=True,
        scale=scale,
        enable_gqa=True,
        initial_state=initial_state,
        output_final_state=output_final_state,
        cu_seqlens=cu_seqlens,
        **options,
    )
    out, state = out if output_final_state else (out, None)
    return out.transpose(1, 2), state


# One function: how many tokens there are decides how they are computed.
fused_recurrent_polysketch_attention = chunk_polysketch_attention


def softmax_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
    norm: str = "none",
    cu_seqlens: Any = None,
    threads: int = 0,
) -> Tensor:
    """Exact softmax attention in O(N^2) time and O(N) memory; see `polysketch_attention`."""
    _refuse(attn_mask, dropout_p)
    spec = spec_text("softmax", scale=scale, norm=norm)
    call = _Call(spec, enable_gqa, 0, is_causal, starts_of(cu_seqlens), threads)
    out: Tensor = _attend(query, key, value, call)
    return out


def polynomial_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
    degree: int = 4,
    norm: str = "layer",
    epsilon: float = 1e-3,
    cu_seqlens: Any = None,
    threads: int = 0,
) -> Tensor:
    """Attention with weights <q, k>^degree, exact, in O(N^2) time and O(N) memory."""
    _refuse(attn_mask, dropout_p)
    spec = spec_text("polynomial", scale=scale, degree=degree, norm=norm, epsilon=float(epsilon))
    call = _Call(spec, enable_gqa, 0, is_causal, starts_of(cu_seqlens), threads)
    out: Tensor = _attend(query, key, value, call)
    return out


def performer_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
    size: int = 256,
    norm: str = "none",
    epsilon: float = 1e-3,
    cu_seqlens: Any = None,
    initial_state: _core.AttentionState | None = None,
    output_final_state: bool = False,
    inplace_state: bool = False,
    seed: int = 0,
    stream: int = 0,
    threads: int = 0,
) -> Any:
    """Random features of the softmax (FAVOR+), linear in the number of tokens; no gradient.

    Raises
    ------
    UnsupportedError : a gradient is wanted
    """
    _refuse(attn_mask, dropout_p)
    if _wants_gradient(query, key, value):
        raise _core.UnsupportedError(
            "performer_attention has no gradient (call it under torch.no_grad())"
        )
    spec = spec_text(
        "performer", scale=scale, size=size, norm=norm, epsilon=float(epsilon), seed=seed
    )
    call = _Call(spec, enable_gqa, stream, is_causal, starts_of(cu_seqlens), threads)
    state = _StateWish(initial_state, output_final_state, inplace_state)
    return _attend(query, key, value, call, state)


class _Call(NamedTuple):
    spec: str
    enable_gqa: bool
    stream: int
    causal: bool
    starts: npt.NDArray[np.int64] | None
    threads: int


class _StateWish(NamedTuple):
    initial: _core.AttentionState | None = None
    final: bool = False
    in_place: bool = False


def _attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    call: _Call,
    wish: _StateWish = _StateWish(),
    gain: Tensor | float | None = None,
    a: Tensor | None = None,
    b: Tensor | None = None,
) -> Any:
    _check(q, k, v)
    heads = heads_of(q.shape, k.shape, v.shape, call.enable_gqa)
    learns = _wants_gradient(q, k, v, gain, a, b)
    if learns and wish.initial is not None:
        raise ValueError(
            "initial_state: no gradient goes through a state (use torch.no_grad(), or give the "
            "sequence whole)"
        )
    dtype = q.dtype
    if dtype == torch.float16 or (dtype == torch.bfloat16 and learns):
        q, k, v = q.float(), k.float(), v.float()
    if a is not None and b is not None:
        number = torch.float64 if q.dtype == torch.float64 else torch.float32
        a, b = a.to(number), b.to(number)
    q, k, v = _rows(q), _rows(k), _rows(v)
    attention = _attention(call, heads, q.dtype == torch.float64, gain, a, b)
    sequences = q.shape[0] if call.starts is None else len(call.starts) - 1
    state = state_of(
        attention, wish.initial, wanted=wish.final, in_place=wish.in_place, sequences=sequences
    )
    if learns:
        out = _Attend.apply(q, k, v, gain, a, b, attention, call, state)  # type: ignore[no-untyped-call]
    else:
        out = _forward(q, k, v, attention, call, state, False)[0]
    if out.dtype != dtype:
        out = out.to(dtype)
    return (out, state) if wish.final else out


def _forward(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    attention: Core,
    call: _Call,
    state: _core.AttentionState | None,
    with_denominators: bool,
) -> tuple[Tensor, Any]:
    out = _empty_as(q, v.shape[3])
    denominators = attention.apply(
        *(_array(x) for x in (q, k, v, out)),
        call.causal,
        call.starts,
        state,
        with_denominators,
        call.threads,
    )
    return out, denominators


class _Attend(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        q: Tensor,
        k: Tensor,
        v: Tensor,
        gain: Tensor | float | None,
        a: Tensor | None,
        b: Tensor | None,
        attention: Core,
        call: _Call,
        state: _core.AttentionState | None,
    ) -> Tensor:
        out, denominators = _forward(q, k, v, attention, call, state, True)
        ctx.save_for_backward(q, k, v, out, torch.from_numpy(denominators))
        ctx.attention, ctx.call = attention, call
        ctx.gain_dtype = gain.dtype if isinstance(gain, Tensor) else None
        ctx.gain_shape = gain.shape if isinstance(gain, Tensor) else None
        ctx.sketch_shape = None if a is None else a.shape
        return out

    @staticmethod
    @once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, dout: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, out, denominators = ctx.saved_tensors
        wanted = ctx.needs_input_grad
        dq, dk, dv = (
            _empty_as(x, x.shape[3]) if wanted[i] else None for i, x in enumerate((q, k, v))
        )
        da, db = (q.new_empty(ctx.sketch_shape) if wanted[i] else None for i in (4, 5))
        gain = ctx.attention.backward(
            *(_array(x) for x in (q, k, v, out, denominators, _rows(dout), dq, dk, dv, da, db)),
            wanted[3],
            ctx.call.causal,
            ctx.call.starts,
            ctx.call.threads,
        )
        dgain = None
        if wanted[3]:
            dgain = torch.from_numpy(gain).to(ctx.gain_dtype)
            dgain = dgain if len(ctx.gain_shape) == 1 else dgain.sum().reshape(ctx.gain_shape)
        return dq, dk, dv, dgain, da, db, None, None, None


def _attention(
    call: _Call,
    heads: Heads,
    double: bool,
    gain: Tensor | float | None,
    a: Tensor | None,
    b: Tensor | None,
) -> Core:
    gains = None
    if isinstance(gain, Tensor) and gain.ndim > 0:
        gains = tuple(gain.tolist())
    elif gain is not None:
        gains = (float(gain),) * heads.heads
    if a is not None and b is not None:
        return given(call.spec, heads, a.detach().numpy(), b.detach().numpy(), gains)
    return drawn(call.spec, heads, double, call.stream, gains)


def _refuse(attn_mask: Any, dropout_p: float) -> None:
    if attn_mask is not None:
        raise _core.UnsupportedError(
            "attn_mask: masks are not supported (use is_causal=True, or cu_seqlens for packed "
            "sequences)"
        )
    if dropout_p != 0.0:
        raise _core.UnsupportedError(
            f"dropout_p must be 0, got {dropout_p} (drop out of the output instead)"
        )


_DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


def _check(q: Tensor, k: Tensor, v: Tensor) -> None:
    for name, x in (("query", q), ("key", k), ("value", v)):
        if not isinstance(x, Tensor):
            raise TypeError(f"{name}: expected a torch.Tensor, got {type(x).__name__}")
        if x.device.type != "cpu":
            raise TypeError(
                f"{name}: a tensor on device {x.device}; prodigest works on the CPU (call .cpu() "
                "first)"
            )
        if x.dtype not in _DTYPES:
            raise TypeError(f"{name}: expected floating-point numbers, got {x.dtype}")
        if x.ndim != 4:
            raise ValueError(
                f"{name}: expected 4 dimensions (batch, heads, tokens, width), got {list(x.shape)}"
            )
        if x.dtype != q.dtype:
            raise TypeError(f"query and {name} must be of one type, got {q.dtype} and {x.dtype}")


def _wants_gradient(*tensors: Any) -> bool:
    return torch.is_grad_enabled() and any(
        isinstance(x, Tensor) and x.requires_grad for x in tensors
    )


def _rows(x: Tensor) -> Tensor:
    """The numbers of a token in a row."""
    return x if x.stride(3) == 1 or x.shape[3] == 1 else x.contiguous()


def _empty_as(x: Tensor, width: int) -> Tensor:
    """[B, H, N, width], laid out as x is."""
    batch, heads, tokens, _ = x.shape
    if x.stride(1) < x.stride(2):
        return x.new_empty((batch, tokens, heads, width)).transpose(1, 2)
    return x.new_empty((batch, heads, tokens, width))


def _array(x: Tensor | None) -> Any:
    """The same memory as _core takes it: by way of numpy, which is quicker, where it has the type."""
    if x is None:
        return None
    x = x.detach()
    return x if x.dtype == torch.bfloat16 else x.numpy()

"""Attention as a function of PyTorch, with its gradient."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ._attention import (
    Call,
    Heads,
    StateWish,
    check_pair,
    drawn,
    gain_of,
    given,
    heads_of,
    state_of,
)
from ._core import AttentionState


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    call: Call,
    wish: StateWish = StateWish(),
    gain: Tensor | float | None = None,
    sketch: str | tuple[Tensor, Tensor] = "",
) -> Any:
    _check(q, k, v)
    a, b = (None, None) if isinstance(sketch, str) else _matrices(sketch)
    heads = heads_of(q.shape, k.shape, v.shape, call.enable_gqa)
    learns = wants_gradient(q, k, v, gain, a, b)
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
    state = state_of(attention, wish, call, q.shape[0])
    if learns:
        out = _Attend.apply(q, k, v, gain, a, b, attention, call, state)
    else:
        out = _forward(q, k, v, attention, call, state, False)[0]
    if out.dtype != dtype:
        out = out.to(dtype)
    return (out, state) if wish.final else out


def _forward(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    attention: Any,
    call: Call,
    state: AttentionState | None,
    with_denominators: bool,
) -> tuple[Tensor, Any]:
    out = _empty_as(q, v.shape[3])
    denominators = attention.apply(
        _array(q),
        _array(k),
        _array(v),
        _array(out),
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
        attention: Any,
        call: Call,
        state: AttentionState | None,
    ) -> Tensor:
        out, denominators = _forward(q, k, v, attention, call, state, True)
        ctx.save_for_backward(q, k, v, out, torch.from_numpy(denominators))
        ctx.attention, ctx.call = attention, call
        ctx.gain_dtype = gain.dtype if isinstance(gain, Tensor) else None
        ctx.gain_shape = gain.shape if isinstance(gain, Tensor) else None
        ctx.sketch_shape = None if a is None else a.shape
        return out

    @staticmethod
    def backward(ctx: Any, dout: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, out, denominators = ctx.saved_tensors
        # Where the gradient becomes part of a graph, going back through it must fail, not be 0.
        gradients = _OnlyOnce.apply if torch.is_grad_enabled() else _gradients
        made: tuple[Tensor | None, ...] = gradients(q, k, v, out, dout, denominators, ctx)
        return (*made, None, None, None)


class _OnlyOnce(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, q: Tensor, k: Tensor, v: Tensor, out: Tensor, dout: Tensor, *rest: Any
    ) -> tuple[Tensor | None, ...]:
        return _gradients(q, k, v, out, dout, *rest)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        raise RuntimeError(
            "attention of prodigest can be differentiated once only (is create_graph=True needed?)"
        )


def _gradients(
    q: Tensor, k: Tensor, v: Tensor, out: Tensor, dout: Tensor, denominators: Tensor, ctx: Any
) -> tuple[Tensor | None, ...]:
    """Of q, k, v, the gain and the matrices of the sketch."""
    wanted = ctx.needs_input_grad
    dq, dk, dv = (_empty_as(x, x.shape[3]) if wanted[i] else None for i, x in enumerate((q, k, v)))
    da, db = (q.new_empty(ctx.sketch_shape) if wanted[i] else None for i in (4, 5))
    dgain = ctx.attention.backward(
        *(_array(x) for x in (q, k, v, out, denominators, _rows(dout), dq, dk, dv, da, db)),
        wanted[3],
        ctx.call.causal,
        ctx.call.starts,
        ctx.call.threads,
    )
    if dgain is not None:
        dgain = torch.from_numpy(dgain).to(ctx.gain_dtype)
        dgain = dgain if len(ctx.gain_shape) == 1 else dgain.sum().reshape(ctx.gain_shape)
    return dq, dk, dv, dgain, da, db


def _attention(
    call: Call,
    heads: Heads,
    double: bool,
    gain: Tensor | float | None,
    a: Tensor | None,
    b: Tensor | None,
) -> Any:
    gains = gain_of(gain.detach().double() if isinstance(gain, Tensor) else gain, heads)
    if a is not None and b is not None:
        return given(call.spec, heads, a.detach().numpy(), b.detach().numpy(), gains)
    return drawn(call.spec, heads, double, call.stream, gains)


_DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


def _check(q: Tensor, k: Tensor, v: Tensor) -> None:
    for name, x in (("query", q), ("key", k), ("value", v)):
        _check_one(x, name)
        if x.ndim != 4:
            raise ValueError(
                f"{name}: expected 4 dimensions (batch, heads, tokens, width), got {list(x.shape)}"
            )
        if x.dtype != q.dtype:
            raise TypeError(f"query and {name} must be of one type, got {q.dtype} and {x.dtype}")


def _check_one(x: Any, name: str) -> None:
    if not isinstance(x, Tensor):
        raise TypeError(f"{name}: expected a torch.Tensor, got {type(x).__name__}")
    if x.device.type != "cpu":
        raise TypeError(
            f"{name}: a tensor on device {x.device}; prodigest works on the CPU (call .cpu() first)"
        )
    if x.dtype not in _DTYPES:
        raise TypeError(f"{name}: expected floating-point numbers, got {x.dtype}")


def _matrices(sketch: Any) -> tuple[Tensor, Tensor]:
    check_pair(sketch)
    for i, x in enumerate(sketch):
        _check_one(x, f"sketch[{i}]")
    return sketch[0], sketch[1]


def wants_gradient(*tensors: Any) -> bool:
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
    """The same memory, of bfloat16 its bits."""
    if x is None:
        return None
    x = x.detach()
    return (x.view(torch.int16) if x.dtype == torch.bfloat16 else x).numpy()

"""Attention for PyTorch on the CPU, with gradients.

`polysketch_attention` and its siblings take what
`torch.nn.functional.scaled_dot_product_attention` takes, in its order and with its defaults
(``is_causal=False``), and then what is theirs; `chunk_polysketch_attention` and
`fused_recurrent_polysketch_attention` are called like those of flash-linear-attention. Tensors are
float32 or float64; float16, and bfloat16 where a gradient is wanted, are computed in float32 on
copies. Strides may be any but the last: ``x.view(B, N, H, D).transpose(1, 2)`` is not copied.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor

from ._attention import Call, StateWish, polysketch_spec, spec_text, starts_of
from ._autograd import attend, wants_gradient
from ._core import AttentionState, UnsupportedError

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
    initial_state: AttentionState | None = None,
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
    attn_mask, dropout_p
        Refused unless left alone.
    is_causal : bool
        Token i sees tokens 0..i; False by default, as in PyTorch.
    scale : float, optional
        Of <q, k>; None is 1 / sqrt(D).
    enable_gqa : bool
        Head i of the query meets head i // (heads // key_heads) of key and value.
    sketch : str or pair of Tensors
        "orthogonal", "gaussian", "hadamard", "external" (query and key are sketches), or tensors
        (A, B), each [key_heads, D, size], that may be learned; `size` is theirs then.
    local_block : int
        Tokens of a block within which weights are exact, 0 for none.
    remote_gain : Tensor or float, optional
        Factor of the weights outside the block, a number or [heads], which may be learned;
        ``3 * size / D**2`` is a good start.
    cu_seqlens : array_like of shape (sequences + 1,), optional
        Starts of sequences packed in a batch of 1.
    initial_state, output_final_state : AttentionState, bool
        Go on from a state, return (out, state).
    inplace_state : bool
        Move `initial_state` itself on, instead of a copy.
    stream : int
        Number of the layer, so that layers have sketches of their own.
    degree, size, norm, epsilon, seed, threads
        As in `prodigest.polysketch_attention`.

    Returns
    -------
    [B, heads, N, D_v], with a gradient with respect to query, key, value, remote_gain and the
    sketch; (out, state) if output_final_state

    Raises
    ------
    ValueError
        Shapes that do not fit; a gradient through `initial_state`.
    TypeError
        Other types or devices.
    IncompatibleError
        A state of another attention.
    UnsupportedError
        A mask, dropout.
    """
    _refuse(attn_mask, dropout_p)
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
    return attend(query, key, value, call, state, remote_gain, sketch)


def chunk_polysketch_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    scale: float | None = None,
    initial_state: AttentionState | None = None,
    output_final_state: bool = False,
    cu_seqlens: Any = None,
    **options: Any,
) -> tuple[Tensor, AttentionState | None]:
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
        q.transpose(1, 2),
        k.transpose(1, 2),
        v.transpose(1, 2),
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
    """Exact softmax attention in O(N^2) time and O(N) memory.

    Parameters, result and errors are those of `polysketch_attention`.
    """
    _refuse(attn_mask, dropout_p)
    spec = spec_text("softmax", scale=scale, norm=norm)
    call = Call(spec, enable_gqa, 0, is_causal, starts_of(cu_seqlens), threads)
    out: Tensor = attend(query, key, value, call)
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
    """Attention with weights <q, k>^degree, exact, in O(N^2) time and O(N) memory.

    Parameters, result and errors are those of `polysketch_attention`.
    """
    _refuse(attn_mask, dropout_p)
    spec = spec_text("polynomial", scale=scale, degree=degree, norm=norm, epsilon=float(epsilon))
    call = Call(spec, enable_gqa, 0, is_causal, starts_of(cu_seqlens), threads)
    out: Tensor = attend(query, key, value, call)
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
    initial_state: AttentionState | None = None,
    output_final_state: bool = False,
    inplace_state: bool = False,
    seed: int = 0,
    stream: int = 0,
    threads: int = 0,
) -> Any:
    """Random features of the softmax (FAVOR+), linear in the number of tokens; no gradient.

    Parameters and results are those of `polysketch_attention`; `size` counts features.

    Raises
    ------
    UnsupportedError
        A gradient is wanted.
    """
    _refuse(attn_mask, dropout_p)
    if wants_gradient(query, key, value):
        raise UnsupportedError(
            "performer_attention has no gradient (call it under torch.no_grad())"
        )
    spec = spec_text(
        "performer", scale=scale, size=size, norm=norm, epsilon=float(epsilon), seed=seed
    )
    call = Call(spec, enable_gqa, stream, is_causal, starts_of(cu_seqlens), threads)
    state = StateWish(initial_state, output_final_state, inplace_state)
    return attend(query, key, value, call, state)


def _refuse(attn_mask: Any, dropout_p: float) -> None:
    if attn_mask is not None:
        raise UnsupportedError(
            "attn_mask: masks are not supported (use is_causal=True, or cu_seqlens for packed "
            "sequences)"
        )
    if dropout_p != 0.0:
        raise UnsupportedError(
            f"dropout_p must be 0, got {dropout_p} (drop out of the output instead)"
        )

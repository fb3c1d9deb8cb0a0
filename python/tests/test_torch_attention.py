import copy
import pickle

import numpy as np
import plain_attention as plain
import prodigest
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import prodigest.torch as attention  # noqa: E402
from torch.nn.functional import scaled_dot_product_attention  # noqa: E402


def tensors(batch=2, heads=4, key_heads=4, tokens=37, width=8, value_width=5, dtype=torch.float64,
            grad=False):
    draw = torch.Generator().manual_seed(5)
    shapes = [(batch, heads, tokens, width), (batch, key_heads, tokens, width),
              (batch, key_heads, tokens, value_width)]
    made = [torch.randn(shape, generator=draw, dtype=dtype) for shape in shapes]
    return [x.requires_grad_(grad) for x in made]


def sketch(key_heads=4, width=8, size=6, dtype=torch.float64, grad=False):
    draw = torch.Generator().manual_seed(6)
    made = torch.randn((2, key_heads, width, size), generator=draw, dtype=dtype)
    return tuple(x.clone().requires_grad_(grad) for x in made)


def close(got, want, tolerance=1e-10):
    assert got.shape == want.shape
    assert (got - want).abs().max() <= tolerance * want.abs().max()


def plain_polysketch(q, k, v, a, b, gain, local_block, epsilon=1e-3):
    """Every pair, in PyTorch."""
    group = q.shape[1] // k.shape[1]
    k, v, a, b = (x.repeat_interleave(group, dim=-3) for x in (k, v, a, b))
    q, k = (torch.nn.functional.layer_norm(x, x.shape[-1:], eps=1e-6) * x.shape[-1] ** -0.25
            for x in (q, k))
    sq, sk = ((x @ a) * (x @ b) / a.shape[-1] ** 0.5 for x in (q, k))
    w = (sq @ sk.mT) ** 2 * gain[:, None, None]
    if local_block:
        block = torch.arange(q.shape[-2]) // local_block
        w = torch.where(block[:, None] == block, (q @ k.mT) ** 4, w)
    w = w.tril()
    return w @ v / (w.sum(-1, keepdim=True) + epsilon)


# Against PyTorch


@pytest.mark.parametrize("is_causal", [False, True])
@pytest.mark.parametrize("key_heads", [4, 2])
def test_softmax_attention_is_pytorchs(is_causal, key_heads):
    q, k, v = tensors(key_heads=key_heads)
    options = {"is_causal": is_causal, "enable_gqa": key_heads < 4}
    for scale in (None, 0.3):
        close(attention.softmax_attention(q, k, v, scale=scale, **options),
              scaled_dot_product_attention(q, k, v, scale=scale, **options))


def test_positions_and_defaults_are_pytorchs():
    q, k, v = tensors()
    close(attention.softmax_attention(q, k, v, None, 0.0, True),
          scaled_dot_product_attention(q, k, v, None, 0.0, True))
    close(attention.softmax_attention(query=q, key=k, value=v),
          scaled_dot_product_attention(query=q, key=k, value=v))


@pytest.mark.parametrize("local_block", [0, 8])
def test_polysketch_and_its_gradients_are_those_of_every_pair(local_block):
    inputs = [*tensors(key_heads=2, grad=True), *sketch(key_heads=2, grad=True),
              torch.tensor([0.1, 0.5, 1.0, 2.0], dtype=torch.float64, requires_grad=True)]
    q, k, v, a, b, gain = inputs
    got = attention.polysketch_attention(q, k, v, is_causal=True, enable_gqa=True, sketch=(a, b),
                                         remote_gain=gain, local_block=local_block)
    want = plain_polysketch(q, k, v, a, b, gain, local_block)
    close(got, want)
    dout = torch.randn(got.shape, dtype=got.dtype, generator=torch.Generator().manual_seed(1))
    for one, other in zip(torch.autograd.grad(got, inputs, dout),
                          torch.autograd.grad(want, inputs, dout), strict=True):
        close(one, other, 1e-9)


def test_numpy_and_pytorch_give_the_same_bits():
    q, k, v = tensors(dtype=torch.float32)
    for name in ("softmax", "polynomial", "polysketch", "performer"):
        of_torch = getattr(attention, f"{name}_attention")(q, k, v, is_causal=True)
        of_numpy = getattr(prodigest, f"{name}_attention")(q.numpy(), k.numpy(), v.numpy())
        assert np.array_equal(of_torch.numpy(), of_numpy)
    want = plain.attention(*(x.numpy() for x in (q, k, v)), "polynomial", norm="layer")
    close(attention.polynomial_attention(q, k, v, is_causal=True), torch.from_numpy(want), 1e-5)


# Gradients


def check_gradients(function, inputs):
    assert torch.autograd.gradcheck(function, inputs)


@pytest.mark.parametrize("options", [
    {"is_causal": True},
    {"is_causal": False},
    {"is_causal": True, "local_block": 3},
    {"is_causal": True, "degree": 2},
    {"is_causal": True, "sketch": "external", "degree": 2, "size": 4},
])
def test_gradients_of_polysketch_are_those_of_differences(options):
    inputs = tensors(batch=1, heads=2, key_heads=1, tokens=7, width=4, value_width=3, grad=True)
    options = {"size": 5, **options}
    check_gradients(
        lambda q, k, v: attention.polysketch_attention(q, k, v, enable_gqa=True, **options),
        inputs)


def test_gradients_of_given_sketches_and_gains_are_those_of_differences():
    inputs = [*tensors(batch=1, heads=2, key_heads=1, tokens=7, width=4, value_width=3, grad=True),
              *sketch(key_heads=1, width=4, size=3, grad=True),
              torch.tensor([0.5, 2.0], dtype=torch.float64, requires_grad=True)]
    check_gradients(
        lambda q, k, v, a, b, gain: attention.polysketch_attention(
            q, k, v, is_causal=True, enable_gqa=True, sketch=(a, b), remote_gain=gain,
            local_block=3),
        inputs)


def test_gradients_of_exact_kinds_are_those_of_differences():
    inputs = tensors(batch=1, heads=2, key_heads=1, tokens=7, width=4, value_width=3, grad=True)
    for function in (attention.softmax_attention, attention.polynomial_attention):
        for causal in (False, True):
            check_gradients(
                lambda q, k, v: function(q, k, v, is_causal=causal, enable_gqa=True), inputs)


def test_gradients_of_packed_sequences_are_those_of_differences():
    inputs = tensors(batch=1, heads=2, key_heads=2, tokens=7, width=4, value_width=3, grad=True)
    starts = torch.tensor([0, 3, 7], dtype=torch.int32)
    check_gradients(
        lambda q, k, v: attention.polysketch_attention(q, k, v, is_causal=True,
                                                       cu_seqlens=starts), inputs)


def test_one_gain_for_all_heads_learns_from_all():
    q, k, v = tensors()
    one = torch.tensor(0.3, dtype=torch.float32, requires_grad=True)
    each = torch.full((4,), 0.3, dtype=torch.float32, requires_grad=True)
    for gain in (one, each):
        attention.polysketch_attention(q, k, v, is_causal=True, local_block=8,
                                       remote_gain=gain).sum().backward()
    close(one.grad, each.grad.sum(), 1e-6)


def test_only_what_is_asked_for_has_a_gradient():
    q, k, v = tensors()
    k.requires_grad_()
    attention.polysketch_attention(q, k, v, is_causal=True).sum().backward()
    assert q.grad is None and v.grad is None and k.grad.abs().sum() > 0
    with torch.no_grad():
        assert not attention.polysketch_attention(q, k, v).requires_grad
    assert attention.polysketch_attention(q, k, v).requires_grad


def test_a_checkpointed_call_has_the_same_gradients():
    from torch.utils.checkpoint import checkpoint

    gradients = []
    for attend in (attention.polysketch_attention,
                   lambda *inputs: checkpoint(attention.polysketch_attention, *inputs,
                                              use_reentrant=False)):
        inputs = tensors(grad=True)
        attend(*inputs).square().sum().backward()
        gradients.append([x.grad for x in inputs])
    for one, other in zip(*gradients, strict=True):
        assert torch.equal(one, other)


def test_a_graph_can_be_used_twice_but_not_differentiated_twice():
    inputs = tensors(grad=True)
    out = attention.polysketch_attention(*inputs)
    first = torch.autograd.grad(out.sum(), inputs, retain_graph=True)
    second = torch.autograd.grad(out.sum(), inputs, create_graph=True)
    for one, other in zip(first, second, strict=True):
        assert torch.equal(one, other)
    with pytest.raises(RuntimeError, match="differentiated once only"):
        (second[0].square().sum() + inputs[0].sum()).backward()


def test_a_tensor_changed_after_the_forward_pass_is_noticed():
    q, k, v = tensors(grad=True)
    scaled = q * 2
    out = attention.polysketch_attention(scaled, k, v)
    with torch.no_grad():
        scaled += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        out.sum().backward()


def test_training_a_sketch_and_a_gain_lowers_the_loss():
    q, k, v = tensors(dtype=torch.float32)
    a, b = sketch(dtype=torch.float32, grad=True)
    gain = torch.zeros(4, requires_grad=True)
    optimizer = torch.optim.Adam([a, b, gain], 0.05)
    target = attention.polynomial_attention(q, k, v, is_causal=True)
    losses = []
    for _ in range(30):
        out = attention.polysketch_attention(q, k, v, is_causal=True, sketch=(a, b),
                                             remote_gain=gain.exp(), local_block=8)
        losses.append((out - target).square().mean())
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.7 * losses[0]


def test_compiled_functions_call_it_between_their_graphs():
    inputs = tensors(grad=True)

    def loss(q, k, v):
        return attention.polysketch_attention(q * 2, k, v, is_causal=True).square().sum()

    for one, other in zip(torch.autograd.grad(loss(*inputs), inputs),
                          torch.autograd.grad(torch.compile(loss, backend="eager")(*inputs), inputs),
                          strict=True):
        assert torch.equal(one, other)


# Layouts and types


def test_strided_tensors_are_neither_copied_nor_misread():
    packed = torch.randn(2, 20, 3, 4, 8, generator=torch.Generator().manual_seed(2))
    packed.requires_grad_()
    q, k, v = (packed[:, :, i].transpose(1, 2) for i in range(3))
    seen = []
    rows = prodigest._autograd._array

    def watch(x):
        seen.append(rows(x))
        return seen[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(prodigest._autograd, "_array", watch)
        out = attention.polysketch_attention(q, k, v, is_causal=True)
    for x, got in zip((q, k, v), seen, strict=False):
        assert got.__array_interface__["data"][0] == x.data_ptr()
    assert out.transpose(1, 2).is_contiguous()  # as q is laid out
    inputs = [x.detach().contiguous().requires_grad_() for x in (q, k, v)]
    whole = attention.polysketch_attention(*inputs, is_causal=True)
    assert torch.equal(out, whole)
    out.square().sum().backward()
    whole.square().sum().backward()
    for i, x in enumerate(inputs):
        assert torch.equal(packed.grad[:, :, i].transpose(1, 2), x.grad)


def test_expanded_and_transposed_tensors_are_read_right():
    q, k, v = tensors()
    shared = k[:, :1].expand(-1, 4, -1, -1)
    assert torch.equal(attention.softmax_attention(q, shared, v),
                       attention.softmax_attention(q, shared.contiguous(), v))
    turned = q.mT.contiguous().mT
    assert turned.stride(-1) != 1
    assert torch.equal(attention.softmax_attention(turned, k, v),
                       attention.softmax_attention(q, k, v))


@pytest.mark.parametrize("dtype, digits", [(torch.bfloat16, 2e-2), (torch.float16, 2e-3)])
@pytest.mark.parametrize("grad", [False, True])
def test_half_precision_is_near_single(dtype, digits, grad):
    q, k, v = (x.to(dtype).requires_grad_(grad) for x in tensors(dtype=torch.float32))
    out = attention.polysketch_attention(q, k, v, is_causal=True)
    assert out.dtype == dtype
    singles = [x.detach().float().requires_grad_(grad) for x in (q, k, v)]
    want = attention.polysketch_attention(*singles, is_causal=True)
    close(out.float(), want, digits)
    if grad:
        dout = torch.randn(out.shape, generator=torch.Generator().manual_seed(1))
        gradients = torch.autograd.grad(out, (q, k, v), dout.to(dtype))
        for x, one, other in zip((q, k, v), gradients, torch.autograd.grad(want, singles, dout),
                                 strict=True):
            assert one.dtype == x.dtype == dtype
            close(one.float(), other, 5 * digits)


# States, as flash-linear-attention has them


def test_chunks_and_single_tokens_make_up_the_whole():
    q, k, v = (x.transpose(1, 2) for x in tensors(key_heads=2))
    options = {"local_block": 8, "remote_gain": 0.2, "size": 16}
    whole, none = attention.chunk_polysketch_attention(q, k, v, **options)
    assert none is None and whole.shape == (2, 37, 4, 5)
    out, state = attention.chunk_polysketch_attention(q[:, :30], k[:, :30], v[:, :30],
                                                      output_final_state=True, **options)
    outs = [out]
    for i in range(30, 37):
        token = [x[:, i : i + 1] for x in (q, k, v)]
        out, state = attention.fused_recurrent_polysketch_attention(
            *token, initial_state=state, output_final_state=True, inplace_state=i > 32, **options)
        outs.append(out)
    close(torch.cat(outs, 1), whole)
    assert list(state.tokens) == [37, 37]


def test_states_go_from_pytorch_to_numpy():
    q, k, v = tensors()
    _, state = attention.polysketch_attention(q, k, v, is_causal=True, output_final_state=True)
    _, other = prodigest.polysketch_attention(q.numpy(), k.numpy(), v.numpy(),
                                              output_final_state=True)
    assert state == other == pickle.loads(pickle.dumps(state)) == copy.deepcopy(state)


def test_packed_sequences_are_each_alone():
    q, k, v = (x.transpose(1, 2) for x in tensors(batch=1))
    packed, _ = attention.chunk_polysketch_attention(q, k, v,
                                                     cu_seqlens=torch.tensor([0, 10, 37]))
    for part in (slice(0, 10), slice(10, 37)):
        close(packed[:, part], attention.chunk_polysketch_attention(
            q[:, part], k[:, part], v[:, part])[0], 1e-12)


def test_a_state_may_come_out_of_training_but_not_into_it():
    q, k, v = tensors(grad=True)
    out, state = attention.polysketch_attention(q, k, v, is_causal=True, output_final_state=True)
    gradient = torch.autograd.grad(out.sum(), q)[0]
    again = attention.polysketch_attention(q, k, v, is_causal=True)
    close(gradient, torch.autograd.grad(again.sum(), q)[0])
    with pytest.raises(ValueError, match="no gradient goes through a state"):
        attention.polysketch_attention(q, k, v, is_causal=True, initial_state=state)
    with torch.no_grad():
        attention.polysketch_attention(q, k, v, is_causal=True, initial_state=state)


# Bad input


def test_what_is_not_done_is_refused():
    q, k, v = tensors()
    for function in (attention.softmax_attention, attention.polynomial_attention,
                     attention.polysketch_attention, attention.performer_attention):
        with pytest.raises(prodigest.UnsupportedError, match="attn_mask: .*is_causal=True"):
            function(q, k, v, torch.ones(37, 37))
        with pytest.raises(prodigest.UnsupportedError, match="dropout_p must be 0, got 0.1"):
            function(q, k, v, dropout_p=0.1)
    with pytest.raises(prodigest.UnsupportedError, match="performer_attention has no gradient"):
        attention.performer_attention(*tensors(grad=True))


def test_tensors_elsewhere_or_of_other_types_are_refused():
    q, k, v = tensors()
    with pytest.raises(TypeError, match=r"key: a tensor on device meta; .*call .cpu\(\) first"):
        attention.polysketch_attention(q, k.to("meta"), v)
    with pytest.raises(TypeError, match="query and value must be of one type"):
        attention.polysketch_attention(q, k, v.float())
    with pytest.raises(TypeError, match="query: expected floating-point numbers, got torch.int64"):
        attention.polysketch_attention(q.long(), k, v)
    with pytest.raises(TypeError, match="query: expected a torch.Tensor, got ndarray"):
        attention.polysketch_attention(q.numpy(), k, v)
    with pytest.raises(TypeError, match=r"sketch\[1\]: a tensor on device meta"):
        a, b = sketch()
        attention.polysketch_attention(q, k, v, sketch=(a, b.to("meta")))


def test_shapes_that_do_not_fit_are_refused():
    q, k, v = tensors()
    with pytest.raises(ValueError, match="query: expected 4 dimensions"):
        attention.softmax_attention(q[0], k, v)
    with pytest.raises(ValueError, match="enable_gqa=True"):
        attention.softmax_attention(q, k[:, :2], v[:, :2])
    with pytest.raises(ValueError, match="k must be 2 x 4 x 37 x 8"):
        attention.softmax_attention(q, k[..., :4], v)
    with pytest.raises(ValueError, match="a remote gain for each head, 4, got 3"):
        attention.polysketch_attention(q, k, v, remote_gain=torch.ones(3))
    with pytest.raises(ValueError, match=r"sketch\[0\]: expected .key_heads, head_dim, size."):
        attention.polysketch_attention(q, k, v, sketch=(torch.ones(8, 3), torch.ones(8, 3)))
    with pytest.raises(TypeError, match="a name or two tensors"):
        attention.polysketch_attention(q, k, v, sketch=torch.ones(4, 8, 3))


def test_a_state_of_another_seed_is_refused():
    q, k, v = tensors()
    _, state = attention.polysketch_attention(q, k, v, is_causal=True, output_final_state=True)
    with pytest.raises(prodigest.IncompatibleError, match="the state must be of this attention"):
        attention.polysketch_attention(q, k, v, is_causal=True, initial_state=state, seed=3)

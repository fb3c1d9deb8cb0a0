import copy
import pickle
import threading

import numpy as np
import plain_attention as plain
import prodigest
import pytest
from prodigest import (
    Attention,
    performer_attention,
    polynomial_attention,
    polysketch_attention,
    softmax_attention,
)
from prodigest import _core, _heads

GAIN = [0.05, 0.3, 1.0, 2.0]


def tensors(batch=2, heads=4, key_heads=4, tokens=37, width=8, value_width=5, dtype=np.float64):
    rng = np.random.default_rng(7)
    q = rng.normal(size=(batch, heads, tokens, width))
    k = rng.normal(size=(batch, key_heads, tokens, width))
    v = rng.normal(size=(batch, key_heads, tokens, value_width))
    return q.astype(dtype), k.astype(dtype), v.astype(dtype)


def close(got, want, tolerance=1e-10):
    assert got.shape == want.shape
    assert np.abs(got - want).max() <= tolerance * np.abs(want).max()


# Against every pair in numpy


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("key_heads", [4, 2, 1])
def test_exact_kinds_are_those_of_every_pair(causal, key_heads):
    q, k, v = tensors(key_heads=key_heads)
    options = {"is_causal": causal, "enable_gqa": key_heads < 4}
    close(softmax_attention(q, k, v, **options),
          plain.attention(q, k, v, "softmax", causal=causal, norm="none"))
    for degree in (2, 4, 8):
        close(polynomial_attention(q, k, v, degree=degree, **options),
              plain.attention(q, k, v, "polynomial", causal=causal, norm="layer", degree=degree))


@pytest.mark.parametrize("norm", ["layer", "rms", "none"])
@pytest.mark.parametrize("local_block", [0, 8])
@pytest.mark.parametrize("key_heads", [4, 2])
def test_polysketch_is_that_of_every_pair(norm, local_block, key_heads):
    q, k, v = tensors(key_heads=key_heads)
    spec = f"polysketch:degree=4,size=12,seed=3,norm={norm}"
    shape = {"heads": 4, "key_heads": key_heads, "head_dim": 8, "value_dim": 5}
    drawn = Attention(spec, stream=6, dtype=np.float64, **shape)
    got = polysketch_attention(q, k, v, size=12, seed=3, stream=6, norm=norm, remote_gain=GAIN,
                               local_block=local_block, enable_gqa=True)
    close(got, plain.attention(q, k, v, "polysketch", matrices=drawn.matrices, gain=GAIN,
                               local_block=local_block, norm=norm))


def test_performers_come_near_softmax_with_many_features():
    q, k, v = (x / 2 for x in tensors(tokens=20))
    exact = softmax_attention(q, k, v)
    errors = [np.abs(performer_attention(q, k, v, size=size) - exact).mean() for size in (16, 4096)]
    assert errors[1] < 0.03 and errors[0] > 4 * errors[1]


def test_a_given_sketch_is_used():
    q, k, v = tensors(key_heads=2)
    a, b = np.random.default_rng(1).normal(size=(2, 2, 8, 6))
    pairs = [matrix for g in range(2) for matrix in (a[g], b[g])]
    close(polysketch_attention(q, k, v, sketch=(a, b), enable_gqa=True),
          plain.attention(q, k, v, "polysketch", matrices=pairs, norm="layer"))


def test_external_sketches_are_squared():
    q, k, v = tensors()
    got = polysketch_attention(q, k, v, sketch="external", degree=2, size=8, norm="none", scale=1.0)
    w = (q @ k.swapaxes(-1, -2)) ** 2 * np.tri(37)
    close(got, w @ v / (w.sum(-1, keepdims=True) + 1e-3))


def test_scale_and_epsilon_are_those_of_the_call():
    q, k, v = tensors()
    w = np.exp(0.7 * q @ k.swapaxes(-1, -2)) * np.tri(37)
    close(softmax_attention(q, k, v, scale=0.7), w @ v / w.sum(-1, keepdims=True))
    w = (0.7 * q @ k.swapaxes(-1, -2)) ** 2 * np.tri(37)
    close(polynomial_attention(q, k, v, degree=2, norm="none", scale=0.7, epsilon=2.5),
          w @ v / (w.sum(-1, keepdims=True) + 2.5))


# Layouts, types and copies


def test_both_layouts_give_the_same_bits():
    q, k, v = tensors(key_heads=2)
    whole = polysketch_attention(q, k, v, enable_gqa=True)
    other = polysketch_attention(*(np.ascontiguousarray(x.swapaxes(1, 2)) for x in (q, k, v)),
                                 enable_gqa=True, layout="bnhd")
    assert other.flags.c_contiguous
    assert np.array_equal(whole, other.swapaxes(1, 2))


def test_views_are_not_copied():
    packed = np.zeros((2, 9, 3, 4, 8), np.float32)
    views = [packed[:, :, i].swapaxes(1, 2) for i in range(3)]
    taken = _heads.tensors_of("bhnd", None, q=views[0], k=views[1][:, ::-1], v=views[2][:, :, ::2])
    for given, got in zip((views[0], views[1][:, ::-1], views[2][:, :, ::2]), taken, strict=True):
        assert got.__array_interface__["data"] == given.__array_interface__["data"]
        assert got.strides == given.strides


def test_views_give_the_same_bits_as_copies():
    packed = np.random.default_rng(3).normal(size=(2, 20, 3, 4, 8)).astype(np.float32)
    views = [packed[:, ::2, i].swapaxes(1, 2)[:, ::-1] for i in range(3)]
    assert np.array_equal(polysketch_attention(*views),
                          polysketch_attention(*(np.ascontiguousarray(x) for x in views)))


def test_arrays_whose_last_axis_is_not_plain_are_copied():
    q, k, v = tensors()
    fortran = [np.asfortranarray(x) for x in (q, k, v)]
    assert np.array_equal(softmax_attention(*fortran), softmax_attention(q, k, v))


def test_float32_gives_float32_and_read_only_arrays_are_read():
    q, k, v = tensors(dtype=np.float32)
    for x in (q, k, v):
        x.flags.writeable = False
    out = polysketch_attention(q, k, v)
    assert out.dtype == np.float32
    close(out, polysketch_attention(*(x.astype(np.float64) for x in (q, k, v))), 1e-4)


class Borrowed:
    """A tensor of some other library."""

    def __init__(self, array, device=(1, 0)):
        self.array, self.device_type = array, device

    def __dlpack__(self, **options):
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device_type


def test_tensors_of_other_libraries_are_read_in_place():
    q, k, v = tensors()
    taken = _heads.tensors_of("bhnd", None, q=Borrowed(q))[0]
    assert taken.__array_interface__["data"][0] == q.__array_interface__["data"][0]
    assert np.array_equal(softmax_attention(*(Borrowed(x) for x in (q, k, v))),
                          softmax_attention(q, k, v))


def test_no_tokens_give_no_tokens():
    q, k, v = tensors(tokens=0)
    for attend in (softmax_attention, polynomial_attention, polysketch_attention,
                   performer_attention):
        assert attend(q, k, v).shape == (2, 4, 0, 5)


def test_packed_sequences_are_each_alone():
    q, k, v = tensors(batch=1)
    starts = [0, 5, 5, 36, 37]
    for attend in (softmax_attention, polynomial_attention, polysketch_attention,
                   performer_attention):
        packed = attend(q, k, v, cu_seqlens=starts)
        for first, last in zip(starts, starts[1:], strict=False):
            alone = attend(*(x[:, :, first:last] for x in (q, k, v)))
            if alone.size:
                close(packed[:, :, first:last], alone, 1e-12)


# States


LINEAR = [
    (polysketch_attention, {}),
    (polysketch_attention, {"local_block": 8, "remote_gain": GAIN}),
    (polysketch_attention, {"degree": 2}),
    (performer_attention, {"size": 24}),
]


@pytest.mark.parametrize("attend, options", LINEAR)
@pytest.mark.parametrize("layout", ["bhnd", "bnhd"])
def test_pieces_and_single_tokens_make_up_the_whole(attend, options, layout):
    q, k, v = tensors(key_heads=2)
    if layout == "bnhd":
        q, k, v = (x.swapaxes(1, 2) for x in (q, k, v))
    options = {"enable_gqa": True, "layout": layout, **options}
    whole = attend(q, k, v, **options)
    axis = layout.index("n")
    state, outs = None, []
    for first, last in [(0, 16), (16, 27), *((i, i + 1) for i in range(27, 37))]:
        piece = [x.take(range(first, last), axis) for x in (q, k, v)]
        out, state = attend(*piece, **options, initial_state=state, output_final_state=True)
        outs.append(out)
    close(np.concatenate(outs, axis), whole)
    assert list(state.tokens) == [37, 37]


def test_an_initial_state_is_left_alone_unless_in_place():
    q, k, v = tensors()
    _, first = polysketch_attention(q, k, v, output_final_state=True)
    before = first.to_bytes()
    out, second = polysketch_attention(q, k, v, initial_state=first, output_final_state=True)
    assert first.to_bytes() == before and second is not first
    again, third = polysketch_attention(q, k, v, initial_state=first, output_final_state=True,
                                        inplace_state=True)
    assert third is first and first == second and first.to_bytes() != before
    assert np.array_equal(out, again)


def test_states_of_packed_sequences_are_one_each():
    q, k, v = tensors(batch=1)
    _, state = polysketch_attention(q, k, v, cu_seqlens=[0, 10, 37], output_final_state=True)
    assert list(state.tokens) == [10, 27]
    out, state = polysketch_attention(q[:, :, :3], k[:, :, :3], v[:, :, :3], initial_state=state,
                                      cu_seqlens=[0, 1, 3], output_final_state=True)
    assert list(state.tokens) == [11, 29]
    joined = [np.concatenate([x[:, :, 10:], x[:, :, 1:3]], 2) for x in (q, k, v)]
    close(out[:, :, 1:], polysketch_attention(*joined)[:, :, -2:])


def test_merged_states_are_those_of_the_whole():
    q, k, v = tensors()
    attention = Attention(heads=4, head_dim=8, value_dim=5, dtype=np.float64)
    states = []
    for part in (slice(0, 20), slice(20, 36)):
        states.append(attention.empty_state(2))
        attention(q[:, :, part], k[:, :, part], v[:, :, part], state=states[-1])
    states[0].merge(states[1])
    last = [x[:, :, 36:] for x in (q, k, v)]
    close(attention(*last, state=states[0]), attention(q, k, v)[:, :, 36:])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_states_are_saved_pickled_and_copied(dtype, tmp_path):
    q, k, v = tensors(dtype=dtype)
    _, state = polysketch_attention(q, k, v, local_block=16, output_final_state=True)
    prodigest.save(state, tmp_path / "state.pdg")
    copies = [prodigest.load(tmp_path / "state.pdg"),
              prodigest.load(state.to_bytes()), pickle.loads(pickle.dumps(state)),
              copy.deepcopy(state), copy.copy(state), state.copy()]
    for other in copies:
        assert other == state
        assert other.fingerprint == state.fingerprint and other.spec == state.spec
        polysketch_attention(q, k, v, local_block=16, initial_state=other, output_final_state=True,
                             inplace_state=True)
        assert other != state
    assert list(state.tokens) == [37, 37] and list(state.open_tokens) == [5, 5]


def test_numbers_of_a_state_are_borrowed_and_read_only():
    q, k, v = tensors()
    _, state = polysketch_attention(q, k, v, local_block=8, output_final_state=True)
    sums = state.sums
    assert sums.shape[:2] == (2, 4) and sums.dtype == np.float64
    assert sums.ctypes.data == state.sums.ctypes.data and not sums.flags.writeable
    before = sums.copy()
    polysketch_attention(q, k, v, local_block=8, initial_state=state, output_final_state=True,
                         inplace_state=True)
    assert not np.array_equal(sums, before)
    assert state.layout.block == 8 and state.layout.local and state.key_heads == 4
    del state
    assert np.isfinite(sums).all()
    assert "local_block=8" in repr(prodigest.load(copy_of_state()))


def copy_of_state():
    return Attention("polysketch:local_block=8", heads=1, head_dim=8).empty_state().to_bytes()


def test_states_of_other_attentions_are_refused():
    q, k, v = tensors()
    _, state = polysketch_attention(q, k, v, output_final_state=True)
    for other in ({"seed": 1}, {"stream": 1}, {"remote_gain": 0.5}, {"size": 16},
                  {"local_block": 8}):
        with pytest.raises(prodigest.IncompatibleError, match="must be of this attention"):
            polysketch_attention(q, k, v, initial_state=state, **other)
    with pytest.raises(prodigest.IncompatibleError, match="numbers in"):
        polysketch_attention(*tensors(dtype=np.float32), initial_state=state)
    with pytest.raises(prodigest.IncompatibleError, match="must be of 1 sequences"):
        polysketch_attention(q[:1], k[:1], v[:1], initial_state=state)
    with pytest.raises(prodigest.IncompatibleError, match="merge: states must be of one attention"):
        state.merge(polysketch_attention(q, k, v, seed=1, output_final_state=True)[1])
    with pytest.raises(ValueError, match="a state is of causal attention"):
        polysketch_attention(q, k, v, initial_state=state, is_causal=False)


def test_bytes_that_are_no_state_are_refused(tmp_path):
    with pytest.raises(prodigest.FormatError):
        prodigest.load(b"not a state")
    (tmp_path / "x.pdg").write_bytes(copy_of_state()[:-9])
    with pytest.raises(prodigest.FormatError):
        prodigest.load(tmp_path / "x.pdg")
    with pytest.raises(OSError):
        prodigest.load(tmp_path / "none.pdg")


# Attention objects


def test_gradients_are_those_of_differences():
    q, k, v = tensors(batch=1, heads=4, key_heads=2, tokens=11)
    a, b = np.random.default_rng(1).normal(size=(2, 2, 8, 6))
    dout = np.random.default_rng(2).normal(size=(1, 4, 11, 5))
    direction = np.random.default_rng(3)
    parts = {"q": q, "k": k, "v": v, "a": a, "b": b, "gain": np.array(GAIN)}
    spec = "polysketch:size=6,sketch=given,local_block=4"

    def attention(p):
        return Attention(spec, heads=4, key_heads=2, head_dim=8, value_dim=5, dtype=np.float64,
                         sketch=(p["a"], p["b"]), remote_gain=p["gain"])

    out, denominators = attention(parts).forward(q, k, v)
    assert denominators.shape == (1, 4, 11)
    got = attention(parts).backward(q, k, v, out, denominators, dout)
    gradients = {"q": got.q, "k": got.k, "v": got.v, "gain": got.remote_gain,
                 "a": got.sketch[0], "b": got.sketch[1]}
    for name, part in parts.items():
        step = direction.normal(size=part.shape) * 1e-6
        sides = [{**parts, name: part + sign * step} for sign in (1, -1)]
        losses = [np.sum(attention(p)(p["q"], p["k"], p["v"]) * dout) for p in sides]
        want = np.sum(gradients[name] * step)
        assert losses[0] - losses[1] == pytest.approx(2 * want, rel=1e-6), name


def test_gradients_have_the_layout_of_their_tensors():
    q, k, v = tensors(batch=1, tokens=11)
    attention = Attention("polynomial", heads=4, head_dim=8, value_dim=5, dtype=np.float64)
    results = []
    for layout in ("bhnd", "bnhd"):
        turn = (lambda x: x) if layout == "bhnd" else (lambda x: x.swapaxes(1, 2))
        a, b, c = turn(q), turn(k), turn(v)
        out, denominators = attention.forward(a, b, c, layout=layout)
        got = attention.backward(a, b, c, out, denominators, np.ones_like(out), layout=layout)
        assert got.sketch is None
        results.append([turn(got.q), turn(got.k), turn(got.v)])
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)


def test_sketches_are_drawn_once_and_differ_between_streams():
    q, k, v = tensors()
    outs = [polysketch_attention(q, k, v, stream=stream) for stream in (0, 1, 0)]
    assert np.array_equal(outs[0], outs[2]) and not np.allclose(outs[0], outs[1])
    from prodigest import _attention

    shape = _attention.Heads(4, 4, 8, 5)
    assert _attention.drawn("polysketch", shape, True, 0, None) is _attention.drawn(
        "polysketch", shape, True, 0, None)


def test_an_attention_says_what_it_is():
    attention = Attention("polysketch:size=16,seed=5", heads=4, key_heads=2, head_dim=8,
                          remote_gain=0.25)
    assert attention.spec == "polysketch:degree=4,size=16,seed=5"
    assert tuple(attention.shape) == (4, 2, 8, 8)
    assert list(attention.remote_gain) == [0.25] * 4
    assert [m.shape for m in attention.matrices] == [(8, 16)] * 4
    assert not attention.matrices[0].flags.writeable
    assert "polysketch" in repr(attention) and "float32" in repr(attention)


def test_threads_of_python_share_an_attention():
    q, k, v = tensors(tokens=300)
    want = polysketch_attention(q, k, v, stream=77, remote_gain=0.5)
    got = [None] * 4

    def attend(i):
        got[i] = polysketch_attention(q, k, v, stream=77, remote_gain=0.5)

    threads = [threading.Thread(target=attend, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(out, want) for out in got)


def test_polynomial_sketches_are_those_of_the_attention():
    spec = "polysketch:size=16,seed=5"
    sketch = _core.PolynomialSketch64.random(spec, 8, 3 << 16)
    drawn = Attention(spec, heads=1, head_dim=8, stream=3, dtype=np.float64)
    x = np.random.default_rng(1).normal(size=(7, 8))
    a, b = sketch.matrices
    assert np.array_equal(a, drawn.matrices[0]) and np.array_equal(b, drawn.matrices[1])
    close(sketch.apply(x), (x @ a) * (x @ b) / 4)
    close(_core.PolynomialSketch64.given(a, b).apply(x), sketch.apply(x))
    assert (sketch.head_dim, sketch.size, sketch.degree) == (8, 16, 2)


# Bad input


def test_shapes_that_do_not_fit_are_refused():
    q, k, v = tensors()
    with pytest.raises(ValueError, match=r"k must be 2 x 4 x 37 x 8 .* got 2 x 4 x 37 x 7"):
        polysketch_attention(q, k[..., :7], v)
    with pytest.raises(ValueError, match="v must be"):
        polysketch_attention(q, k, v[:1])
    with pytest.raises(ValueError, match="as many queries as keys"):
        softmax_attention(q[:, :, :5], k, v)
    with pytest.raises(ValueError, match="q has 4 heads and k 2 .*enable_gqa=True"):
        softmax_attention(q, k[:, :2], v[:, :2])
    with pytest.raises(ValueError, match="multiple of key_heads"):
        softmax_attention(q, k[:, :3], v[:, :3], enable_gqa=True)
    with pytest.raises(ValueError, match=r"q: expected 4 dimensions .* got shape \(4, 37, 8\)"):
        softmax_attention(q[0], k, v)
    with pytest.raises(ValueError, match='layout: expected "bhnd" or "bnhd"'):
        softmax_attention(q, k, v, layout="bthd")


def test_types_that_do_not_fit_are_refused():
    q, k, v = tensors()
    with pytest.raises(TypeError, match="q and v must be of one type, got float64 and float32"):
        polysketch_attention(q, k, v.astype(np.float32))
    with pytest.raises(TypeError, match="complex"):
        polysketch_attention(q.astype(complex), k, v)
    with pytest.raises(TypeError, match="q: "):
        polysketch_attention(q.astype(object), k, v)
    with pytest.raises(TypeError, match=r"k: a tensor on device .*call .cpu\(\) first"):
        polysketch_attention(q, Borrowed(k, device=(2, 0)), v)
    with pytest.raises(TypeError, match="dtype: expected float32 or float64, got int32"):
        Attention(heads=1, head_dim=8, dtype=np.int32)


def test_parameters_out_of_range_are_refused():
    q, k, v = tensors()
    for options, message in [
        ({"degree": 3}, "degree must be 2, 4 or 8, got 3"),
        ({"size": 0}, "size must be 1 to"),
        ({"sketch": "gausian"}, "gaussian"),
        ({"sketch": "hadamard", "size": 24}, "power of two"),
        ({"norm": "batch"}, "layer"),
        ({"epsilon": -1.0}, "epsilon must be at least 0"),
        ({"scale": 0.0}, "scale must be positive"),
        ({"remote_gain": [1.0, 2.0]}, "a remote gain for each head, 4, got 2"),
        ({"remote_gain": -1.0}, "remote gains must be at least 0"),
        ({"local_block": 8, "is_causal": False}, "local blocks are of causal attention"),
        ({"cu_seqlens": [0, 37]}, "batch must be 1"),
        ({"cu_seqlens": []}, "cu_seqlens must be integers"),
        ({"cu_seqlens": [0.0, 37.0]}, "cu_seqlens must be integers"),
        ({"stream": 1 << 24}, "stream must be below"),
        ({"sketch": (np.ones((4, 7, 3)), np.ones((4, 7, 3)))}, "sketch 0 must be of degree 2"),
        ({"sketch": (np.ones((4, 8, 3)), np.ones((3, 8, 3)))}, "a matrix for each key head"),
        ({"sketch": (np.ones((8, 3)), np.ones((8, 3)))}, "expected .key_heads, head_dim, size."),
    ]:
        with pytest.raises(ValueError, match=message):
            polysketch_attention(q, k, v, **options)
    with pytest.raises(TypeError, match="expected a name or two tensors"):
        polysketch_attention(q, k, v, sketch=np.ones((4, 8, 3)))


def test_numbers_that_are_none_are_named():
    q, k, v = tensors()
    k[1, 2, 30, 4] = np.nan
    with pytest.raises(ValueError, match="30"):
        polysketch_attention(q, k, v)


def test_there_are_no_gradients_of_a_performer():
    q, k, v = tensors()
    attention = Attention("performer", heads=4, head_dim=8, value_dim=5, dtype=np.float64)
    out, denominators = attention.forward(q, k, v)
    with pytest.raises(prodigest.UnsupportedError, match="performer has no gradients"):
        attention.backward(q, k, v, out, denominators, out)

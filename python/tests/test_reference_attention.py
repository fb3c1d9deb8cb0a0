"""Attention against the reference, in double and in single precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import attention
from reference.strategies import SEEDS, examples

from prodigest import _core

KINDS = {np.float64: (_core.Attention64, 1e-12), np.float32: (_core.Attention32, 1e-5)}


@st.composite
def specs(draw, kinds=("softmax", "polynomial", "polysketch", "performer")):
    kind = draw(st.sampled_from(kinds))
    options = [f"norm={draw(st.sampled_from(['layer', 'rms']))}"]
    if kind in ("polynomial", "polysketch"):
        options.append(f"degree={draw(st.sampled_from([2, 4, 8]))}")
    if kind == "polysketch":
        options += [f"sketch={draw(st.sampled_from(['orthogonal', 'gaussian', 'hadamard']))}",
                    f"size={draw(st.sampled_from([1, 2, 8, 16, 32]))}", f"seed={draw(SEEDS)}"]
    if kind == "performer":
        options += [f"size={draw(st.integers(1, 40))}", f"seed={draw(SEEDS)}"]
    if kind != "softmax" and draw(st.booleans()):
        options.append(f"epsilon={draw(st.sampled_from([0.001, 0.5, 3.0]))}")
    if draw(st.booleans()):
        options.append(f"scale={draw(st.sampled_from([0.05, 0.5]))}")
    return f"{kind}:{','.join(options)}"


@st.composite
def tensors(draw, same_length=True):
    """q, k and v: plain, alike, one-hot, with vectors of zeros."""
    groups, heads = draw(st.sampled_from([(1, 1), (2, 1), (3, 2), (1, 3)]))
    batch, width, value = draw(st.integers(1, 2)), draw(st.sampled_from([1, 2, 5, 8, 16])), draw(st.integers(1, 9))
    tokens = draw(st.integers(1, 5) | st.integers(6, 70))
    queries = tokens if same_length else draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    make = {
        "normal": lambda *shape: rng.normal(size=shape),
        "alike": lambda *shape: rng.normal(size=shape[-1:]) + 0.1 * rng.normal(size=shape),
        "sparse": lambda *shape: rng.normal(size=shape) * (rng.random((*shape[:-1], 1)) < 0.7),
        "one-hot": lambda *shape: np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])] * 3,
    }[draw(st.sampled_from(["normal", "alike", "sparse", "one-hot"]))]
    return (make(batch, groups * heads, queries, width), make(batch, heads, tokens, width),
            rng.normal(size=(batch, heads, tokens, value)))


def run(dtype, q, k, v, spec, *, causal=True, stream=0, gain=None, starts=None, state=None, layer=None):
    kind, _ = KINDS[dtype]
    if layer is None:
        layer = kind.random(spec, q.shape[1], k.shape[1], q.shape[3], v.shape[3], stream)
    if gain is not None:
        layer = layer.with_remote_gain(list(gain))
    q, k, v = (np.ascontiguousarray(x, dtype) for x in (q, k, v))
    out = np.empty((*q.shape[:3], v.shape[3]), dtype)
    layer.apply(q, k, v, out, causal, starts, state, False, 1)
    return out


def check(out, reference, v, dtype):
    """An output is a mean of values: to a share of the largest."""
    assert np.abs(out - reference).max() <= KINDS[dtype][1] * np.abs(v).max()


@examples(150)
@given(tensors(), specs(), st.booleans(), st.sampled_from([0, 1, 2**24 - 1]))
def test_outputs(qkv, spec, causal, stream):
    reference = attention.attend(*qkv, spec, causal=causal, stream=stream)
    check(run(np.float64, *qkv, spec, causal=causal, stream=stream), reference, qkv[2], np.float64)


@examples(60)
@given(tensors(), specs(), st.booleans())
def test_outputs_in_single_precision(qkv, spec, causal):
    qkv = tuple(x.astype(np.float32) for x in qkv)
    reference = attention.attend(*qkv, spec, causal=causal)
    check(run(np.float32, *qkv, spec, causal=causal), reference, qkv[2], np.float32)


@examples(40)
@given(tensors(same_length=False), specs())
def test_outputs_where_queries_are_not_as_many_as_keys(qkv, spec):
    check(run(np.float64, *qkv, spec, causal=False), attention.attend(*qkv, spec, causal=False), qkv[2], np.float64)


@examples(30)
@given(tensors(), specs(("polysketch",)), st.integers(1, 80), st.data())
def test_outputs_with_local_blocks_and_gains(qkv, spec, local, data):
    gain = [data.draw(st.sampled_from([0.0, 0.02, 1.0, 7.0])) for _ in range(qkv[0].shape[1])]
    if data.draw(st.booleans()):
        spec += f",local_block={local}"
    check(run(np.float64, *qkv, spec, gain=gain), attention.attend(*qkv, spec, gain=gain), qkv[2], np.float64)


@examples(40)
@given(tensors(), specs(), st.data())
def test_outputs_of_packed_sequences(qkv, spec, data):
    qkv = tuple(x[:1] for x in qkv)
    tokens = qkv[0].shape[2]
    cuts = data.draw(st.lists(st.integers(0, tokens), max_size=4))
    starts = np.array([0, *sorted(cuts), tokens], np.int64)
    causal = data.draw(st.booleans())
    reference = attention.attend(*qkv, spec, causal=causal, starts=starts)
    check(run(np.float64, *qkv, spec, causal=causal, starts=starts), reference, qkv[2], np.float64)


@examples(30)
@given(tensors(), specs(("polysketch", "performer")))
def test_outputs_from_sums_alone(qkv, spec):
    check(run(np.float64, *qkv, spec), attention.recur(*qkv, spec), qkv[2], np.float64)


@examples(60)
@given(tensors(), specs(("polysketch", "performer")), st.data())
def test_outputs_piece_by_piece_from_a_state(qkv, spec, data):
    q, k, v = qkv
    if spec.startswith("polysketch") and data.draw(st.booleans()):
        spec += f",local_block={data.draw(st.integers(1, 30))}"
    layer = KINDS[np.float64][0].random(spec, q.shape[1], k.shape[1], q.shape[3], v.shape[3], 3)
    state = layer.empty_state(len(q))
    cuts = [0, *sorted(data.draw(st.lists(st.integers(0, q.shape[2]), max_size=6))), q.shape[2]]
    pieces = [run(np.float64, *(x[:, :, a:b] for x in qkv), spec, layer=layer, state=state) for a, b in zip(cuts, cuts[1:])]
    check(np.concatenate(pieces, axis=2), attention.attend(q, k, v, spec, stream=3), v, np.float64)


@examples(25)
@given(SEEDS, st.sampled_from([1, 2, 5, 8, 16]), st.sampled_from([1, 2, 4, 8, 32, 64]), st.sampled_from([4, 8]), st.integers(0, 2**24 - 1))
def test_sketches_are_those_of_the_protocol(seed, width, size, degree, stream):
    """Bit for bit, but for the rounding of an orthogonalisation."""
    for sketch in ("gaussian", "hadamard", "orthogonal"):
        layer = KINDS[np.float64][0].random(f"polysketch:degree={degree},size={size},sketch={sketch},seed={seed}", 2, 2,
                                            width, 1, stream)
        ours = [m for g in range(2) for m in
                attention.sketch_matrices(sketch, degree // 2, size, seed, width, (stream << 16) + g)]
        assert len(ours) == len(layer.matrices)
        for matrix, theirs in zip(ours, layer.matrices):
            if sketch == "orthogonal":
                assert np.abs(matrix - theirs).max() <= 1e-9 * np.sqrt(len(matrix))
            else:
                assert np.array_equal(matrix, theirs)


def test_given_matrices_make_the_sketch():
    rng = np.random.default_rng(4)
    q, k, v = rng.normal(size=(1, 4, 30, 6)), rng.normal(size=(1, 2, 30, 6)), rng.normal(size=(1, 2, 30, 3))
    a, b = rng.normal(size=(2, 2, 6, 10))
    spec = "polysketch:sketch=given,size=10"
    layer = KINDS[np.float64][0].given(spec, 4, 2, 6, 3, a, b, [])
    reference = attention.attend(q, k, v, spec, given=[[a[g], b[g]] for g in range(2)])
    check(run(np.float64, q, k, v, spec, layer=layer), reference, v, np.float64)


@pytest.mark.parametrize("kind", ["gaussian", "orthogonal", "hadamard"])
def test_sketches_of_the_reference_have_the_right_mean(kind):
    """<S q, S k> is <q, k>² on average: 400 sketches, five standard errors."""
    q, k = np.random.default_rng(1).normal(size=(2, 6))
    estimates = []
    for seed in range(400):
        matrices = attention.sketch_matrices(kind, 2, 4, seed, 6, 0)
        estimates.append(attention.sketch(q, matrices) @ attention.sketch(k, matrices))
    error = np.std(estimates) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - (q @ k) ** 2) <= 5 * error

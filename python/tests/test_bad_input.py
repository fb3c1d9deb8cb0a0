"""Bad arrays, given to everything that takes arrays: the right exception, with the argument's name."""

import numpy as np
import prodigest
import pytest
from prodigest import kernel

RNG = np.random.default_rng(1)
A, B, X = RNG.normal(size=(50, 4)), RNG.normal(size=(50, 3)), RNG.normal(size=50)
Q = RNG.normal(size=(1, 2, 8, 4))
SAMPLE, CODES = prodigest.sketch(A), prodigest.quantize(A)
OPERATOR = prodigest.GaussianOperator(A, bandwidth=1)
FIT = prodigest.regress(SAMPLE, prodigest.sketch(B), target=0)
LAYER = prodigest.Attention("polysketch:size=8", heads=2, head_dim=4, dtype=np.float64)
OUT, SUMS = LAYER.forward(Q, Q, Q)
ONES = np.ones((2, 4, 8))


def sketch_of_user_weights(w):
    return prodigest.sketch(A, "priority:size=10,weight=user", weights=w)


# What is called, the name of its argument in messages, and good values of it.
REALS = {
    "sketch": (prodigest.sketch, "a", A),
    "sketch weights": (sketch_of_user_weights, "weights", np.abs(X)),
    "estimate_product a": (lambda a: prodigest.estimate_product(a, SAMPLE), "a", B),
    "estimate_product b": (lambda b: prodigest.estimate_product(SAMPLE, b), "b", B),
    "estimate_product of codes": (lambda b: prodigest.estimate_product(CODES, b), "b", B),
    "regress a": (lambda a: prodigest.regress(a, SAMPLE, target=0), "a", B),
    "regress b": (lambda b: prodigest.regress(SAMPLE, b, target=0), "b", B),
    "predict": (FIT.predict, "a", A),
    "compare": (lambda b: prodigest.compare(A, b, sizes=20, seeds=1, methods="sign"), "b", B),
    "statistics_of": (lambda b: prodigest.statistics_of(A, b), "b", B),
    "recommend": (lambda b: prodigest.recommend(A, b), "b", B),
    "whole_matrix": (prodigest.whole_matrix, "a", A),
    "quantize": (prodigest.quantize, "a", A),
    "quantize vectors": (lambda a: prodigest.quantize(a, vectors=True), "a", A),
    "CodesOperator": (lambda y: prodigest.CodesOperator(CODES) @ y, "y", X),
    "RowSampler": (lambda a: prodigest.RowSampler("priority:size=9", 4).update(a), "rows", A),
    "LinearSketcher": (lambda a: prodigest.LinearSketcher("sign:size=9", 4).update(a), "rows", A),
    "LatticeEncoder": (lambda a: prodigest.LatticeEncoder("lattice", 50).append(a), "columns", A),
    "append_vectors": (
        lambda a: prodigest.LatticeEncoder("lattice", 4).append_vectors(a),
        "vectors",
        A,
    ),
    "GaussianOperator": (lambda p: prodigest.GaussianOperator(p, bandwidth=1), "queries", A),
    "GaussianOperator keys": (lambda p: prodigest.GaussianOperator(A, p, bandwidth=1), "keys", A),
    "op @ x": (lambda x: OPERATOR @ x, "x", X),
    "y @ op": (lambda y: y @ OPERATOR, "[xy]", X),
    "exact_product": (lambda x: kernel.exact_product(A, None, x, bandwidth=1), "x", X),
    "hashed_product": (lambda x: kernel.hashed_product(A, None, x, bandwidth=1), "x", X),
    "density": (lambda p: kernel.density(p, bandwidth=1), "queries", A),
    "density weights": (lambda w: kernel.density(A, weights=w, bandwidth=1), "weights", np.abs(X)),
    "kernel attention": (lambda v: kernel.softmax_attention(A, A, v), "values", A),
    "diagnose": (lambda p: kernel.diagnose(p, bandwidth=1), "queries", A),
    "largest_eigenvalues": (lambda p: kernel.largest_eigenvalues(p, bandwidth=1), "queries", A),
    "trace": (lambda p: kernel.trace(p, bandwidth=1), "queries", A),
    "solve_ridge": (lambda b: kernel.solve_ridge(A, b, bandwidth=1), "b", X),
    "polysketch_attention q": (lambda q: prodigest.polysketch_attention(q, Q, Q), "q", Q),
    "performer_attention k": (lambda k: prodigest.performer_attention(Q, k, Q), "k", Q),
    "softmax_attention v": (lambda v: prodigest.softmax_attention(Q, Q, v), "v", Q),
    "polynomial_attention v": (lambda v: prodigest.polynomial_attention(Q, Q, v), "v", Q),
    "sketches": (
        lambda s: prodigest.polysketch_attention(Q, Q, Q, sketch=(s, ONES)),
        r"sketch\[0\]",
        ONES,
    ),
    "backward": (lambda d: LAYER.backward(Q, Q, Q, OUT, SUMS, d), "dout", OUT),
    "denominators": (lambda s: LAYER.backward(Q, Q, Q, OUT, s, OUT), "denominators", SUMS),
    "remote_gain": (
        lambda g: prodigest.polysketch_attention(Q, Q, Q, local_block=4, remote_gain=g),
        "remote_gain",
        np.ones(2),
    ),
}
INTEGERS = {
    "row_ids": (prodigest.row_ids, "key", np.arange(50)),
    "sketch row_ids": (lambda ids: prodigest.sketch(A, row_ids=ids), "row_ids", np.arange(50)),
    "cu_seqlens": (
        lambda starts: prodigest.polysketch_attention(Q, Q, Q, cu_seqlens=starts),
        "cu_seqlens",
        np.array([0, 3, 8]),
    ),
}


class OnGpu:
    """What numpy sees of a tensor in a GPU's memory."""

    device = "cuda:0"

    def __init__(self, a):
        self.shape, self.ndim, self.dtype = a.shape, a.ndim, a.dtype

    def __dlpack__(self, **_):
        raise BufferError("not in the CPU's memory")

    def __dlpack_device__(self):
        return 2, 0


def each(of):
    return pytest.mark.parametrize(("call", "name", "good"), of.values(), ids=of.keys())


@each(REALS | INTEGERS)
def test_good_values_are_taken(call, name, good):
    call(good)


@each(REALS)
@pytest.mark.parametrize("dtype", [object, complex, str, "M8[s]"])
def test_another_dtype_is_a_type_error(call, name, good, dtype):
    with pytest.raises(TypeError, match=rf"^{name}: expected real numbers .* got dtype"):
        call(np.zeros(good.shape, dtype))


@each(INTEGERS)
@pytest.mark.parametrize("dtype", [object, complex, float, bool])
def test_what_are_no_integers_is_refused(call, name, good, dtype):
    with pytest.raises((TypeError, ValueError), match=rf"^{name}\b.*(integers|text)"):
        call(np.zeros(good.shape, dtype))


@each(REALS | INTEGERS)
def test_lists_that_make_no_array_are_a_type_error(call, name, good):
    with pytest.raises(TypeError, match=rf"^{name}: expected an array of numbers, got .*list"):
        call([[1, 2], [1]])


@each(REALS | INTEGERS)
def test_too_many_dimensions_are_a_value_error(call, name, good):
    with pytest.raises((TypeError, ValueError), match=rf"^{name}[: ].*(dimension|shape|expected)"):
        call(good[np.newaxis, np.newaxis])


@each(REALS | INTEGERS)
def test_a_tensor_on_a_gpu_is_a_type_error(call, name, good):
    with pytest.raises(TypeError, match=rf"^{name}: a tensor on device cuda:0.*\.cpu\(\)"):
        call(OnGpu(good))


@each(REALS | INTEGERS)
def test_tensors_of_torch_that_numpy_cannot_read_are_refused(call, name, good):
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(good)
    with pytest.raises(TypeError, match=rf"^{name}: a tensor on device meta"):
        call(tensor.to("meta"))
    with pytest.raises(ValueError, match=rf"^{name}: a tensor that requires a gradient.*detach"):
        call(tensor.double().requires_grad_())


# Of these C++ has one matrix only, names its own, or takes what comes.
ONE_MATRIX = "sketch, estimate_product a, estimate_product b, estimate_product of codes, quantize"
UNNAMED = {
    **dict.fromkeys([*ONE_MATRIX.split(", "), "whole_matrix"], "entries must be finite"),
    **dict.fromkeys(["RowSampler", "LinearSketcher", "LatticeEncoder"], "entries must be finite"),
    **dict.fromkeys(["quantize vectors", "append_vectors"], "entries must be finite"),
    "CodesOperator": "entries must be finite, got (nan|inf) in entry 25",
    "sketch weights": "weight of a row",
    "density weights": "weights: expected numbers",
    "remote_gain": "remote gains must be",
    "sketches": "too large to be added",
}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("what", [n for n in REALS if n not in ("predict", "denominators")])
def test_nan_and_infinity_are_value_errors_that_say_where(what, bad):
    call, name, good = REALS[what]
    given = np.array(good)
    given.flat[given.size // 2] = bad
    message = UNNAMED.get(what, rf"\b{name}\b.*must be finite, got {bad} (in row 25|at batch 0)")
    with pytest.raises(ValueError, match=message):
        call(given)


def test_in_fortran_order_the_results_are_the_same():
    f = np.asfortranarray(A)
    assert prodigest.sketch(f).to_bytes() == SAMPLE.to_bytes()
    assert prodigest.quantize(f).to_bytes() == CODES.to_bytes()
    assert prodigest.GaussianOperator(f, bandwidth=1).to_bytes() == OPERATOR.to_bytes()
    assert np.array_equal(FIT.predict(f), FIT.predict(A))
    assert np.array_equal(
        prodigest.polysketch_attention(*[np.asfortranarray(Q)] * 3),
        prodigest.polysketch_attention(Q, Q, Q),
    )


def test_negative_keys_are_their_twos_complement():
    negative = -np.arange(1, 51)
    wanted = negative.astype(np.uint64)
    assert np.array_equal(prodigest.row_ids(negative), wanted)
    assert np.array_equal(prodigest.row_ids([str(i) for i in negative]), wanted)
    kept = prodigest.sketch(A, row_ids=negative)
    assert kept == prodigest.sketch(A, row_ids=wanted)
    assert np.array_equal(kept.row_ids, np.sort(wanted))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sketch_of_user_weights(X[:-1]), "weights: expected one for each of 50 rows, got"),
        (lambda: prodigest.sketch(A, row_ids=np.arange(49)), "a row id for each of 50 rows, got 49"),
        (lambda: prodigest.sketch(A, columns=["x"]), "expected 4 column names, got 1"),
        (lambda: prodigest.row_ids([1, 2], [1]), "key"),
        (lambda: prodigest.estimate_product(CODES, B[:-1]), "inner dimensions differ: 50 and 49"),
        (lambda: FIT.predict(B), "a: expected 4 columns, got 3"),
        (lambda: prodigest.CodesOperator(CODES) @ X[:-1], "y must have 50 entries, got 49"),
        (lambda: prodigest.RowSampler("priority:size=9", 3).update(A), "3 columns, got 4"),
        (lambda: prodigest.GaussianOperator(A, B, bandwidth=1), "equally many columns, got 4 and 3"),
        (lambda: OPERATOR @ X[:-1], "x must have a row for each of 50 keys, got 49"),
        (lambda: kernel.density(A, weights=X[:-1], bandwidth=1), "weights: expected one for each"),
        (lambda: kernel.softmax_attention(A, A, B[:-1]), "as many values as keys, 50, got 49"),
        (lambda: kernel.solve_ridge(A, X[:-1], bandwidth=1), "b must be of one size"),
        (lambda: prodigest.softmax_attention(Q, Q, Q[:, :, :-1]), "v must be 1 x 2 x 8 x 4"),
        (lambda: prodigest.softmax_attention(Q, Q, Q, cu_seqlens=[0, 9]), "number of tokens, 8"),
        (
            lambda: prodigest.polysketch_attention(Q, Q, Q, local_block=4, remote_gain=[1.0]),
            "a remote gain for each head, 2, got 1",
        ),
    ],
)
def test_lengths_that_do_not_go_together_are_value_errors(call, message):
    with pytest.raises(ValueError, match=message):
        call()

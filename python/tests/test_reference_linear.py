"""Linear sketches and their products against the reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import digest_file, linear, sampling
from reference.agreement import assert_close, assert_roots_close
from reference.strategies import SEEDS, examples, matrices, row_ids

import prodigest


@st.composite
def specs(draw, methods=("countsketch", "osnap", "gaussian", "sign")):
    method = draw(st.sampled_from(methods))
    size = draw(st.integers(1, 5) | st.integers(6, 60))
    options = [f"size={size}", f"seed={draw(SEEDS)}"]
    if method == "osnap":
        options.append(f"nonzeros={draw(st.integers(1, min(size, 12)))}")
    if draw(st.booleans()):
        options.append("rows=parts")
    return f"{method}:{','.join(options)}"


def check_same(digest, reference):
    """Sparse embeddings bit for bit, products by GEMM to rounding."""
    metadata, tensors = digest_file.of(digest)
    values = digest_file.rows(tensors, metadata, reference.size)
    assert np.array_equal(values, digest.values)
    if reference.method in ("countsketch", "osnap"):
        assert np.array_equal(values, reference.values)
    else:
        assert_close(values, reference.values, reference.magnitude)
    if reference.squared_norm is not None:
        assert float(sampling.exact_sum(digest_file.exact(metadata["squared_norm"]))) == reference.squared_norm
    else:
        assert "squared_norm" not in metadata


@examples(150)
@given(st.data())
def test_sketches(data):
    a, spec = data.draw(matrices()), data.draw(specs())
    ids = data.draw(row_ids(len(a)))
    check_same(prodigest.sketch(a, spec, row_ids=ids), linear.sketch(a, spec, ids))


@examples(60)
@given(st.data())
def test_hadamard_sketches(data):
    """Of rows in any order, of which some may be missing."""
    a = data.draw(matrices())
    length = max(1, len(a)) + data.draw(st.integers(0, 100))
    rounded = 1 << (length - 1).bit_length()
    ids = np.random.default_rng(len(a)).permutation(rounded)[:len(a)].astype(np.uint64)
    size = data.draw(st.integers(1, min(rounded, 40)) | st.just(rounded))
    spec = f"srht:size={size},length={length},seed={data.draw(SEEDS)}"
    check_same(prodigest.sketch(a, spec, row_ids=ids), linear.sketch(a, spec, ids))


def check_product(estimate, reference):
    """To 1e-12 of the moments that errors are differences of."""
    assert_close(estimate.value, reference.value, reference.magnitude)
    error = estimate.frobenius_error
    assert_close(estimate.effective_rows, reference.effective_rows, reference.effective_rows)
    assert_close(error.apriori, reference.apriori, reference.apriori)
    assert_roots_close(error.estimated, reference.estimated, reference.scale)
    assert_roots_close(error.bound, reference.bound, reference.scale / (1 - error.confidence) ** 0.5)
    assert_roots_close(estimate.standard_deviation, reference.standard_deviation, reference.deviation_scale)


@examples(200)
@given(st.data())
def test_products_of_sketches(data):
    n = data.draw(st.integers(0, 60))
    a, b = data.draw(matrices(rows=n)), data.draw(matrices(rows=n))
    if data.draw(st.booleans()):
        spec = data.draw(specs())
    else:
        rounded = 1 << (max(n, 1) - 1).bit_length()
        spec = f"srht:length={rounded},size={data.draw(st.integers(1, rounded))},seed={data.draw(SEEDS)}"
    confidence = data.draw(st.sampled_from([0.5, 0.95, 0.999]))
    estimate = prodigest.estimate_product(prodigest.sketch(a, spec), prodigest.sketch(b, spec), confidence=confidence,
                                          standard_deviations=True)
    check_product(estimate, linear.estimate_product(linear.sketch(a, spec), linear.sketch(b, spec), confidence))


@examples(60)
@given(st.data())
def test_sketches_of_parts_add_up(data):
    """Rows may be cut into parts: sums of whole numbers are exact."""
    a = data.draw(matrices(kinds=("whole",), scaled=False, dtypes=(np.float64,)))
    method = data.draw(st.sampled_from(["countsketch:size=7", "osnap:size=10,nonzeros=4", "sign:size=16"]))
    spec = f"{method},rows=parts,seed={data.draw(SEEDS)}"
    part = np.random.default_rng(len(a)).integers(-3, 4, a.shape).astype(float)
    merged = prodigest.merge(prodigest.sketch(a - part, spec), prodigest.sketch(part, spec))
    expected = linear.sketch(a, spec)
    assert_close(merged.values, expected.values, expected.magnitude + 3 * len(a), 1e-15)


def test_values_in_single_precision_are_rounded_once():
    a = np.random.default_rng(2).normal(size=(100, 4))
    for spec in ("countsketch:size=9,values=f32", "osnap:size=9,nonzeros=3,values=f32"):
        check_same(prodigest.sketch(a, spec), linear.sketch(a, spec))


def test_a_sparse_matrix_has_the_same_sketch():
    sparse = pytest.importorskip("scipy.sparse")
    rng = np.random.default_rng(5)
    a = rng.normal(size=(80, 23)) * (rng.random((80, 23)) < 0.2)
    for spec in ("countsketch:size=9,seed=4", "osnap:size=30,seed=4", "srht:size=30,seed=4", "gaussian:size=9,seed=4"):
        check_same(prodigest.sketch(sparse.csr_matrix(a), spec), linear.sketch(a, spec))

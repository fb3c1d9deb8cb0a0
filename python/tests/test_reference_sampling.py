"""Samples and their products against the reference: the same rows, bit for bit."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import digest_file, draws, sampling
from reference.agreement import assert_close, assert_roots_close
from reference.strategies import SEEDS, examples, matrices, row_ids

import prodigest


@st.composite
def specs(draw, weights=("squared_norm", "norm", "uniform")):
    method = draw(st.sampled_from(["priority:", "threshold:", "threshold:tau=plain,"]))
    weight = draw(st.sampled_from(weights))
    options = [f"size={draw(st.integers(2, 8) | st.integers(9, 80))}", f"weight={weight}"]
    if weight not in ("uniform", "user") and draw(st.booleans()):
        options.append(f"mixture={draw(st.sampled_from([0.1, 0.5, 0.9]))}")
    if draw(st.booleans()):
        options.append(f"totals={draw(st.sampled_from(['none', 'norm', 'full']))}")
    return method + ",".join(options) + f",seed={draw(SEEDS)}"



def check_same(digest, reference):
    """Decisions and what they rest on, bit for bit."""
    metadata, tensors = digest_file.of(digest)
    assert np.array_equal(digest.row_ids, reference.row_ids)
    assert np.array_equal(tensors["row_ids"], reference.row_ids)
    assert digest.tau == reference.tau == float(metadata["tau"])
    assert int(metadata["tau_row"]) == reference.tau_row
    assert np.array_equal(digest.weights, reference.weights)
    assert np.array_equal(digest_file.rows(tensors, metadata, len(reference.row_ids)), reference.values)
    assert digest.rows == reference.rows == int(metadata["rows"])
    if reference.squared_norm is None:
        assert "squared_norm" not in metadata
    else:
        assert sampling.exact_sum(digest_file.exact(metadata["squared_norm"])) == reference.squared_norm
    if reference.method != "priority":
        assert sampling.exact_sum(digest_file.exact(metadata["weight"])) == reference.weight_sum


@examples(250)
@given(st.data())
def test_samples_hold_the_same_rows(data):
    a, spec = data.draw(matrices()), data.draw(specs())
    ids = data.draw(row_ids(len(a)))
    check_same(prodigest.sketch(a, spec, row_ids=ids), sampling.sketch(a, spec, ids))


@examples(60)
@given(SEEDS, st.integers(3, 60), st.integers(2, 40), st.integers(0, 20), st.booleans())
def test_equal_ranks_are_decided_by_row_id(seed, n, size, shift, shuffled):
    """Rows whose squared norm is their uniform number, nearly: ranks differ by rounding or not at all."""
    ids = np.arange(n, dtype=np.uint64) << np.uint64(shift)
    if shuffled:
        ids = np.random.default_rng(n).permutation(ids)
    a = np.sqrt(draws.uniform(seed, draws.ROW_SELECTION, ids))[:, None]
    ranks = draws.uniform(seed, draws.ROW_SELECTION, ids) / a[:, 0] ** 2
    assume(len(set(ranks.tolist())) < n)
    spec = f"priority:size={size},seed={seed}"
    check_same(prodigest.sketch(a, spec, row_ids=ids), sampling.sketch(a, spec, ids))


@examples(60)
@given(st.data())
def test_samples_by_weights_of_the_user_hold_the_same_rows(data):
    a, spec = data.draw(matrices(scaled=False)), data.draw(specs(weights=("user",)))
    rng = np.random.default_rng(len(a))
    weights = rng.pareto(1, len(a)) + rng.random()
    check_same(prodigest.sketch(a, spec, weights=weights), sampling.sketch(a, spec, user_weights=weights))


@examples(60)
@given(st.data())
def test_samples_by_leverage_hold_the_same_rows(data):
    n = data.draw(st.integers(20, 70))
    a = data.draw(matrices(rows=n, cols=5, kinds=("normal", "heavy"), scaled=False))
    spec = data.draw(specs(weights=("leverage", "ridge_leverage")))
    spec += ",ridge=0.7" if "ridge" in spec else ""
    digest, reference = prodigest.sketch(a, spec), sampling.sketch(a, spec)
    assert np.array_equal(digest.row_ids, reference.row_ids)
    assert_close(digest.weights, reference.weights, reference.weights, 1e-9)
    assert_close(digest.tau, reference.tau, reference.tau, 1e-9)


def check_product(estimate, reference):
    """To 1e-12; of 1 - p the library knows 16 digits behind the point."""
    assert_close(estimate.value, reference.value, reference.magnitude)
    error = estimate.frobenius_error
    assert estimate.matched_rows == reference.matched_rows
    assert_close(estimate.effective_rows, reference.effective_rows, reference.effective_rows)
    assert_close(error.blind, reference.blind, reference.blind)
    assert_close(error.apriori, reference.apriori, reference.apriori)
    assert_roots_close(error.estimated, reference.estimated, reference.scale)
    assert_roots_close(error.bound, reference.bound, reference.scale / (1 - error.confidence) ** 0.5)
    assert_roots_close(estimate.standard_deviation, reference.standard_deviation, reference.magnitude)


@examples(250)
@given(st.data())
def test_products_of_samples(data):
    """Methods, sizes, weights and columns of the two sides may differ, and rows may be on one side only."""
    a, b = data.draw(matrices()), data.draw(matrices())
    spec_a, spec_b = data.draw(specs()), data.draw(specs())
    spec_b = spec_b[:spec_b.index("seed=")] + spec_a[spec_a.index("seed="):]
    confidence = data.draw(st.sampled_from([0.5, 0.95, 0.999]))
    n = max(len(a), len(b))
    ids = data.draw(row_ids(n))
    ids = np.arange(n, dtype=np.uint64) if ids is None else ids
    ids_a, ids_b = ids[:len(a)], ids[n - len(b):]
    estimate = prodigest.estimate_product(
        prodigest.sketch(a, spec_a, row_ids=ids_a), prodigest.sketch(b, spec_b, row_ids=ids_b),
        confidence=confidence, standard_deviations=True)
    reference = sampling.estimate_product(sampling.sketch(a, spec_a, ids_a), sampling.sketch(b, spec_b, ids_b), confidence)
    check_product(estimate, reference)


@examples(60)
@given(st.data())
def test_products_of_a_sample_and_a_matrix(data):
    n = data.draw(st.integers(1, 60))
    a, b = data.draw(matrices(rows=n)), data.draw(matrices(rows=n))
    spec = data.draw(specs())
    estimate = prodigest.estimate_product(prodigest.sketch(a, spec), b, standard_deviations=True)
    reference = sampling.estimate_product(sampling.sketch(a, spec), sampling.whole(b))
    check_product(estimate, reference)


@examples(100)
@given(st.data())
def test_merged_samples_hold_the_rows_of_the_whole(data):
    """By the library, by the reference from samples alone, and by one pass over all rows."""
    a = data.draw(matrices())
    spec = data.draw(specs())
    spec += ",mean=3.5" if "mixture" in spec else ""
    ids = data.draw(row_ids(len(a)))
    ids = np.arange(len(a), dtype=np.uint64) if ids is None else ids
    part = np.random.default_rng(len(a)).integers(0, data.draw(st.integers(1, 4)), len(a))
    pieces = [(a[part == j], ids[part == j]) for j in range(int(part.max(initial=0)) + 1)]
    merged = prodigest.merge([prodigest.sketch(rows, spec, row_ids=names) for rows, names in pieces])
    by_samples = sampling.merge([sampling.sketch(rows, spec, names) for rows, names in pieces])
    whole = sampling.sketch(a, spec, ids)
    check_same(merged, whole)
    check_same(merged, by_samples)


@examples(60)
@given(st.data())
def test_a_sample_that_is_cut_is_one_of_the_smaller_size(data):
    a, spec = data.draw(matrices()), data.draw(specs())
    size = int(spec[spec.index("size=") + 5:].split(",")[0])
    smaller = data.draw(st.integers(2, size))
    cut = sampling.sketch(a, spec.replace(f"size={size}", f"size={smaller}"))
    check_same(prodigest.truncate(prodigest.sketch(a, spec), smaller), cut)
    check_same(prodigest.truncate(prodigest.sketch(a, spec), smaller),
               sampling.merge([sampling.sketch(a, spec)], smaller))


def test_rows_in_a_sparse_matrix_weigh_the_same():
    sparse = pytest.importorskip("scipy.sparse")
    rng = np.random.default_rng(5)
    a = rng.normal(size=(80, 23)) * (rng.random((80, 23)) < 0.6)
    spec = "threshold:size=20,weight=norm,seed=5"
    check_same(prodigest.sketch(sparse.csr_matrix(a), spec), sampling.sketch(a, spec))

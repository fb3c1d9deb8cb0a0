"""Samples with rows in few bits against the reference."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from reference import coded_rows, digest_file, sampling
from reference.agreement import assert_close
from reference.strategies import SEEDS, examples, matrices, row_ids

import prodigest

CODES = ["F4", "F4pair", "F4fast", "F3", "F2", "I8", "int4", "int7"]


@examples(120)
@given(st.data())
def test_coded_rows_decode_to_the_same_numbers(data):
    """Row ids, weights and tau are those of the sample that is not coded."""
    a = data.draw(matrices(cols=data.draw(st.sampled_from([None, 64, 65, 100, 600])), scaled=False))
    code = data.draw(st.sampled_from(CODES))
    spec = f"{data.draw(st.sampled_from(['priority', 'threshold']))}:size=12,weight=norm,seed={data.draw(SEEDS)}"
    ids = data.draw(row_ids(len(a)))
    digest = prodigest.sketch(a, f"{spec},values=lattice:{code}", row_ids=ids)
    metadata, tensors = digest_file.of(digest)
    exact = sampling.sketch(a, spec, ids)
    assert np.array_equal(digest.row_ids, exact.row_ids)
    assert np.array_equal(digest.weights, exact.weights)
    assert digest.tau == exact.tau
    rows, norms = coded_rows.decode(metadata, tensors)
    assert np.array_equal(norms, exact.norms)
    lengths = np.sqrt(norms)[:, None]
    values = digest.values if isinstance(digest.values, np.ndarray) else digest.values.toarray()
    assert_close(values, rows, lengths, 3e-6)
    # <x, decoded> is the squared norm, and the rest is across, of the noise that is said.
    assert_close((rows * exact.values).sum(axis=1), norms, norms, 2e-3)
    noise = np.where(norms > 0, (rows**2).sum(axis=1) / np.where(norms > 0, norms, 1) - 1, 0)
    assert np.all(noise <= tensors["noises"].astype(float) + 1e-5)


@examples(30)
@given(st.data())
def test_products_of_coded_samples(data):
    n = data.draw(st.integers(1, 60))
    a, b = (data.draw(matrices(rows=n, cols=cols, scaled=False, kinds=("normal", "heavy", "sparse"))) for cols in (9, 17))
    seed, code = data.draw(SEEDS), data.draw(st.sampled_from(CODES))
    specs = [f"priority:size={data.draw(st.integers(2, 70))},seed={seed}" for _ in range(2)]
    exact = [sampling.sketch(matrix, spec) for matrix, spec in zip((a, b), specs)]
    digests = [prodigest.sketch(matrix, f"{spec},values=lattice:{code}") for matrix, spec in zip((a, b), specs)]
    coded = [coded_rows.coded(sample, *digest_file.of(digest)) for sample, digest in zip(exact, digests)]
    estimate = prodigest.estimate_product(*digests)
    reference = sampling.estimate_product(*coded)
    assert_close(estimate.value, reference.value, reference.scale, 1e-5)
    assert_close(estimate.frobenius_error.estimated**2, coded_rows.variance(*coded, *exact), reference.scale**2, 1e-5)
    assert_close(estimate.frobenius_error.blind, sampling.estimate_product(*exact).blind, reference.scale + reference.blind, 1e-9)

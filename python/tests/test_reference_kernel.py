"""Gaussian kernel products against the reference; points are float32 within the library."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from reference import kernel
from reference.strategies import examples, matrices

import prodigest


@st.composite
def points(draw, dim=None):
    kinds = ("normal", "sparse", "whole", "equal", "zeros")
    return draw(matrices(rows=draw(st.integers(1, 60)), cols=dim, kinds=kinds, scaled=False, dtypes=(np.float32,)))


@examples(100)
@given(st.data())
def test_exact_products(data):
    """Exponents are rounded as squared distances from the mean of keys are. The points may lie far from the origin."""
    keys = data.draw(points())
    queries = data.draw(st.none() | points(keys.shape[1]))
    far = np.float32(data.draw(st.sampled_from([0, 0, 64])))
    keys = keys + far
    queries = None if queries is None else queries + far
    bandwidth = data.draw(st.sampled_from([0.3, 1.0, 5.0]))
    rng = np.random.default_rng(len(keys))
    x = rng.normal(size=(len(keys), data.draw(st.integers(1, 3))))
    y = prodigest.kernel.exact_product(queries if queries is not None else keys, None if queries is None else keys, x, bandwidth=bandwidth)
    queries = keys if queries is None else queries
    k = kernel.matrix(queries, keys, bandwidth)
    centre = keys.mean(axis=0, dtype=np.float64)
    squares = [((side - centre) ** 2).sum(axis=1) / (2 * bandwidth**2) for side in (queries, keys)]
    error = k * 5e-7 * (1 + squares[0][:, None] + squares[1][None]) + 2.0**-120  # what is smaller may be 0
    assert np.all(np.abs(y - k @ x) <= error @ np.abs(x))


@examples(60)
@given(st.data())
def test_softmax_is_a_kernel_product(data):
    """Of the reference alone: exp(<q, k> scale) is exp(row_logs) K, whatever the points."""
    keys = data.draw(points()).astype(np.float64)
    queries = data.draw(points(keys.shape[1])).astype(np.float64)
    scale = data.draw(st.sampled_from([0.0, 0.05, 1.0]))
    q, k, row_logs, bandwidth = kernel.reduce_softmax(queries, keys, scale)
    logs = row_logs[:, None] - ((q[:, None] - k[None]) ** 2).sum(axis=2) / (2 * bandwidth**2)
    assert np.allclose(logs, queries @ keys.T * (scale or keys.shape[1] ** -0.5), rtol=1e-12, atol=1e-11)


@examples(40)
@given(st.data())
def test_softmax_attention_by_kernel_products(data):
    """Few points: every pair is evaluated."""
    keys = data.draw(points())
    queries = data.draw(points(keys.shape[1]))
    values = np.random.default_rng(len(keys)).normal(size=(len(keys), 4)).astype(np.float32)
    out, _ = prodigest.kernel.softmax_attention(queries, keys, values)
    reference = kernel.softmax_attention(*(x.astype(np.float64) for x in (queries, keys, values)))
    assert np.abs(out - reference).max() <= 1e-4 * np.abs(values).max()


def test_densities_are_means_of_normal_densities():
    rng = np.random.default_rng(3)
    keys, queries = rng.normal(size=(50, 3)).astype(np.float32), rng.normal(size=(20, 3)).astype(np.float32)
    weights = rng.random(50)
    densities, _ = prodigest.kernel.density(queries, keys, weights=weights, bandwidth=0.7, exact=True)
    expected = kernel.product(queries, keys, weights / weights.sum(), 0.7) / (2 * np.pi * 0.7**2) ** 1.5
    assert np.allclose(densities, expected, rtol=1e-5)

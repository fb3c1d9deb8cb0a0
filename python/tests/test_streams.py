"""Digests of rows that come a block at a time."""

import numpy as np
import prodigest
import pytest
import scipy.sparse as sp
from inputs import SAMPLES, SKETCHES, matrix


@pytest.mark.parametrize("spec", SAMPLES + SKETCHES)
def test_streams_make_the_digest_of_the_whole(spec):
    spec += ",length=256" if spec.startswith("srht") else ""
    a = matrix()
    stream = (prodigest.RowSampler if spec in SAMPLES else prodigest.LinearSketcher)(spec, 5)
    whole = prodigest.sketch(a, spec)
    assert stream.update(a[:70]) is stream
    stream.update(a[70:70]).update(a[70:]).update(sp.csr_array((0, 5)))
    assert stream.rows == 200
    digest = stream.finish()
    if spec in SAMPLES:
        assert digest == whole
    else:
        assert np.allclose(digest.values, whole.values, atol=1e-12)
    with pytest.raises(ValueError, match="finish"):
        stream.update(a)
    with pytest.raises(ValueError, match="finish"):
        stream.finish()


def test_a_stream_takes_named_rows_in_any_order_and_weights():
    a, order = matrix(), np.random.default_rng(5).permutation(200)
    stream = prodigest.RowSampler("priority:size=40", 5)
    for block in np.array_split(order, 7):
        stream.update(a[block], block)
    assert stream.finish() == prodigest.sketch(a, "priority:size=40")

    weights = np.random.default_rng(6).random(200) + 0.1
    stream = prodigest.RowSampler("priority:size=40,weight=user", 5)
    stream.update(a[:50], weights=weights[:50]).update(a[50:], weights=weights[50:])
    whole = prodigest.sketch(a, "priority:size=40,weight=user", weights=weights)
    assert stream.finish() == whole
    assert np.array_equal(whole.weights, weights[whole.row_ids.astype(int)])


def test_a_refused_block_leaves_a_stream_as_it_was():
    a = matrix()
    bad = a.copy()
    bad[3, 2] = np.nan
    stream = prodigest.LinearSketcher("countsketch:size=40", 5).update(a[:100])
    with pytest.raises(ValueError, match="NaN|nan"):
        stream.update(bad[:50])
    with pytest.raises(ValueError, match="column"):
        stream.update(matrix(10, 4))
    assert stream.rows == 100
    digest = stream.update(a[100:]).finish()
    assert np.allclose(digest.values, prodigest.sketch(a, "countsketch:size=40").values, atol=1e-12)


def test_an_encoder_takes_columns_and_vectors():
    a = matrix(64, 20)
    encoder = prodigest.LatticeEncoder("lattice:format=F4,seed=7", 64)
    encoder.append(a[:, :12]).append_vectors(np.ascontiguousarray(a[:, 12:].T))
    assert encoder.cols == 20
    assert encoder.snapshot() == encoder.finish() == prodigest.sketch(a, "lattice:format=F4,seed=7")

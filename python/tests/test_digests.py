"""Digests and their verbs."""

import numpy as np
import prodigest
import pytest
import scipy.sparse as sp
from inputs import SAMPLES, SPECS, matrix, sparse_matrix


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("spec", SPECS)
def test_threads_blocks_and_row_strides_do_not_change_a_digest(spec, dtype):
    a = matrix(dtype=dtype)
    wide = np.zeros((200, 9), dtype)
    wide[:, 2:7] = a
    digest = prodigest.sketch(a, spec, threads=1)
    assert prodigest.sketch(wide[:, 2:7], spec, threads=2) == digest
    assert digest != prodigest.sketch(a + 1, spec)


@pytest.mark.parametrize("spec", SPECS)
def test_a_fortran_array_has_the_digest_of_its_copy_in_c_order(spec):
    a = matrix()
    assert prodigest.sketch(np.asfortranarray(a), spec) == prodigest.sketch(a, spec)


@pytest.mark.parametrize("spec", [s for s in SPECS if not s.startswith(("gaussian", "sign"))])
def test_a_sparse_matrix_has_the_digest_of_the_dense_one(spec):
    a = sparse_matrix()
    digest = prodigest.sketch(a, spec)
    assert prodigest.sketch(a.toarray(), spec) == digest
    assert prodigest.sketch(a.tocsc(), spec) == digest


def test_a_sample_has_its_attributes():
    a = matrix()
    s = prodigest.sketch(a, "priority:size=40,seed=7,totals=full")
    assert (s.rows, s.cols, s.size, s.seed) == (200, 5, 40, 7)
    assert s.spec == "priority:size=40,seed=7,totals=full"
    assert s.key == [] and s.columns == [] and not s.complete and not s.sparse
    assert np.array_equal(s.values, a[s.row_ids.astype(int)])
    assert np.allclose(s.weights, (s.values**2).sum(1), rtol=1e-14)
    assert np.array_equal(s.inclusion, np.minimum(1, s.weights * s.tau))
    assert s.squared_norm == pytest.approx((a**2).sum(), rel=1e-14)
    assert s.column_sums == pytest.approx(a.sum(0), rel=1e-12)
    assert s.nonzero_rows == 200
    assert "priority:size=40" in repr(s)


def test_a_sample_of_all_rows_is_the_matrix():
    for dtype in (np.float32, np.float64):
        a = matrix(dtype=dtype)
        s = prodigest.sketch(a, size=1000)
        assert s.complete and s.tau == np.inf
        assert s.values.dtype == dtype and np.array_equal(s.values, a)


def test_values_of_a_sparse_sample_are_csr():
    a = sparse_matrix(dtype=np.float32)
    s = prodigest.sketch(a, "priority:size=60")
    assert s.sparse and s.values.dtype == np.float32 and s.values.shape == (60, 50)
    assert np.array_equal(s.values.toarray(), a.toarray()[s.row_ids.astype(int)])
    assert np.shares_memory(s.values.data, s.values.data)


def test_a_linear_sketch_and_codes_have_their_attributes():
    a = matrix()
    s = prodigest.sketch(a, "countsketch:size=40,seed=7")
    assert (s.rows, s.cols, s.size, s.values.shape) == (200, 5, 40, (40, 5))
    assert s.values.sum(0).shape == (5,)
    c = prodigest.sketch(a, "lattice:format=F4,seed=7")
    assert (c.rows, c.cols, c.size) == (200, 5, 200)
    assert c.codes.dtype == np.uint8 and len(c.codes) == len(c.scales) == len(c.means) == 5
    assert c.means == pytest.approx(a.mean(0), abs=1e-12)
    assert 4 < c.bits_per_entry < 6


def test_arrays_of_a_digest_are_read_only_views_that_keep_it_alive():
    arrays = []
    for spec in ("priority:size=100", "countsketch:size=100"):
        digest = prodigest.sketch(matrix(), spec)
        assert np.shares_memory(digest.values, digest.values)
        expected = digest.values.copy()
        arrays.append((digest.values, expected))
        with pytest.raises(ValueError, match="read-only"):
            digest.values[0, 0] = 1
    del digest
    junk = [np.ones((100, 5)) for _ in range(100)]
    for array, expected in arrays:
        assert np.array_equal(array, expected)
    assert len(junk) == 100


def test_digests_cannot_be_hashed_and_equal_only_their_like():
    digest = prodigest.sketch(matrix())
    with pytest.raises(TypeError, match="unhashable"):
        hash(digest)
    assert digest != "priority" and digest != prodigest.sketch(matrix(), "countsketch:size=9")


@pytest.mark.parametrize("spec", SAMPLES)
def test_samples_of_parts_merge_into_the_sample_of_the_whole(spec):
    a, ids = matrix(), np.arange(200)
    parts = [prodigest.sketch(a[i::3], spec, row_ids=ids[i::3]) for i in range(3)]
    whole = prodigest.sketch(a, spec)
    assert prodigest.merge(parts) == prodigest.merge(*parts[::-1]) == whole
    assert prodigest.merge(whole) == whole


def test_linear_sketches_are_added_and_subtracted():
    a, b = matrix(seed=1), matrix(seed=2)
    sa, sb, sab = (prodigest.sketch(m, "countsketch:size=40") for m in (a, b, a - b))
    assert np.allclose(prodigest.subtract(sa, sb).values, sab.values, atol=1e-12)
    halves = [
        prodigest.sketch(a[h], "countsketch:size=40", row_ids=np.arange(200)[h])
        for h in (slice(0, 99), slice(99, 200))
    ]
    assert np.allclose(prodigest.merge(halves).values, sa.values, atol=1e-12)


def test_a_truncated_sample_is_the_smaller_sample():
    a = matrix()
    small = prodigest.truncate(prodigest.sketch(a, size=40), 20)
    assert small == prodigest.sketch(a, size=20)


def test_what_cannot_be_combined_is_refused():
    sample, sketch, codes = (prodigest.sketch(matrix(), s) for s in (SPECS[0], SPECS[2], SPECS[7]))
    with pytest.raises(prodigest.IncompatibleError, match="one method family"):
        prodigest.merge(sample, sketch)
    with pytest.raises(prodigest.IncompatibleError, match="one method family"):
        prodigest.estimate_product(sample, sketch)
    with pytest.raises(prodigest.IncompatibleError, match="seeds must be equal, got 7 and 0"):
        prodigest.estimate_product(sample, prodigest.sketch(matrix()))
    with pytest.raises(prodigest.UnsupportedError, match="rotated as a whole"):
        prodigest.merge(codes, codes)
    with pytest.raises(ValueError, match="at least one digest"):
        prodigest.merge([])
    with pytest.raises(TypeError, match="expected digests, got ndarray"):
        prodigest.merge(sample, matrix())
    with pytest.raises(TypeError, match="expected linear sketches, got RowSample"):
        prodigest.subtract(sample, sample)
    with pytest.raises(TypeError, match="expected a sample, got LinearSketch"):
        prodigest.truncate(sketch, 3)
    with pytest.raises(ValueError, match="size"):
        prodigest.truncate(sample, 41)
    with pytest.raises(TypeError, match="at least one digest, got ndarray and ndarray"):
        prodigest.estimate_product(matrix(), matrix())
    with pytest.raises(ValueError, match="confidence must be in"):
        prodigest.estimate_product(sample, sample, confidence=1.5)


def test_weights_go_with_weight_user_alone():
    a = matrix()
    with pytest.raises(ValueError, match="weight=user"):
        prodigest.sketch(a, weights=np.ones(200))
    with pytest.raises(ValueError, match="weight=user"):
        prodigest.sketch(a, "countsketch:size=4", weights=np.ones(200))
    with pytest.raises(ValueError, match="weight=user"):
        prodigest.sketch(a, "priority:size=4,weight=user")
    with pytest.raises(ValueError, match="weight"):
        prodigest.sketch(a, "priority:size=4,weight=user", weights=np.ones(199))
    with pytest.raises(ValueError, match="weight"):
        prodigest.sketch(a, "priority:size=4,weight=user", weights=-np.ones(200))


def test_size_and_seed_stand_for_those_of_the_spec():
    a = matrix()
    assert prodigest.sketch(a, size=10, seed=3).spec == "priority:size=10,seed=3"
    assert prodigest.sketch(a, "countsketch", size=10).spec.startswith("countsketch:size=10")
    with pytest.raises(ValueError, match="given both"):
        prodigest.sketch(a, "priority:size=10", size=10)
    with pytest.raises(ValueError, match="priority"):
        prodigest.sketch(a, "priorty:size=10")


def test_nan_infinity_and_huge_rows_are_named_by_row_and_column():
    for bad in (np.nan, np.inf):
        a = matrix()
        a[17, 3] = bad
        for spec in SPECS:
            with pytest.raises(ValueError, match="row 17.*column 3|column 3.*row 17"):
                prodigest.sketch(a, spec)
    a = matrix()
    a[17] = 1e200
    with pytest.raises(ValueError, match="row 17"):
        prodigest.sketch(a)


def test_rows_may_be_none_or_one_or_zero():
    none = prodigest.sketch(np.empty((0, 3)))
    assert (none.rows, none.size, none.values.shape) == (0, 0, (0, 3))
    assert prodigest.load(none.to_bytes()) == none
    one = prodigest.sketch(np.ones((1, 3)))
    assert one.complete and one.values.tolist() == [[1, 1, 1]]
    zeros = prodigest.sketch(np.zeros((10, 3)))
    assert (zeros.rows, zeros.size, zeros.nonzero_rows) == (10, 0, 0)
    sparse_none = prodigest.sketch(sp.csr_array((0, 3)), "countsketch:size=4")
    assert not sparse_none.values.any()
    with pytest.raises(ValueError, match="column"):
        prodigest.sketch(np.empty((3, 0)))
    w = prodigest.estimate_product(none, zeros)
    assert not w.value.any() and w.matched_rows == 0


def test_broken_sparse_matrices_are_refused():
    a = sp.csr_matrix(
        (np.ones(2), np.array([0, 7], np.int32), np.array([0, 1, 2], np.int32)), shape=(2, 9)
    )
    a._shape = (2, 3)
    with pytest.raises(ValueError, match="column"):
        prodigest.sketch(a)
    b = sparse_matrix()
    b.indptr[5] = 2**30
    with pytest.raises(ValueError):
        prodigest.sketch(b)


def test_examples_of_the_docs_are_true():
    import doctest

    from prodigest import _digests

    result = doctest.testmod(_digests)
    assert result.attempted > 0 and result.failed == 0

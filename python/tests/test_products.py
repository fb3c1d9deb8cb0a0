"""Products of digests, and of digests and matrices at hand."""

import numpy as np
import prodigest
import pytest
import scipy.sparse as sp
from inputs import SPECS, matrix


@pytest.mark.parametrize("spec", SPECS)
def test_products_lie_within_their_bound(spec):
    a = matrix(4000, 5)
    b = a @ np.ones((5, 3)) + matrix(4000, 3, seed=2)
    spec = spec.replace("size=40", "size=1000")
    w = prodigest.estimate_product(
        prodigest.sketch(a, spec), prodigest.sketch(b, spec), standard_deviations=True
    )
    error = np.linalg.norm(w.value - a.T @ b)
    e = w.frobenius_error
    assert w.value.shape == w.standard_deviation.shape == (5, 3)
    assert 0 < error < e.bound and e.confidence == 0.95 and e.estimated > 0 and e.apriori > 0
    assert (np.abs(w.value - a.T @ b) < 6 * w.standard_deviation).all()
    w2 = prodigest.estimate_product(
        prodigest.sketch(a, spec), prodigest.sketch(b, spec), confidence=0.5
    )
    assert w2.standard_deviation is None and w2.frobenius_error.bound < e.bound


@pytest.mark.parametrize("spec", SPECS)
def test_a_matrix_at_hand_can_stand_beside_a_digest(spec):
    a, b = matrix(1000, 4), matrix(1000, 3, seed=2) + matrix(1000, 3)[:, :1]
    spec = spec.replace("size=40", "size=500")
    d = prodigest.sketch(a, spec)
    w = prodigest.estimate_product(d, b, standard_deviations=True)
    assert np.linalg.norm(w.value - a.T @ b) < w.frobenius_error.bound
    turned = prodigest.estimate_product(b, d, standard_deviations=True)
    assert np.array_equal(turned.value, w.value.T)
    assert np.array_equal(turned.standard_deviation, w.standard_deviation.T)

    ids = np.random.default_rng(3).permutation(1000)
    named = prodigest.estimate_product(d, b[ids], row_ids=ids)
    assert np.allclose(named.value, w.value, atol=1e-9)
    mixed = prodigest.estimate_product(d, sp.csr_array(b[ids]), row_ids=ids)
    assert np.allclose(mixed.value, w.value, atol=1e-9)


def test_codes_refuse_a_matrix_of_other_rows():
    codes = prodigest.sketch(matrix(), SPECS[7])
    with pytest.raises(prodigest.IncompatibleError, match="row ids differ"):
        prodigest.estimate_product(codes, matrix(), row_ids=np.arange(1, 201))
    with pytest.raises(ValueError, match="inner dimensions differ"):
        prodigest.estimate_product(codes, matrix(100))
    with pytest.raises(TypeError, match="read a matrix"):
        prodigest.estimate_product(codes, codes, row_ids=np.arange(200))


def test_codes_with_themselves_know_the_diagonal():
    a = matrix()
    first, again = prodigest.sketch(a, SPECS[7]), prodigest.sketch(a, SPECS[7])
    assert first is not again
    w = prodigest.estimate_product(first, again)
    assert np.diag(w.value) == pytest.approx((a**2).sum(0), rel=1e-3)

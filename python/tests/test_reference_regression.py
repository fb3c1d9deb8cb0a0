"""Regression on the rows that two samples share, against the reference."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from reference import regression, sampling
from reference.strategies import SEEDS, examples

import prodigest


@st.composite
def tables(draw):
    """A and one column b: noise, a relation, exact; columns of other units, constant, dependent, sparse."""
    n, d = draw(st.integers(1, 9) | st.integers(20, 150)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    a = rng.normal(size=(n, d)) + draw(st.sampled_from([0, 3]))
    kind = draw(st.sampled_from(["plain", "units", "constant", "sparse", "heavy"]))
    if kind == "units":
        a *= 10.0 ** rng.integers(-4, 5, d)
    if kind == "constant":
        a[:, 0] = 2.5
    if kind == "sparse":
        a *= rng.random((n, d)) < 0.4
    if kind == "heavy":
        a *= rng.pareto(1.2, (n, 1)) + 0.1
    b = a @ (rng.normal(size=d) / np.abs(a).max(axis=0, initial=1e-9)) + draw(st.sampled_from([0, 4]))
    return a, (b + draw(st.sampled_from([0.01, 1, 10])) * rng.normal(size=n))[:, None]


@st.composite
def specs(draw):
    method = draw(st.sampled_from(["priority", "threshold"]))
    weight = draw(st.sampled_from(["mixture=0.5,mean=2", "weight=uniform", "weight=squared_norm"]))
    return f"{method}:size={draw(st.integers(2, 12) | st.integers(30, 200))},{weight}"


def close(ours, theirs, share=1e-7):
    """NaN is NaN; numbers agree to a share of the largest, or their own size."""
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    assert np.array_equal(np.isnan(ours), np.isnan(theirs)), (ours, theirs)
    assert np.all((np.abs(ours - theirs) <= share * np.abs(theirs)) | np.isnan(ours)), (ours, theirs)


def check(fit, reference, share=1e-7):
    assert fit.matched_rows == reference.matched_rows
    close(fit.effective_rows, reference.effective_rows, 1e-12)
    assert fit.rank == reference.rank
    assert np.isclose(fit.ridge, reference.ridge, rtol=1e-14)
    close([c.value for c in fit.coefficients], reference.coefficients, share)
    rounding = 1e-5  # of 1 - h, where a row decides nearly alone
    close([c.standard_error for c in fit.coefficients], reference.standard_errors, rounding)
    if fit.intercept is not None:
        close(fit.intercept.value, reference.intercept, share)
        close(fit.intercept.standard_error, reference.intercept_error, rounding)
    shown = reference.r_squared if reference.r_squared > 0 else None
    assert (fit.r_squared is None) == (shown is None)
    if shown is not None:
        close(fit.r_squared, min(shown, 1), rounding)
    close(1 + fit.r_squared_low, 1 + reference.r_squared_low, rounding)
    close(1 + fit.r_squared_high, 1 + reference.r_squared_high, rounding)


@examples(150)
@given(tables(), specs(), specs(), SEEDS, st.sampled_from([None, 0.0, 0.7]), st.booleans(), st.sampled_from([0.5, 0.95]))
def test_fits_on_common_rows(table, spec_a, spec_b, seed, ridge, intercept, confidence):
    a, b = table
    specs = [f"{spec},seed={seed}" for spec in (spec_a, spec_b)]
    sides = [sampling.sketch(rows, spec) for rows, spec in zip((a, b), specs)]
    x, y, w = regression.matched(*sides, 0)
    assume(len(y) > 0)
    reference = regression.joint(*sides, 0, ridge, intercept, confidence)
    # Fits that leave (nearly) nothing over are rounding; so is a choice between ridges that do as well.
    assume(len(y) - intercept != reference.rank or ridge)
    if reference.losses is not None:
        two = np.sort(reference.losses)[:2]
        assume(two[1] - two[0] > 1e-9 * two[1] and two[0] > 1e-18 * (y**2).mean())
    fit = prodigest.regress(*(prodigest.sketch(rows, spec) for rows, spec in zip((a, b), specs)), ridge=ridge,
                            intercept=intercept, confidence=confidence)
    check(fit, reference)


def test_complete_samples_give_the_ridge_regression_of_the_tables():
    """The normal equations, written out."""
    rng = np.random.default_rng(6)
    a, b = rng.normal(size=(60, 4)) + 1, rng.normal(size=(60, 1))
    digests = [prodigest.sketch(m, "priority:size=100,weight=uniform") for m in (a, b)]
    for ridge in (0.0, 3.0):
        fit = prodigest.regress(*digests, ridge=ridge)
        z, t = a - a.mean(axis=0), b[:, 0] - b.mean()
        expected = np.linalg.solve(z.T @ z + ridge * np.eye(4), z.T @ t)
        np.testing.assert_allclose([c.value for c in fit.coefficients], expected, rtol=1e-12)
        np.testing.assert_allclose(fit.intercept.value, b.mean() - a.mean(axis=0) @ expected, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_fits_of_linear_sketches_are_least_squares_on_their_rows(seed):
    from reference import linear
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(200, 3)), rng.normal(size=(200, 1))
    b += a @ np.ones((3, 1))
    spec = f"osnap:size=60,nonzeros=4,seed={seed}"
    sides = [linear.sketch(m, spec).values for m in (a, b)]
    for ridge in (None, 0.0, 0.5):
        reference = regression.least_squares(sides[0], sides[1][:, 0], np.ones(60), ridge)
        check(prodigest.regress(prodigest.sketch(a, spec), prodigest.sketch(b, spec), ridge=ridge), reference)

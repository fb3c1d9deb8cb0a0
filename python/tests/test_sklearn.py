"""scikit-learn's faces: its own contract, and each against its exact counterpart."""

import numpy as np
import pytest

pytest.importorskip("sklearn", minversion="1.6")
from sklearn.linear_model import LinearRegression, Ridge  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

from prodigest.sklearn import CoordinatedSampler, PolynomialSketch, SketchedRegressor  # noqa: E402

LEVERAGE = "priority:size={},weight=leverage,mixture=0.5,seed={}"


@parametrize_with_checks(
    [
        SketchedRegressor(),
        SketchedRegressor("countsketch:size=2000"),
        SketchedRegressor(alpha=1.0, fit_intercept=False),
        CoordinatedSampler(),
        PolynomialSketch(),
        PolynomialSketch(degree=4, coef0=1.0, sketch="gaussian"),
    ]
)
def test_it_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def table(n=20_000, d=8, seed=1):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d)) * random.gamma(0.5, size=(n, 1)) + 3
    y = X @ np.arange(1, d + 1) + 5 + random.normal(size=n)
    return X, y


def squared_error(model, X, y):
    return np.sum((model.predict(X) - y) ** 2)


@pytest.mark.parametrize("alpha", [0, 10])
@pytest.mark.parametrize("intercept", [True, False])
def test_with_all_rows_the_regression_is_the_exact_one(alpha, intercept):
    X, y = table(500)
    targets = np.column_stack([y, np.sin(y)])
    ours = SketchedRegressor(alpha=alpha, fit_intercept=intercept).fit(X, targets)
    exact = Ridge(alpha) if alpha else LinearRegression()
    exact.set_params(fit_intercept=intercept).fit(X, targets)
    np.testing.assert_allclose(ours.coef_, exact.coef_, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(ours.intercept_, exact.intercept_, rtol=1e-8, atol=1e-8)


def test_the_error_of_a_sampled_regression_is_above_the_least_by_about_d_over_size():
    X, y = table()
    least = squared_error(LinearRegression().fit(X, y), X, y)
    excess = [
        squared_error(SketchedRegressor(LEVERAGE.format(400, s)).fit(X, y), X, y) / least - 1
        for s in range(20)
    ]
    # Gaussian noise and independent rows: (d + 1) / size in the mean, by any reasonable weights.
    assert 0.3 * 9 / 400 < np.mean(excess) < 3 * 9 / 400


def test_linear_sketches_regress_too():
    X, y = table()
    least = squared_error(LinearRegression().fit(X, y), X, y)
    model = SketchedRegressor("countsketch:size=1000,seed=3").fit(X, y)
    assert least < squared_error(model, X, y) < 1.1 * least


def test_ridge_of_a_sample_is_that_of_all_rows():
    X, y = table()
    exact = Ridge(1e5).fit(X, y)
    coefficients = [
        SketchedRegressor(LEVERAGE.format(1000, s), alpha=1e5).fit(X, y).coef_ for s in range(20)
    ]
    assert np.abs(np.mean(coefficients, axis=0) - exact.coef_).max() < 0.05
    assert np.abs(exact.coef_ - LinearRegression().fit(X, y).coef_).max() > 0.5


def test_a_sample_keeps_the_gram_matrix_on_average_and_hundreds_of_rows_are_close():
    X, _ = table(5000)
    exact = X.T @ X
    grams = []
    for seed in range(50):
        rows = CoordinatedSampler(f"priority:size=200,seed={seed}").fit(X).sample()
        assert rows.shape == (200, 8)
        grams.append(rows.T @ rows)
    errors = [np.linalg.norm(g - exact) for g in grams]
    bias = np.linalg.norm(np.mean(grams, axis=0) - exact)
    assert 0 < np.median(errors) < np.linalg.norm(X) ** 2 / np.sqrt(200)
    assert bias < 3 * np.median(errors) / np.sqrt(50)


def test_samples_in_parts_are_samples_of_the_whole():
    X, _ = table(3000)
    whole = CoordinatedSampler("priority:size=100").fit(X)
    parts = CoordinatedSampler("priority:size=100")
    for part in np.array_split(X, 7):
        parts.partial_fit(part)
    assert np.array_equal(parts.digest_.row_ids, whole.digest_.row_ids)
    assert np.array_equal(parts.sample(), whole.sample())
    assert parts.fit(X[:50]).digest_.rows == 50


def test_two_samplers_multiply_tables_that_never_met():
    X, y = table()
    ids = np.arange(len(X), dtype=np.uint64) + 1000
    Y = y[::-1, np.newaxis]
    there = CoordinatedSampler().fit(Y, row_ids=ids[::-1])
    ours = CoordinatedSampler().fit(X, row_ids=ids).product(there)
    error = np.linalg.norm(ours.value - X.T @ y[:, np.newaxis])
    assert error < 3 / np.sqrt(1024) * np.linalg.norm(X) * np.linalg.norm(y)


def test_sparse_tables_are_sampled_as_they_are():
    scipy_sparse = pytest.importorskip("scipy.sparse")
    X = scipy_sparse.random(2000, 300, 0.01, format="csr", rng=np.random.default_rng(1))
    sampler = CoordinatedSampler("priority:size=150").fit(X)
    dense = CoordinatedSampler("priority:size=150").fit(X.toarray())
    assert scipy_sparse.issparse(sampler.sample())
    assert np.array_equal(sampler.digest_.row_ids, dense.digest_.row_ids)


@pytest.mark.parametrize("kind", ["orthogonal", "gaussian", "hadamard"])
@pytest.mark.parametrize("degree", [1, 2, 4])
def test_inner_products_are_on_average_those_of_the_polynomial_kernel(degree, kind):
    random = np.random.default_rng(2)
    X = random.normal(size=(12, 6)) / np.sqrt(6)
    exact = (0.7 * X @ X.T + 0.5) ** degree
    grams = []
    for seed in range(200):
        model = PolynomialSketch(degree, 32, gamma=0.7, coef0=0.5, sketch=kind, seed=seed)
        features = model.fit_transform(X)
        grams.append(features @ features.T)
    error = np.std(grams, axis=0) / np.sqrt(200)
    assert np.all(np.abs(np.mean(grams, axis=0) - exact) < 5 * error + 1e-12)


def test_polynomial_sketches_have_the_variance_that_is_stated():
    X = np.array([[1.0, 0, 0], [0.6, 0.8, 0]])
    values = [
        (f := PolynomialSketch(2, 50, sketch="gaussian", seed=s).fit_transform(X))[0] @ f[1]
        for s in range(2000)
    ]
    c = 0.6
    assert np.var(values) == pytest.approx(((1 + 2 * c**2) ** 2 - c**4) / 50, rel=0.2)


def test_a_linear_model_on_polynomial_sketches_learns_a_square():
    random = np.random.default_rng(4)
    X = random.normal(size=(3000, 5))
    y = X[:, 0] * X[:, 1] - X[:, 2] ** 2
    features = PolynomialSketch(2, 100, coef0=1.0)
    model = make_pipeline(features, SketchedRegressor(LEVERAGE.format(800, 1)))
    assert model.fit(X, y).score(X, y) > 0.99
    assert LinearRegression().fit(X, y).score(X, y) < 0.1
    assert model[0].transform(X.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize(
    "estimator, message",
    [
        (SketchedRegressor(alpha=-1), "alpha: expected at least 0, got -1"),
        (SketchedRegressor("lattice:size=20"), "spec"),
        (SketchedRegressor("priorty:size=20"), "priority"),
        (CoordinatedSampler("countsketch:size=20"), "spec: expected a sample"),
        (PolynomialSketch(degree=3), "degree: expected 1, 2 or 4, got 3"),
        (PolynomialSketch(gamma=0), "gamma above 0"),
        (PolynomialSketch(sketch="given"), "orthogonal, gaussian or hadamard"),
        (PolynomialSketch(n_components=0), "size"),
    ],
)
def test_bad_parameters_are_refused_when_fitting(estimator, message):
    X, y = table(50)
    with pytest.raises(ValueError, match=message):
        estimator.fit(X, y)

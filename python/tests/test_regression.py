import math

import numpy as np
import prodigest
import pytest
from command_line import command_json

ALL = "priority:size=100000,weight=uniform"


def table(n=2000, d=3, seed=1, noise=1.0):
    random = np.random.default_rng(seed)
    a = random.normal(size=(n, d)) * np.arange(1, d + 1)
    b = np.stack([random.normal(size=n), 5 + a @ np.arange(d) + noise * random.normal(size=n)], 1)
    return a, b


def exact(a, y, ridge=0.0):
    centred = a - a.mean(0)
    gram = centred.T @ centred + ridge * np.eye(a.shape[1])
    x = np.linalg.solve(gram, centred.T @ (y - y.mean()))
    return x, y.mean() - a.mean(0) @ x


def digests(a, b, spec):
    return prodigest.sketch(a, spec), prodigest.sketch(b, spec)


@pytest.mark.parametrize("ridge", [0.0, 1e3])
def test_a_sample_of_all_rows_gives_the_least_squares_of_numpy(ridge):
    a, b = table()
    fit = prodigest.regress(*digests(a, b, ALL), target=1, ridge=ridge)
    x, constant = exact(a, b[:, 1], ridge)
    assert np.allclose(fit.values, x, rtol=1e-9)
    assert fit.intercept.value == pytest.approx(constant, rel=1e-9)
    assert (fit.matched_rows, fit.rank, fit.ridge) == (2000, 3, ridge)
    assert np.allclose(fit.predict(a), a @ x + constant)


def test_without_a_constant_the_fit_is_that_of_lstsq():
    a, b = table()
    fit = prodigest.regress(*digests(a, b, ALL), target=1, ridge=0, intercept=False)
    assert fit.intercept is None
    assert np.allclose(fit.values, np.linalg.lstsq(a, b[:, 1], rcond=None)[0], rtol=1e-9)


def test_a_small_sample_is_exact_where_the_columns_explain_the_target():
    a, b = table(n=20_000, noise=0)
    fit = prodigest.regress(*digests(a, b, "priority:size=200,mixture=0.5"), target=1, ridge=0)
    assert fit.matched_rows < 300
    assert np.allclose(fit.values, [0, 1, 2], atol=1e-9)
    assert fit.r_squared == pytest.approx(1)


def test_over_many_seeds_coefficients_are_right_and_err_as_they_say():
    a, b = table(n=5000)
    truth, _ = exact(a, b[:, 1])
    fits = [
        prodigest.regress(*digests(a, b, f"priority:size=400,mixture=0.5,seed={s}"), target=1, ridge=0)
        for s in range(120)
    ]
    errors = np.array([fit.values - truth for fit in fits])
    standard_errors = np.array([fit.standard_errors for fit in fits])
    mean_error = errors.std(0, ddof=1) / math.sqrt(len(fits))
    assert np.all(np.abs(errors.mean(0)) < 4.5 * mean_error)
    assert 0.75 < np.mean((errors / standard_errors) ** 2) < 1.3
    r_squared = 1 - np.var(b[:, 1] - a @ truth) / np.var(b[:, 1])
    covered = np.mean([fit.r_squared_low <= r_squared <= fit.r_squared_high for fit in fits])
    assert 0.85 < covered <= 1


def test_linear_sketches_solve_the_sketched_problem():
    a, b = table()
    ones = np.column_stack([np.ones(len(a)), a])
    fit = prodigest.regress(*digests(ones, b, "countsketch:size=1000"), target=1, ridge=0)
    assert fit.estimator == "sketch"
    assert math.isnan(fit.join_rows)
    assert np.allclose(fit.values, [5, 0, 1, 2], atol=0.3)
    assert not np.allclose(fit.values, [5, 0, 1, 2], atol=1e-4)


@pytest.mark.parametrize("estimator", ["joint", "single", "gram"])
def test_every_estimator_of_samples_can_be_asked_for(estimator):
    a, b = table()
    spec = ALL + (",totals=gram" if estimator == "gram" else "")
    fit = prodigest.regress(
        *digests(a, b, spec), target=1, ridge=0, estimator=estimator, intercept=False
    )
    assert fit.estimator == estimator
    assert np.allclose(fit.values, np.linalg.lstsq(a, b[:, 1], rcond=None)[0], rtol=1e-8)


def test_a_fit_without_common_rows_is_a_result_with_a_warning():
    a, b = table(n=50)
    fit = prodigest.regress(*digests(a[:0], b, ALL), target=1)
    assert [w.kind for w in fit.warnings][:1] == ["no_common_rows"]
    assert fit.r_squared is None
    assert (fit.values == 0).all()
    assert "no fit" in str(fit)


def test_few_rows_are_warned_of():
    a, b = table()
    fit = prodigest.regress(*digests(a, b, "priority:size=12,weight=uniform"), target=1)
    assert "few_rows" in [w.kind for w in fit.warnings]


def test_the_number_of_threads_changes_nothing():
    sides = digests(*table(), "priority:size=500,mixture=0.5")
    assert prodigest.regress(*sides, target=1, threads=1) == prodigest.regress(*sides, target=1)


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, ()),
        ({"ridge": 2.5}, ("--ridge", 2.5)),
        ({"intercept": False, "confidence": 0.8}, ("--no-intercept", "--confidence", 0.8)),
        ({"estimator": "single"}, ("--estimator", "single")),
    ],
)
def test_a_fit_is_that_of_the_command(tmp_path, options, flags):
    a, b = digests(*table(), "priority:size=500,mixture=0.5")
    prodigest.save(a, tmp_path / "a.pdg")
    prodigest.save(b, tmp_path / "b.pdg")
    found = command_json("regress", tmp_path / "a.pdg", tmp_path / "b.pdg", "--target", 1, *flags)
    fit = prodigest.regress(a, b, target=1, **options)

    def plain(c):
        return c and {
            "name": c.name,
            "value": c.value,
            "standard_error": None if math.isnan(c.standard_error) else c.standard_error,
        }

    assert found["coefficients"] == [plain(c) for c in fit.coefficients]
    assert found["intercept"] == plain(fit.intercept)
    assert found["r_squared_interval"] == [fit.r_squared_low, fit.r_squared_high]
    assert found["warnings"] == [{"kind": w.kind, "message": w.message} for w in fit.warnings]
    for name in ("target", "estimator", "matched_rows", "effective_rows", "join_rows", "rank",
                 "ridge", "scaled_ridge", "r_squared", "confidence"):
        assert found[name] == getattr(fit, name), name


def test_bad_options_are_refused():
    sides = digests(*table(), "priority:size=500")
    for options, message in [
        ({}, "target"),
        ({"target": 2}, "number from 0 to 1"),
        ({"target": "price"}, "price"),
        ({"target": 1, "ridge": -1}, "ridge"),
        ({"target": 1, "ridge": math.nan}, "ridge"),
        ({"target": 1, "confidence": 1}, "confidence"),
        ({"target": 1, "estimator": "best"}, "best"),
        ({"target": 1, "estimator": "gram"}, "gram"),
    ]:
        with pytest.raises(ValueError, match=message):
            prodigest.regress(*sides, **options)


def test_digests_that_cannot_meet_are_refused():
    a, b = table()
    one = prodigest.sketch(a, "priority:size=100,seed=1")
    for other in ("priority:size=100,seed=2", "countsketch:size=100,seed=1"):
        with pytest.raises(prodigest.IncompatibleError):
            prodigest.regress(one, prodigest.sketch(b, other), target=1)
    with pytest.raises(prodigest.IncompatibleError, match="sketch"):
        prodigest.regress(one, prodigest.sketch(b, "priority:size=100,seed=1"), target=1,
                          estimator="sketch")


def test_one_side_may_be_the_matrix_itself():
    a, b = table()
    sample_a, sample_b = digests(a, b, "priority:size=300,mixture=0.5,seed=4")
    for fit in (
        prodigest.regress(a, sample_b, target=1, ridge=0),
        prodigest.regress(sample_a, b, target=1, ridge=0),
    ):
        assert fit.estimator == "joint"
        assert fit.matched_rows >= 300
        assert np.allclose(fit.values, [0, 1, 2], atol=0.3)
    sketch_a, sketch_b = digests(a, b, "countsketch:size=500,seed=4")
    both = prodigest.regress(sketch_a, sketch_b, target=1)
    assert prodigest.regress(a, sketch_b, target=1).values.tolist() == both.values.tolist()
    assert prodigest.regress(sketch_a, b, target=1).values.tolist() == both.values.tolist()


def test_columns_of_tables_keep_their_names():
    pandas = pytest.importorskip("pandas")
    a, b = table()
    id_of = [f"item {i}" for i in range(len(a))]
    left = pandas.DataFrame({"id": id_of, "weight": a[:, 0], "<height>": a[:, 1]})
    right = pandas.DataFrame({"id": id_of[::-1], "price": b[::-1, 1], "tax": b[::-1, 0]})
    sample = prodigest.sketch(left, "priority:size=300,mixture=0.5", key="id")
    fit = prodigest.regress(sample, right, target="price", ridge=0)
    assert [c.name for c in fit.coefficients] == ["weight", "<height>"]
    assert fit.target == "price"
    assert fit.matched_rows == sample.size
    assert "&lt;height&gt;" in fit._repr_html_()


def test_things_that_are_not_digests_are_refused():
    a, b = table()
    with pytest.raises(TypeError, match="at least one digest"):
        prodigest.regress(a, b)
    with pytest.raises(TypeError, match="lattice codes"):
        prodigest.regress(prodigest.quantize(a), prodigest.quantize(b))
    sides = digests(a, b, ALL)
    with pytest.raises(TypeError, match="two digests"):
        prodigest.regress(*sides, target=1, key="id")


def test_a_fit_shows_itself_as_text_and_as_a_table():
    fit = prodigest.regress(*digests(*table(), ALL), target=1, ridge=0)
    assert "intercept" in str(fit) and "R²" in str(fit)
    page = fit._repr_html_()
    assert page.count("<tr>") == 5
    assert "intercept" in page

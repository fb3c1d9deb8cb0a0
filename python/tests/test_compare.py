import math
import signal
import threading
import time

import numpy as np
import prodigest
import pytest
from command_line import command_json

METHODS = ["priority", "priority:weight=uniform", "countsketch", "lattice:format=F4"]


def pair(n=1000, seed=1):
    """Heavy rows that meet."""
    random = np.random.default_rng(seed)
    heavy = random.pareto(2.5, size=(n, 1))
    return heavy * random.normal(size=(n, 3)) + 0.1, heavy * random.normal(size=(n, 2)) + 0.1


def scale(a, b):
    return np.linalg.norm(a) * np.linalg.norm(b)


def relative_error(estimate, a, b):
    return np.linalg.norm(np.asarray(estimate.value) - a.T @ b) / scale(a, b)


def test_an_error_is_the_distance_from_the_product_of_numpy():
    a, b = pair()
    result = prodigest.compare(a, b, sizes=[100, 300], methods=METHODS[:3], seeds=1)
    assert [(row["budget"], row["method"]) for row in result.table] == [
        (size, method) for size in ("100", "300") for method in METHODS[:3]
    ]
    for row in result.table:
        spec = f"{row['method']}{',' if ':' in row['method'] else ':'}size={row['budget']}"
        digests = prodigest.sketch(a, spec), prodigest.sketch(b, spec)
        estimate = prodigest.estimate_product(*digests)
        assert row["error"] == pytest.approx(relative_error(estimate, a, b), rel=1e-9)
        assert row["bytes"] == sum(len(d.to_bytes()) for d in digests)
        error = estimate.frobenius_error
        assert row["estimated"] == pytest.approx(error.estimated / scale(a, b), rel=1e-9)
        assert row["bound"] == pytest.approx(error.bound / scale(a, b), rel=1e-9)
        assert row["bound_held"] == (row["error"] <= row["bound"])
    assert result.zero_error == pytest.approx(np.linalg.norm(a.T @ b) / scale(a, b), rel=1e-9)
    assert result.exact_bytes == result.statistics.exact_bytes > 8 * (a.size + b.size)


def test_codes_are_measured_at_a_size_in_bytes():
    a, b = pair()
    result = prodigest.compare(a, b, sizes="20%", methods="lattice:format=F4", seeds=3)
    (row,) = result.table
    errors = [
        relative_error(
            prodigest.estimate_product(*(prodigest.quantize(m, seed=s) for m in (a, b))), a, b
        )
        for s in range(3)
    ]
    assert row["size"] == 1000
    assert row["error"] == pytest.approx(math.sqrt(np.mean(np.square(errors))), rel=1e-9)
    assert (row["low"], row["median"], row["high"]) == pytest.approx(
        tuple(np.quantile(errors, [0.25, 0.5, 0.75])), rel=1e-9
    )


@pytest.mark.parametrize("method", ["priority", "priority:weight=uniform", "countsketch", "srht"])
def test_predicted_errors_are_those_measured_over_many_seeds(method):
    a, b = pair(seed=3)
    result = prodigest.compare(a, b, sizes=100, methods=method, seeds=200)
    (row,) = result.table
    assert abs(row["predicted"] - row["error"]) < 4 * row["error_deviation"]
    assert row["error_deviation"] < 0.1 * row["error"]
    assert row["bound_held"] > 190


def test_a_prediction_is_that_of_the_forecast():
    a, b = pair()
    statistics = prodigest.statistics_of(a, b)
    forecast = prodigest.recommend(a, b, 200, methods="countsketch").forecasts[0]
    prediction = prodigest.predict(statistics, "countsketch:size=200")
    assert (forecast.error, forecast.bytes) == (prediction.error, prediction.bytes)
    assert forecast.obstacle == ""


def test_statistics_are_those_of_numpy():
    a, b = pair()
    a[10:20] = 0
    found = prodigest.statistics_of(a, b)
    squares_a, squares_b = (a**2).sum(1), (b**2).sum(1)
    assert (found.a.rows, found.a.cols, found.b.cols, found.common_rows) == (1000, 3, 2, 1000)
    assert found.a.nonzero_rows == 990
    assert found.same_rows and found.matched_rows is None
    assert found.a.norm == pytest.approx(np.linalg.norm(a))
    assert found.a.effective_rows == pytest.approx(squares_a.sum() ** 2 / (squares_a**2).sum())
    assert found.b.heaviest_share == pytest.approx(squares_b.max() / squares_b.sum())
    assert found.meeting == pytest.approx(squares_a @ squares_b / scale(a, b) ** 2)


def test_statistics_of_samples_are_near_those_of_the_matrices():
    a, b = pair(n=5000)
    spec = "priority:size=1500,mixture=0.5"
    found = prodigest.statistics_of(prodigest.sketch(a, spec), prodigest.sketch(b, spec))
    whole = prodigest.statistics_of(a, b)
    assert found.matched_rows > 800
    assert found.a.rows == whole.a.rows
    assert 0.8 < found.meeting / whole.meeting < 1.25
    assert found.meeting != whole.meeting


def test_what_is_recommended_is_among_the_best_measured():
    a, b = pair(n=3000)
    result = prodigest.compare(a, b, sizes=["5%", "20%"], seeds=20)
    for recommendation in result.recommendations:
        rows = [row for row in result.table if row["budget"] == recommendation.budget]
        best = min(row["error"] for row in rows if row["size"] > 0)
        assert [row["error"] for row in rows if row["best"]] == [best]
        (chosen,) = [row for row in rows if row["recommended"]]
        assert chosen["method"] == recommendation.method
        assert chosen["error"] < 1.25 * best
        assert recommendation.reason.count(".") >= 1
        prodigest.sketch(a, recommendation.spec)


def test_sparse_rows_and_dense_rows_are_one_matrix():
    sparse = pytest.importorskip("scipy.sparse")
    a, b = pair()
    a[np.abs(a) < 0.5] = 0
    dense = prodigest.compare(a, b, sizes="10%", seeds=2)
    same = prodigest.compare(sparse.csr_matrix(a), b, sizes="10%", seeds=2)
    assert [row["error"] for row in same.table] == [row["error"] for row in dense.table]


def test_tables_meet_by_their_key():
    pandas = pytest.importorskip("pandas")
    a, b = pair()
    names = np.array([f"row {i}" for i in range(len(a))])
    order = np.random.default_rng(5).permutation(len(b))[:600]
    left = pandas.DataFrame(a, columns=["x", "y", "z"]).assign(name=names)
    right = pandas.DataFrame(b[order], columns=["u", "v"]).assign(name=names[order])
    result = prodigest.compare(left, right, sizes=100, methods="priority", seeds=1, key="name")
    assert result.statistics.common_rows == 600
    product = a[order].T @ b[order]
    expected = np.linalg.norm(product) / np.linalg.norm(a) / np.linalg.norm(b[order])
    assert result.zero_error == pytest.approx(expected)
    assert not result.statistics.same_rows


@pytest.fixture
def files(tmp_path):
    a, b = pair()
    np.save(tmp_path / "a.npy", a)
    np.save(tmp_path / "b.npy", b)
    return a, b, tmp_path / "a.npy", tmp_path / "b.npy"


def null(x):
    return x if math.isfinite(x) else None


def same_recommendation(found, recommendation):
    assert found["budget"] == recommendation.budget
    assert found["bytes"] == recommendation.bytes
    assert found["recommended"] == recommendation.method
    assert found["spec"] == recommendation.spec
    assert found["reason"] == recommendation.reason
    assert found["code_limit"] == null(recommendation.code_limit)
    assert found["forecasts"] == [
        {
            "method": f.method,
            "size": f.size,
            "predicted_error": null(f.error),
            "predicted_bytes": null(f.bytes),
            "obstacle": f.obstacle or None,
        }
        for f in recommendation.forecasts
    ]


def test_a_comparison_is_that_of_the_command(files):
    a, b, file_a, file_b = files
    found = command_json("compare", file_a, file_b, "--sizes", "5%,400,30kB", "--seeds", 2,
                         "--methods", "all")
    result = prodigest.compare(a, b, sizes=["5%", 400, "30kB"], seeds=2, methods="all")
    assert found["zero_error"] == result.zero_error
    assert found["statistics"]["squared_product"] == result.statistics.squared_product
    rows = iter(result.table)
    for budget, recommendation in zip(found["budgets"], result.recommendations, strict=True):
        same_recommendation(budget, recommendation)
        for measured in budget["measured"]:
            row = next(rows)
            assert (measured["method"], measured["size"]) == (row["method"], row["size"])
            assert (budget["best"] == row["method"]) == row["best"]
            if row["size"] == 0:
                assert math.isnan(row["error"])
                continue
            assert measured["error"] == {
                "rms": row["error"],
                "rms_standard_error": row["error_deviation"],
                "low": row["low"],
                "median": row["median"],
                "high": row["high"],
            }
            assert measured["predicted_error"] == null(row["predicted"])
            for name in ("bytes", "estimated", "bound", "apriori"):
                assert measured[name] == null(row[name]), name
            assert measured["bound_held"] == row["bound_held"]
    assert next(rows, None) is None


def test_a_recommendation_is_that_of_the_command(files):
    a, b, file_a, file_b = files
    found = command_json("compare", file_a, file_b, "--sizes", "5%", "--method", "auto")
    same_recommendation(found["budgets"][0], prodigest.recommend(a, b, "5%"))


def test_what_cannot_be_compared_is_refused():
    a, b = pair()
    for options, message in [
        ({"sizes": []}, "expected a size"),
        ({"sizes": "5 percent"}, "5 percent"),
        ({"sizes": -3}, "size"),
        ({"methods": ["nope"]}, "nope"),
        ({"methods": "priority:size=3"}, "size"),
        ({"seeds": 0}, "seeds"),
        ({"confidence": 1}, "confidence"),
    ]:
        with pytest.raises(ValueError, match=message):
            prodigest.compare(a, b, **options)
    with pytest.raises(ValueError, match="whole matrix"):
        prodigest.compare(prodigest.sketch(a, "priority:size=100"), b)
    with pytest.raises(ValueError, match="row 3, column 1"):
        prodigest.compare(np.where(np.arange(3000).reshape(1000, 3) == 10, np.nan, a), b)
    for digest in (prodigest.sketch(a, "countsketch:size=100"), prodigest.quantize(a)):
        with pytest.raises(TypeError, match="holds no rows"):
            prodigest.recommend(digest, b)
    with pytest.raises(prodigest.IncompatibleError, match="seed"):
        prodigest.recommend(prodigest.sketch(a, seed=1), prodigest.sketch(b, seed=2))


def test_a_comparison_can_be_interrupted_while_other_threads_run():
    a, b = pair()
    threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        prodigest.compare(a, b, seeds=1_000_000)
    assert time.monotonic() - start < 5


def test_results_show_themselves_as_tables():
    a, b = pair()
    result = prodigest.compare(a, b, sizes=["5%", 300], seeds=1)
    page = result._repr_html_()
    assert page.count("<table>") == 2
    assert page.count("<tr>") == 2 + len(result.table)
    assert "recommended" in page
    assert str(result).count("use ") == 2
    recommendation = prodigest.recommend(a, b)
    assert recommendation.spec in recommendation._repr_html_()

import numpy as np
import prodigest
import pytest

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402
from prodigest.plots import plot_compare, plot_product  # noqa: E402


def matrices(n=500):
    random = np.random.default_rng(1)
    return random.normal(size=(n, 3)), random.normal(size=(n, 2))


@pytest.fixture(autouse=True)
def close_figures():
    yield
    pyplot.close("all")


def test_a_comparison_has_a_line_for_each_method_that_was_measured():
    a, b = matrices()
    result = prodigest.compare(a, b, sizes=["5%", "40%"], seeds=2)
    ax = plot_compare(result)
    measured = {row["method"] for row in result.table if row["size"] > 0}
    labels = {text.get_text() for text in ax.get_legend().get_texts()}
    assert labels == measured | {"the answer 0"}
    line = ax.containers[0].lines[0]
    method = ax.containers[0].get_label()
    rows = [row for row in result.table if row["method"] == method and row["size"] > 0]
    points = [(row["bytes"], row["error"]) for row in rows]
    assert np.allclose(np.column_stack(line.get_data()).astype(float), points)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    ax.figure.canvas.draw()


def test_a_product_says_its_error_in_words():
    a, b = matrices()
    w = prodigest.estimate_product(
        prodigest.quantize(a), prodigest.quantize(b), standard_deviations=True
    )
    ax = plot_product(w, rows=["x", "y", "z"], columns=["u", "v"])
    assert np.array_equal(ax.images[0].get_array(), w.value)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["x", "y", "z"]
    assert "95 % confidence" in ax.get_xlabel()
    assert f"± {w.frobenius_error.estimated:.2g}" in ax.get_xlabel()
    assert ax.texts[0].get_text().startswith(f"{w.value[0, 0]:.3g}\n± ")
    ax.figure.canvas.draw()


def test_axes_may_be_given_and_are_returned():
    a, b = matrices()
    _, (left, right) = pyplot.subplots(1, 2)
    assert plot_compare(prodigest.compare(a, b, seeds=1), ax=left) is left
    w = prodigest.estimate_product(prodigest.sketch(a), prodigest.sketch(b))
    assert plot_product(w, ax=right) is right
    assert "entries" not in right.get_xlabel()
    assert not right.texts


def test_a_product_of_zeros_can_be_drawn():
    w = prodigest.estimate_product(*(prodigest.sketch(m * 0) for m in matrices()))
    plot_product(w).figure.canvas.draw()


def test_names_must_be_as_many_as_there_are_columns():
    w = prodigest.estimate_product(*(prodigest.sketch(m) for m in matrices()))
    with pytest.raises(ValueError, match="expected 3 names, got 2"):
        plot_product(w, rows=["x", "y"])

import math

import prodigest
import pytest
from command_line import command_json


@pytest.mark.parametrize("sides", [1, 2])
def test_a_plan_is_the_formula_of_the_theorem(sides):
    assert prodigest.plan(0.1, 0.05, sides=sides) == 1 + math.ceil(sides / (0.05 * 0.1**2) - 1e-9)
    assert prodigest.expected_size(0.1, sides=sides) == 1 + math.ceil(sides / 0.1**2 - 1e-9)


def test_a_plan_is_that_of_the_command():
    found = command_json("plan", "--epsilon", 0.03, "--delta", 0.2, "--sides", 1)
    assert found["size"] == prodigest.plan(0.03, 0.2, sides=1)
    assert found["expected_size"] == prodigest.expected_size(0.03, sides=1)


@pytest.mark.parametrize(
    "arguments", [(0, 0.05), (-1, 0.05), (math.nan, 0.05), (0.1, 0), (0.1, 1), (0.1, math.nan)]
)
def test_an_accuracy_out_of_range_is_refused(arguments):
    with pytest.raises(ValueError, match="plan"):
        prodigest.plan(*arguments)


def test_three_sides_are_refused():
    with pytest.raises(ValueError, match="sides"):
        prodigest.plan(0.1, sides=3)


@pytest.mark.parametrize("rate", [0.91, 1, 2, 4.25, 8])
def test_the_limit_is_gamma_of_the_paper(rate):
    assert prodigest.rate_distortion(rate) == pytest.approx(2 * 4**-rate - 16**-rate, rel=1e-12)


def test_the_limit_is_a_line_below_the_critical_rate_and_has_an_inverse():
    assert prodigest.rate_distortion(0) == 1
    quarter, half = prodigest.rate_distortion(0.2), prodigest.rate_distortion(0.4)
    assert half == pytest.approx(2 * quarter - 1, rel=1e-12)
    for rate in (0.1, 0.9063, 3.5):
        assert prodigest.rate_for(prodigest.rate_distortion(rate)) == pytest.approx(rate, abs=1e-9)


@pytest.mark.parametrize("rate", [-1, math.nan, math.inf])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="rate"):
        prodigest.rate_distortion(rate)

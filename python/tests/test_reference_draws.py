"""Random numbers: golden values, and those that digests show."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference import draws
from reference.strategies import SEEDS, examples

import prodigest


def test_blocks_are_those_of_random123():
    assert draws.block(0, 0, 0).tolist() == [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    ones = draws.block(2**64 - 1, 2**32 - 1, 2**64 - 1, 2**32 - 1)
    assert ones.tolist() == [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]
    pi = draws.block(0x299F31D0A4093822, 0x03707344, 0x85A308D3243F6A88, 0x13198A2E)
    assert pi.tolist() == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]


@pytest.mark.parametrize(("seed", "row", "number"), [
    (0, 0, "0x1.348e23f2dce78p-4"), (1, 0, "0x1.e047488127be8p-4"), (0, 1, "0x1.44311527a54d6p-2"),
    (42, 1234567, "0x1.8649e48e88deap-2"), (42, 2**64 - 5, "0x1.6ca9c709b6af9p-1"),
    (2**64 - 1, 2**63, "0x1.0f69d1c7320d9p-1")])
def test_uniform_numbers_of_rows_are_golden(seed, row, number):
    assert draws.uniform(seed, draws.ROW_SELECTION, row) == float.fromhex(number)


@examples(50)
@given(SEEDS, SEEDS)
def test_the_first_row_of_a_sample_shows_its_uniform_number(seed, row):
    """tau is the rank of the third of three rows of norm 1."""
    ids = np.array([row, row ^ 1, row ^ 2], np.uint64)
    sample = prodigest.sketch(np.ones((3, 1)), "priority:size=2", seed=seed, row_ids=ids)
    assert sample.tau == draws.uniform(seed, draws.ROW_SELECTION, ids).max()


def test_a_normal_number_is_that_of_box_and_muller():
    z = draws.normals(3, draws.NORMAL, 17, 4000).reshape(-1, 2)
    u = (draws.block(3, draws.NORMAL, 17, np.arange(1000)).reshape(-1, 2) + 0.5) / 2**32
    radius, angle = np.sqrt(-2 * np.log(u[:, 0])), 2 * np.pi * u[:, 1]
    assert np.allclose(z[:, 0], radius * np.cos(angle), rtol=1e-13, atol=1e-15)
    assert np.allclose(z[:, 1], radius * np.sin(angle), rtol=1e-13, atol=1e-15)
    assert np.abs(z).max() <= np.sqrt(66 * log(2))


@examples(60)
@given(SEEDS, SEEDS)
def test_normal_numbers_and_signs_are_bit_for_bit_those_of_the_library(seed, row):
    """The sketch of one row of 1 is a column of the operator."""
    for method, domain, draw in (("gaussian", draws.NORMAL, draws.normals), ("sign", draws.DENSE_SIGN, draws.signs)):
        digest = prodigest.sketch(np.ones((1, 1)), f"{method}:size=256", seed=seed, row_ids=[row])
        assert np.array_equal(digest.values[:, 0], draw(seed, domain, np.uint64(row), 256) / 16)


@examples(30)
@given(SEEDS, st.integers(0, 2**64 - 1), st.integers(1, 5000))
def test_bounded_numbers_are_those_of_the_library(seed, row, limit):
    digest = prodigest.sketch(np.ones((1, 1)), f"countsketch:size={limit}", seed=seed, row_ids=[row])
    assert np.flatnonzero(digest.values[:, 0]) == draws.bounded(seed, draws.BUCKET, row, 0, 0, limit)


def test_a_rejected_word_is_drawn_again():
    limit = 2**63 + 1  # nearly half of all words are rejected
    drawn = [draws.bounded(9, draws.BUCKET, row, 0, 0, limit) for row in range(200)]
    first = [int(draws.words(9, draws.BUCKET, row)[0]) * limit >> 64 for row in range(200)]
    assert 50 < sum(a != b for a, b in zip(drawn, first)) < 150
    assert all(0 <= number < limit for number in drawn)

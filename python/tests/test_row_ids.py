"""Names of rows."""

import numpy as np
import prodigest
import pytest
from inputs import matrix


def test_negative_row_ids_are_taken_in_twos_complement():
    a = matrix(3, 2)
    s = prodigest.sketch(a, row_ids=np.array([-1, 5, -(2**63)]))
    assert s.row_ids.tolist() == [5, 2**63, 2**64 - 1]
    assert s == prodigest.sketch(a, row_ids=np.array([2**64 - 1, 5, 2**63], np.uint64))


def test_row_ids_must_fit():
    a = matrix(4, 2)
    with pytest.raises(ValueError, match="4 rows.*got 3"):
        prodigest.sketch(a, row_ids=[1, 2, 3])
    with pytest.raises(ValueError, match="4 rows.*got 0"):
        prodigest.sketch(a, row_ids=[])
    with pytest.raises(TypeError, match="expected integers, got dtype float64"):
        prodigest.sketch(a, row_ids=[1.0, 2.0, 3.0, 4.0])
    with pytest.raises(ValueError, match="unique"):
        prodigest.sketch(a, row_ids=[1, 2, 2, 4])
    with pytest.raises(ValueError, match="expected 2 column names, got 3"):
        prodigest.sketch(a, columns=["a", "b", "c"])
    with pytest.raises(ValueError, match="key= names the key columns of a table"):
        prodigest.sketch(a, key="k")
    with pytest.raises(ValueError, match="missing= is for tables"):
        prodigest.sketch(a, missing="zero")
    with pytest.raises(ValueError, match="key_as"):
        prodigest.sketch(a, key_as="number")


def test_text_row_ids_are_those_of_the_page_on_keys():
    of = lambda *columns, **how: prodigest.row_ids(*columns, **how).tolist()  # noqa: E731
    assert of([7, -5]) == [7, 0xFFFFFFFFFFFFFFFB]
    assert of(np.array([2**64 - 1], np.uint64)) == [2**64 - 1]
    assert of(["libc6", "Zürich", "7", "007", "-0"]) == [
        0x4729EA96A23EA949,
        0x0BA44FCC12CCA74E,
        7,
        0x00983B6DD0C94D82,
        0x773D18EEDB6ED630,
    ]
    assert of(["7"], key_as="text") == of([7], key_as="text") == [0x06EED105B82285FA]
    assert of(["Germany"], [1990]) == of(["Germany"], ["1990"]) == [0x29DBBBBC97F1E44E]
    assert of(["Germany"], [1990], key_as="text") == [0x34C6D62E13E06F7E]
    assert of(["a", "ab"], ["bc", "c"]) == [0xECF549278D0C21FF, 0xB8A626749C9CCDF5]
    s = prodigest.sketch(np.ones((1, 2)), row_ids=["libc6"], key="package")
    assert s.row_ids.tolist() == [0x4729EA96A23EA949] and s.key == ["package"]


def test_bad_keys_are_refused():
    with pytest.raises(ValueError, match="row 1: the key is empty"):
        prodigest.row_ids(["a", " "])
    with pytest.raises(TypeError, match="row 1: expected a text, got None"):
        prodigest.row_ids(np.array(["a", None], object))
    with pytest.raises(TypeError, match="expected integers or texts, got dtype float64"):
        prodigest.row_ids([1.5])
    with pytest.raises(ValueError, match="one length, got 2 and 1"):
        prodigest.row_ids(["a", "b"], [1])
    with pytest.raises(ValueError, match="one or more"):
        prodigest.row_ids()

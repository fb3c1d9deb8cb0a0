"""Row ids of keys against the reference, which needs xxhash."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference.strategies import examples

import prodigest

pytest.importorskip("xxhash")
from reference import keys  # noqa: E402

PARTS = st.integers(-2**63, 2**64 - 1) | st.text(min_size=1).filter(
    lambda text: keys.cell(text) == text and not any(unicodedata.category(c) == "Cs" for c in text))


@examples(100)
@given(st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])))
def test_row_ids_of_texts(text):
    assert prodigest.row_ids([text], key_as="text") == keys.row_id(text)
    assert prodigest.row_ids([text]) == keys.row_id(keys.cell(text))


@examples(100)
@given(st.sampled_from(["7", "-5", "007", "+7", "7.0", " 7", "-0", "0", "18446744073709551615", "18446744073709551616",
                        "-9223372036854775808", "-9223372036854775809", "Zu\u0308rich", "Z\u00fcrich", "\ufb01", "libc6"]))
def test_row_ids_of_cells_that_look_like_integers(text):
    assert prodigest.row_ids([text]) == keys.row_id(keys.cell(text))


@examples(100)
@given(st.lists(PARTS, min_size=1, max_size=4))
def test_row_ids_of_composite_keys(parts):
    columns = [np.array([part], np.uint64 if part > 2**63 - 1 else np.int64) if isinstance(part, int) else [part]
               for part in parts]
    assert prodigest.row_ids(*columns) == keys.row_id(*parts)

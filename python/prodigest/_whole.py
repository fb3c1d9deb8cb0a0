"""Matrices in memory as those functions take them that look at every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _core
from ._digests import sketch_rows
from ._rows import NamedRows, named_rows, naming

# Zero rows have no other weight.
_EVERY_ROW = "priority:size=1099511627776,weight=uniform,totals=norm"


def whole_matrix(
    a: Any,
    *,
    seed: int | None = None,
    row_ids: Any = None,
    key: str | Sequence[str] | None = None,
    columns: str | Sequence[str] | None = None,
    missing: str = "error",
    key_as: str = "typed",
    threads: int = 0,
) -> _core.RowSample:
    """The sample that keeps every row of a matrix, zero rows too: for `compare` and `regress`.

    Parameters
    ----------
    a, row_ids, key, columns, missing, key_as, threads
        As in `sketch`.
    seed : int, optional
        That of the samples which it is to meet, 0 by default.

    Returns
    -------
    RowSample
        A copy of the matrix, in whichever of dense and CSR takes fewer bytes.

    Raises
    ------
    TypeError, ValueError
        As `sketch`.
    """
    rows = named_rows(
        a, "a", row_ids=row_ids, key=key, columns=columns, missing=missing, key_as=key_as
    )
    return whole_rows(rows, seed or 0, threads)


def whole_rows(rows: NamedRows, seed: int, threads: int) -> _core.RowSample:
    """The sample of all these rows; what is wrong with them is told with their name."""
    with naming(rows.name):
        whole = sketch_rows(rows, f"{_EVERY_ROW},seed={seed}", threads)
    assert isinstance(whole, _core.RowSample)
    return whole

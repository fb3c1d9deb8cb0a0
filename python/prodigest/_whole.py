"""Matrices in memory as those functions take them that look at every row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from . import _core
from ._digests import sketch

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
    a, row_ids, key, columns, missing, key_as, threads : as in `sketch`
    seed : that of the samples which it is to meet, 0 by default

    Returns
    -------
    RowSample : a copy of the matrix, in whichever of dense and CSR takes fewer bytes

    Raises
    ------
    TypeError, ValueError : as `sketch`
    """
    whole = sketch(
        a,
        _EVERY_ROW,
        seed=seed,
        row_ids=row_ids,
        key=key,
        columns=columns,
        missing=missing,
        key_as=key_as,
        threads=threads,
    )
    assert isinstance(whole, _core.RowSample)
    return whole

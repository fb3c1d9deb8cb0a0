"""Which method suits two matrices: measured, or foreseen."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import _core
from ._core import PairStatistics, RowSample
from ._digests import Digest
from ._rows import named_rows
from ._whole import whole_rows


@dataclass(frozen=True)
class Prediction:
    """What digests of one spec would give, see `predict`."""

    error: float
    """Root mean square of ``||W - AᵀB||`` as a share of ``||A|| ||B||``; NaN where norms do not
    tell."""
    bytes: float
    """Of both digest files."""


@dataclass(frozen=True)
class Forecast:
    """One method at one size, not measured."""

    method: str
    size: int
    """Rows or coordinates; 0: no digest is so small."""
    error: float
    bytes: float
    obstacle: str
    """Why such digests cannot be made or multiplied; empty if they can."""


@dataclass(frozen=True, repr=False)
class Recommendation:
    """The method of least foreseen error, see `recommend`.

    Attributes
    ----------
    budget : str
        As it was given: ``"5%"``, ``"100kB"``, ``"1000"``.
    bytes : float
        Of the budget, for both digests; of the chosen digests where rows were given.
    method : str or None
        Without a size; None if nothing fits.
    spec : str or None
        The same with its size, for `sketch`.
    reason : str
        Two or three sentences.
    code_limit : float
        What ideal codes of as many bits for every entry err by; NaN where codes do not apply.
    forecasts : tuple of Forecast
        All methods that were considered.
    """

    budget: str
    bytes: float
    method: str | None
    spec: str | None
    reason: str
    code_limit: float
    forecasts: tuple[Forecast, ...]

    def __repr__(self) -> str:
        return f"<Recommendation for {self.budget}: {self.spec or 'none'}>"

    def __str__(self) -> str:
        return f"{self.budget} ({_bytes(self.bytes)}): use {self.spec or 'none'}\n{self.reason}"

    def _repr_html_(self) -> str:
        rows = [
            (f.method, str(f.size or ""), _percent(f.error), _bytes(f.bytes), f.obstacle)
            for f in self.forecasts
        ]
        return (
            f"<p>{html.escape(self.budget)}: use <b>{html.escape(self.spec or 'none')}</b>. "
            f"{html.escape(self.reason)}</p>"
            + _table(("method", "size", "expected error", "bytes", ""), rows)
        )


@dataclass(frozen=True, repr=False)
class Comparison:
    """What `compare` measured. Errors are shares of ``||A|| ||B||``.

    Attributes
    ----------
    statistics : PairStatistics
    exact_bytes : float
        Of both matrices, stored as digests of all rows.
    zero_error : float
        What the answer 0 errs by.
    seeds : int
    recommendations : tuple of Recommendation
        One for each size, from what was known before anything was measured.
    table : tuple of dict
        One row for each size and method, good for ``pandas.DataFrame(result.table)``: ``budget``,
        ``method``, ``size`` (median over the seeds; 0: no digest is so small), ``bytes`` (of both
        files, mean), ``error`` (root mean square against the exact product) and
        ``error_deviation`` (its standard error), ``low``, ``median``, ``high`` (quartiles),
        ``predicted``, ``estimated`` (rms of what the method says of its error), ``bound``,
        ``apriori`` (medians), ``bound_held`` (seeds in which the bound held), ``digest_seconds``,
        ``product_seconds`` (medians), ``recommended``, ``best``.
    """

    statistics: PairStatistics
    exact_bytes: float
    zero_error: float
    seeds: int
    recommendations: tuple[Recommendation, ...]
    table: tuple[Mapping[str, Any], ...]

    def __repr__(self) -> str:
        sizes = ", ".join(r.budget for r in self.recommendations)
        return f"<Comparison of {len(self.table)} digests at {sizes}, {self.seeds} seeds>"

    def __str__(self) -> str:
        return "\n".join(str(r) for r in self.recommendations)

    def _repr_html_(self) -> str:
        parts = [
            f"<p>Errors are shares of |A||B| over {self.seeds} seeds; the answer 0 errs by "
            f"{_percent(self.zero_error)}.</p>"
        ]
        for recommendation in self.recommendations:
            rows = [_cells(row) for row in self.table if row["budget"] == recommendation.budget]
            parts.append(
                f"<p>{html.escape(recommendation.budget)}, {_bytes(recommendation.bytes)} for both "
                f"digests. {html.escape(recommendation.reason)}</p>" + _table(_HEADINGS, rows)
            )
        return "".join(parts)


def compare(
    a: Any,
    b: Any,
    *,
    sizes: Sequence[str | int] | str | int = ("1%", "5%", "20%"),
    methods: Sequence[str] | str | None = None,
    seeds: int = 5,
    confidence: float = 0.95,
    key: str | Sequence[str] | None = None,
    missing: str = "error",
    threads: int = 0,
) -> Comparison:
    """Digest both matrices with every method at every size, and hold the products against AᵀB.

    Parameters
    ----------
    a, b : array_like
        Matrices (n, d) and (n', m), whatever `sketch` takes; or, where they are to be read in
        different ways, what `whole_matrix` made of them.
    sizes : str, int or a sequence of these
        Of both digests together: bytes (``"100kB"``), a share of the exact storage (``"5%"``), or
        rows (``1000``).
    methods : str or sequence of str, optional
        Specs without ``size=``. None: those that may be recommended. "all": also those that err as
        one of them does but take longer, and codes in common use.
    seeds : int
        How often each is run.
    confidence : float
        Of the bounds, between 0 and 1.
    key, missing
        How to read both tables, as in `sketch`.
    threads : int
        0 is all cores.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        A size or method that cannot be read, no size, seeds < 1, a sample that lacks rows.
    IncompatibleError
        Rows whose keys cannot meet.
    TypeError
        A linear sketch or lattice codes, which hold no rows.

    Notes
    -----
    Both matrices are held in memory, and the exact product is computed. Methods x seeds x sizes
    passes over both matrices (samples: methods x seeds), one after the other, so that their times
    can be trusted.
    """
    a, b = _whole(a, "a", key, missing, threads), _whole(b, "b", key, missing, threads)
    names = _names(methods, lambda: _core.statistics_of(a, b, threads))
    found: dict[str, Any] = _core.compare(a, b, _sizes(sizes), names, seeds, confidence, threads)
    recommendations = tuple(_recommendation(r) for r in found.pop("recommendations"))
    return Comparison(recommendations=recommendations, table=tuple(found.pop("table")), **found)


def statistics_of(
    a: Any,
    b: Any,
    *,
    key: str | Sequence[str] | None = None,
    missing: str = "error",
    threads: int = 0,
) -> PairStatistics:
    """How the squares of two matrices are spread over their rows, and where the rows meet.

    Parameters
    ----------
    a, b : array_like
        Matrices (n, d) and (n', m), or row samples of them with one seed, from which sums over rows
        are estimates.
    key, missing, threads
        As in `compare`.

    Returns
    -------
    PairStatistics

    Raises
    ------
    IncompatibleError
        Different seeds, or keys that cannot meet.
    TypeError
        A linear sketch or lattice codes, which hold no rows.

    Notes
    -----
    O(non-zeros + n log n) and a product of 512 rows; memory O(n + d m).
    """
    return _core.statistics_of(
        _whole(a, "a", key, missing, threads), _whole(b, "b", key, missing, threads), threads
    )


def predict(pair: PairStatistics, spec: str) -> Prediction:
    """Error and bytes of digests that were never made, both sides with this spec: O(rows).

    Raises
    ------
    ValueError
        A spec that cannot be read.
    """
    error, size = _core.predict(pair, spec)
    return Prediction(error, size)


def recommend(
    a: Any,
    b: Any,
    size: str | int = "5%",
    *,
    methods: Sequence[str] | str | None = None,
    key: str | Sequence[str] | None = None,
    missing: str = "error",
    threads: int = 0,
) -> Recommendation:
    """Which digest suits two matrices, without measuring.

    Of the methods within 5 % of the least expected error the first in the list is taken: the
    simpler and safer stand first.

    Parameters
    ----------
    a, b : array_like
        Matrices (n, d) and (n', m), or row samples of them with one seed.
    size : str or int
        As one of the `sizes` of `compare`.
    methods, key, missing, threads
        As in `compare`.

    Returns
    -------
    Recommendation

    Raises
    ------
    ValueError, IncompatibleError, TypeError
        As `compare`.
    """
    pair = statistics_of(a, b, key=key, missing=missing, threads=threads)
    return _recommendation(_core.recommend(pair, str(size), _names(methods, lambda: pair)))


def _whole(
    a: Any, name: str, key: str | Sequence[str] | None, missing: str, threads: int
) -> RowSample:
    if isinstance(a, RowSample):
        return a
    if isinstance(a, Digest):
        raise TypeError(
            f"{name}: a {type(a).__name__} holds no rows, so it cannot tell how another method "
            "would do (give the matrix, or a row sample)"
        )
    return whole_rows(named_rows(a, name, key=key, missing=missing), 0, threads)


def _sizes(sizes: Sequence[str | int] | str | int) -> list[str]:
    return [str(sizes)] if isinstance(sizes, str | int) else [str(size) for size in sizes]


def _names(methods: Sequence[str] | str | None, pair: Callable[[], PairStatistics]) -> list[str]:
    if methods is None:
        return []
    if methods == "all":
        return list(_core.all_methods(pair()))
    return [methods] if isinstance(methods, str) else list(methods)


def _recommendation(found: dict[str, Any]) -> Recommendation:
    return Recommendation(
        forecasts=tuple(Forecast(**each) for each in found.pop("forecasts")), **found
    )


_HEADINGS = ("method", "size", "bytes", "error (rms)", "expected", "bound", "held", "")


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    if row["size"] == 0:
        return (row["method"], "does not fit or apply", *[""] * 6)
    verdicts = [word for word in ("recommended", "best") if row[word]]
    return (
        row["method"],
        f"{row['size']:,}",
        _bytes(row["bytes"]),
        _percent(row["error"]),
        _percent(row["predicted"]),
        _percent(row["bound"]),
        str(row["bound_held"]),
        ", ".join(verdicts),
    )


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    def line(cells: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(c)}</{tag}>" for c in cells) + "</tr>"

    return "<table>" + line(headings, "th") + "".join(line(r, "td") for r in rows) + "</table>"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if math.isfinite(share) else "none"


def _bytes(count: float) -> str:
    if not math.isfinite(count):
        return "none"
    for unit in ("B", "kB", "MB", "GB"):
        if count < 999.5:
            break
        count /= 1000
    return f"{count:.3g} {unit}"

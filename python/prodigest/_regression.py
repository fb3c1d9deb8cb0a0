"""Least squares from two digests."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import as_matrix
from ._core import LatticeCodes, RowSample
from ._digests import Digest, check_sides, sketch_rows
from ._rows import Reading, named_rows, naming
from ._whole import whole_rows

Estimator = Literal["auto", "joint", "single", "gram", "sketch"]


@dataclass(frozen=True)
class Coefficient:
    """One column's part in a fit."""

    name: str
    value: float
    standard_error: float
    """Robust (HC3) with design weights; NaN if no rows are left to tell."""


@dataclass(frozen=True)
class RegressionWarning:
    """What to know before a fit is trusted."""

    kind: str
    """A stable word such as ``few_rows`` or ``rank_deficient``."""
    message: str


@dataclass(frozen=True, repr=False)
class Regression:
    """The regression of one column of B on all columns of A, see `regress`.

    Attributes
    ----------
    target : str
        Name, or number, of the column that was explained.
    estimator : str
        What was used: ``joint``, ``single``, ``gram`` or ``sketch``.
    coefficients : tuple of Coefficient
        One for each column of A, in order, without a column ``present`` that stands for the
        constant.
    intercept : Coefficient or None
    ridge : float
        The penalty that was used.
    scaled_ridge : bool
        The penalty was chosen, and columns are penalised by their variance.
    r_squared : float or None
        Share of the target's variance that A explains on rows which the fit has not seen. None
        where that is no fit: not above 0, or too few rows to say.
    r_squared_low, r_squared_high : float
        Its interval of `confidence`; 0 and 1 say that nothing is known.
    confidence : float
    matched_rows : int
        Rows of the fit: common rows of samples, rows of a sketch.
    effective_rows : float
        How many equal rows they are worth.
    join_rows : float
        Estimated number of rows that A and B share; NaN for linear sketches.
    rank : int
        Of the columns, the constant fitted out.
    warnings : tuple of RegressionWarning
    """

    target: str
    estimator: str
    coefficients: tuple[Coefficient, ...]
    intercept: Coefficient | None
    ridge: float
    scaled_ridge: bool
    r_squared: float | None
    r_squared_low: float
    r_squared_high: float
    confidence: float
    matched_rows: int
    effective_rows: float
    join_rows: float
    rank: int
    warnings: tuple[RegressionWarning, ...]

    @property
    def values(self) -> npt.NDArray[np.float64]:
        """(d,) values of the coefficients."""
        return np.array([c.value for c in self.coefficients], np.float64)

    @property
    def standard_errors(self) -> npt.NDArray[np.float64]:
        """(d,) their standard errors."""
        return np.array([c.standard_error for c in self.coefficients], np.float64)

    def predict(self, a: Any) -> npt.NDArray[np.float64]:
        """What the fit says of rows of A: (n, d) -> (n,)."""
        rows, weights = as_matrix(a, "a", dtype=np.float64), self.values
        if rows.shape[1] != len(weights):
            raise ValueError(f"a: expected {len(weights)} columns, got {rows.shape[1]}")
        constant = self.intercept.value if self.intercept else 0.0
        return np.asarray(rows @ weights + constant)

    def __repr__(self) -> str:
        share = "none" if self.r_squared is None else f"{self.r_squared:.4g}"
        count = len(self.coefficients)
        columns = f"{count} column{'' if count == 1 else 's'}"
        return (
            f"<Regression of {self.target} on {columns}, {self.matched_rows:,} matched rows, "
            f"R² {share}, {len(self.warnings)} warnings>"
        )

    def __str__(self) -> str:
        rows = [(c.name, f"{c.value:.4g}", _error_text(c)) for c in self._all()]
        widths = [max(len(row[i]) for row in rows) for i in range(3)] if rows else [0, 0, 0]
        lines = [self._caption()]
        lines += [f"  {n:<{widths[0]}}  {v:>{widths[1]}}  {e}" for n, v, e in rows]
        lines += [self._quality()] + [f"note: {w.message}" for w in self.warnings]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{html.escape(c.name)}</td><td>{c.value:.4g}</td>"
            f"<td>{html.escape(_error_text(c))}</td></tr>"
            for c in self._all()
        )
        notes = "".join(f"<li>{html.escape(w.message)}</li>" for w in self.warnings)
        return (
            f"<p>{html.escape(self._caption())}</p><table><tr><th>column</th><th>coefficient</th>"
            f"<th>standard error</th></tr>{rows}</table><p>{html.escape(self._quality())}</p>"
            + (f"<ul>{notes}</ul>" if notes else "")
        )

    def _all(self) -> tuple[Coefficient, ...]:
        return self.coefficients + ((self.intercept,) if self.intercept else ())

    def _caption(self) -> str:
        rows = f"{self.matched_rows:,} matched rows, worth {self.effective_rows:,.0f} equal ones"
        if self.estimator == "sketch":
            rows = f"sketches of {self.matched_rows:,} rows"
        return f"{self.target} from {rows} (estimator {self.estimator}, ridge {self.ridge:.4g})"

    def _quality(self) -> str:
        interval = (
            f"{self.confidence:.4g} interval {self.r_squared_low:.4g} to {self.r_squared_high:.4g}"
        )
        return (
            f"no fit, {interval}"
            if self.r_squared is None
            else (f"R² {self.r_squared:.4g}, {interval}")
        )


def _error_text(c: Coefficient) -> str:
    return "unknown" if math.isnan(c.standard_error) else f"± {c.standard_error:.4g}"


def regress(
    a: Any,
    b: Any,
    *,
    target: str | int | None = None,
    ridge: float | None = None,
    estimator: Estimator = "auto",
    intercept: bool = True,
    confidence: float = 0.95,
    row_ids: Any = None,
    key: str | Sequence[str] | None = None,
    columns: str | Sequence[str] | None = None,
    missing: str = "error",
    threads: int = 0,
) -> Regression:
    """Which x makes A x close to a column of B? From two digests: nobody joins the tables.

    Samples describe the join, the rows whose keys both tables hold; a key that one side lacks does
    not count as zero, provided that the samples keep zero rows (``weight=uniform`` or
    ``mixture=0.5``). From linear sketches a missing key is a row of zeros.

    Parameters
    ----------
    a, b : digests, or one digest and one array_like
        Digests of matrices (n, d) and (n', m): two row samples with one seed, or two linear
        sketches with one spec. One of them may be the matrix itself, whatever `sketch` takes: every
        row of it is used then, beside a linear sketch it is sketched the same way first.
    target : str or int, optional
        Name or number of the column of B; needed if B has several.
    ridge : float, optional
        Lambda in ``||A x - b||² + lambda ||x||²`` over all rows, as scikit-learn's ``alpha``; 0 for
        none. None: leave-one-out chooses a penalty in proportion to each column's variance.
    estimator : {"auto", "joint", "single", "gram", "sketch"}
        "joint": weighted least squares on common rows, the default for samples. "single": Gram
        matrix from the sample of A alone. "gram": the exact Gram matrix, of a sample with
        ``totals=gram``. "sketch": least squares on linear sketches, their default.
    intercept : bool
        Fit a constant. All but joint can only if A was digested with a column of ones by
        ``prodigest sketch --presence``, and do without where there is none.
    confidence : float
        Of the interval of R², between 0 and 1.
    row_ids, key, columns, missing
        How to read that matrix, as in `estimate_product`.
    threads : int
        0 is all cores; never changes the result.

    Returns
    -------
    Regression
        Also without a common row, with fewer rows than columns, or with columns that depend on each
        other; then `warnings` says so.

    Raises
    ------
    ValueError
        A negative ridge, a target that is not there, or not named though B has several.
    IncompatibleError
        Digests that cannot meet, or an estimator that does not go with their kind.
    TypeError
        No digest among the two, or lattice codes.

    Notes
    -----
    O(t d²) for t matched rows, O(d³) at most for the solution. joint is exact if b = A x on the
    join.

    Examples
    --------
    >>> import numpy as np, prodigest
    >>> a = np.random.default_rng(1).normal(size=(10_000, 2))
    >>> b = a @ [[3.0], [-1.0]]
    >>> spec = "priority:size=500,mixture=0.5"
    >>> fit = prodigest.regress(prodigest.sketch(a, spec), prodigest.sketch(b, spec), ridge=0)
    >>> fit.values.round(6).tolist()
    [3.0, -1.0]
    """
    for side in (a, b):
        if isinstance(side, LatticeCodes):
            raise TypeError(
                f"regress: expected a sample or a linear sketch, got lattice codes, {side.spec} "
                '(sketch with "priority:size=K,weight=leverage,mixture=0.5")'
            )
    reading = Reading(row_ids, key, columns, missing)
    check_sides("regress", a, b, reading)
    if not isinstance(a, Digest):
        a = _at_hand(a, "a", b, reading, threads)
    elif not isinstance(b, Digest):
        b = _at_hand(b, "b", a, reading, threads)
    wanted = "" if target is None else str(target)
    found: dict[str, Any] = _core.regress(
        a, b, wanted, estimator, ridge, intercept, confidence, threads
    )
    constant = found.pop("intercept")
    return Regression(
        coefficients=tuple(Coefficient(**c) for c in found.pop("coefficients")),
        intercept=Coefficient(**constant) if constant else None,
        warnings=tuple(RegressionWarning(**w) for w in found.pop("warnings")),
        confidence=confidence,
        **found,
    )


def _at_hand(
    matrix: Any, name: str, other: Digest, reading: Reading, threads: int
) -> Digest:
    """A matrix as a digest that goes with the other: beside a sample all of its rows."""
    rows = named_rows(matrix, name, **reading.beside(other, matrix))
    if isinstance(other, RowSample):
        return whole_rows(rows, other.seed, threads)
    with naming(name):
        return sketch_rows(rows, other.spec, threads)

"""Pictures, drawn with matplotlib (``pip install prodigest[plot]``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._compare import Comparison
from ._core import ProductEstimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# Entries of a product that are written out.
_MOST_LABELS = 48


def plot_compare(result: Comparison, *, ax: Axes | None = None) -> Axes:
    """Error against bytes of every method, both on logarithmic axes.

    Parameters
    ----------
    result : Comparison
        Of `compare`.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ImportError
        matplotlib is not installed.
    """
    ax = ax if ax is not None else _new_axes(width=8.0)
    for i, method in enumerate(dict.fromkeys(row["method"] for row in result.table)):
        points = sorted(
            (row["bytes"], row["error"], row["error_deviation"])
            for row in result.table
            if row["method"] == method and row["size"] > 0
        )
        if points:
            x, y, deviation = zip(*points, strict=True)
            ax.errorbar(
                x,
                y,
                yerr=deviation,
                label=method,
                color=f"C{i % 10}",
                marker="osD"[i // 10 % 3],
                linestyle=("-", ":", "--")[i // 10 % 3],
                markersize=4,
                capsize=2,
            )
    ax.axhline(result.zero_error, color="gray", linestyle="--", label="the answer 0")
    ax.set(
        xscale="log",
        yscale="log",
        title="Error against bytes",
        xlabel="bytes of both digests",
        ylabel=f"error as a share of |A||B|, rms of {result.seeds} seeds",
    )
    ax.legend(loc="center left", bbox_to_anchor=(1.02, 0.5), fontsize="small", frameon=False)
    return ax


def plot_product(
    estimate: ProductEstimate,
    *,
    rows: Sequence[str] | None = None,
    columns: Sequence[str] | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A heat map of the product, its error in words underneath.

    Where there are standard deviations and at most 48 entries, these are written out.

    Parameters
    ----------
    estimate : ProductEstimate of (d, m)
        Of `estimate_product`; small enough to be looked at.
    rows, columns : sequences of str, optional
        Names of the d columns of A and of the m columns of B.
    ax : matplotlib Axes, optional
        Where to draw; None: a new figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ImportError
        matplotlib is not installed.
    ValueError
        Names that are not as many as the rows or columns.
    """
    value = np.asarray(estimate.value)
    ax = ax if ax is not None else _new_axes(width=6.4)
    limit = float(np.abs(value).max(initial=0)) or 1.0
    image = ax.imshow(value, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
    ax.figure.colorbar(image, ax=ax)
    _name(ax.yaxis, rows, value.shape[0], "rows")
    _name(ax.xaxis, columns, value.shape[1], "columns")
    if columns is not None:
        ax.tick_params(axis="x", rotation=90)
    ax.set(title="Estimate of AᵀB", xlabel=_error_in_words(estimate, float(np.linalg.norm(value))))
    deviation: Any = estimate.standard_deviation
    if deviation is not None and value.size <= _MOST_LABELS:
        for (i, j), entry in np.ndenumerate(value):
            text = f"{entry:.3g}\n± {deviation[i, j]:.2g}"
            color = "white" if abs(entry) > 0.6 * limit else "black"
            ax.text(j, i, text, ha="center", va="center", fontsize="small", color=color)
    return ax


def _new_axes(width: float) -> Axes:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("plots need matplotlib (pip install prodigest[plot])") from error
    return pyplot.subplots(figsize=(width, 4.8), layout="constrained")[1]


def _name(axis: Any, names: Sequence[str] | None, count: int, what: str) -> None:
    if names is None:
        axis.get_major_locator().set_params(integer=True)
        return
    if len(names) != count:
        raise ValueError(f"{what}: expected {count} names, got {len(names)}")
    axis.set_ticks(range(count), labels=names)


def _error_in_words(estimate: ProductEstimate, norm: float) -> str:
    error = estimate.frobenius_error
    text = (
        f"|AᵀB| ≈ {norm:.3g} ± {error.estimated:.2g}; the error is at most {error.bound:.3g} "
        f"with {100 * error.confidence:g} % confidence"
    )
    deviation: Any = estimate.standard_deviation
    if deviation is not None:
        text += f"\nentries ± {np.median(deviation):.2g} (median), {deviation.max():.2g} at most"
    return text

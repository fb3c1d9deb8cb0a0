"""What a digest holds, for people and for programs."""

from __future__ import annotations

import html as _html
import math
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core

Digest = _core.RowSample | _core.LinearSketch | _core.LatticeCodes

_KINDS: dict[type, str] = {
    _core.RowSample: "row_sample",
    _core.LinearSketch: "linear_sketch",
    _core.LatticeCodes: "lattice_codes",
}


def info(digest: Digest) -> dict[str, Any]:
    """What a digest holds, under the names that ``prodigest info --json`` has.

    Parameters
    ----------
    digest : RowSample, LinearSketch or LatticeCodes

    Returns
    -------
    dict : kind, spec, seed, rows, cols, bytes, key, columns, frobenius_norm (None if it is not
        known), norm_estimated and, by kind, what else there is to know

    Notes
    -----
    Takes a copy of the digest as bytes and, for lattice codes, decodes them.
    """
    facts: dict[str, Any] = {
        "kind": _KINDS[type(digest)],
        "spec": digest.spec,
        "seed": digest.seed,
        "rows": digest.rows,
        "cols": digest.cols,
        "bytes": len(digest.to_bytes()),
        "key": digest.key,
        "columns": digest.columns,
    }
    norm, estimated = _norm(digest)
    facts |= {"frobenius_norm": norm, "norm_estimated": estimated}
    if isinstance(digest, _core.RowSample):
        facts |= {
            "kept_rows": digest.size,
            "certain_rows": int(np.count_nonzero(digest.inclusion == 1)),
            "nonzero_rows": digest.nonzero_rows,
            "entries": digest.entries,
            "layout": "csr" if digest.sparse else "dense",
            "value_type": "f32" if digest.single_precision else "f64",
            "tau": None if math.isinf(digest.tau) else digest.tau,
            "complete": digest.complete,
        }
    elif isinstance(digest, _core.LinearSketch):
        facts |= {"operator": digest.spec.split(":")[0], "sketch_rows": digest.size}
    else:
        facts |= {
            "coded_coordinates": digest.size,
            "bits_without_names": digest.bits_per_entry,
        }
    return facts


def html(digest: Digest) -> str:
    """A small table, which notebooks show."""
    facts = info(digest)
    norm = facts["frobenius_norm"]
    rows = {
        "spec": facts["spec"],
        "matrix": f"{facts['rows']:,} × {facts['cols']:,}",
        "rows kept": f"{digest.size:,}",
        "bytes": f"{facts['bytes']:,}",
        "Frobenius norm": "unknown" if norm is None else f"{norm:.6g}",
        "key": ", ".join(facts["key"]) or "row number",
    }
    if isinstance(digest, _core.LinearSketch):
        rows["rows of the sketch"] = rows.pop("rows kept")
    elif isinstance(digest, _core.LatticeCodes):
        rows["coordinates coded"] = rows.pop("rows kept")
    if facts["norm_estimated"]:
        rows["Frobenius norm"] += ", estimated"
    body = "".join(
        f"<tr><th style='text-align:left'>{_html.escape(name)}</th>"
        f"<td style='text-align:left'>{_html.escape(text)}</td></tr>"
        for name, text in rows.items()
    )
    return f"<table><caption>{type(digest).__name__}</caption>{body}</table>"


def _norm(digest: Digest) -> tuple[float | None, bool]:
    square = digest.squared_norm
    if isinstance(digest, _core.LatticeCodes):
        return math.sqrt(digest.squared_norm), digest.size < digest.rows
    if square is None and isinstance(digest, _core.LinearSketch):
        return float(np.linalg.norm(digest.values)), True
    return (None if square is None else math.sqrt(square)), False


def csr_of(
    arrays: tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[Any]], shape: tuple[int, int]
) -> Any:
    """A scipy matrix over values and columns that are not copied (called by _core)."""
    try:
        from scipy.sparse import csr_array
    except ImportError as error:
        raise ImportError(
            "the rows of this sample are sparse: install scipy (pip install prodigest[io])"
        ) from error
    return csr_array(arrays, shape=shape, copy=False)

"""What digests and other things that have files hold, for people and for programs."""

from __future__ import annotations

import html as _html
import math
from typing import Any

import numpy as np

from ._core import AttentionState, LatticeCodes, LinearSketch, RowSample
from ._digests import Digest
from ._files import Saved
from ._gaussian_operator import GaussianOperator


def info(saved: Saved) -> dict[str, Any]:
    """What a digest, or whatever else `load` reads, holds.

    Parameters
    ----------
    saved : RowSample, LinearSketch, LatticeCodes, AttentionState or GaussianOperator

    Returns
    -------
    dict
        Under the names that ``prodigest info --json`` has: kind, spec, bytes and, by kind, what
        there is to know; of digests seed, rows, cols, key, columns, frobenius_norm (None if it is
        not known) and norm_estimated.

    Raises
    ------
    TypeError
        On anything else.

    Notes
    -----
    Makes the bytes of the file and, for lattice codes, decodes them.
    """
    for kind, name, told in _KINDS:
        if isinstance(saved, kind):
            more: dict[str, Any] = told(saved)
            return {"kind": name, "spec": saved.spec, "bytes": len(saved.to_bytes()), **more}
    raise TypeError(
        "info: expected a digest, an AttentionState or a GaussianOperator, got "
        f"{type(saved).__name__} (read a file with prodigest.load)"
    )


def _of_digest(digest: Digest) -> dict[str, Any]:
    norm, estimated = _norm(digest)
    return {
        "seed": digest.seed,
        "rows": digest.rows,
        "cols": digest.cols,
        "key": digest.key,
        "columns": digest.columns,
        "frobenius_norm": norm,
        "norm_estimated": estimated,
    }


def _of_sample(sample: RowSample) -> dict[str, Any]:
    return _of_digest(sample) | {
        "kept_rows": sample.size,
        "certain_rows": int(np.count_nonzero(sample.inclusion == 1)),
        "nonzero_rows": sample.nonzero_rows,
        "entries": sample.entries,
        "layout": "csr" if sample.sparse else "dense",
        "value_type": "f32" if sample.single_precision else "f64",
        "tau": None if math.isinf(sample.tau) else sample.tau,
        "complete": sample.complete,
    }


def _of_sketch(sketch: LinearSketch) -> dict[str, Any]:
    return _of_digest(sketch) | {
        "operator": sketch.spec.split(":")[0],
        "sketch_rows": sketch.size,
    }


def _of_codes(codes: LatticeCodes) -> dict[str, Any]:
    return _of_digest(codes) | {
        "coded_coordinates": codes.size,
        "bits_without_names": codes.bits_per_entry,
    }


def _of_state(state: AttentionState) -> dict[str, Any]:
    layout = state.layout
    return {
        "sequences": state.sequences,
        "key_heads": state.key_heads,
        "tokens": state.tokens.tolist(),
        "open_tokens": state.open_tokens.tolist(),
        "size": layout.size,
        "value_dim": layout.value_dim,
        "block": layout.block,
        "local_blocks": layout.local,
        "value_type": "f32" if state.sums.dtype == np.float32 else "f64",
        "fingerprint": f"{state.fingerprint:016x}",
    }


def _of_operator(made: GaussianOperator) -> dict[str, Any]:
    plan = made.plan
    return {
        "queries": made.shape[0],
        "keys": made.shape[1],
        "dim": made.dim,
        "query_cells": plan.query_cells,
        "key_cells": plan.key_cells,
        "near_pairs": plan.near_pairs,
        "near_recall": plan.near_recall,
    }


_KINDS: tuple[tuple[type[Any], str, Any], ...] = (
    (RowSample, "row_sample", _of_sample),
    (LinearSketch, "linear_sketch", _of_sketch),
    (LatticeCodes, "lattice_codes", _of_codes),
    (AttentionState, "attention_state", _of_state),
    (GaussianOperator, "gaussian_operator", _of_operator),
)


def html(digest: Digest) -> str:
    """A small table of a digest, which notebooks show (called by _core)."""
    facts = info(digest)
    norm = facts["frobenius_norm"]
    rows = {
        "spec": facts["spec"],
        "matrix": f"{facts['rows']:,} × {facts['cols']:,}",
        _SIZES[type(digest)]: f"{digest.size:,}",
        "bytes": f"{facts['bytes']:,}",
        "Frobenius norm": "unknown" if norm is None else f"{norm:.6g}",
        "key": ", ".join(facts["key"]) or "row number",
    }
    if facts["norm_estimated"]:
        rows["Frobenius norm"] += ", estimated"
    body = "".join(
        f"<tr><th style='text-align:left'>{_html.escape(name)}</th>"
        f"<td style='text-align:left'>{_html.escape(text)}</td></tr>"
        for name, text in rows.items()
    )
    return f"<table><caption>{type(digest).__name__}</caption>{body}</table>"


_SIZES: dict[type[Any], str] = {
    RowSample: "rows kept",
    LinearSketch: "rows of the sketch",
    LatticeCodes: "coordinates coded",
}


def _norm(digest: Digest) -> tuple[float | None, bool]:
    square = digest.squared_norm
    if isinstance(digest, LatticeCodes):
        return math.sqrt(digest.squared_norm), digest.size < digest.rows
    if square is None and isinstance(digest, LinearSketch):
        return float(np.linalg.norm(digest.values)), True
    return (None if square is None else math.sqrt(square)), False

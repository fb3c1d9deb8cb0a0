"""Inputs of every sort, for hypothesis: plain, sparse, heavy-tailed, degenerate, huge and tiny."""

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

SEEDS = st.integers(0, 2**64 - 1) | st.integers(0, 3)


def examples(count):
    """The same examples every time, as many as that."""
    return settings(max_examples=count, derandomize=True, deadline=None, database=None,
                    suppress_health_check=list(HealthCheck))


def _heavy(rng, shape):
    return rng.standard_t(1.2, shape)


def _spikes(rng, shape):
    return rng.normal(size=shape) * np.where(rng.random((shape[0], 1)) < 0.1, 1e6, 1e-3)


KINDS = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "sparse": lambda rng, shape: rng.normal(size=shape) * (rng.random(shape) < 0.2),
    "heavy": _heavy,
    "spikes": _spikes,
    "whole": lambda rng, shape: rng.integers(-1, 2, shape).astype(float),  # equal rows, rows of zeros
    "equal": lambda rng, shape: np.repeat(rng.normal(size=(1, shape[1])), shape[0], axis=0),
    "zeros": lambda rng, shape: np.zeros(shape),
}


@st.composite
def matrices(draw, rows=None, cols=None, kinds=tuple(KINDS), scaled=True, dtypes=(np.float64, np.float32)):
    """n x d; n from 0 on unless given."""
    n = draw(st.integers(0, 3) | st.integers(4, 70)) if rows is None else rows
    d = draw(st.sampled_from([1, 2, 3, 7, 8, 9, 17])) if cols is None else cols
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    dtype = draw(st.sampled_from(dtypes))
    a = KINDS[draw(st.sampled_from(kinds))](rng, (n, d)).clip(-1e9, 1e9)
    exponent = draw(st.sampled_from([0, 0, 0, -1, 1])) * (40 if dtype == np.float32 else 300) if scaled else 0
    return np.ldexp(a, exponent).astype(dtype)


@st.composite
def row_ids(draw, n):
    """Distinct names of n rows, or None: they are numbered."""
    kind = draw(st.sampled_from(["numbered", "anything", "near"]))
    if kind == "numbered":
        return None
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    if kind == "near":  # of the same high or low half
        ids = rng.permutation(2 * n)[:n].astype(np.uint64)
        return ids << np.uint64(32) if draw(st.booleans()) else ids + np.uint64(2**63)
    return np.unique(rng.integers(0, 2**64, n, dtype=np.uint64, endpoint=False))[:n][rng.permutation(n)]

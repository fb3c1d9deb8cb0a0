"""Specs of every method and matrices to digest."""

import numpy as np
import scipy.sparse as sp

SPECS = [
    "priority:size=40,seed=7",
    "threshold:size=40,seed=7",
    "countsketch:size=40,seed=7",
    "osnap:size=40,seed=7",
    "srht:size=40,seed=7",
    "gaussian:size=40,seed=7",
    "sign:size=40,seed=7",
    "lattice:format=F4,seed=7",
]
SAMPLES, SKETCHES, CODES = SPECS[:2], SPECS[2:7], SPECS[7:]


def matrix(rows=200, cols=5, seed=1, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=(rows, cols)).astype(dtype)


def sparse_matrix(rows=200, cols=50, seed=1, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return sp.random(rows, cols, 0.05, format="csr", random_state=rng, dtype=dtype)

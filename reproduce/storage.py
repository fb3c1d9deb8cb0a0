"""Storage as the paper counts it, in bits: 64 a value, ceil(log2) of the range for every index, and a
row in the cheaper of sparse and dense form. prodigest's own files are counted by `compare`."""

import math

import numpy as np

VALUE = 64


def index_bits(values):
    return max(1, math.ceil(math.log2(max(2, values))))


def row_bits(matrix):
    """Bits of each row of a CSR matrix."""
    cols = matrix.shape[1]
    sparse = index_bits(cols + 1) + np.diff(matrix.indptr) * (VALUE + index_bits(cols))
    return np.minimum(cols * VALUE, sparse)


def matrix_bits(matrix):
    return float(row_bits(matrix).sum())


def sampled_row_bits(matrix):
    """Bits of an average row in a sample: the row and its number."""
    return float(row_bits(matrix).mean()) + index_bits(matrix.shape[0])

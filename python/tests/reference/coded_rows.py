"""Samples whose rows are in few bits: docs/format.md (coded rows) and docs/theory/sampling.md (coded values)."""

from dataclasses import replace
from math import sqrt

import numpy as np

from . import draws, lattice, specs
from .sampling import WIDE, squared_norm

FORMATS = ["F4", "F4pair", "F4fast", "F3", "F2", "I8", "int"]


def row_seed(seed, row_id, norm, code, cols, columns):
    """The seed of the rotation of a row. columns: those coded, None: all."""
    name, width = lattice.split(code)
    h = 0
    for column in [] if columns is None else columns.tolist():
        h = (h + column + 1) * 0x9E3779B97F4A7C15 % 2**64
    bits = int(np.float64(norm).view(np.uint64))
    number = FORMATS.index(name) + 256 * (width if name == "int" else 0)
    for j, word in enumerate([int(row_id), bits, number, cols, h]):
        seed = int(draws.words(seed, draws.ROW_CODING, np.uint64(word), j)[0])
    return seed


def reflect(x, seed, number):
    """x - 2 u <u, x> / <u, u> with whole numbers and a half in u."""
    words = draws.block(seed, draws.REFLECTION, np.arange(-(-len(x) // 4)), number).reshape(-1)[:len(x)]
    u = (words.astype(np.uint32).view(np.int32) >> 8) + 0.5
    return x - 2 * u * (u @ x) / (u @ u)


def rotate_back(t, seed):
    if len(t) == 1:
        return t
    if len(t) <= 64:
        t = reflect(reflect(t, seed, 1), seed, 0)
    return lattice.rotate_back(t[:, None], seed)[:, 0]


def decode(metadata, tensors):
    """The rows of a sample, and their squared norms before they were coded."""
    _, options = specs.parse(metadata["spec"])
    seed, code, d = int(options["seed"]), options["values"].split(":")[1], int(metadata["cols"])
    count = len(tensors["row_ids"])
    norms = tensors["squared_norms"].astype(np.float64)
    sizes = tensors["row_sizes"].astype(int) if "row_sizes" in tensors else np.full(count, d)
    rows, at, column_at = np.zeros((count, d)), 0, 0
    for i in range(count):
        size, columns = sizes[i], None
        if size < d:
            columns = tensors["columns"][column_at:column_at + size]
            column_at += size
        if size == 0:
            continue
        length = size if size == 1 or code.startswith(("I8", "int")) else -(-size // 8) * 8
        t, taken = lattice.decode_codes(code, tensors["codes"][at:], length)
        at += taken
        t = t.astype(np.float64)
        x = rotate_back(t, row_seed(seed, tensors["row_ids"][i], norms[i], code, d, columns))
        factor = sqrt((1 + float(tensors["noises"][i])) / max((t**2).sum(), 1)) * sqrt(norms[i])
        rows[i, slice(None) if columns is None else columns] = factor * x[:size]
    assert at == len(tensors["codes"])
    return rows, norms


def coded(sample, metadata, tensors):
    """A sample of the reference with the rows that the file has."""
    values, _ = decode(metadata, tensors)
    return replace(sample, values=values)


def variance(a, b, exact_a, exact_b):
    """Of the product, from coded samples and the same with true norms; no row is coded alike on both sides."""
    place, total = {row: j for j, row in enumerate(b.row_ids.tolist())}, WIDE(0)
    for i, row in enumerate(a.row_ids.tolist()):
        if row in place:
            j = place[row]
            p = WIDE(min(1.0, a.weights[i] * a.tau, b.weights[j] * b.tau))
            total += WIDE(squared_norm(a.values[i])) * squared_norm(b.values[j]) / p**2
            total -= WIDE(exact_a.norms[i]) * exact_b.norms[j] / p
    return max(total, WIDE(0))

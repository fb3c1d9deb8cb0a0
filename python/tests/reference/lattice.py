"""Lattice codes: formats and rotation of docs/format.md, products of docs/theory/lattice.md."""

from dataclasses import dataclass
from functools import cache
from math import erf, exp, pi, sqrt
from statistics import NormalDist

import numpy as np

from . import digest_file, draws, specs

MULTIPLIERS = {
    "F4": [384, 512, 640, 768],
    "F4pair": [384, 435, 474, 512, 550, 602, 666, 806],
    "F4fast": [384, 512, 640, 768],
    "F3": [512, 640, 768, 1024],
    "F2": [128],
}
LEVELS = {"F4": 16, "F4pair": 16, "F4fast": 16, "F3": 8, "F2": 4}  # q or m


# --- Points of E8, codes of the formats

def nearest_e8(x):
    """The nearest point of D8 or of D8 + 1/2."""
    def nearest_d8(y):
        point = np.rint(y)
        if point.sum() % 2:
            i = np.argmax(np.abs(y - point))
            point[i] += 1 if y[i] > point[i] else -1
        return point
    points = [nearest_d8(x), nearest_d8(x - 0.5) + 0.5]
    return min(points, key=lambda point: ((x - point) ** 2).sum())


def voronoi_values(c, q):
    """Twice the shortest point of E8 that is congruent to the one with labels c modulo q E8."""
    c = np.asarray(c, int)
    y = c[0] + 2 * c
    y[0], y[7] = c[0], c[0] + 2 * c[1:7].sum() + 4 * c[7]
    z, h = (y + q) % (2 * q) - q, y % (2 * q) - q
    p0, p1 = ((y + q) // (2 * q)).sum() % 2, (y // (2 * q)).sum() % 2
    size = np.abs(z)
    half = 4 * q - size.sum() + 2 * p1 * size.min() - 2 * p0 * (q - size.max()) < 0
    t, odd = (h, p1) if half else (z, p0)
    if odd:
        i = np.argmin(size) if half else 7 - np.argmax(size[::-1])
        t[i] += -2 * q if t[i] >= 0 else 2 * q
    return t


def cube_values(u, m):
    u = np.asarray(u, int)
    s = u.sum() % 2
    return 2 * u + s - 15 if m == 16 else 4 * u + 2 * s - 7


def bits(data, first, width, count):
    """count numbers of so many bits, one after the other, lowest bit first."""
    flat = np.unpackbits(np.asarray(data[first:], np.uint8), bitorder="little")[:width * count]
    return flat.reshape(count, width) @ (1 << np.arange(width))


def superblock_labels(planes, width):
    """Labels [blocks, 8] of planes of a byte a block."""
    c = np.zeros((planes.shape[1], 8), int)
    for i in range(8):
        if width == 4:
            c[:, i] = planes[i % 4] >> (4 * (i // 4)) & 15
        else:
            c[:, i] = planes[i // 4] >> (2 * (i % 4)) & 3
            if width == 3:
                c[:, i] |= (planes[2] >> i & 1) << 2
    return c


def block_values(code, data, size):
    width = {"F3": 3, "F2": 2}.get(code, 4)
    scale_bits = {"F4pair": 3, "F2": 0}.get(code, 2)
    values, at = [], 0
    for first in range(0, size, 512):
        count = min(512, size - first)
        length = -(-count // 8)
        planes = np.asarray(data[at:at + width * length], np.uint8).reshape(width, length).astype(int)
        at += width * length
        groups = -(-length // 2) if code == "F4pair" else length
        index = np.zeros(groups, int)
        for bit in range(scale_bits):
            index |= bits(data, at, 1, groups) << bit
            at += -(-groups // 8)
        superblock = np.zeros((8, length), int)
        for b, labels in enumerate(superblock_labels(planes, width)):
            t = (voronoi_values if code in ("F4", "F4pair", "F3") else cube_values)(labels, LEVELS[code])
            multiplier = MULTIPLIERS[code][index[b % groups]]
            superblock[:, b] = np.clip((t * multiplier + 64) >> 7, -127, 127)
        values.append(superblock.reshape(-1)[:count])
    return np.concatenate(values), at


@cache
def lloyd_levels(width):
    """Levels of least squared error for a standard normal: each the mean of what is nearest to it."""
    count = 1 << width  # begins where many levels would be: quantiles of the third root of the density
    x = np.array([NormalDist(0, sqrt(3)).inv_cdf((i + 0.5) / count) for i in range(count)])
    density = np.vectorize(lambda t: exp(-t * t / 2) / sqrt(2 * pi))
    below = np.vectorize(lambda t: (1 + erf(t / sqrt(2))) / 2)

    def between():
        t = (x[1:] + x[:-1]) / 2
        p, f = np.diff(below(t), prepend=0, append=1), density(t)
        return t, p, f
    for _ in range(100):
        t, p, f = between()
        x = np.diff(-f, prepend=0, append=0) / p
    for _ in range(10):  # Newton on x P + f(upper edge) - f(lower edge) = 0
        t, p, f = between()
        residual = x * p + np.diff(f, prepend=0, append=0)
        upper, lower = (x[:-1] - t) * f / 2, (t - x[1:]) * f / 2
        jacobian = np.diag(p) + np.diag(upper, 1) + np.diag(lower, -1)
        jacobian += np.diag(np.append(upper, 0) + np.append(0, lower))
        x = x - np.linalg.solve(jacobian, residual)
    return x


def split(code):
    """"int4" to ("int", 4)."""
    name = code.rstrip("0123456789")
    return (name, int(code[len(name):])) if name in ("int", "group", "lloyd") else (code, 8)


def decode_codes(code, data, size):
    """Values of the codes of one vector and the bytes they take."""
    name, width = split(code)
    if name in MULTIPLIERS:
        return block_values(name, data, size)
    if name in ("I8", "int"):
        values = bits(data, 0, width, size)
        values = np.where(values >= 1 << (width - 1), values - (1 << width), values)
        return np.maximum(values, 1 - (1 << (width - 1))), -(-size * width // 8)
    if name == "lloyd":
        return 16 * lloyd_levels(width)[bits(data, 0, width, size)], -(-size * width // 8)
    values, at = [], 0
    for first in range(0, size, 32):
        count = min(32, size - first)
        scale = float(np.asarray(data[at:at + 2], np.uint8).view("<f2")[0])
        values.append(scale * (bits(data, at + 2, width, count) - (1 << (width - 1))))
        at += 2 + -(-count * width // 8)
    return np.concatenate(values), at


# --- Rotation

def hadamard(x):
    """Orthonormal, of the first axis, whose length is a power of two."""
    x, n, step = x.copy(), len(x), 1
    while step < n:
        pairs = x.reshape(n // (2 * step), 2, step, *x.shape[1:])
        x = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(x.shape)
        step *= 2
    return x / sqrt(n)


def _steps(seed, n):
    m = 1 << (n.bit_length() - 1)
    windows = [slice(0, m)] if m == n else [slice(0, m), slice(n - m, n)]
    for t, window in enumerate(windows * 2):
        yield draws.signs(seed, draws.LATTICE_ROTATION, np.uint64(t), n)[:, None], window


def rotate(x, seed):
    """Q x of every column."""
    x = np.array(x, np.float64)
    for signs, window in _steps(seed, len(x)):
        x *= signs
        x[window] = hadamard(x[window])
    return x


def rotate_back(x, seed):
    x = np.array(x, np.float64)
    for signs, window in reversed(list(_steps(seed, len(x)))):
        x[window] = hadamard(x[window])
        x *= signs
    return x


# --- Digests and products

@dataclass
class Codes:
    code: str
    seed: int
    size: int
    rotated: bool
    centred: bool
    gain: str
    rows: int
    means: np.ndarray
    scales: np.ndarray
    noises: np.ndarray
    norms: np.ndarray  # with gain=plain
    decoded: np.ndarray  # size x d, of the codes, without scale


def read(data):
    metadata, tensors = digest_file.read(data)
    _, options = specs.parse(metadata["spec"])
    code, size = options.get("format", "F4"), int(options["size"])
    decoded = [decode_codes(code, column, size) for column in tensors["codes"]]
    assert all(taken == tensors["codes"].shape[1] for _, taken in decoded)
    centred, plain = "means" in tensors, split(code)[0] in ("int", "group")
    return Codes(code, int(options.get("seed", 0)), size, options.get("rotation", "none" if plain else "hadamard") != "none",
                 centred, options.get("gain", "plain" if plain else "auto"), int(metadata["rows"]), tensors.get("means", np.zeros(len(decoded))).astype(float),
                 tensors["scales"].astype(float), tensors["noises"].astype(float), tensors.get("norms"),
                 np.stack([values for values, _ in decoded], axis=1).astype(float))


def decode(codes):
    """The matrix as the codes know it."""
    columns = np.zeros((codes.rows, len(codes.scales)))
    columns[:codes.size] = codes.decoded * codes.scales
    return codes.means + (rotate_back(columns, codes.seed) if codes.rotated else columns)


OVERLAP = {"F4": 0.0155, "F4pair": 0.0095, "F4fast": 0.055, "F3": 0.014, "F2": 0.19, "int2": 0.65, "lloyd2": 0.22,
           "lloyd3": 0.14, "lloyd4": 0.095, "lloyd5": 0.05, "lloyd6": 0.024}


def overlap(code, r, noise):
    """rho(r), how much errors are alike; of normal columns, as fitted."""
    clipped = OVERLAP.get(code, 0.0)
    decay, fall = (3.0, 1.3) if code in MULTIPLIERS else (2.0, 1.1)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = np.sqrt((1 - r) / noise)
        return clipped * r**3 + (1 - clipped) * np.where(noise > 0, np.exp(-decay * s - fall * s**2), 0.0)


@dataclass
class Product:
    value: np.ndarray
    standard_deviation: np.ndarray
    estimated: float
    bound: float
    apriori: float
    magnitude: np.ndarray  # of the terms of each entry, which rounding goes by
    deviation_scale: np.ndarray  # products of the norms of columns
    scale: float  # and the root of the sum of their squares
    left_out: np.ndarray  # so much of the squared error of alike errors the library may add without refining it


def _norms_and_gains(codes):
    length = (codes.scales * np.sqrt((codes.decoded**2).sum(axis=0)))**2  # of what was decoded, squared
    k, spread = codes.size / codes.rows, 1 + codes.noises
    if codes.gain == "mmse":
        return length * spread / k, 1 / spread
    if codes.gain == "plain":
        norms = codes.norms.astype(float)
        gains = np.where(norms > 0, np.sqrt(length / spread) / np.where(norms > 0, norms, 1), 1.0)
        return norms**2 / k, np.where(gains > 0, gains, 1.0)
    return length / spread / k, np.ones(len(length))


def estimate_product(a, b, confidence=0.95, gram=False):
    n, k = a.rows, a.size / a.rows
    factor = 1.0 if a.gain == b.gain == "mmse" else 1 / k
    coded_a, coded_b = a.decoded * a.scales, b.decoded * b.scales
    w, magnitude = factor * (coded_a.T @ coded_b), factor * (np.abs(coded_a).T @ np.abs(coded_b))
    (norms_a, gains_a), (norms_b, gains_b) = _norms_and_gains(a), _norms_and_gains(b)
    va, vb = a.noises, b.noises
    ones = rotate(np.ones((n, 1)), a.seed)[:a.size, 0] if a.rotated else np.ones(a.size)
    along_a = along_b = 1.0  # 0: errors of one side meet the mean of the other, too
    if a.centred and not b.centred:
        w += factor * np.outer(a.means, ones @ coded_b)
        magnitude += factor * np.abs(np.outer(a.means, np.abs(ones) @ np.abs(coded_b)))
        whole = norms_a + n * a.means**2
        va, norms_a, along_a = va * np.where(whole > 0, norms_a / np.where(whole > 0, whole, 1), 1), whole, 0.0
    if b.centred and not a.centred:
        w += factor * np.outer(ones @ coded_a, b.means)
        magnitude += factor * np.abs(np.outer(np.abs(ones) @ np.abs(coded_a), b.means))
        whole = norms_b + n * b.means**2
        vb, norms_b, along_b = vb * np.where(whole > 0, norms_b / np.where(whole > 0, whole, 1), 1), whole, 0.0
    p, t = np.outer(norms_a, norms_b), factor * k * np.outer(gains_a, gains_b)
    x, y = np.broadcast_arrays(va[:, None], vb[None, :])
    both = x * y * along_a * along_b

    def variance(r2):  # V; errors that point anywhere have no factor 1 - r²
        coding = (1 - along_a * r2) * x + (1 - along_b * r2) * y + x * y
        return p / n * (coding / k + (1 / k - 1) * (1 + r2))

    def bias(r):  # B / sqrt(P)
        return np.sqrt(both * overlap(a.code, r, x) * overlap(b.code, r, y))

    with np.errstate(divide="ignore", invalid="ignore"):
        r2 = np.where(p > 0, ((w / t)**2 - variance(0)) / p, 0.0)

    def squared_bias(r2):
        """B² where the product shows r², B in it: what is shown grows with r, which is found by halving."""
        shown = np.sqrt(np.clip(r2, 0, None))
        low, high = np.zeros_like(shown), np.minimum(shown, 1)
        for _ in range(60):
            middle = (low + high) / 2
            above = middle + bias(middle) > shown
            low, high = np.where(above, low, middle), np.where(above, middle, high)
        return np.where(r2 > 1 / 32, p * bias(high)**2, 0.0)

    def error(r2, b2):
        return (1 - t)**2 * r2 * p + t**2 * (variance(r2) + b2)
    likely = error(np.minimum(r2, 1), squared_bias(r2))
    least, most = np.minimum(error(0, 0), error(1, 0)), np.maximum(error(0, p * both), error(1, p * both))
    if not a.rotated:
        most = p * (np.abs(1 - t) + t * ((1 + np.sqrt(x)) * (1 + np.sqrt(y)) - 1))**2
    mean_r2 = (p * r2).sum() / p.sum() if p.any() else 0.0
    if gram:
        rounding = 2.0**-11 * va / (1 + va) + 2.0**-20
        known = norms_a**2 * (2 * (1 / k - 1) / n + rounding**2)
        for errors in (likely, least, most):
            np.fill_diagonal(errors, known)
        off = 1 - np.eye(len(va))
        mean_r2 = (off * p * r2).sum() / (off * p).sum() if (off * p).any() else 0.0
    taken = np.where(error(1, 0) > error(0, 0), np.maximum(r2, mean_r2), r2)
    deviation = np.sqrt(np.maximum(error(np.clip(taken, 0, 1), squared_bias(taken)), 0))
    if a.centred and b.centred:
        w = w + n * np.outer(a.means, b.means)
    if gram:
        np.fill_diagonal(deviation, np.sqrt(known))
        np.fill_diagonal(w, norms_a + n * a.means**2)
    total = min(max(likely.sum(), least.sum()), max(least.sum(), most.sum()))
    failure = 1 - confidence
    apriori = sqrt(most.sum() / failure if a.rotated else most.sum())
    return Product(w, deviation, sqrt(total), sqrt(total / failure) if a.rotated else apriori, apriori,
                   magnitude + n * np.abs(np.outer(a.means, b.means)), np.sqrt(p), sqrt(p.sum()),
                   np.where(both > 0, 1e-3 * t**2 * variance(0), 0.0))

"""Random numbers as a protocol: include/prodigest/core/random.hpp and src/core/draws.hpp."""

import numpy as np

ROW_SELECTION, BUCKET, DENSE_SIGN, NORMAL, ROTATION_SIGN, HADAMARD_ROW, LATTICE_ROTATION = range(1, 8)
ROW_CODING, REFLECTION, POLYNOMIAL_SKETCH, PERFORMER, KERNEL_SAMPLE, KERNEL_PARTITION, PROBE = range(8, 15)

LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)


def block(seed, domain, rows, number=0):
    """The four 32-bit words of each block, as uint64 arrays [..., 4]; rows and number broadcast.

    Philox4x32-10 with counter (row low, row high, number, domain) and key (seed low, seed high).
    """
    rows, number = np.broadcast_arrays(np.asarray(rows, np.uint64), np.asarray(number, np.uint64))
    c0, c1, c2 = rows & LOW, rows >> HALF, number
    c3 = np.full(rows.shape, domain, np.uint64)
    k0, k1 = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        p0, p1 = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ np.uint64(k0), p1 & LOW, (p0 >> HALF) ^ c3 ^ np.uint64(k1), p0 & LOW
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return np.stack([c0, c1, c2, c3], axis=-1)


def words(seed, domain, rows, number=0):
    """The two 64-bit words of each block: [..., 2]."""
    b = block(seed, domain, rows, number)
    return np.stack([b[..., 0] | b[..., 1] << HALF, b[..., 2] | b[..., 3] << HALF], axis=-1)


def uniform(seed, domain, rows):
    """(first 64 bits >> 12) 2^-52 + 2^-53, inside (0, 1)."""
    return (words(seed, domain, rows)[..., 0] >> np.uint64(12)).astype(np.float64) * 2.0**-52 + 2.0**-53


def bounded(seed, domain, row, number, half, limit):
    """A whole number below limit: Lemire's, repeats from the blocks of domain + attempt 2^16."""
    attempt = 0
    while True:
        product = int(words(seed, domain + (attempt << 16), row, number)[half]) * limit
        if product % 2**64 >= 2**64 % limit:
            return product >> 64
        attempt += 1


def signs(seed, domain, row, count):
    """Sign r is + or - as bit r mod 128 of block r / 128 is 0 or 1."""
    b = block(seed, domain, row, np.arange(-(-count // 128)))
    bits = b[..., None] >> np.arange(32, dtype=np.uint64) & np.uint64(1)
    return 1.0 - 2.0 * bits.reshape(-1)[:count]


def _horner(t, coefficients):
    total = np.full_like(t, coefficients[-1])
    for c in coefficients[-2::-1]:
        total = t * total + c
    return total


def _hex(*texts):
    return [float.fromhex(text) for text in texts]


LOG = _hex("-0x1p2", "-0x1.5555555555558p+0", "-0x1.99999999952d7p-1", "-0x1.2492492df281ap-1",
           "-0x1.c71c62e3f11e6p-2", "-0x1.7462b51cb66b1p-2", "-0x1.39fe51a7c18f9p-2", "-0x1.2b5900de53b32p-2")
SINE = _hex("0x1.921fb54442d18p+2", "-0x1.4abbce625be52p+5", "0x1.466bc6775a476p+6", "-0x1.32d2cce500387p+6",
            "0x1.50783208843ebp+5", "-0x1.e3027dea82bd7p+3", "0x1.e4a9d9166f052p+1")
COSINE = _hex("0x1p0", "-0x1.3bd3cc9be45dep+4", "0x1.03c1f081b5ac0p+6", "-0x1.55d3c7e3cb241p+6",
              "0x1.e1f5068688d5bp+5", "-0x1.a6d1eef479be1p+4", "0x1.f9ce245cada0bp+2", "-0x1.b2f3eb054afcdp+0")


def _minus_two_log(u):
    mantissa, exponent = np.frexp(u)  # u = mantissa 2^exponent, to be 2^k z with sqrt(1/2) <= z < sqrt(2)
    small = mantissa < float.fromhex("0x1.6a09e667f3bcdp-1")
    z, k = np.where(small, 2 * mantissa, mantissa), (exponent - small).astype(np.float64)
    s = (z - 1) / (z + 1)
    high, low = _hex("-0x1.62e42fefa2000p+0", "-0x1.9ef35793c7673p-40")
    return k * high + (k * low + s * _horner(s * s, LOG))


def normals(seed, domain, row, count):
    """Box and Muller on pairs of words, log, sine and cosine by the polynomials of the protocol."""
    b = block(seed, domain, row, np.arange(-(-count // 4))).reshape(-1, 2)
    radius = np.sqrt(_minus_two_log((b[:, 0].astype(np.float64) + 0.5) * 2.0**-32))
    turn = (b[:, 1] + np.uint64(1 << 29)) & LOW
    quarter = (turn >> np.uint64(30)).astype(int)
    x = ((turn & np.uint64((1 << 30) - 1)).astype(np.float64) + 0.5) * 2.0**-32 - 0.125
    sine, cosine = x * _horner(x * x, SINE), _horner(x * x, COSINE)
    first = np.choose(quarter, [cosine, -sine, -cosine, sine])
    second = np.choose(quarter, [sine, cosine, -sine, -cosine])
    return np.stack([radius * first, radius * second], axis=-1).reshape(-1)[:count]

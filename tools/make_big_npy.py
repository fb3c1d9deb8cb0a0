#!/usr/bin/env python3
"""Writes a .npy file of doubles that is larger than memory, for tests of reading in blocks.

    python3 tools/make_big_npy.py ROWS COLS FILE

Needs the standard library only, and writes as fast as the disk. The rows are not all different:
16 blocks of about 8 MiB are drawn once, uniform on (-1, 1), the j-th scaled by 2^-(j/2), and
written in a random order. Same arguments, same bytes.
"""

import array
import random
import sys

BLOCKS = 16
BLOCK_BYTES = 8 << 20


def header(rows, cols):
    """Version 1.0 of the format: magic, version, length, then a dictionary padded to 64 bytes."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {cols}), }}"
    text += " " * (-(10 + len(text) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def blocks(rows_each, cols, draw):
    base = array.array("d", (2 * draw() - 1 for _ in range(rows_each * cols)))
    for j in range(BLOCKS):
        scaled = array.array("d", (x * 2 ** (-j / 2) for x in base))
        if sys.byteorder == "big":
            scaled.byteswap()
        yield scaled.tobytes()


def main(rows, cols, path):
    generator = random.Random(1)
    rows_each = max(1, BLOCK_BYTES // (8 * cols))
    drawn = list(blocks(rows_each, cols, generator.random))
    with open(path, "wb") as file:
        file.write(header(rows, cols))
        for first in range(0, rows, rows_each):
            file.write(generator.choice(drawn)[: 8 * cols * min(rows_each, rows - first)])


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])

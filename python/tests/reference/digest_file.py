"""Digest files as docs/format.md has them, read without the library."""

import io
import json
import zlib

import numpy as np

import prodigest

TYPES = {"U": "<u", "I": "<i", "F": "<f"}


def read(data):
    """Metadata and tensors of the bytes of a file; checksums and padding are held to the document."""
    file = np.frombuffer(data, np.uint8)
    size = 8 + int(file[:8].view("<u8")[0])
    assert size % 64 == 0
    assert data[8:size].startswith(b'{"__metadata__":{"prodigest.format":"1.')
    header = json.loads(data[8:size])
    metadata = header.pop("__metadata__")
    own = b'"prodigest.crc32":"'
    at = data.index(own) + len(own)
    assert f"{zlib.crc32(data[:at] + b'0' * 8 + data[at + 8:size]):08x}" == metadata["prodigest.crc32"]
    tensors, end = {}, 0
    for name, tensor in header.items():
        begin, (last, end) = end, tensor["data_offsets"]
        assert begin == last
        values = file[size + begin:size + end]
        if name.startswith("_pad"):
            assert not values.any()
            continue
        assert begin % 64 == 0
        assert f"{zlib.crc32(values):08x}" == metadata["prodigest.crc32." + name]
        width = int(tensor["dtype"][1:]) // 8
        tensors[name] = values.view(TYPES[tensor["dtype"][0]] + str(width)).reshape(tensor["shape"])
    assert size + end == len(data)
    return metadata, tensors


def rows(tensors, metadata, count):
    """The rows of a sample or a sketch, dense or CSR, as a dense array of doubles."""
    cols = int(metadata["cols"])
    if "row_sizes" not in tensors:
        return tensors["values"].astype(np.float64).reshape(count, cols)
    dense = np.zeros((count, cols))
    dense[np.repeat(np.arange(count), tensors["row_sizes"]), tensors["columns"]] = tensors["values"]
    return dense


def exact(text):
    """The list of doubles whose sum is the value."""
    return [float(number) for number in text.split()]


def of(digest):
    """Metadata and tensors of a digest of the library."""
    file = io.BytesIO()
    prodigest.save(digest, file)
    return read(file.getvalue())

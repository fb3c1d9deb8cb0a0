"""Row ids of keys: docs/keys.md."""

import re
import unicodedata

import xxhash


def text_bytes(text):
    return unicodedata.normalize("NFC", text).encode("utf-8")


def row_id(*parts):
    """Of a key of parts that are int or str."""
    if len(parts) == 1:
        return parts[0] % 2**64 if isinstance(parts[0], int) else xxhash.xxh3_64_intdigest(text_bytes(parts[0]))
    encoded = b""
    for part in parts:
        if isinstance(part, int):
            encoded += b"i" + (part % 2**64).to_bytes(8, "little")
        else:
            encoded += b"t" + len(text_bytes(part)).to_bytes(8, "little") + text_bytes(part)
    return xxhash.xxh3_64_intdigest(encoded)


def cell(text, as_text=False):
    """The part that a cell of a text file is: a number if it reads like one and fits 64 bits."""
    if not as_text and re.fullmatch(r"-?(0|[1-9][0-9]*)", text) and text != "-0" and -2**63 <= int(text) < 2**64:
        return int(text)
    return text

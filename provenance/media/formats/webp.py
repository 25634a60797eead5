"""WebP: sizes and alpha from the first bytes of the chunks that hold the picture."""

from __future__ import annotations

import struct
from typing import NamedTuple

HEADER_LENGTH = 10
"""Bytes of a chunk that are enough for any of the headers."""


class WebpHeader(NamedTuple):
    """Sizes in pixels."""

    width: int
    height: int
    has_alpha: bool


def parse_extended(data: bytes) -> WebpHeader:
    """The canvas in a `VP8X` chunk: flags, then width and height less one in three bytes each."""
    width, height = int.from_bytes(data[4:7], "little"), int.from_bytes(data[7:10], "little")
    return WebpHeader(1 + width, 1 + height, bool(data[:1] and data[0] & 0x10))


def parse_lossy(data: bytes) -> WebpHeader:
    """The frame in a `VP8 ` chunk (RFC 6386, 9.1); its alpha is in another chunk. Raises `struct.error` when cut."""
    width, height = struct.unpack("<6xHH", data)
    # The upper two bits of each are a scaling that no decoder applies.
    return WebpHeader(width & 0x3FFF, height & 0x3FFF, has_alpha=False)


def parse_lossless(data: bytes) -> WebpHeader:
    """The frame in a `VP8L` chunk: behind a signature byte, width and height less one in 14 bits each, then alpha."""
    bits = int.from_bytes(data[1:5], "little")
    return WebpHeader(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), bool(bits >> 28 & 1))

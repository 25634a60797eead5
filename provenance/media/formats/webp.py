"""WebP (RFC 9649): sizes and alpha from the first bytes of the chunks that hold the picture.

A WebP file is a RIFF file of form `WEBP`. A simple one has a single `VP8 ` chunk (lossy) or `VP8L` chunk (lossless). An
extended one begins with a `VP8X` chunk, which gives the canvas; `ALPH` chunks then hold the alpha of lossy frames.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import NamedTuple

from provenance.media.formats import riff
from provenance.media.readable import Readable

HEADER_LENGTH = 10
"""Bytes of a chunk that are enough for any of the headers."""

_HAS_ALPHA = 0x10
"""Bit of the flags of a `VP8X` chunk."""
_SIDE_MASK = 0x3FFF
"""The 14 bits of a width or height in a `VP8 ` or `VP8L` chunk."""


class WebpHeader(NamedTuple):
    """Sizes in pixels."""

    width: int
    height: int
    has_alpha: bool


def read_header(source: Readable) -> WebpHeader | None:
    """Read the canvas of an extended file, else the frame; None without either.

    Raises `MalformedContainer` when the chunks break off before, `struct.error` when a `VP8 ` chunk is cut.
    """
    for chunk in riff.walk_chunks(source):
        if parse := _PARSERS.get(chunk.kind):
            return parse(source.at(chunk.offset, HEADER_LENGTH))
    return None


def parse_vp8x(data: bytes) -> WebpHeader:
    """Parse the canvas in a `VP8X` chunk: a byte of flags, three reserved, width and height less one in three each."""
    flags = data[0] if data else 0
    width = int.from_bytes(data[4:7], "little")
    height = int.from_bytes(data[7:10], "little")
    return WebpHeader(1 + width, 1 + height, bool(flags & _HAS_ALPHA))


def parse_vp8(data: bytes) -> WebpHeader:
    """Parse the frame in a `VP8 ` chunk (RFC 6386, 9.1); its alpha is in another chunk.

    Layout: a frame tag of three bytes, a start code of three, width and height in two each. Raises `struct.error` when
    it is cut.
    """
    width, height = struct.unpack("<6xHH", data)
    # The upper two bits of each are a scaling that no decoder applies.
    return WebpHeader(width & _SIDE_MASK, height & _SIDE_MASK, has_alpha=False)


def parse_vp8l(data: bytes) -> WebpHeader:
    """Parse the frame in a `VP8L` chunk: a signature byte, width and height less one in 14 bits, a bit of alpha."""
    bits = int.from_bytes(data[1:5], "little")
    width = bits & _SIDE_MASK
    height = bits >> 14 & _SIDE_MASK
    return WebpHeader(1 + width, 1 + height, bool(bits >> 28 & 1))


_PARSERS: dict[str, Callable[[bytes], WebpHeader]] = {
    "VP8X": parse_vp8x,
    "VP8 ": parse_vp8,
    "VP8L": parse_vp8l,
}

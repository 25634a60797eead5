"""Windows and OS/2 bitmaps: the header."""

from __future__ import annotations

import struct
from typing import NamedTuple

from provenance.media.readable import Readable

_OS2_HEADER_SIZE = b"\x0c\0\0\0"


class BmpHeader(NamedTuple):
    """Sizes in pixels; what a cut header does not say is 0."""

    width: int
    height: int
    bits: int
    """Bits a pixel; 0 in OS/2 bitmaps, where nobody asks for it."""
    compression: int
    """0 for none."""


def read_header(source: Readable) -> BmpHeader:
    """The header of a bitmap. Raises `struct.error` where the sizes are cut off."""
    if source.at(14, 4) == _OS2_HEADER_SIZE:
        width, height = struct.unpack("<HH", source.at(18, 4))
        return BmpHeader(width, height, 0, 0)
    width, height = struct.unpack("<ii", source.at(18, 8))
    rest = source.at(26, 8)
    bits, compression = struct.unpack("<2xHI", rest) if len(rest) == 8 else (0, 0)
    # A negative height says that the rows come from top to bottom.
    return BmpHeader(width, abs(height), bits, compression)

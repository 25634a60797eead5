"""Windows and OS/2 bitmaps (BMP): sizes and coding from the header, as Microsoft's BITMAPINFOHEADER describes them.

Layout, little-endian: a file header of 14 bytes (`BM`, the file size, the offset of the pixels), then an information
header that begins with its own length. 12 bytes mean OS/2, with width and height in 16 bits each; all others begin as
Windows has them: width and height in 32 bits each, planes, bits a pixel, compression.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from provenance.media.readable import Readable

_OS2_HEADER_LENGTH = b"\x0c\0\0\0"


class BmpHeader(NamedTuple):
    """Sizes in pixels; a number that a cut header does not hold is 0."""

    width: int
    height: int
    bits: int
    """Bits a pixel; always 0 for OS/2 bitmaps, which no caller decodes."""
    compression: int
    """0 for none."""


def read_header(source: Readable) -> BmpHeader:
    """Read the header of a bitmap. Raises `struct.error` when the file ends before width and height."""
    if source.at(14, 4) == _OS2_HEADER_LENGTH:
        width, height = struct.unpack("<HH", source.at(18, 4))
        return BmpHeader(width, height, 0, 0)
    width, height = struct.unpack("<ii", source.at(18, 8))
    # The sizes are worth something even when the rest of the header is cut.
    rest = source.at(26, 8)
    bits = compression = 0
    if len(rest) == 8:
        bits, compression = struct.unpack("<2xHI", rest)
    # A negative height says that the rows come from top to bottom.
    return BmpHeader(width, abs(height), bits, compression)

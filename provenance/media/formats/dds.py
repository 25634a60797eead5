"""DirectDraw surfaces (DDS): sizes, and the texts that writers put into the reserved bytes of the header.

Layout, little-endian: `DDS `, the length of the header (124), flags, height, width, pitch, depth, mipmaps, 44 reserved
bytes, the pixel format. The format has no place for text; some writers leave their name in the reserved bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text

_HEIGHT = 12
_RESERVED = 32
_RESERVED_LENGTH = 44
_HEADER = 128
_TEXT = re.compile(rb"[\x20-\x7e]{4,}")
"""A name in the reserved bytes; shorter runs are mostly chance."""


def read_size(source: Readable) -> tuple[int, int]:
    """Read width and height in pixels. Raises `struct.error` when the file ends before them."""
    height, width = struct.unpack("<II", source.at(_HEIGHT, 8))
    return width, height


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the texts in the reserved bytes. Raises `MalformedContainer` when the header is cut."""
    data = source.at(0, _HEADER)
    for found in _TEXT.finditer(data, _RESERVED, min(len(data), _RESERVED + _RESERVED_LENGTH)):
        yield HeaderText("Reserved", decode_text(found[0]).strip(), found.start())
    if len(data) < _HEADER:
        raise MalformedContainer("DDS: the header is cut")

"""SGI image files (the SGI Image File Format, version 1.00): sizes and the name in the header.

Layout, big-endian: the number 474, a byte of compression, a byte of bytes a sample, then in two bytes each the number
of dimensions, width, height and channels, then two limits of four bytes, four bytes unused, and 80 bytes of name.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text, is_printable

_WIDTH = 6
_NAME = 24
_NAME_LENGTH = 80
_HEADER = 512


def read_size(source: Readable) -> tuple[int, int]:
    """Read width and height in pixels. Raises `struct.error` when the file ends before them."""
    width, height = struct.unpack(">HH", source.at(_WIDTH, 4))
    return width, height


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the name, if it is a text. Raises `MalformedContainer` when the header is cut."""
    data = source.at(0, _HEADER)
    text = decode_text(data[_NAME : _NAME + _NAME_LENGTH].split(b"\0", 1)[0])
    if is_printable(text):
        yield HeaderText("ImageName", text.strip(), _NAME)
    if len(data) < _HEADER:
        raise MalformedContainer("SGI: the header is cut")

"""Cineon (Kodak, version 4.5): the texts of its header.

Layout, big-endian: file information from byte 0, image information from 192, data format from 680, origination from
712, film information from 1024. Texts are ASCII and end with a zero; fields that were not filled in have all bits set
or none.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text, is_printable

_TEXT_FIELDS = {
    "Version": (24, 8), "FileName": (32, 100), "CreationDate": (132, 12), "CreationTime": (144, 12),
    "Label": (452, 200), "SourceFileName": (720, 100), "SourceDate": (820, 12), "SourceTime": (832, 12),
    "InputDevice": (844, 64), "InputModel": (908, 32), "InputSerial": (940, 32), "Format": (1036, 32),
    "FrameAttribute": (1076, 32), "SlateInfo": (1108, 200),
}  # fmt: skip
"""Offset and length of every text field."""
_SHORTEST_HEADER = 1024
"""Bytes up to the end of the generic header."""
_HEADER = 2048
_WIDTH = 200
"""Offset of the width of the first channel in pixels; the height follows."""


def read_size(source: Readable) -> tuple[int, int]:
    """Read width and height in pixels. Raises `struct.error` when the file ends before them."""
    width, height = struct.unpack(">II", source.at(_WIDTH, 8))
    return width, height


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the text fields that are filled in. Raises `MalformedContainer` when the header is cut."""
    data = source.at(0, _HEADER)
    for key, (offset, length) in _TEXT_FIELDS.items():
        field = data[offset : offset + length].split(b"\0", 1)[0]
        text = decode_text(field.rstrip(b"\xff"))
        if is_printable(text):
            yield HeaderText(key, text.strip(), offset)
    if len(data) < _SHORTEST_HEADER:
        raise MalformedContainer("Cineon: the header is cut")

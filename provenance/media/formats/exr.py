"""OpenEXR (the file layout of the OpenEXR project): the attributes of every part's header, and whether the file is cut.

Layout, little-endian: the number 20000630 and a version with flags, four bytes each. Then a header: attributes, each a
name and a type that end with a zero, a length of four bytes and the value; a zero instead of a name ends the header. A
file of several parts has a header each, and a further zero. Then tables with the offset of every chunk, then chunks.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

XMP_ATTRIBUTES = ("xmp", "adobe:xmp")
"""Names, in lower case, under which writers keep an XMP packet in an attribute."""
_MAGIC = b"v/1\x01"
_MULTIPART = 0x1000
"""Flag of a file with several parts."""
_TILED = 0x0200
"""Flag of a file of tiles."""
_LONGEST_NAME = 256
"""Bytes of a name or a type, with its zero."""
_TILE_HEAD = 20
"""Bytes before the data of a tile: four coordinates and the length, four each."""
_SCANLINE_HEAD = 8
"""Bytes before the data of a block of scan lines: the first line and the length, four each."""


@dataclass(frozen=True, slots=True)
class ExrAttribute:
    """One header attribute; `offset` and `length` are those of its value. Parts are counted from 0."""

    part: int
    name: str
    kind: str
    offset: int
    length: int


def walk_attributes(source: Readable) -> Iterator[ExrAttribute]:
    """Walk every attribute of every part, in order.

    Raises `MalformedContainer` where a header is cut, `OversizedContainer` beyond `limits.chunks` attributes.
    """
    head = source.at(0, 8)
    if head[:4] != _MAGIC or len(head) < 8:
        raise MalformedContainer("EXR: the header is missing or cut")
    is_multipart = bool(int.from_bytes(head[4:], "little") & _MULTIPART)
    position = 8
    part = 0
    is_header_empty = True
    for _ in range(source.limits.chunks):
        if source.at(position, 1) == b"\0":
            # The end of a header. An empty one ends the last of several.
            position += 1
            part += 1
            if is_header_empty or not is_multipart:
                return
            is_header_empty = True
            continue
        fields = source.at(position, 2 * _LONGEST_NAME + 4).split(b"\0", 2)
        if len(fields) < 3 or len(fields[2]) < 4:
            raise MalformedContainer(f"EXR: no attribute at byte {position}")
        name, kind, rest = fields
        # Two zeros and the four bytes of length.
        offset = position + len(name) + len(kind) + 6
        length = int.from_bytes(rest[:4], "little")
        available = max(0, min(length, source.size - offset))
        yield ExrAttribute(part, name.decode("latin-1"), kind.decode("latin-1"), offset, available)
        if available < length:
            raise MalformedContainer(f"EXR: the file ends inside the attribute at byte {position}")
        position = offset + length
        is_header_empty = False
    raise OversizedContainer(f"EXR: more than {source.limits.chunks:,} attributes")


def is_cut(source: Readable) -> bool:
    """Whether the file ends before its last chunk does. Always False for a file of several parts.

    Raises `MalformedContainer` as `walk_attributes` does.
    """
    flags = int.from_bytes(source.at(4, 4), "little")
    header_end = 0
    for attribute in walk_attributes(source):
        header_end = max(header_end, attribute.offset + attribute.length)
    if flags & _MULTIPART or not header_end:
        return False
    table_start = header_end + 1
    # The first chunk follows the table at once, so its offset shows how many there are.
    first_chunk = int.from_bytes(source.at(table_start, 8), "little")
    count = (first_chunk - table_start) // 8
    if not 0 < count <= source.limits.chunks:
        return True
    last_chunk = _find_last_chunk(source.at(table_start, 8 * count))
    head_length = _TILE_HEAD if flags & _TILED else _SCANLINE_HEAD
    data_length = int.from_bytes(source.at(last_chunk + head_length - 4, 4), "little")
    return last_chunk + head_length + data_length > source.size


def _find_last_chunk(table: bytes) -> int:
    """The largest offset: chunks may be written in any order."""
    count = len(table) // 8
    offsets: tuple[int, ...] = struct.unpack(f"<{count}Q", table[: 8 * count])
    # The file may end inside the table; the bytes of a cut entry then count as a number.
    cut_entry = int.from_bytes(table[8 * count :], "little")
    return max(cut_entry, *offsets)

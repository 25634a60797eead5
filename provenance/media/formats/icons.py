"""Icons and cursors of Windows (ICO, CUR), of macOS (ICNS) and of X11 (Xcursor): the pictures and texts in them.

ICO and CUR, little-endian: two zeros, kind (1 for icons, 2 for cursors), count of entries; entries of 16 bytes that end
with the length and the offset of a picture. A picture is a whole PNG, or a bitmap without its file header.

ICNS, big-endian: `icns` and the length of the file, then elements: four letters, the length with these eight bytes, the
data. A picture is a whole PNG or JPEG 2000, or plain samples.

Xcursor, little-endian: `Xcur`, length of the header, version, count of entries; entries of type, subtype and offset.
The chunks at these offsets repeat type and subtype; comments are UTF-8, pictures are plain samples.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.text import decode_text

_ICO_HEAD = 6
_ICO_ENTRY = 16
_MOST_ENTRIES = 1024
"""Entries in one file; real icons have a few dozen."""
_SHORTEST_PICTURE = 40
"""Bytes of the header of a bitmap, the shortest that an entry can hold."""
_ICNS_HEAD = 8
_XCURSOR_HEAD = 16
_XCURSOR_ENTRY = 12
_XCURSOR_COMMENT = 0xFFFE0001
_XCURSOR_COMMENTS = {1: "Copyright", 2: "License", 3: "Comment"}
_XCURSOR_COMMENT_HEAD = 20
_WHOLE_FILES = (b"\x89PNG", b"\x00\x00\x00\x0cjP  ", b"\xff\x4f\xff\x51", b"\xff\xd8\xff")
"""How entries begin that are files of their own: PNG, JPEG 2000 in both forms, JPEG."""


class IconPicture(NamedTuple):
    """A picture in an icon that is a file of its own."""

    name: str
    offset: int
    length: int


def is_icon(head: bytes) -> bool:
    """Whether a file that begins like an ICO or CUR has a first entry that fits."""
    if len(head) < _ICO_HEAD + _ICO_ENTRY:
        return False
    count = int.from_bytes(head[4:6], "little")
    length, offset = struct.unpack_from("<II", head, _ICO_HEAD + 8)
    # Both numbers are of four bytes in files of other kinds as well, where they are not so close to each other.
    return 0 < count <= _MOST_ENTRIES and length >= _SHORTEST_PICTURE and offset >= _ICO_HEAD + count * _ICO_ENTRY


def walk_ico(source: Readable) -> Iterator[IconPicture]:
    """Walk the pictures of an ICO or CUR that are whole files. Raises `MalformedContainer` behind the last one."""
    count = int.from_bytes(source.at(4, 2), "little")
    table = source.at(_ICO_HEAD, min(count, _MOST_ENTRIES) * _ICO_ENTRY)
    damage = "" if len(table) == count * _ICO_ENTRY else "the directory is cut"
    for number, entry in enumerate(struct.iter_unpack("<8xII", table[: len(table) // _ICO_ENTRY * _ICO_ENTRY]), 1):
        length, offset = entry
        if offset + length > source.size:
            damage = damage or f"entry {number} lies outside the file or is cut"
        if source.at(offset, 8).startswith(_WHOLE_FILES):
            yield IconPicture(f"entry {number}", offset, min(length, source.size - offset))
    if damage:
        raise MalformedContainer(f"ICO: {damage}")


def walk_icns(source: Readable) -> Iterator[IconPicture]:
    """Walk the pictures of an ICNS that are whole files.

    Raises `MalformedContainer` behind the last readable one, `OversizedContainer` beyond `limits.chunks` elements.
    """
    position = _ICNS_HEAD
    end = int.from_bytes(source.at(4, 4), "big")
    count = 0
    while position < min(end, source.size):
        count += 1
        if count > source.limits.chunks:
            raise OversizedContainer(f"ICNS: more than {source.limits.chunks:,} elements")
        head = source.at(position, _ICNS_HEAD)
        length = int.from_bytes(head[4:], "big") - _ICNS_HEAD
        if len(head) < _ICNS_HEAD or length < 0:
            raise MalformedContainer(f"ICNS: no element at byte {position}")
        start = position + _ICNS_HEAD
        if source.at(start, 8).startswith(_WHOLE_FILES):
            yield IconPicture(f"element {decode_text(head[:4])}", start, min(length, source.size - start))
        position = start + length
    if end > source.size:
        raise MalformedContainer(f"ICNS: the file should have {end} bytes and has {source.size}")


def walk_xcursor_comments(source: Readable) -> Iterator[HeaderText]:
    """Walk the comments of an Xcursor. Raises `MalformedContainer` behind the last readable one."""
    header_length, _, count = struct.unpack("<III", source.at(4, 12).ljust(12, b"\0"))
    wanted = min(count, _MOST_ENTRIES) * _XCURSOR_ENTRY
    table = source.at(max(header_length, _XCURSOR_HEAD), wanted)
    for kind, subtype, position in struct.iter_unpack("<III", table[: len(table) // 12 * 12]):
        if kind != _XCURSOR_COMMENT:
            continue
        length = int.from_bytes(source.at(position + 16, 4), "little")
        start = position + _XCURSOR_COMMENT_HEAD
        text = decode_text(read_within(source, start, length))
        yield HeaderText(_XCURSOR_COMMENTS.get(subtype, "Comment"), text, start)
    if count > _MOST_ENTRIES:
        raise OversizedContainer(f"Xcursor: more than {_MOST_ENTRIES:,} entries; the rest was not read")
    if len(table) < wanted:
        raise MalformedContainer("Xcursor: the table of contents is cut")

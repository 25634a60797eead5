"""InDesign documents (XMP Specification Part 3, 1.3.3): the objects behind the pages of the database.

Layout: two master pages of 4,096 bytes, of which the one with the higher sequence number counts: a GUID, `DOCUMENT`,
the byte order of the objects at byte 24, the sequence number at 264, the number of pages at 280, both little-endian.
The pages follow. Behind the last come contiguous objects, each a header of 32 bytes (a GUID, object and class, the
length of the stream, a checksum), the stream and a trailer of 32. The stream with XMP is a length of four bytes and the
packet.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal, NamedTuple

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_PAGE = 4096
_FRAME = 32
"""Bytes of the header and of the trailer of an object."""
_OBJECT = bytes.fromhex("de3939795188 4b6c 8e63 eef8aee0dd38")
"""GUID with which the header of an object begins."""
_LITTLE_ENDIAN = 1
_LENGTH = 4
"""Bytes of the length before a packet."""


class InDesignStream(NamedTuple):
    """The stream of an object without the length before it, in bytes from the beginning of the file."""

    offset: int
    length: int


def walk_streams(source: Readable) -> Iterator[InDesignStream]:
    """Walk the streams of the contiguous objects, in order.

    Raises `MalformedContainer` where the file ends before its last page or inside an object, `OversizedContainer`
    beyond `limits.chunks` objects.
    """
    master = max((source.at(start, _PAGE) for start in (0, _PAGE)), key=_read_sequence_number)
    if len(master) < _PAGE:
        raise MalformedContainer("InDesign: the master pages are cut")
    (pages,) = struct.unpack_from("<I", master, 280)
    order: Literal["little", "big"] = "little" if master[24] == _LITTLE_ENDIAN else "big"
    position = pages * _PAGE
    if position > source.size:
        raise MalformedContainer(f"InDesign: the pages end at byte {position}, but the file ends at {source.size}")
    for _ in range(source.limits.chunks):
        head = source.at(position, _FRAME)
        if not head.startswith(_OBJECT) or len(head) < _FRAME:
            return
        # Headers are little-endian, whatever the order of the stream is.
        length = int.from_bytes(head[24:28], "little")
        start = position + _FRAME
        if start + length > source.size:
            raise MalformedContainer(f"InDesign: the file ends inside the object at byte {position}")
        inner_length = int.from_bytes(source.at(start, _LENGTH), order)
        yield InDesignStream(start + _LENGTH, min(inner_length, max(0, length - _LENGTH)))
        position = start + length + _FRAME
    raise OversizedContainer(f"InDesign: more than {source.limits.chunks:,} objects")


def _read_sequence_number(master: bytes) -> int:
    return int.from_bytes(master[264:272], "little")

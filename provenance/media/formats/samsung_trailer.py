"""Samsung's extended format: named blocks behind the end of a picture, listed by a directory at the end of the file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text

_END, _DIRECTORY = b"SEFT", b"SEFH"
_ENTRY = 12


@dataclass(frozen=True, slots=True)
class TrailerPart:
    """One block: its name (`MotionPhoto_Data`), and where its content lies."""

    name: str
    start: int
    """Offset of its header."""
    offset: int
    length: int


def walk_parts(source: Readable) -> Iterator[TrailerPart]:
    """The blocks that the directory lists; none when the file does not end with one.

    Raises `MalformedContainer` when the directory or a block does not stand where it should.
    """
    tail = source.at(max(0, source.size - 8), 8)
    if tail[4:] != _END:
        return
    start = source.size - 8 - int.from_bytes(tail[:4], "little")
    head = source.at(start, 12) if start >= 0 else b""
    if head[:4] != _DIRECTORY or len(head) < 12:
        raise MalformedContainer("SEF: no directory where the file says that it stands")
    entries = source.at(start + 12, min(int.from_bytes(head[8:12], "little"), source.limits.chunks) * _ENTRY)
    for kind, back, length in struct.iter_unpack("<I2I", entries[: len(entries) // _ENTRY * _ENTRY]):
        place = start - back
        lead = source.at(place, 8) if place >= 0 else b""
        named = int.from_bytes(lead[4:], "little")
        if len(lead) < 8 or int.from_bytes(lead[:4], "little") != kind or 8 + named > length:
            raise MalformedContainer(f"SEF: no block at byte {place}")
        yield TrailerPart(
            decode_text(source.at(place + 8, min(named, 256))), place, place + 8 + named, length - 8 - named
        )

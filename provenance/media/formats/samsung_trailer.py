"""Samsung's extended format (SEF): named blocks behind the end of a picture, as ExifTool documents them.

Layout, little-endian: the blocks, then a directory, its length, and `SEFT` as the last four bytes of the file. The
directory is `SEFH`, a version, a count, then for each block its kind, the bytes from its start to the directory, and
its length. A block is its kind, the length of its name, the name and the content.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text

_END = b"SEFT"
_DIRECTORY = b"SEFH"
_DIRECTORY_HEAD = 12
"""Bytes of the directory before its entries."""
_ENTRY_LENGTH = 12
_LONGEST_NAME = 256
"""Bytes of a name that are read."""


@dataclass(frozen=True, slots=True)
class TrailerPart:
    """One block: its name (`MotionPhoto_Data`), and where its content is."""

    name: str
    start: int
    """Offset of its header."""
    offset: int
    length: int


def walk_parts(source: Readable) -> Iterator[TrailerPart]:
    """Walk the blocks that the directory lists; none when the file does not end with one.

    Raises `MalformedContainer` when the directory or a block is not where it should be.
    """
    tail = source.at(max(0, source.size - 8), 8)
    if tail[4:] != _END:
        return
    directory = source.size - 8 - int.from_bytes(tail[:4], "little")
    # Outside of the file there are no bytes, so that a false length finds no directory.
    head = source.at(directory, _DIRECTORY_HEAD)
    if head[:4] != _DIRECTORY or len(head) < _DIRECTORY_HEAD:
        raise MalformedContainer("SEF: the directory is not where the end of the file says")
    count = min(int.from_bytes(head[8:12], "little"), source.limits.chunks)
    entries = source.at(directory + _DIRECTORY_HEAD, count * _ENTRY_LENGTH)
    whole_entries = entries[: len(entries) // _ENTRY_LENGTH * _ENTRY_LENGTH]
    for kind, distance, length in struct.iter_unpack("<I2I", whole_entries):
        yield _read_block(source, kind, directory - distance, length)


def _read_block(source: Readable, kind: int, start: int, length: int) -> TrailerPart:
    head = source.at(start, 8)
    name_length = int.from_bytes(head[4:], "little")
    is_block = len(head) == 8 and int.from_bytes(head[:4], "little") == kind
    if not is_block or 8 + name_length > length:
        raise MalformedContainer(f"SEF: no block at byte {start}")
    name = decode_text(source.at(start + 8, min(name_length, _LONGEST_NAME)))
    content_start = 8 + name_length
    return TrailerPart(name, start, start + content_start, length - content_start)

"""OLE structured storage, or compound files (MS-CFB): the streams of an AAF, of older Office documents and many others.

Layout, little-endian: a header of 512 bytes, then sectors of 512 or 4096 bytes. A table gives for each sector the one
that follows it, so that a stream is a chain of sectors; the header names the sectors of that table. The directory is a
stream of entries with 128 bytes each: name, type, first sector, length.
"""

from __future__ import annotations

import array
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_MAGICS = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x41\x41\x46\x42\x0d\x00\x4f\x4d")
"""The usual one, and that of AAF's own writers with sectors of 512 and 4096 bytes."""
_SHIFTS = (9, 12)
"""Powers of two of the two sizes of a sector."""
_END_OF_CHAIN = 0xFFFFFFFE
_LAST_SECTOR = 0xFFFFFFFA
"""Larger numbers are not sectors but marks, such as that of a free one."""
_ENTRY_LENGTH = 128
_STREAM = 2
"""Type of an entry."""
_SHORTEST_STREAM = 4096
"""Bytes. Shorter streams share sectors; nothing that small is essence."""


@dataclass(frozen=True, slots=True)
class OleStream:
    """One stream of at least 4096 bytes. Its name does not include the storages that it is in."""

    name: str
    first: int
    """Its first sector."""
    length: int


@dataclass(slots=True)
class OleStorage:
    """One compound file. Raises `MalformedContainer` when its header or its table of sectors is cut."""

    source: Readable
    shift: int = field(init=False)
    """Power of two of the bytes of a sector."""
    table: array.array[int] = field(init=False)
    """For each sector the one that follows it."""

    def __post_init__(self) -> None:
        head = self.source.at(0, 512)
        if head[:8] not in _MAGICS or len(head) < 512 or head[30] not in _SHIFTS:
            raise MalformedContainer("OLE: the header is missing or cut")
        self.shift = head[30]
        self.table = array.array("I")
        for sector in self._list_table_sectors(head):
            data = self._read_sector(sector)
            self.table.frombytes(data[: len(data) & ~3])
        if sys.byteorder == "big":
            self.table.byteswap()

    def walk_streams(self) -> Iterator[OleStream]:
        """Walk every large stream, in the order of the directory. Raises as `follow_chain` does."""
        first = int.from_bytes(self.source.at(48, 4), "little")
        for sector in self.follow_chain(first):
            data = self._read_sector(sector)
            for start in range(0, len(data) - _ENTRY_LENGTH + 1, _ENTRY_LENGTH):
                stream = self._parse_entry(data[start : start + _ENTRY_LENGTH])
                if stream:
                    yield stream

    def _parse_entry(self, entry: bytes) -> OleStream | None:
        """Parse an entry of the directory; None for storages and short streams."""
        # Version 3, with the smaller sectors, may leave anything in the upper half of the length.
        length_end = 128 if self.shift == 12 else 124
        length = int.from_bytes(entry[120:length_end], "little")
        if entry[66] != _STREAM or length < _SHORTEST_STREAM:
            return None
        # The length of the name counts the two bytes of zeros that end it.
        name_length = min(int.from_bytes(entry[64:66], "little"), 64)
        name = entry[: max(0, name_length - 2)].decode("utf-16-le", "replace")
        return OleStream(name, int.from_bytes(entry[116:120], "little"), length)

    def read_beginning(self, stream: OleStream) -> bytes:
        """Read the first sector of a stream, at most its length."""
        return self._read_sector(stream.first)[: stream.length]

    def read_stream(self, stream: OleStream) -> bytes:
        """Read all of a stream. Raises `OversizedContainer` beyond `limits.child` bytes, and as `follow_chain` does."""
        if stream.length > self.source.limits.child:
            raise OversizedContainer(f"OLE: the stream {stream.name!r} has {stream.length:,} bytes and was not read")
        # Rounded up.
        wanted_sectors = -(-stream.length >> self.shift)
        parts: list[bytes] = []
        for sector in self.follow_chain(stream.first):
            parts.append(self._read_sector(sector))
            if len(parts) >= wanted_sectors:
                break
        return b"".join(parts)[: stream.length]

    def follow_chain(self, sector: int) -> Iterator[int]:
        """Follow the chain of sectors from one on. Raises `MalformedContainer` where it leaves the file or loops."""
        visited = bytearray(len(self.table))
        while sector != _END_OF_CHAIN:
            if sector >= len(self.table):
                raise MalformedContainer(f"OLE: a chain of sectors leads to number {sector}, which does not exist")
            if visited[sector]:
                raise MalformedContainer("OLE: a chain of sectors is a loop")
            visited[sector] = 1
            yield sector
            sector = self.table[sector]

    def _read_sector(self, number: int) -> bytes:
        # The header takes the place of one sector.
        return self.source.at((number + 1) << self.shift, 1 << self.shift)

    def _list_table_sectors(self, head: bytes) -> Iterator[int]:
        """Sectors of the table, in order: the header names the first 109, sectors of their own the others."""
        numbers = _unpack_numbers(head[76:512])
        next_list = int.from_bytes(head[68:72], "little")
        left = min(self.source.limits.chunks, (self.source.size >> self.shift) + 1)
        while numbers:
            for number in numbers:
                if number > _LAST_SECTOR:
                    continue
                left -= 1
                if left < 0:
                    raise OversizedContainer("OLE: the table of sectors is larger than the file or the limit")
                yield number
            if next_list > _LAST_SECTOR:
                return
            # The last number of such a sector is that of the next one.
            data = self._read_sector(next_list)
            numbers = _unpack_numbers(data[:-4])
            next_list = int.from_bytes(data[-4:], "little")
            left -= 1


def _unpack_numbers(data: bytes) -> list[int]:
    """Unpack the 32-bit numbers in `data`; bytes of a last one that is cut are left out."""
    count = len(data) // 4
    return list(struct.unpack(f"<{count}I", data[: 4 * count]))

"""OLE structured storage (compound files): the streams of an AAF, of older Office documents, and of much else."""

from __future__ import annotations

import array
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_MAGICS = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x41\x41\x46\x42\x0d\x00\x4f\x4d")
"""The usual one, and that of AAF's own writers with sectors of 512 and 4096 bytes."""
_END, _LARGEST = 0xFFFFFFFE, 0xFFFFFFFA
_ENTRY = 128
_STREAM, _ROOT = 2, 5
_SMALL = 4096
"""Streams of fewer bytes share sectors; nothing that small is essence."""


@dataclass(frozen=True, slots=True)
class OleStream:
    """One stream of at least 4096 bytes; its name does not tell the storages it stands in."""

    name: str
    first: int
    """Its first sector."""
    length: int


@dataclass(slots=True)
class OleStorage:
    """One compound file. Raises `MalformedContainer` when its header or its table of sectors is cut."""

    source: Readable
    shift: int = field(init=False)
    table: array.array[int] = field(init=False)
    """For each sector the one that follows it."""

    def __post_init__(self) -> None:
        head = self.source.at(0, 512)
        if head[:8] not in _MAGICS or len(head) < 512 or head[30] not in (9, 12):
            raise MalformedContainer("OLE: no header, or a cut one")
        self.shift = head[30]
        self.table = array.array("I")
        for sector in self._sectors_of_table(head):
            data = self._sector(sector)
            self.table.frombytes(data[: len(data) & ~3])
        if sys.byteorder == "big":
            self.table.byteswap()

    def walk_streams(self) -> Iterator[OleStream]:
        """Every large stream, in the order of the directory. Raises as `chain` does."""
        first = int.from_bytes(self.source.at(48, 4), "little")
        for sector in self.chain(first):
            data = self._sector(sector)
            for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
                entry = data[at : at + _ENTRY]
                length = int.from_bytes(entry[120:128] if self.shift == 12 else entry[120:124], "little")
                if entry[66] == _STREAM and length >= _SMALL:
                    letters = min(int.from_bytes(entry[64:66], "little"), 64)
                    name = entry[: max(0, letters - 2)].decode("utf-16-le", "replace")
                    yield OleStream(name, int.from_bytes(entry[116:120], "little"), length)

    def read_beginning(self, entry: OleStream) -> bytes:
        """The first sector of a stream, at most its length."""
        return self._sector(entry.first)[: entry.length]

    def read_stream(self, entry: OleStream) -> bytes:
        """All of a stream. Raises `OversizedContainer` beyond `limits.child` bytes, and as `chain` does."""
        if entry.length > self.source.limits.child:
            raise OversizedContainer(f"OLE: stream {entry.name!r} of {entry.length} bytes is not looked at")
        wanted = -(-entry.length >> self.shift)
        parts = []
        for sector in self.chain(entry.first):
            parts.append(self._sector(sector))
            if len(parts) >= wanted:
                break
        return b"".join(parts)[: entry.length]

    def chain(self, sector: int) -> Iterator[int]:
        """The sectors from one on. Raises `MalformedContainer` where it leaves the file or goes round in a circle."""
        seen = bytearray(len(self.table))
        while sector != _END:
            if sector >= len(self.table):
                raise MalformedContainer(f"OLE: a chain of sectors leads to number {sector}, which is not there")
            if seen[sector]:
                raise MalformedContainer("OLE: a chain of sectors goes round in a circle")
            seen[sector] = 1
            yield sector
            sector = self.table[sector]

    def _sector(self, number: int) -> bytes:
        return self.source.at((number + 1) << self.shift, 1 << self.shift)

    def _sectors_of_table(self, head: bytes) -> Iterator[int]:
        """The header names the first 109, sectors of their own the others."""
        numbers, following = _numbers(head[76:512]), int.from_bytes(head[68:72], "little")
        left = min(self.source.limits.chunks, (self.source.size >> self.shift) + 1)
        while numbers:
            for number in numbers:
                if number <= _LARGEST:
                    left -= 1
                    if left < 0:
                        raise OversizedContainer("OLE: its table is larger than the file, or than is walked")
                    yield number
            numbers = []
            if following <= _LARGEST:
                data = self._sector(following)
                numbers, following = _numbers(data[:-4]), int.from_bytes(data[-4:], "little")
                left -= 1


def _numbers(data: bytes) -> list[int]:
    return [int.from_bytes(data[at : at + 4], "little") for at in range(0, len(data) - 3, 4)]

"""TIFF: directories of tagged fields, as whole files (TIFF, DNG, most camera raws) and as EXIF blocks within others."""

from __future__ import annotations

import collections
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within

_MAGIC = {42, 0x55, 0x4F52, 0x5352}
"""TIFF itself, Panasonic's and the two of Olympus."""
_BIG = 43
_SUB = {0x8769: "Exif IFD", 0x8825: "GPS IFD", 0x014A: "SubIFD"}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
"""Bytes of one value by type; 129 is the UTF-8 text of Exif 3.0."""
_CODES = {1: "B", 3: "H", 4: "I", 5: "II", 6: "b", 8: "h", 9: "i", 10: "ii", 11: "f", 12: "d",
          13: "I", 16: "Q", 17: "q", 18: "Q"}  # fmt: skip
_MOST_NUMBERS = 256
"""Numbers read of one field; longer arrays are tables, not words."""

Number = int | float | Fraction


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `offset` and `length` are those of its value, as it says itself: they may lie outside."""

    ifd: str
    """`IFD0`, `IFD1` …, `Exif IFD`, `GPS IFD`, `SubIFD`."""
    tag: int
    kind: int
    count: int
    offset: int
    length: int
    order: str
    """`<` or `>`, as the struct module writes it."""


def fields(source: Readable) -> Iterator[Field]:
    """Every field of every directory: the chain from the first on, and the EXIF, GPS and sub-directories.

    No directory is read twice, so loops end. Raises `MalformedContainer` after the last readable field when a
    directory could not be reached or is cut, `OversizedContainer` beyond `limits.chunks` fields.
    """
    walk = _TiffWalker(source)
    while walk.pending:
        yield from walk.directory(*walk.pending.popleft())
    if walk.damage:
        raise MalformedContainer(f"TIFF: {walk.damage}")


@dataclass(slots=True)
class _TiffWalker:
    source: Readable
    order: str = "<"
    big: bool = False
    damage: str = ""
    pending: collections.deque[tuple[str, int]] = field(default_factory=collections.deque)
    seen: set[int] = field(default_factory=set)
    left: int = 0

    def __post_init__(self) -> None:
        head = self.source.at(0, 16)
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        if not self.order or len(head) < 8:
            raise MalformedContainer("TIFF: no header")
        magic = self._number(head[2:4])
        self.big = magic == _BIG
        if not self.big and magic not in _MAGIC:
            raise MalformedContainer("TIFF: no header")
        self.pending.append(("IFD0", self._number(head[8:16] if self.big else head[4:8])))
        self.left = self.source.limits.chunks

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self.order == "<" else "big")

    def directory(self, name: str, start: int) -> Iterator[Field]:
        if start in self.seen:
            return
        self.seen.add(start)
        lead, width, link, form = (8, 20, 8, "HHQ8s") if self.big else (2, 12, 4, "HHI4s")
        head = read_within(self.source, start, lead)
        declared = self._number(head)
        entries = read_within(self.source, start + lead, min(declared, self.left + 1) * width + link)
        whole = min(declared, len(entries) // width)
        if start == 0 or len(head) < lead or whole < min(declared, self.left + 1):
            self.damage = self.damage or f"{name} at byte {start} lies outside or is cut"
        self._spend(1 + whole)
        for i, (tag, kind, count, value) in enumerate(struct.iter_unpack(self.order + form, entries[: whole * width])):
            length = count * _SIZES.get(kind, 0)
            inline = start + lead + i * width + width - len(value)
            found = Field(name, tag, kind, count, inline if length <= len(value) else self._number(value), length,
                          self.order)  # fmt: skip
            yield found
            if tag in _SUB:
                places = numbers(self.source, found)
                self._spend(len(places))
                self.pending.extend((_SUB[tag], place) for place in places if isinstance(place, int) and place > 0)
        self._follow(name, entries[whole * width :][:link])

    def _spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise OversizedContainer(f"TIFF: more than {self.source.limits.chunks} fields and directories")

    def _follow(self, name: str, rest: bytes) -> None:
        """Go on to the next directory of the chain. A pointer to nowhere ends it: some writers leave it out."""
        after = self._number(rest)
        if name.startswith("IFD") and 0 < after < self.source.size:
            self.pending.append((f"IFD{int(name[3:]) + 1}", after))


def raw(source: Readable, found: Field) -> bytes:
    """The bytes of a field's value, no more than one metadata block may have."""
    return read_within(source, found.offset, found.length)


def numbers(source: Readable, found: Field) -> tuple[Number, ...]:
    """The first numbers of a field; ratios as fractions, one with denominator 0 as infinity. Empty for text."""
    code = _CODES.get(found.kind)
    if code is None:
        return ()
    size = _SIZES[found.kind]
    data = read_within(source, found.offset, min(found.count, _MOST_NUMBERS) * size)
    values = struct.iter_unpack(found.order + code, data[: len(data) // size * size])
    return tuple(value[0] if len(value) == 1 else _ratio(*value) for value in values)


def _ratio(numerator: int, denominator: int) -> Fraction | float:
    if denominator == 0:
        return float("inf")
    return Fraction(numerator, denominator)

"""TIFF 6.0 and BigTIFF: directories of tagged fields, as whole files (TIFF, DNG, most camera raws) and as EXIF blocks.

Layout: `II` or `MM` for the byte order, the number 42 (43 in BigTIFF), the offset of the first directory. A directory
is a count of entries, the entries (tag, type, count of values, and the value or its offset), and the offset of the next
directory. Counts and offsets are four bytes wide (a count of entries two), in BigTIFF all of them eight.
"""

from __future__ import annotations

import collections
import itertools
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within

_MAGICS = frozenset({42, 0x55, 0x4F52, 0x5352, 0x4352})
"""TIFF itself, Panasonic's, the two of Olympus, and camera profiles."""
_BIG_MAGIC = 43
"""BigTIFF."""
_SUBDIRECTORIES = {0x8769: "Exif IFD", 0x8825: "GPS IFD", 0x014A: "SubIFD"}
"""Tags whose values are the offsets of further directories."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8, 129: 1}
"""Bytes of one value by type; 129 is the UTF-8 text of Exif 3.0."""
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
"""Types of one number, as the struct module writes them."""
_RATIO_CODES = {5: "II", 10: "ii"}
"""Types of a numerator and a denominator, unsigned and signed."""
_MOST_NUMBERS = 256
"""Numbers read of one field; longer arrays are tables of samples, not metadata."""

PICTURE_TAGS = (273, 324)
"""Where the strips or the tiles of a picture are: a directory without one of these holds no picture."""
_WIDTH = 0x0100
_HEIGHT = 0x0101
_BITS_PER_SAMPLE = 0x0102
_COMPRESSION = 0x0103
_PHOTOMETRIC = 0x0106
_SAMPLES_PER_PIXEL = 0x0115

Number = int | float | Fraction


@dataclass(frozen=True, slots=True)
class TiffField:
    """One field; `offset` and `length` are those of its value, as the file gives them: they may lie outside of it."""

    ifd: str
    """`IFD0`, `IFD1` …, `Exif IFD`, `GPS IFD`, `SubIFD`."""
    tag: int
    kind: int
    count: int
    offset: int
    length: int
    order: str
    """`<` or `>`, as the struct module writes it."""
    page: int = 1
    """Which directory of the chain it is, or belongs to, counted from 1."""
    directory: int = 0
    """Offset of its directory, which tells those of one name apart."""


class TiffLayout(NamedTuple):
    """How the pixels of the first directory are stored; a number that the file does not give is 0."""

    width: int
    """Pixels."""
    height: int
    """Pixels."""
    bits_per_sample: tuple[Number, ...]
    """One number a sample, or one for all of them."""
    compression: int
    """1 for none, 5 for LZW, 7 for JPEG …"""
    photometric: int
    """2 for RGB."""
    samples_per_pixel: int


def walk_fields(source: Readable) -> Iterator[TiffField]:
    """Walk every field of every directory: the chain from the first on, and the EXIF, GPS and sub-directories.

    No directory is read twice, so loops end. Raises `MalformedContainer` after the last readable field when a
    directory could not be reached or is cut, `OversizedContainer` beyond `limits.chunks` fields.
    """
    walker = _TiffWalker(source)
    while walker.pending:
        yield from walker.walk_directory(*walker.pending.popleft())
    if walker.damage:
        raise MalformedContainer(f"TIFF: {walker.damage}")


def walk_own_fields(source: Readable) -> Iterator[TiffField]:
    """Walk the fields of a TIFF without those of further pages, which are files of their own. Raises as above."""
    others: set[int] = set()
    try:
        for found in walk_fields(source):
            if found.page > 1 and found.ifd.startswith("IFD") and found.tag in PICTURE_TAGS:
                others.add(found.page)
    except MalformedContainer:
        # It is raised again below, behind the fields.
        pass
    for found in walk_fields(source):
        if found.page not in others:
            yield found


def read_layout(source: Readable) -> TiffLayout:
    """Read how the pixels of the first directory are stored. Raises as `walk_fields` does."""
    values: dict[int, tuple[Number, ...]] = {}
    first_directory = itertools.takewhile(lambda found: found.ifd == "IFD0", walk_fields(source))
    for found in first_directory:
        if found.tag in (_WIDTH, _HEIGHT, _BITS_PER_SAMPLE, _COMPRESSION, _PHOTOMETRIC, _SAMPLES_PER_PIXEL):
            values[found.tag] = read_numbers(source, found)
    return TiffLayout(
        width=find_first_integer(values.get(_WIDTH, ())),
        height=find_first_integer(values.get(_HEIGHT, ())),
        bits_per_sample=values.get(_BITS_PER_SAMPLE, ()),
        compression=find_first_integer(values.get(_COMPRESSION, ())),
        photometric=find_first_integer(values.get(_PHOTOMETRIC, ())),
        samples_per_pixel=find_first_integer(values.get(_SAMPLES_PER_PIXEL, ())),
    )


def find_first_integer(values: tuple[Number, ...]) -> int:
    """Return the first number as an integer; 0 without one, and for one that is none."""
    # A damaged file may give a width as a ratio with denominator 0, or as a float that is not a number.
    if not values or not math.isfinite(values[0]):
        return 0
    return int(values[0])


class _DirectoryForm(NamedTuple):
    """Bytes of the parts of a directory, and an entry as the struct module writes it."""

    count_size: int
    entry_size: int
    link_size: int
    entry_codes: str
    """Tag, type, count, and the bytes of the value or of its offset."""


_CLASSIC_FORM = _DirectoryForm(2, 12, 4, "HHI4s")
_BIG_FORM = _DirectoryForm(8, 20, 8, "HHQ8s")


@dataclass(slots=True)
class _TiffWalker:
    source: Readable
    order: str = "<"
    form: _DirectoryForm = _CLASSIC_FORM
    damage: str = ""
    """The first damage that was met."""
    pending: collections.deque[tuple[str, int, int]] = field(default_factory=collections.deque)
    """Directories to be read: name, offset and page."""
    visited: set[int] = field(default_factory=set)
    """Offsets of the directories read so far."""
    left: int = 0
    """Fields and directories that may still be read."""

    def __post_init__(self) -> None:
        head = self.source.at(0, 16)
        self.order = {b"II": "<", b"MM": ">"}.get(head[:2], "")
        if not self.order or len(head) < 8:
            raise MalformedContainer("TIFF: no header")
        magic = self._number(head[2:4])
        first_offset = head[4:8]
        if magic == _BIG_MAGIC:
            self.form = _BIG_FORM
            # BigTIFF gives the width of its offsets first, which is always eight.
            first_offset = head[8:16]
        elif magic not in _MAGICS:
            raise MalformedContainer("TIFF: no header")
        self.pending.append(("IFD0", self._number(first_offset), 1))
        self.left = self.source.limits.chunks

    def _number(self, data: bytes) -> int:
        return int.from_bytes(data, "little" if self.order == "<" else "big")

    def walk_directory(self, name: str, start: int, page: int) -> Iterator[TiffField]:
        if start in self.visited:
            return
        self.visited.add(start)
        form = self.form
        head = read_within(self.source, start, form.count_size)
        declared = self._number(head)
        # One entry more than may still be read shows that there are too many.
        wanted = min(declared, self.left + 1)
        table_start = start + form.count_size
        table = read_within(self.source, table_start, wanted * form.entry_size + form.link_size)
        count = min(declared, len(table) // form.entry_size)
        is_cut = len(head) < form.count_size or count < wanted
        if start == 0 or is_cut:
            self.damage = self.damage or f"{name} at byte {start} lies outside the file or is cut"
        self._spend(1 + count)
        entries = struct.iter_unpack(self.order + form.entry_codes, table[: count * form.entry_size])
        for index, (tag, kind, value_count, value) in enumerate(entries):
            length = value_count * _SIZES.get(kind, 0)
            # A value that is short enough takes the place of its offset, at the end of the entry.
            if length <= len(value):
                offset = table_start + (index + 1) * form.entry_size - len(value)
            else:
                offset = self._number(value)
            found = TiffField(name, tag, kind, value_count, offset, length, self.order, page, start)
            yield found
            if tag in _SUBDIRECTORIES:
                self._add_subdirectories(found)
        self._follow_link(name, table[count * form.entry_size :][: form.link_size], page)

    def _spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise OversizedContainer(f"TIFF: more than {self.source.limits.chunks} fields and directories")

    def _add_subdirectories(self, found: TiffField) -> None:
        offsets = read_numbers(self.source, found)
        self._spend(len(offsets))
        for offset in offsets:
            if isinstance(offset, int) and offset > 0:
                self.pending.append((_SUBDIRECTORIES[found.tag], offset, found.page))

    def _follow_link(self, name: str, link: bytes, page: int) -> None:
        """Add the next directory of the chain."""
        following = self._number(link)
        # Some writers leave the link out, and other bytes stand in its place: one to nowhere is not damage.
        if name.startswith("IFD") and 0 < following < self.source.size:
            self.pending.append((f"IFD{int(name[3:]) + 1}", following, page + 1))


def read_value(source: Readable, found: TiffField) -> bytes:
    """Read the bytes of a field's value, at most `limits.packet` of them."""
    return read_within(source, found.offset, found.length)


def read_numbers(source: Readable, found: TiffField) -> tuple[Number, ...]:
    """Read the first numbers of a field; empty for text and for bytes of no type.

    Ratios are fractions, and one with denominator 0 is infinite.
    """
    is_ratio = found.kind in _RATIO_CODES
    code = _RATIO_CODES.get(found.kind) or _CODES.get(found.kind)
    if code is None:
        return ()
    size = _SIZES[found.kind]
    data = read_within(source, found.offset, min(found.count, _MOST_NUMBERS) * size)
    values = struct.iter_unpack(found.order + code, data[: len(data) // size * size])
    if is_ratio:
        return tuple(_divide(numerator, denominator) for numerator, denominator in values)
    return tuple(number for (number,) in values)


def _divide(numerator: int, denominator: int) -> Fraction | float:
    # Not always damage: Exif writes 0/0 for an unknown F number of a lens (LensSpecification).
    if denominator == 0:
        return float("inf")
    return Fraction(numerator, denominator)

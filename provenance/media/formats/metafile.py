"""Windows metafiles (WMF, EMF, EMF+): the bitmaps that their commands draw, each as a picture file of its own.

WMF, little-endian [MS-WMF]: a header of 18 bytes, behind one of 22 where it is placeable; records of a length in words
of two bytes, a function and its parameters. A bitmap stands at the end of some, as a DIB: a header with the palette,
then the samples.

EMF [MS-EMF]: records of a type, a length and parameters. Those that draw a bitmap say where in the record its header
and its samples are. EMF+ [MS-EMFPLUS] stands in comments: objects among it hold PNG, JPEG, or samples. A large object
is divided over several comments.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

SMALLEST_SIDE = 64
"""Pixels of the shorter side of a bitmap that is worth looking at: smaller ones are brushes and bullets."""
_PLACEABLE = b"\xd7\xcd\xc6\x9a"
_PLACEABLE_HEAD = 22
_WMF_HEAD = 18
_WMF_BITMAPS = {0x0940: 16, 0x0B41: 20, 0x0D33: 18, 0x0F43: 22}
"""Functions that draw a DIB -> bytes of parameters before it: BitBlt, StretchBlt, SetDIBitsToDevice, StretchDIBits."""
_EMF_BITMAPS = {76: 84, 77: 84, 78: 84, 79: 96, 80: 48, 81: 48, 94: 16, 114: 84, 116: 84}
"""Records that draw a DIB -> where in them its place is given: offset and length of its header, and of its samples."""
_EMF_COMMENT = 70
_EMF_END = 14
_WMF_END = 0
_PLUS_MARK = b"EMF+"
_PLUS_HEAD = 12
"""Bytes of a record of EMF+ before its content."""
_PLUS_OBJECT = 0x4008
_PLUS_IMAGE = 5
_PLUS_CONTINUES = 0x8000
_PLUS_BITMAP, _PLUS_METAFILE = 1, 2
_PLUS_BITS = {0x21808: 24, 0x22009: 32, 0x26200A: 32, 0xE200B: 32}
"""Layouts of samples as a BMP has them as well -> bits of a pixel."""
_BITMAP_INFO = 40
"""Bytes of the usual header of a DIB …"""
_BITMAP_CORE = 12
"""… and of the oldest one."""
_BITMAP_FILE = 14
"""Bytes of the header that a BMP file has before that."""
_MASKS = 3
"""Coding of a DIB in which three masks of four bytes follow the header …"""
_WHOLE_FILES = {4: ".jpg", 5: ".png"}
"""… and those of which the samples are a file of their own."""


class DrawnPicture(NamedTuple):
    """A bitmap in a metafile."""

    name: str
    content: bytes
    """A BMP, PNG, JPEG, or another metafile."""


def walk_emf(source: Readable) -> Iterator[DrawnPicture]:
    """Walk the bitmaps of an EMF. Raises `MalformedContainer` behind the last readable one, `OversizedContainer` when
    one is larger than `limits.child` or there are more than `limits.chunks` records.
    """
    walker = _EmfWalker(source)
    yield from walker.walk()
    walker.problems.raise_first()


def walk_wmf(source: Readable) -> Iterator[DrawnPicture]:
    """Walk the bitmaps of a WMF. Raises as `walk_emf` does."""
    problems = _Problems()
    position = _WMF_HEAD + (_PLACEABLE_HEAD if source.at(0, 4) == _PLACEABLE else 0)
    number = 0
    for _ in range(source.limits.chunks):
        head = source.at(position, 6)
        words, function = struct.unpack("<IH", head.ljust(6, b"\0"))
        if len(head) < 6 or words < 3:
            problems.add(MalformedContainer(f"WMF: no record at byte {position}"))
            break
        if function == _WMF_END:
            break
        before = _WMF_BITMAPS.get(function)
        # Without a bitmap such a record is no longer than its parameters.
        if before is not None and words * 2 > 6 + before + _BITMAP_CORE:
            data = problems.read(source, position + 6 + before, words * 2 - 6 - before)
            if picture := _make_file(data, _measure_header(data)):
                number += 1
                yield DrawnPicture(f"bitmap {number}{picture.suffix}", picture.content)
        position += words * 2
    else:
        problems.add(OversizedContainer(f"WMF: more than {source.limits.chunks:,} records"))
    problems.raise_first()


class _Picture(NamedTuple):
    suffix: str
    content: bytes


@dataclass(slots=True)
class _Problems:
    """The first damage that was met: what stands behind it is read all the same."""

    first: MalformedContainer | None = None

    def add(self, problem: MalformedContainer) -> None:
        self.first = self.first or problem

    def read(self, source: Readable, offset: int, length: int) -> bytes:
        """Read what belongs to one bitmap; nothing if it is too large."""
        if length > source.limits.child:
            self.add(OversizedContainer(f"a bitmap is larger than {source.limits.child:,} bytes; it was not read"))
            return b""
        data = source.at(offset, length)
        if len(data) < length:
            self.add(MalformedContainer(f"the file ends inside the bitmap at byte {offset}"))
        return data

    def raise_first(self) -> None:
        if self.first:
            raise self.first


@dataclass(slots=True)
class _EmfWalker:
    source: Readable
    problems: _Problems = field(default_factory=_Problems)
    number: int = 0
    """Of the last bitmap."""
    divided: bytearray = field(default_factory=bytearray)
    """What has been read of an object that is divided over several comments."""

    def walk(self) -> Iterator[DrawnPicture]:
        position = 0
        for _ in range(self.source.limits.chunks):
            head = self.source.at(position, 8)
            kind, length = struct.unpack("<II", head.ljust(8, b"\0"))
            if len(head) < 8 or length < 8:
                self.problems.add(MalformedContainer(f"EMF: no record at byte {position}"))
                return
            if kind in _EMF_BITMAPS:
                yield from self._read_bitmap(position, length, _EMF_BITMAPS[kind])
            elif kind == _EMF_COMMENT and self.source.at(position + 12, 4) == _PLUS_MARK:
                yield from self._read_comment(position + 16, length - 16)
            elif kind == _EMF_END:
                return
            position += length
        self.problems.add(OversizedContainer(f"EMF: more than {self.source.limits.chunks:,} records"))

    def _read_bitmap(self, position: int, length: int, where: int) -> Iterator[DrawnPicture]:
        """The bitmap of a record, whose place is given `where` bytes into it."""
        place = self.source.at(position + where, 16)
        if length < where + 16 or len(place) < 16:
            return
        header_start, header_length, start, sample_length = struct.unpack("<IIII", place)
        # Many of these records fill with one colour, and have no bitmap.
        if not header_length or not sample_length:
            return
        if max(header_start + header_length, start + sample_length) > length:
            self.problems.add(MalformedContainer(f"EMF: the bitmap at byte {position} lies outside its record"))
            return
        header = self.problems.read(self.source, position + header_start, header_length)
        samples = self.problems.read(self.source, position + start, sample_length)
        yield from self._yield_file(_make_file(header + samples, len(header)))

    def _read_comment(self, position: int, length: int) -> Iterator[DrawnPicture]:
        """The pictures among the EMF+ records of a comment."""
        data = self.problems.read(self.source, position, length)
        start = 0
        while len(data) - start >= _PLUS_HEAD:
            kind, flags, size, used = struct.unpack_from("<HHII", data, start)
            if size < _PLUS_HEAD:
                return
            is_image = kind == _PLUS_OBJECT and flags >> 8 & 0x7F == _PLUS_IMAGE
            begin = start + _PLUS_HEAD
            start += size
            if not is_image:
                continue
            content = data[begin : begin + min(used, size - _PLUS_HEAD)]
            if flags & _PLUS_CONTINUES:
                total = int.from_bytes(content[:4], "little")
                self.divided += content[4:]
                if len(self.divided) < total <= self.source.limits.child:
                    continue
                content = bytes(self.divided[:total])
                self.divided.clear()
            yield from self._yield_file(_read_plus_image(content))

    def _yield_file(self, picture: _Picture | None) -> Iterator[DrawnPicture]:
        if picture:
            self.number += 1
            yield DrawnPicture(f"bitmap {self.number}{picture.suffix}", picture.content)


def _read_plus_image(content: bytes) -> _Picture | None:
    """An image object of EMF+."""
    if len(content) < 28:
        return None
    kind, width, height, stride, layout, is_file = struct.unpack_from("<4xIiiiII", content)
    if kind == _PLUS_METAFILE:
        # A type and a length, then the whole metafile.
        return _Picture(".emf", content[16:])
    if kind != _PLUS_BITMAP:
        return None
    if is_file:
        return _Picture(_name_file(content[28:]), content[28:])
    bits = _PLUS_BITS.get(layout)
    is_packed = bits is not None and stride == (width * bits + 31) // 32 * 4
    if not is_packed or min(width, height) < SMALLEST_SIDE:
        return None
    header = struct.pack("<IiiHHI20x", _BITMAP_INFO, width, -height, 1, bits, 0)
    return _make_file(header + content[28:], _BITMAP_INFO)


def _name_file(content: bytes) -> str:
    suffixes = {b"\x89PNG": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif", b"II*\0": ".tif", b"BM": ".bmp"}
    return next((suffix for magic, suffix in suffixes.items() if content.startswith(magic)), "")


def _measure_header(data: bytes) -> int:
    """Bytes of the header of a DIB with its masks and its palette: the samples follow."""
    length = int.from_bytes(data[:4], "little")
    if length == _BITMAP_CORE:
        bits = int.from_bytes(data[10:12], "little")
        return length + (3 << bits if bits <= 8 else 0)
    bits = int.from_bytes(data[14:16], "little")
    coding = int.from_bytes(data[16:20], "little")
    colours = int.from_bytes(data[32:36], "little") or (1 << bits if bits <= 8 else 0)
    masks = 12 if coding == _MASKS and length == _BITMAP_INFO else 0
    return length + masks + 4 * min(colours, 256)


def _make_file(dib: bytes, header_length: int) -> _Picture | None:
    """A DIB as a file; None for one that is too small to show anything, or is none."""
    length = int.from_bytes(dib[:4], "little")
    if length == _BITMAP_CORE and len(dib) >= length:
        width, height = struct.unpack_from("<HH", dib, 4)
        coding = 0
    elif length >= _BITMAP_INFO and len(dib) >= length:
        width, height, coding = struct.unpack_from("<ii4xI", dib, 4)
    else:
        return None
    if min(abs(width), abs(height)) < SMALLEST_SIDE:
        return None
    if coding in _WHOLE_FILES:
        return _Picture(_WHOLE_FILES[coding], dib[header_length:])
    head = struct.pack("<2sI4xI", b"BM", _BITMAP_FILE + len(dib), _BITMAP_FILE + header_length)
    return _Picture(".bmp", head + dib)

"""ZIP: the members of an archive, as its central directory lists them. Names are text and lead nowhere."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.formats.unpacking import DecompressedStream
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_LOCAL, _ENTRY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_WIDE_END, _WIDE_PLACE = b"PK\x06\x06", b"PK\x06\x07"
_COMMENT = 0xFFFF + 22
"""Bytes from the end of the file within which the end of the directory stands."""
_WIDE = 0x0001
"""Extra field with the numbers that need 64 bits."""
_METHODS = {0: "stored", 8: "deflate", 12: "bzip2"}


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One member; `offset` is that of its own header, `packed` and `size` are what is said of it."""

    name: str
    method: str
    """A name of `unpacking.METHODS`, else a number for which there is no unpacker here."""
    encrypted: bool
    offset: int
    packed: int
    size: int
    """Unpacked; 0 where nothing tells."""


@dataclass(frozen=True, slots=True)
class _Directory:
    start: int
    end: int
    shift: int
    """Bytes that stand before the archive and that its offsets do not count."""


def walk_members(source: Readable) -> Iterator[ZipMember]:
    """Every member that is no folder, in the order of the directory; without one, as their own headers tell.

    Raises `MalformedContainer` where there is no directory or it is cut, `OversizedContainer` beyond `limits.chunks`
    members, or when members are packed in the same bytes: a way to unpack a small file for ever.
    """
    try:
        directory = _directory(source)
    except MalformedContainer:
        yield from _by_their_headers(source)
        raise
    position, left, packed = directory.start, source.limits.chunks, 0
    while position < directory.end:
        head = source.at(position, 46)
        if head[:4] != _ENTRY or len(head) < 46:
            raise MalformedContainer(f"ZIP: no entry of the directory at byte {position}")
        name, extra, comment = struct.unpack_from("<3H", head, 28)
        member = _member(head, source.at(position + 46, name), source.at(position + 46 + name, extra), directory.shift)
        left, packed = left - 1, packed + member.packed
        if left < 0:
            raise OversizedContainer(f"ZIP: more than {source.limits.chunks} members")
        if packed > source.size:
            raise OversizedContainer(f'ZIP: members lie over each other, "{member.name}" among them')
        if not member.name.endswith("/"):
            yield member
        position += 46 + name + extra + comment


def open_member(source: Readable, member: ZipMember) -> DecompressedStream:
    """The content of a member. Raises `MalformedContainer` when it does not stand where the directory says."""
    head = source.at(member.offset, 30)
    if head[:4] != _LOCAL or len(head) < 30:
        raise MalformedContainer(f"ZIP: no member at byte {member.offset}")
    name, extra = struct.unpack_from("<2H", head, 26)
    return DecompressedStream(source, member.offset + 30 + name + extra, member.packed, member.method)


def _member(head: bytes, name: bytes, extra: bytes, shift: int) -> ZipMember:
    flags, method = struct.unpack_from("<2H", head, 8)
    packed, size = struct.unpack_from("<2I", head, 20)
    (offset,) = struct.unpack_from("<I", head, 42)
    wide = _wide(extra)
    size, packed, offset = (
        next(wide, value) if value == 0xFFFFFFFF else value for value in (size, packed, offset)
    )  # in this order they stand in the extra field
    return ZipMember(
        _text(name, unicode=bool(flags & 0x800)), _METHODS.get(method, str(method)), bool(flags & 1), offset + shift,
        packed, size,
    )  # fmt: skip


def _by_their_headers(source: Readable) -> Iterator[ZipMember]:
    """The members that stand in front of their directory, each at most up to the next one."""
    starts = list(itertools.islice(_marks(source), source.limits.chunks))
    for start, following in itertools.pairwise([*starts, source.size]):
        head = source.at(start, 30)
        if len(head) < 30:
            return
        flags, method = struct.unpack_from("<2H", head, 6)
        packed, size, length, extra = struct.unpack_from("<2I2H", head, 18)
        room = max(0, following - start - 30 - length - extra)
        name = _text(source.at(start + 30, length), unicode=bool(flags & 0x800))
        if not name.endswith("/"):
            has_sizes = not flags & 8  # Otherwise the sizes follow the data.
            yield ZipMember(name, _METHODS.get(method, str(method)), bool(flags & 1), start,
                         min(packed, room) if has_sizes else room, size if has_sizes else 0)  # fmt: skip


def _marks(source: Readable) -> Iterator[int]:
    """Where headers of members begin."""
    step = source.limits.block
    for start in range(0, source.size, step):
        window = source.at(start, step + len(_LOCAL) - 1)
        place = window.find(_LOCAL)
        while place >= 0:
            yield start + place
            place = window.find(_LOCAL, place + 1)


def _text(name: bytes, *, unicode: bool) -> str:
    """A name: UTF-8 where it says so, and where it is without saying so; else the letters of the first PCs."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        if unicode:
            return name.decode("utf-8", "replace")
        # APPNOTE 4.4.4: without the language flag names are in the code page of DOS.
        return name.decode("cp437")


def _wide(extra: bytes) -> Iterator[int]:
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if kind == _WIDE:
            data = extra[position + 4 : position + 4 + length]
            yield from (number for (number,) in struct.iter_unpack("<Q", data[: len(data) & ~7]))
        position += 4 + length


def _directory(source: Readable) -> _Directory:
    start = max(0, source.size - _COMMENT)
    tail = source.at(start, _COMMENT)
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise MalformedContainer("ZIP: no central directory; the file is cut")
    end = start + at
    length, offset = struct.unpack_from("<2I", tail, at + 12)
    if 0xFFFFFFFF in (length, offset):
        end, length, offset = _wide_directory(source, end)
    if offset + length > end:
        raise MalformedContainer("ZIP: the central directory lies outside of the file")
    return _Directory(end - length, end, end - length - offset)


def _wide_directory(source: Readable, end: int) -> tuple[int, int, int]:
    """End, length and offset of the directory of an archive with 64-bit numbers."""
    place = source.at(end - 20, 20) if end >= 20 else b""
    position = int.from_bytes(place[8:16], "little")
    head = source.at(position, 56)
    if place[:4] != _WIDE_PLACE or head[:4] != _WIDE_END or len(head) < 56 or position > end:
        raise MalformedContainer("ZIP: no 64-bit end of the central directory")
    length, offset = struct.unpack_from("<2Q", head, 40)
    return position, length, offset

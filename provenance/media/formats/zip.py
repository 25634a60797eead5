"""ZIP (PKWARE's APPNOTE): the members of an archive, as its central directory lists them.

Layout, little-endian: each member is a local header (`PK 3 4`), its name and its data. Behind the last one comes the
central directory, an entry (`PK 1 2`) for each member, and the end of the directory (`PK 5 6`) with its length, its
offset and a comment. Archives with large numbers have a second end (`PK 6 6`) and its place (`PK 6 7`). A name is text:
no file is written.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.formats.unpacking import DecompressedStream
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_LOCAL = b"PK\x03\x04"
_LOCAL_LENGTH = 30
_ENTRY = b"PK\x01\x02"
_ENTRY_LENGTH = 46
_END = b"PK\x05\x06"
_END_LENGTH = 22
_WIDE_END = b"PK\x06\x06"
_WIDE_END_LENGTH = 56
_WIDE_LOCATOR = b"PK\x06\x07"
_WIDE_LOCATOR_LENGTH = 20
"""Signatures of the records, and bytes of each without the texts of variable length behind it."""
_END_REACH = 0xFFFF + _END_LENGTH
"""Bytes from the end of the file in which the end of the directory is: a comment has a length of 16 bits."""
_WIDE_FIELD = 0x0001
"""Extra field with the numbers that need 64 bits."""
_IN_WIDE_FIELD = 0xFFFFFFFF
"""Value of a number that needs 64 bits."""
_METHODS = {0: "stored", 8: "deflate", 12: "bzip2"}

_ENCRYPTED = 0x0001
_SIZES_FOLLOW = 0x0008
_UTF8_NAME = 0x0800
"""Flags of a member."""


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One member; `offset` is that of its own header, `packed` and `size` are the bytes that the archive gives."""

    name: str
    method: str
    """A name of `unpacking.DECOMPRESSORS`, else the number of a method that is not supported."""
    encrypted: bool
    offset: int
    packed: int
    size: int
    """Decompressed; 0 where the archive does not give it."""


@dataclass(frozen=True, slots=True)
class _Directory:
    start: int
    end: int
    shift: int
    """Bytes before the archive that its offsets do not count."""


def walk_members(source: Readable) -> Iterator[ZipMember]:
    """Walk every member that is not a folder, in the order of the directory; without one, in that of their own headers.

    Raises `MalformedContainer` where there is no directory or it is cut, `OversizedContainer` beyond `limits.chunks`
    members, or when members overlap: that is a way to unpack a small file for ever.
    """
    try:
        directory = _find_directory(source)
    except MalformedContainer:
        yield from _walk_local_headers(source)
        raise
    position = directory.start
    left = source.limits.chunks
    total_packed = 0
    while position < directory.end:
        head = source.at(position, _ENTRY_LENGTH)
        if head[:4] != _ENTRY or len(head) < _ENTRY_LENGTH:
            raise MalformedContainer(f"ZIP: no entry of the directory at byte {position}")
        name_length, extra_length, comment_length = struct.unpack_from("<3H", head, 28)
        name_start = position + _ENTRY_LENGTH
        extra_start = name_start + name_length
        name = source.at(name_start, name_length)
        extra = source.at(extra_start, extra_length)
        member = _parse_entry(head, name, extra, directory.shift)
        left -= 1
        total_packed += member.packed
        if left < 0:
            raise OversizedContainer(f"ZIP: more than {source.limits.chunks:,} members")
        if total_packed > source.size:
            raise OversizedContainer(f'ZIP: members overlap, "{member.name}" among them')
        if not member.name.endswith("/"):
            yield member
        position = extra_start + extra_length + comment_length


def open_member(source: Readable, member: ZipMember) -> DecompressedStream:
    """Open the content of a member. Raises `MalformedContainer` when it is not where the directory says."""
    head = source.at(member.offset, _LOCAL_LENGTH)
    if head[:4] != _LOCAL or len(head) < _LOCAL_LENGTH:
        raise MalformedContainer(f"ZIP: no member at byte {member.offset}")
    name_length, extra_length = struct.unpack_from("<2H", head, 26)
    start = member.offset + _LOCAL_LENGTH + name_length + extra_length
    return DecompressedStream(source, start, member.packed, member.method)


def _parse_entry(head: bytes, name: bytes, extra: bytes, shift: int) -> ZipMember:
    flags, method = struct.unpack_from("<2H", head, 8)
    packed, size = struct.unpack_from("<2I", head, 20)
    (offset,) = struct.unpack_from("<I", head, 42)
    # APPNOTE 4.5.3: only the numbers that need it are in the extra field, always in this order.
    wide_numbers = _walk_wide_numbers(extra)
    if size == _IN_WIDE_FIELD:
        size = next(wide_numbers, size)
    if packed == _IN_WIDE_FIELD:
        packed = next(wide_numbers, packed)
    if offset == _IN_WIDE_FIELD:
        offset = next(wide_numbers, offset)
    return ZipMember(
        name=_decode_name(name, flags),
        method=_METHODS.get(method, str(method)),
        encrypted=bool(flags & _ENCRYPTED),
        offset=offset + shift,
        packed=packed,
        size=size,
    )


def _walk_local_headers(source: Readable) -> Iterator[ZipMember]:
    """Walk the members by their own headers, each at most up to the next one."""
    starts = list(itertools.islice(_find_local_headers(source), source.limits.chunks))
    for start, following in itertools.pairwise([*starts, source.size]):
        head = source.at(start, _LOCAL_LENGTH)
        if len(head) < _LOCAL_LENGTH:
            return
        flags, method = struct.unpack_from("<2H", head, 6)
        packed, size, name_length, extra_length = struct.unpack_from("<2I2H", head, 18)
        room = max(0, following - start - _LOCAL_LENGTH - name_length - extra_length)
        packed = min(packed, room)
        # The writer did not know the sizes yet; they are behind the data, which cannot be found without them.
        if flags & _SIZES_FOLLOW:
            packed = room
            size = 0
        name = _decode_name(source.at(start + _LOCAL_LENGTH, name_length), flags)
        if not name.endswith("/"):
            is_encrypted = bool(flags & _ENCRYPTED)
            yield ZipMember(name, _METHODS.get(method, str(method)), is_encrypted, start, packed, size)


def _find_local_headers(source: Readable) -> Iterator[int]:
    """Offsets of the signatures of local headers."""
    step = source.limits.block
    for start in range(0, source.size, step):
        # A signature may lie across the end of a block.
        window = source.at(start, step + len(_LOCAL) - 1)
        position = window.find(_LOCAL)
        while position >= 0:
            yield start + position
            position = window.find(_LOCAL, position + 1)


def _decode_name(name: bytes, flags: int) -> str:
    # Many writers use UTF-8 without the flag that says so.
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        if flags & _UTF8_NAME:
            return name.decode("utf-8", "replace")
        # APPNOTE 4.4.4: without the language flag names are in the code page of DOS.
        return name.decode("cp437")


def _walk_wide_numbers(extra: bytes) -> Iterator[int]:
    """The 64-bit numbers among the extra fields of an entry, each of which is a kind, a length and the data."""
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        position += 4
        if kind == _WIDE_FIELD:
            data = extra[position : position + length]
            for (number,) in struct.iter_unpack("<Q", data[: len(data) & ~7]):
                yield number
        position += length


def _find_directory(source: Readable) -> _Directory:
    tail_start = max(0, source.size - _END_REACH)
    tail = source.at(tail_start, _END_REACH)
    position = tail.rfind(_END)
    if position < 0 or len(tail) < position + _END_LENGTH:
        raise MalformedContainer("ZIP: the central directory is missing; the file is cut")
    end = tail_start + position
    length, offset = struct.unpack_from("<2I", tail, position + 12)
    if _IN_WIDE_FIELD in (length, offset):
        end, length, offset = _read_wide_end(source, end)
    if offset + length > end:
        raise MalformedContainer("ZIP: the central directory lies outside of the file")
    # The directory ends where its end record begins. Where its offset points instead shows how many bytes precede the
    # archive, such as a program that unpacks it.
    start = end - length
    return _Directory(start, end, start - offset)


def _read_wide_end(source: Readable, end: int) -> tuple[int, int, int]:
    """End, length and offset of the directory of an archive with 64-bit numbers; `end` is that of its locator."""
    locator = source.at(end - _WIDE_LOCATOR_LENGTH, _WIDE_LOCATOR_LENGTH)
    position = int.from_bytes(locator[8:16], "little")
    head = source.at(position, _WIDE_END_LENGTH)
    has_records = locator[:4] == _WIDE_LOCATOR and head[:4] == _WIDE_END
    if not has_records or len(head) < _WIDE_END_LENGTH or position > end:
        raise MalformedContainer("ZIP: the 64-bit end of the central directory is missing")
    length, offset = struct.unpack_from("<2Q", head, 40)
    return position, length, offset

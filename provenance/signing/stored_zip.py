"""ZIP archives without compression whose bytes follow from their members alone, written and read back strictly.

Members stand in the byte order of their names, with one fixed time, no extra fields, no comments and nothing before,
between or behind them. So an archive can be checked by building it again from what it contains, and every trick that
shows two readers two different contents changes a byte: a name twice, data behind the end record, a local header that
says something else than the directory.
"""

from __future__ import annotations

import hashlib
import os
import re
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from provenance.errors import ProvenanceError

MOST_MEMBERS = 0xFFFE
LARGEST = 0xFFFF_FFFE
"""Bytes of the largest archive: more would need the fields of ZIP64."""
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 10
"""Version 1.0 of the format is enough for members without compression."""
_UNIX = 3 << 8
_TIME, _DATE = 0, (0 << 9) | (1 << 5) | 1
"""1 January 1980, 0:00."""
_MODE = 0o100644 << 16
"""A regular file that everybody may read."""
_BLOCK = 1024 * 1024
_LARGEST_DIRECTORY = 32 * 1024 * 1024
"""Bytes of the directory of as many members as there may be, with names twice as long as any of ours."""
_SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


@dataclass(frozen=True, slots=True)
class Stored:
    """What a header says of a member."""

    name: str
    size: int
    crc: int


@dataclass(frozen=True, slots=True)
class FoundMember:
    """A member of an archive that was read."""

    stored: Stored
    offset: int
    """Of its content, in the archive."""
    sha256: str
    """Hex digest of its content."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was read."""

    members: tuple[FoundMember, ...]
    """In the order of the directory. None of them is outside of the archive's own folder."""
    problems: tuple[str, ...]
    """Why it is not one that this module wrote; empty for one that is."""
    unsafe: tuple[str, ...] = ()
    """Names that a careless program would write somewhere else."""


def write(members: Iterable[tuple[Stored, str]], file: BinaryIO) -> None:
    """Write an archive of files. `members`: each with the path of the file that has exactly its content.

    Raises `ProvenanceError` for more or larger files than the format holds.
    """
    directory = []
    offset = 0
    for stored, path in sorted(members, key=lambda member: member[0].name.encode()):
        header = _render_local(stored)
        file.write(header)
        with open(path, "rb") as content:
            while piece := content.read(_BLOCK):
                file.write(piece)
        directory.append(_render_central(stored, offset))
        offset += len(header) + stored.size
        if offset > LARGEST or len(directory) > MOST_MEMBERS:
            raise ProvenanceError(
                "the bundle is too large for one zip file", "report on a part of the delivery at a time"
            )
    central = b"".join(directory)
    file.write(central + _render_end(len(directory), len(central), offset))


def read(file: BinaryIO) -> Archive:
    """Read an archive that may be anybody's. Never writes, unpacks or follows anything; raises only `OSError`."""
    size = file.seek(0, os.SEEK_END)
    directory, start, problem = _read_directory(file, size)
    if problem:
        return Archive((), (problem,))
    members: list[FoundMember] = []
    problems: list[str] = []
    unsafe: list[str] = []
    seen: set[str] = set()
    total = 0
    for row in directory:
        total += row.stored.size
        if total > size:
            # Members that share bytes would be digested over and over.
            problems.append("has members that overlap")
            break
        if not _SAFE_NAME.fullmatch(row.stored.name):
            unsafe.append(row.stored.name)
            continue
        if row.stored.name in seen:
            problems.append(f"contains {row.stored.name} twice")
            continue
        seen.add(row.stored.name)
        found = _read_member(file, row, start)
        if found is None:
            problems.append(f"{row.stored.name} is compressed, encrypted or not where the directory says")
        else:
            members.append(found)
    if not problems and not unsafe and not _is_as_written(file, members, size):
        problems.append(
            "was not written by this program in this form: it was packed again, or bytes in it were changed"
        )
    return Archive(tuple(members), tuple(problems), tuple(unsafe))


@dataclass(frozen=True, slots=True)
class _DirectoryRow:
    stored: Stored
    method: int
    packed_size: int
    header_offset: int


def _read_directory(file: BinaryIO, size: int) -> tuple[list[_DirectoryRow], int, str]:
    """The rows of the directory, where it begins, and why it cannot be read."""
    cut = "is not a whole zip file: it is cut short, or something stands behind its end"
    if size < _END.size:
        return [], 0, cut
    file.seek(size - _END.size)
    # Searched for nowhere else: an end record followed by other bytes is what hides a second archive.
    mark, _, _, _, count, length, start, _ = _END.unpack(file.read(_END.size))
    if mark != b"PK\5\6" or start + length > size - _END.size or length > _LARGEST_DIRECTORY:
        return [], 0, cut
    file.seek(start)
    raw = file.read(length)
    rows = []
    position = 0
    for _ in range(count):
        if position + _CENTRAL.size > len(raw):
            return [], 0, "has a directory that ends too early"
        fields = _CENTRAL.unpack_from(raw, position)
        if fields[0] != b"PK\1\2":
            return [], 0, "has a directory that cannot be read"
        method, crc, packed, plain = fields[4], fields[7], fields[8], fields[9]
        name_length, extra_length, comment_length = fields[10:13]
        begin = position + _CENTRAL.size
        name = raw[begin : begin + name_length].decode("utf-8", "backslashreplace")
        rows.append(_DirectoryRow(Stored(name, plain, crc), method, packed, fields[16]))
        position = begin + name_length + extra_length + comment_length
    return rows, start, ""


def _read_member(file: BinaryIO, row: _DirectoryRow, end: int) -> FoundMember | None:
    """The digests of a member that lies before the directory; None when it is not stored there as it is."""
    file.seek(row.header_offset)
    raw = file.read(_LOCAL.size)
    if row.method or row.packed_size != row.stored.size or len(raw) < _LOCAL.size or not raw.startswith(b"PK\3\4"):
        return None
    name_length, extra_length = _LOCAL.unpack(raw)[9:11]
    offset = row.header_offset + _LOCAL.size + name_length + extra_length
    if offset + row.stored.size > end:
        return None
    file.seek(offset)
    sha, crc, left = hashlib.sha256(), 0, row.stored.size
    while left:
        piece = file.read(min(left, _BLOCK))
        if not piece:
            return None
        sha.update(piece)
        crc = zlib.crc32(piece, crc)
        left -= len(piece)
    return FoundMember(Stored(row.stored.name, row.stored.size, crc), offset, sha.hexdigest())


def _is_as_written(file: BinaryIO, members: list[FoundMember], size: int) -> bool:
    """Whether the archive is the one that `write` makes of these members. Their contents were digested already."""
    directory = []
    offset = 0
    names = [member.stored.name.encode() for member in members]
    if names != sorted(names):
        return False
    for member in members:
        header = _render_local(member.stored)
        file.seek(offset)
        if file.read(len(header)) != header or member.offset != offset + len(header):
            return False
        directory.append(_render_central(member.stored, offset))
        offset = member.offset + member.stored.size
    central = b"".join(directory)
    tail = central + _render_end(len(directory), len(central), offset)
    file.seek(offset)
    return size == offset + len(tail) and file.read(len(tail)) == tail


def _render_local(stored: Stored) -> bytes:
    name = stored.name.encode("ascii")
    numbers = (stored.crc, stored.size, stored.size, len(name), 0)
    return _LOCAL.pack(b"PK\3\4", _VERSION, 0, 0, _TIME, _DATE, *numbers) + name


def _render_central(stored: Stored, offset: int) -> bytes:
    name = stored.name.encode("ascii")
    numbers = (stored.crc, stored.size, stored.size, len(name), 0, 0, 0, 0, _MODE, offset)
    return _CENTRAL.pack(b"PK\1\2", _UNIX | _VERSION, _VERSION, 0, 0, _TIME, _DATE, *numbers) + name


def _render_end(count: int, length: int, offset: int) -> bytes:
    return _END.pack(b"PK\5\6", 0, 0, count, count, length, offset, 0)


def compute_crc(content: bytes) -> int:
    """The checksum that the format has for a member."""
    return zlib.crc32(content)


def read_member(file: BinaryIO, archive: Archive, name: str, most: int) -> bytes | None:
    """The content of a member, at most so many bytes; None when there is no member of that name."""
    for member in archive.members:
        if member.stored.name == name:
            file.seek(member.offset)
            return file.read(min(member.stored.size, most))
    return None

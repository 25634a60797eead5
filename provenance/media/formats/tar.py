"""tar (POSIX.1-2001 pax, and the formats before it): members read forward, so that the archive may be compressed.

Layout: for each member a header of 512 bytes, then its data, padded to full blocks of 512. The header holds the name
(byte 0), the size in octal digits (124), a checksum (148) and a type (156). Members of type `L` (GNU) and `x` (pax)
hold a long name, or other fields, of the member behind them. Zeros end the archive. A name is text: no file is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from provenance.limits import Limits
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text

_BLOCK = 512
"""Bytes of a header; data is padded to a multiple of it."""
_REGULAR_FILES = frozenset(b"0\x007")
"""Types of a file, of a file in archives from before POSIX, and of a contiguous file."""
_LONG_NAME = ord("L")
_EXTENDED_HEADER = ord("x")
_SPARSE = ord("S")
_NO_DATA = frozenset(b"123456")
"""Types of links, devices, folders and pipes: no data follows, whatever size they give."""
_OCTAL_DIGITS = frozenset(b"01234567")
_MOST_DIGITS = 19
"""Decimal digits of a size that fits 64 bits."""


class ForwardStream(Protocol):
    """Bytes read forward: a file from its beginning, or the content of a compressed one."""

    def read(self, length: int) -> bytes:
        """Read the next `length` bytes; fewer at the end."""

    def skip(self, length: int) -> None:
        """Pass over the next `length` bytes."""


@dataclass(slots=True)
class FileStream:
    """A file as a stream."""

    source: Readable
    position: int = 0

    def read(self, length: int) -> bytes:
        """Read the next `length` bytes; fewer at the end."""
        data = self.source.at(self.position, length)
        self.position += len(data)
        return data

    def skip(self, length: int) -> None:
        """Pass over the next `length` bytes."""
        self.position += length


@dataclass(slots=True)
class TarMember:
    """One file; it can be read until the next one is asked for."""

    name: str
    size: int
    """Bytes."""
    is_sparse: bool
    """Whether ranges that are all zeros were left out of its data."""
    stream: ForwardStream
    left: int
    """Bytes that were not read yet."""

    def read(self, length: int) -> bytes:
        """Read its next `length` bytes; fewer at the end. Raises `MalformedContainer` where the archive is cut."""
        wanted = min(length, self.left)
        data = self.stream.read(wanted)
        if len(data) < wanted:
            raise MalformedContainer(f'tar: the archive ends inside "{self.name}"')
        self.left -= wanted
        return data


def walk_members(stream: ForwardStream, limits: Limits) -> Iterator[TarMember]:
    """Walk every regular file, in order.

    Raises `MalformedContainer` where a header is missing, `OversizedContainer` beyond `limits.chunks` headers.
    """
    long_name = ""
    fields: dict[str, str] = {}
    for _ in range(limits.chunks):
        header = stream.read(_BLOCK)
        # A block of zeros ends the archive; some writers leave it out.
        if not header.strip(b"\0"):
            return
        _verify_checksum(header)
        size = _read_size(header)
        kind = header[156]
        if kind == _EXTENDED_HEADER:
            fields = _parse_fields(_read_metadata(stream, size, limits))
            continue
        if kind == _LONG_NAME:
            long_name = decode_text(_read_metadata(stream, size, limits))
            continue
        # A pax header gives sizes that are too large for octal digits.
        size = _parse_decimal(fields.get("size"), size)
        if kind in _NO_DATA:
            size = 0
        name = fields.get("path") or long_name or _read_name(header)
        member = TarMember(name, size, kind == _SPARSE, stream, size)
        if kind in _REGULAR_FILES or member.is_sparse:
            yield member
        # The rest that was not read, and the padding.
        stream.skip(member.left + -size % _BLOCK)
        long_name = ""
        fields = {}
    raise OversizedContainer(f"tar: more than {limits.chunks:,} headers")


def _verify_checksum(header: bytes) -> None:
    """Verify the sum of all bytes, with spaces in place of the checksum: nothing else tells a header from data."""
    digits = header[148:156].split(b"\0")[0].strip()
    counted = header[:148] + b" " * 8 + header[156:]
    is_octal = bool(digits) and set(digits) <= _OCTAL_DIGITS
    if len(header) < _BLOCK or not is_octal or int(digits, 8) != sum(counted):
        raise MalformedContainer("tar: a header is missing or damaged")


def _read_size(header: bytes) -> int:
    field = header[124:136]
    # GNU tar: the highest bit says that the number is binary, because it is too large for octal digits.
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    try:
        return int(digits or b"0", 8)
    except ValueError:
        raise MalformedContainer("tar: the size of a member is not a number") from None


def _read_name(header: bytes) -> str:
    name = decode_text(header[:100].split(b"\0")[0])
    prefix = decode_text(header[345:500].split(b"\0")[0])
    # Only POSIX headers have a prefix; GNU's keep other things there.
    if prefix and header[257:263] == b"ustar\0":
        return f"{prefix}/{name}"
    return name


def _read_metadata(stream: ForwardStream, size: int, limits: Limits) -> bytes:
    """Read the data of a member that describes the one behind it."""
    if size > limits.packet:
        raise OversizedContainer(f"tar: a name or header of {size:,} bytes was not read")
    data = stream.read(size)
    stream.skip(-size % _BLOCK)
    return data


def _parse_fields(data: bytes) -> dict[str, str]:
    """Parse the records of a pax header, up to the first damaged one.

    A record is `27 path=folder/file.png` and a line feed; the length counts all of it.
    """
    fields: dict[str, str] = {}
    position = 0
    while position < len(data):
        digits, _, _ = data[position : position + 20].partition(b" ")
        length = _parse_decimal(decode_text(digits), 0)
        record = data[position + len(digits) + 1 : position + length - 1]
        key, equals, value = record.partition(b"=")
        if not length or not equals:
            return fields
        fields[decode_text(key)] = decode_text(value)
        position += length
    return fields


def _parse_decimal(text: str | None, default: int) -> int:
    if not text or len(text) > _MOST_DIGITS:
        return default
    if not text.isascii() or not text.isdigit():
        return default
    return int(text)

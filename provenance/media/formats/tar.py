"""tar: members one behind the other, read forward, so that it may be packed as a whole. Names lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from provenance.limits import Limits
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text

_BLOCK = 512
_FILES, _LONG_NAME, _WORDS, _SPARSE = frozenset(b"0\x007"), ord("L"), ord("x"), ord("S")
_NO_DATA = frozenset(b"123456")
"""Links, devices, folders and pipes: whatever size they say, nothing follows."""


class ForwardStream(Protocol):
    """Bytes read forward: a file from its beginning, or what is unpacked of one."""

    def read(self, length: int) -> bytes:
        """The next `length` bytes; fewer at the end."""

    def skip(self, length: int) -> None:
        """Pass over the next `length` bytes."""


@dataclass(slots=True)
class FileStream:
    """A file as a stream."""

    source: Readable
    position: int = 0

    def read(self, length: int) -> bytes:
        """The next `length` bytes; fewer at the end."""
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
    is_sparse: bool
    """Whether the stretches that are all zeros were left out of its data."""
    stream: ForwardStream
    left: int

    def read(self, length: int) -> bytes:
        """The next `length` bytes of it; fewer at the end. Raises `MalformedContainer` where the archive is cut."""
        wanted = min(length, self.left)
        data = self.stream.read(wanted)
        if len(data) < wanted:
            raise MalformedContainer(f'tar: ends inside "{self.name}"')
        self.left -= wanted
        return data


def walk_members(stream: ForwardStream, limits: Limits) -> Iterator[TarMember]:
    """Every regular file, in order.

    Raises `MalformedContainer` where no header stands, `OversizedContainer` beyond `limits.chunks` headers.
    """
    name, words = "", dict[str, str]()
    for _ in range(limits.chunks):
        head = stream.read(_BLOCK)
        if not head.strip(b"\0"):  # the end; some writers leave it out
            return
        size, kind = _size(head), head[156]
        if kind in (_LONG_NAME, _WORDS):
            header = _read_long_name(stream, size, limits)
            if kind == _WORDS:
                words = _pairs(header)
            else:
                name = decode_text(header)
            continue
        size = 0 if kind in _NO_DATA else _number(words.get("size"), size)
        member = TarMember(words.get("path") or name or _name(head), size, kind == _SPARSE, stream, size)
        if kind in _FILES or member.is_sparse:
            yield member
        stream.skip(member.left + -size % _BLOCK)
        name, words = "", {}
    raise OversizedContainer(f"tar: more than {limits.chunks} headers")


def _size(head: bytes) -> int:
    """The size in a header, which is checked by its sum."""
    said = head[148:156].split(b"\0")[0].strip()
    octets = head[:148] + b" " * 8 + head[156:]
    if len(head) < _BLOCK or not said.isdigit() or not set(said) <= set(b"01234567") or int(said, 8) != sum(octets):
        raise MalformedContainer("tar: no header where one must stand")
    field = head[124:136]
    if field[0] & 0x80:  # too large for octal digits
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    digits = field.split(b"\0")[0].strip()
    try:
        return int(digits or b"0", 8)
    except ValueError:
        raise MalformedContainer("tar: a size that is no number") from None


def _name(head: bytes) -> str:
    name, prefix = decode_text(head[:100].split(b"\0")[0]), decode_text(head[345:500].split(b"\0")[0])
    # Only POSIX headers have a prefix; GNU's keep other things there.
    if prefix and head[257:263] == b"ustar\0":
        return f"{prefix}/{name}"
    return name


def _read_long_name(stream: ForwardStream, size: int, limits: Limits) -> bytes:
    """What a header says of the one behind it."""
    if size > limits.packet:
        raise OversizedContainer(f"tar: a name of {size} bytes")
    data = stream.read(size)
    stream.skip(-size % _BLOCK)
    return data


def _pairs(data: bytes) -> dict[str, str]:
    """The records of an extended header: `27 path=folder/file.png` and a line feed, the length counting all of it."""
    pairs, position = dict[str, str](), 0
    while position < len(data):
        digits, _, _ = data[position : position + 20].partition(b" ")
        length = _number(decode_text(digits), 0)
        key, equals, value = data[position + len(digits) + 1 : position + length - 1].partition(b"=")
        if not length or not equals:
            return pairs
        pairs[decode_text(key)] = decode_text(value)
        position += length
    return pairs


def _number(text: str | None, otherwise: int) -> int:
    if text and len(text) < 20 and text.isascii() and text.isdigit():
        return int(text)
    return otherwise

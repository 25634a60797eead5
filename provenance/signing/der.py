"""DER (ITU-T X.690), as far as a time-stamp reply needs it: values within values, each with a tag and a length."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

INTEGER, OCTET_STRING, NULL, OID, SEQUENCE, SET, GENERALIZED_TIME, BOOLEAN = 2, 4, 5, 6, 0x30, 0x31, 0x18, 1
CONTEXT = 0xA0
"""Tag of a constructed value with the context-specific number 0; add the number."""
_LONG = 0x80
_MOST_LENGTH_BYTES = 4


@dataclass(frozen=True, slots=True)
class Value:
    """One value. `raw` is all of it, with tag and length; `content` what is in it."""

    tag: int
    content: bytes
    raw: bytes

    def list(self) -> list[Value]:
        """The values in a constructed one. Raises `ValueError` when they are not whole."""
        return list(_read_all(self.content))

    @property
    def number(self) -> int:
        """Of an INTEGER."""
        return int.from_bytes(self.content, "big", signed=True)


def read(raw: bytes, tag: int) -> Value:
    """The one value in these bytes. Raises `ValueError` for another tag, and for bytes behind it."""
    values = list(_read_all(raw))
    if len(values) != 1 or values[0].tag != tag:
        raise ValueError("not the expected DER value")
    return values[0]


def write(tag: int, *contents: bytes) -> bytes:
    """A value with these contents, one after the other."""
    content = b"".join(contents)
    size = len(content)
    if size < _LONG:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, _LONG | len(length)]) + length + content


def _read_all(raw: bytes) -> Iterator[Value]:
    position = 0
    while position < len(raw):
        header = raw[position : position + 2]
        if len(header) != 2:
            raise ValueError("a DER value ends too early")
        start, size = position + 2, header[1]
        if size & _LONG:
            count = size & ~_LONG
            # Zero would be the indefinite length, which DER forbids.
            if not 0 < count <= _MOST_LENGTH_BYTES:
                raise ValueError("a DER value has no definite length")
            size = int.from_bytes(raw[start : start + count], "big")
            start += count
        end = start + size
        if end > len(raw):
            raise ValueError("a DER value ends too early")
        yield Value(header[0], raw[start:end], raw[position:end])
        position = end

"""Write a TIFF of one directory (TIFF 6.0) around pixels that are packed already, so that decoders know what they are.

Nothing is unpacked or packed again: the same pixels make the same file, whatever library is installed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

SHORT = 3
LONG = 4
UNDEFINED = 7
"""Types of values: 16 bits, 32 bits, bytes without a meaning."""

_STRIP_OFFSETS = 273
_STRIP_BYTE_COUNTS = 279
_HEADER_LENGTH = 8
_ENTRY_LENGTH = 12
_CODES = {SHORT: "H", LONG: "I"}


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A field to be written: its type, how many values it has, and their bytes in the byte order of the file."""

    kind: int
    count: int
    data: bytes


def encode_numbers(kind: int, numbers: Sequence[int], order: str) -> FieldValue:
    """Encode numbers of 16 or 32 bits; `order` is `<` or `>`."""
    return FieldValue(kind, len(numbers), struct.pack(f"{order}{len(numbers)}{_CODES[kind]}", *numbers))


def write_tiff(
    fields: Mapping[int, FieldValue],
    pieces: Sequence[bytes],
    order: str,
    tags: tuple[int, int] = (_STRIP_OFFSETS, _STRIP_BYTE_COUNTS),
) -> bytes:
    """Write a file with these fields by tag, and the pieces of its picture; `order` is `<` or `>`.

    `tags`: under which tags the offsets and the lengths of the pieces are listed, those of strips or of tiles.
    """
    offsets_tag, lengths_tag = tags
    everything = dict(fields)
    everything[lengths_tag] = encode_numbers(LONG, [len(piece) for piece in pieces], order)
    # The offsets are known when everything before the pieces has its place; until then zeros keep the room.
    everything[offsets_tag] = encode_numbers(LONG, [0] * len(pieces), order)
    position = _HEADER_LENGTH + 2 + _ENTRY_LENGTH * len(everything) + 4
    position += sum(_measure_outside(value) for value in everything.values())
    offsets: list[int] = []
    for piece in pieces:
        offsets.append(position)
        position += len(piece) + len(piece) % 2
    everything[offsets_tag] = encode_numbers(LONG, offsets, order)
    return b"".join((*_write_directory(everything, order), *map(_pad, pieces)))


def _write_directory(fields: Mapping[int, FieldValue], order: str) -> Iterable[bytes]:
    """Write the header, the directory, and the values that are too long for their entries."""
    mark = b"II" if order == "<" else b"MM"
    yield mark + struct.pack(f"{order}HI", 42, _HEADER_LENGTH)
    yield struct.pack(f"{order}H", len(fields))
    position = _HEADER_LENGTH + 2 + _ENTRY_LENGTH * len(fields) + 4
    outside: list[bytes] = []
    for tag, value in sorted(fields.items()):
        yield struct.pack(f"{order}HHI", tag, value.kind, value.count)
        if _measure_outside(value):
            yield struct.pack(f"{order}I", position)
            position += _measure_outside(value)
            outside.append(_pad(value.data))
        else:
            yield value.data.ljust(4, b"\0")
    # No further directory.
    yield bytes(4)
    yield from outside


def _measure_outside(value: FieldValue) -> int:
    """Bytes that a value takes behind the directory: none if it fits into its entry."""
    if len(value.data) <= 4:
        return 0
    return len(value.data) + len(value.data) % 2


def _pad(data: bytes) -> bytes:
    """Values and pieces begin at even offsets."""
    return data + b"\0" * (len(data) % 2)

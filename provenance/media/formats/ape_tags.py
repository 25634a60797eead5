"""APE tags (APEv1 and APEv2): the items of the tag, at the end of a file or at its beginning.

Layout, little-endian: perhaps a header, items, a footer. Header and footer have 32 bytes: `APETAGEX`, the version, the
length of the items and the footer, the count of items, flags, eight zeros. An item is the length of its value, flags
(bits 1 and 2: 0 for text in UTF-8, 1 for bytes, 2 for a place of the value elsewhere), a key that ends with a zero, and
the value. An ID3v1 tag of 128 bytes, and a Lyrics3 tag before it, may stand behind the tag.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_MARK = b"APETAGEX"
_FRAME = 32
"""Bytes of the header and of the footer."""
_ID3V1 = 128
_LYRICS3_END = b"LYRICS200"
_LYRICS3_SIZE = 6
"""Digits of the length that stand before that mark; the length counts neither of the two."""
_HAS_HEADER = 1 << 31
_IS_HEADER = 1 << 29
_LONGEST_KEY = 255
_BYTES = 1


@dataclass(frozen=True, slots=True)
class ApeItem:
    """One item; `offset` is that of the item in the file."""

    key: str
    value: bytes
    is_binary: bool
    offset: int


class _Tag(NamedTuple):
    """Where the items are, in bytes from the beginning of the file, and how many there should be."""

    start: int
    end: int
    items: int


def walk_items(source: Readable) -> Iterator[ApeItem]:
    """Walk the items of the tags at the end and at the beginning of the file.

    Raises `MalformedContainer` behind the last readable one where a tag is damaged, `OversizedContainer` for an item of
    more than `limits.child` bytes and beyond `limits.chunks` items.
    """
    for tag in _find_tags(source):
        yield from _walk_tag(source, tag)


def _find_tags(source: Readable) -> Iterator[_Tag]:
    head = source.at(0, _FRAME)
    if head.startswith(_MARK) and len(head) == _FRAME:
        _, length, count, flags = struct.unpack_from("<IIII", head, 8)
        if flags & _IS_HEADER:
            yield _Tag(_FRAME, _FRAME + max(0, length - _FRAME), count)
    footer_start = _find_footer(source)
    if footer_start is None:
        return
    _, length, count, flags = struct.unpack_from("<IIII", source.at(footer_start, _FRAME), 8)
    start = footer_start + _FRAME - length
    # The footer of a tag that was read from its header already.
    if flags & _HAS_HEADER and start == _FRAME and head.startswith(_MARK):
        return
    if not 0 <= start <= footer_start:
        raise MalformedContainer(f"APE: the tag that ends at byte {footer_start + _FRAME} is longer than the file")
    yield _Tag(start, footer_start, count)


def _find_footer(source: Readable) -> int | None:
    """Offset of the footer of the last tag; None without one."""
    end = source.size
    if source.at(end - _ID3V1, 3) == b"TAG":
        end -= _ID3V1
    if source.at(end - len(_LYRICS3_END), len(_LYRICS3_END)) == _LYRICS3_END:
        digits = source.at(end - len(_LYRICS3_END) - _LYRICS3_SIZE, _LYRICS3_SIZE)
        if digits.isdigit():
            end -= int(digits) + len(_LYRICS3_END) + _LYRICS3_SIZE
    footer_start = end - _FRAME
    footer = source.at(footer_start, _FRAME)
    return footer_start if footer.startswith(_MARK) and len(footer) == _FRAME else None


def _walk_tag(source: Readable, tag: _Tag) -> Iterator[ApeItem]:
    position = tag.start
    for index in range(tag.items):
        if index >= source.limits.chunks:
            raise OversizedContainer(f"APE: more than {source.limits.chunks:,} items; the rest was not read")
        head = source.at(position, min(8 + _LONGEST_KEY + 1, tag.end - position))
        key, zero, _ = head[8:].partition(b"\0")
        length = int.from_bytes(head[:4], "little")
        start = position + 8 + len(key) + 1
        if not zero or start + length > min(tag.end, source.size):
            raise MalformedContainer(f"APE: the tag ends inside the item at byte {position}")
        if length > source.limits.child:
            raise OversizedContainer(f"APE: the item at byte {position} has more than {source.limits.child:,} bytes")
        kind = int.from_bytes(head[4:8], "little") >> 1 & 3
        yield ApeItem(key.decode("latin-1"), source.at(start, length), kind == _BYTES, position)
        position = start + length

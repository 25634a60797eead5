"""ID3v2, in all its versions: the frames of a tag, each under its four letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.limits import Limits
from provenance.media import types
from provenance.media.formats import riff
from provenance.media.readable import Block, MalformedContainer, OversizedContainer, Readable, Tail
from provenance.media.text import decode_text, decode_utf16, inflate

MEDIA = types.select_names(lambda row: row.has_id3)
"""Media types in which tags are looked for."""

_HEAD = 10
_SHORT = {
    "COM": "COMM", "GEO": "GEOB", "PIC": "APIC", "TXX": "TXXX", "ULT": "USLT", "WXX": "WXXX", "WAS": "WOAS",
    "WAF": "WOAF", "TEN": "TENC", "TSS": "TSSE", "TT2": "TIT2", "TP1": "TPE1", "TCM": "TCOM", "TCR": "TCOP",
}  # fmt: skip
"""Frames of version 2.2 and their later names; others keep their three letters."""
_NAME = re.compile(r"[A-Z][A-Z0-9]{2,3} ?")
_WIDE = (b"\1", b"\2")
"""Encodings of two bytes a letter."""
_MOST_TAGS = 8


@dataclass(frozen=True, slots=True)
class Id3Frame:
    """One frame, unpacked; `offset` is that of its header in the file."""

    id: str
    offset: int
    data: bytes


def walk_frames(source: Readable, media_type: str) -> Iterator[Id3Frame]:
    """Every frame of every tag of the file.

    Raises `MalformedContainer` after the last readable one where a tag is damaged, `OversizedContainer` beyond
    `limits.chunks` frames.
    """
    for start in _places(source, media_type):
        yield from _tag(source, start)


def _places(source: Readable, media_type: str) -> Iterator[int]:
    """Where tags begin: in front of the sound, one behind the other, or in a chunk of their own."""
    if media_type == types.WAV:
        yield from (chunk.offset for chunk in riff.walk_chunks(source) if chunk.kind.lower() == "id3 ")
    elif media_type == types.AIFF:
        yield from _in_aiff(source)
    else:
        start = 0
        for _ in range(_MOST_TAGS):
            if source.at(start, 3) != b"ID3":
                return
            yield start
            start += _HEAD + _synchsafe(source.at(start + 6, 4))


def _in_aiff(source: Readable) -> Iterator[int]:
    position = 12
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        if len(head) < 8:
            return
        if head[:4] == b"ID3 ":
            yield position + 8
        length = int.from_bytes(head[4:], "big")
        position += 8 + length + length % 2


def _synchsafe(data: bytes) -> int:
    """A number of seven bits in each byte."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number


def _tag(source: Readable, start: int) -> Iterator[Id3Frame]:
    head = source.at(start, _HEAD)
    if head[:3] != b"ID3" or len(head) < _HEAD or head[3] not in (2, 3, 4):
        raise MalformedContainer(f"ID3: no tag at byte {start}")
    version, flags, length = head[3], head[5], _synchsafe(head[6:10])
    tag: Readable = Tail(source, start + _HEAD)
    # Unsynchronisation: zeros were put in, so that nothing looks like the beginning of an MPEG frame.
    if flags & 0x80 and version < 4:
        tag = Block(tag.at(0, min(length, source.limits.child)).replace(b"\xff\0", b"\xff"), source.limits)
        length = tag.size
    position = 0
    if flags & 0x40 and version > 2:
        position = _skip_extended_header(tag, version)
    # Version 2.2 has names of three letters and sizes of three bytes, the later ones four of each and two of flags.
    head_size, name_size = (6, 3) if version == 2 else (_HEAD, 4)
    for _ in range(source.limits.chunks):
        lead = tag.at(position, head_size)
        name = decode_text(lead[:name_size])
        # Behind the last frame comes the end of the tag, or padding that is not a name.
        if position + len(lead) >= length or not _NAME.fullmatch(name):
            return
        size = _size(tag, position, lead, version, length)
        body = position + len(lead)
        if size > length - body or body + size > tag.size:
            raise MalformedContainer(f"ID3: frame {name} at byte {start + position} ends beyond its tag")
        if size <= source.limits.child:
            frame_flags = lead[9] if version > 2 else 0
            data = _plain(tag.at(body, size), frame_flags, version, source.limits)
            if name == "PIC":
                # Its type is three letters, without the zero that ends the name of a type in later versions.
                data = data[:4] + b"\0" + data[4:]
            yield Id3Frame(_SHORT.get(name, name), start + _HEAD + position, data)
        position = body + size
    raise OversizedContainer(f"ID3: more than {source.limits.chunks} frames")


def _skip_extended_header(tag: Readable, version: int) -> int:
    """Bytes of the header that may stand before the frames."""
    size = tag.at(0, 4)
    if version == 4:
        return _synchsafe(size)
    # In 2.3 the size does not count its own four bytes.
    return int.from_bytes(size, "big") + 4


def _size(tag: Readable, position: int, lead: bytes, version: int, length: int) -> int:
    """Bytes of a frame. Some writers of 2.4 count as 2.3 does: what leads to another frame is right."""
    if version == 2:
        return int.from_bytes(lead[3:6], "big")
    plain, safe = int.from_bytes(lead[4:8], "big"), _synchsafe(lead[4:8])
    if version == 3 or plain == safe:
        return plain
    if max(lead[4:8]) > 0x7F:
        return plain
    ways = (size for size in (safe, plain) if _leads_on(tag, position + _HEAD + size, length))
    return next(ways, safe)


def _leads_on(tag: Readable, position: int, length: int) -> bool:
    following = tag.at(position, 4)
    return position == length or following == bytes(4) or bool(_NAME.fullmatch(decode_text(following)))


def _plain(data: bytes, flags: int, version: int, limits: Limits) -> bytes:
    """A frame's content without what its flags say was done to it; empty when it is encrypted."""
    packed, encrypted, grouped, counted, unsynchronised = (
        (flags & 8, flags & 4, flags & 0x40, flags & 1, flags & 2) if version == 4
        else (flags & 0x80, flags & 0x40, flags & 0x20, flags & 0x80, 0)
    )  # fmt: skip
    if encrypted:
        return b""
    # Before the content: one byte of group, four bytes of the size before compression.
    if grouped:
        data = data[1:]
    if counted:
        data = data[4:]
    if unsynchronised:
        data = data.replace(b"\xff\0", b"\xff")
    if packed:
        return inflate(data, limits.inflated)[0]
    return data


def decode_frame_text(data: bytes) -> str:
    """The text of a frame, whose first byte names the encoding; several values on lines of their own."""
    parts = (part.lstrip("\ufeff") for part in _text(data[:1], data[1:]).split("\0"))
    return "\n".join(part for part in parts if part)


def _text(encoding: bytes, data: bytes) -> str:
    if encoding not in _WIDE:
        return decode_text(data)
    # Encoding 2 is UTF-16 big-endian without a byte order mark; with a mark, the mark decides.
    order = ">" if encoding == b"\2" else "<"
    return decode_utf16(data[: len(data) & ~1], order)


def split_description(data: bytes, skipped: int = 0) -> tuple[str, bytes]:
    """The description that stands first in a frame, and the rest; `skipped` bytes of language stand before it."""
    encoding, rest = data[:1], data[1 + skipped :]
    end, width = _find_end(rest, wide=encoding in _WIDE)
    return _text(encoding, rest[:end]), encoding + rest[end + width :]


def _find_end(data: bytes, *, wide: bool) -> tuple[int, int]:
    """Where the first text ends, and the bytes of the mark that ends it."""
    if not wide:
        end = data.find(b"\0")
        return (end, 1) if end >= 0 else (len(data), 0)
    end = next((place for place in range(0, len(data) - 1, 2) if data[place : place + 2] == b"\0\0"), len(data))
    return end, 2

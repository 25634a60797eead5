"""ID3v2 (the informal standards 2.2, 2.3 and 2.4 of id3.org): the frames of a tag, each under its four letters.

Layout: `ID3`, two bytes of version, one of flags, the length of the tag in four bytes of seven bits each ("synchsafe").
Then frames: a name (three letters in 2.2, then four), the length of the data (three bytes in 2.2, then four, synchsafe
in 2.4), two bytes of flags (none in 2.2) and the data. Zeros may fill the tag up.
"""

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
"""Media types in which tags are searched for."""

_TAG_HEAD = 10
"""Bytes of the header of a tag, and of the header of a frame from version 2.3 on."""
_SHORT_NAMES = {
    "COM": "COMM", "GEO": "GEOB", "PIC": "APIC", "TXX": "TXXX", "ULT": "USLT", "WXX": "WXXX", "WAS": "WOAS",
    "WAF": "WOAF", "TEN": "TENC", "TSS": "TSSE", "TT2": "TIT2", "TP1": "TPE1", "TCM": "TCOM", "TCR": "TCOP",
}  # fmt: skip
"""Frames of version 2.2 and their later names; others keep their three letters."""
_NAME = re.compile(r"[A-Z][A-Z0-9]{2,3} ?")
_TWO_BYTE_ENCODINGS = (b"\1", b"\2")
"""UTF-16 with a byte order mark, and UTF-16 big-endian without one."""
_MOST_TAGS = 8
"""Tags read one after the other at the beginning of a file."""

_UNSYNCHRONISED = 0x80
_EXTENDED_HEADER = 0x40
"""Flags of a tag."""


@dataclass(frozen=True, slots=True)
class Id3Frame:
    """One frame, decompressed; `offset` is that of its header in the file."""

    id: str
    offset: int
    data: bytes


def walk_frames(source: Readable, media_type: str) -> Iterator[Id3Frame]:
    """Walk every frame of every tag of the file.

    Raises `MalformedContainer` after the last readable one where a tag is damaged, `OversizedContainer` beyond
    `limits.chunks` frames.
    """
    for start in _find_tags(source, media_type):
        yield from _walk_tag(source, start)


def _find_tags(source: Readable, media_type: str) -> Iterator[int]:
    """Offsets of the tags: in chunks of WAV and AIFF, else one after the other before the sound."""
    if media_type == types.WAV:
        yield from (chunk.offset for chunk in riff.walk_chunks(source) if chunk.kind.lower() == "id3 ")
    elif media_type == types.AIFF:
        yield from _find_in_aiff(source)
    else:
        yield from _find_at_start(source)


def _find_at_start(source: Readable) -> Iterator[int]:
    start = 0
    for _ in range(_MOST_TAGS):
        if source.at(start, 3) != b"ID3":
            return
        yield start
        start += _TAG_HEAD + _decode_synchsafe(source.at(start + 6, 4))


def _find_in_aiff(source: Readable) -> Iterator[int]:
    # AIFF is one FORM chunk: twelve bytes of header, then chunks with big-endian lengths, padded to even ones.
    position = 12
    for _ in range(source.limits.chunks):
        head = source.at(position, 8)
        if len(head) < 8:
            return
        if head[:4] == b"ID3 ":
            yield position + 8
        length = int.from_bytes(head[4:], "big")
        position += 8 + length + length % 2


def _decode_synchsafe(data: bytes) -> int:
    """Decode a number of seven bits in each byte."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number


def _walk_tag(source: Readable, start: int) -> Iterator[Id3Frame]:
    head = source.at(start, _TAG_HEAD)
    if head[:3] != b"ID3" or len(head) < _TAG_HEAD or head[3] not in (2, 3, 4):
        raise MalformedContainer(f"ID3: no tag at byte {start}")
    version = head[3]
    flags = head[5]
    length = _decode_synchsafe(head[6:10])
    tag: Readable = Tail(source, start + _TAG_HEAD)
    # Unsynchronisation: zeros were put in, so that nothing looks like the beginning of an MPEG frame. In 2.4 each
    # frame says for itself whether it was done.
    if flags & _UNSYNCHRONISED and version < 4:
        tag = Block(_remove_unsynchronisation(tag.at(0, min(length, source.limits.child))), source.limits)
        length = tag.size
    position = 0
    if flags & _EXTENDED_HEADER and version > 2:
        position = _measure_extended_header(tag, version)
    # Version 2.2 has names of three letters and sizes of three bytes, the later ones four of each and two of flags.
    head_size, name_size = (6, 3) if version == 2 else (_TAG_HEAD, 4)
    for _ in range(source.limits.chunks):
        frame_head = tag.at(position, head_size)
        name = decode_text(frame_head[:name_size])
        # Behind the last frame comes the end of the tag, or padding that is not a name.
        if position + len(frame_head) >= length or not _NAME.fullmatch(name):
            return
        if len(frame_head) < head_size:
            place = start + _TAG_HEAD + position
            raise MalformedContainer(f"ID3: the file ends inside the header of the frame {name} at byte {place}")
        size = _read_frame_size(tag, position, frame_head, version, length)
        body = position + len(frame_head)
        if size > length - body or body + size > tag.size:
            raise MalformedContainer(f"ID3: the frame {name} at byte {start + position} ends behind the end of its tag")
        # A larger frame is a picture or a file, and is passed over.
        if size <= source.limits.child:
            frame_flags = frame_head[9] if version > 2 else 0
            data = _restore_content(tag.at(body, size), frame_flags, version, source.limits)
            if name == "PIC":
                # Its type is three letters, without the zero that ends the name of a type in later versions.
                data = data[:4] + b"\0" + data[4:]
            yield Id3Frame(_SHORT_NAMES.get(name, name), start + _TAG_HEAD + position, data)
        position = body + size
    raise OversizedContainer(f"ID3: more than {source.limits.chunks:,} frames")


def _remove_unsynchronisation(data: bytes) -> bytes:
    return data.replace(b"\xff\0", b"\xff")


def _measure_extended_header(tag: Readable, version: int) -> int:
    """Bytes of the header that may precede the frames."""
    size = tag.at(0, 4)
    if version == 4:
        return _decode_synchsafe(size)
    # In 2.3 the size does not count its own four bytes.
    return int.from_bytes(size, "big") + 4


def _read_frame_size(tag: Readable, position: int, frame_head: bytes, version: int, length: int) -> int:
    """Bytes of the data of a frame."""
    if version == 2:
        return int.from_bytes(frame_head[3:6], "big")
    plain_size = int.from_bytes(frame_head[4:8], "big")
    synchsafe_size = _decode_synchsafe(frame_head[4:8])
    # A byte above 0x7F cannot be part of a synchsafe number.
    if version == 3 or plain_size == synchsafe_size or max(frame_head[4:8]) > 0x7F:
        return plain_size
    # Some writers of 2.4 write plain numbers as in 2.3. The size that leads to another frame is the right one.
    for size in (synchsafe_size, plain_size):
        if _is_frame_boundary(tag, position + _TAG_HEAD + size, length):
            return size
    return synchsafe_size


def _is_frame_boundary(tag: Readable, position: int, length: int) -> bool:
    """Whether at `position` there is the end of the tag, padding, or the name of a frame."""
    if position == length:
        return True
    following = tag.at(position, 4)
    return following == bytes(4) or _NAME.fullmatch(decode_text(following)) is not None


def _restore_content(data: bytes, flags: int, version: int, limits: Limits) -> bytes:
    """Undo whatever the flags of a frame say was done to its content; empty when it is encrypted."""
    # The two versions have the same flags at other places.
    if version == 4:
        is_grouped = flags & 0x40
        is_compressed = flags & 0x08
        is_encrypted = flags & 0x04
        is_unsynchronised = flags & 0x02
        has_length = flags & 0x01
    else:
        is_compressed = has_length = flags & 0x80
        is_encrypted = flags & 0x40
        is_grouped = flags & 0x20
        is_unsynchronised = 0
    if is_encrypted:
        return b""
    # Before the content: one byte of group, four bytes of the size before compression.
    if is_grouped:
        data = data[1:]
    if has_length:
        data = data[4:]
    if is_unsynchronised:
        data = _remove_unsynchronisation(data)
    if is_compressed:
        return inflate(data, limits.inflated)[0]
    return data


def decode_frame_text(data: bytes) -> str:
    """Decode the text of a frame, whose first byte names the encoding; several values are put on lines of their own."""
    values = _decode(data[:1], data[1:]).split("\0")
    without_marks = (value.lstrip("\ufeff") for value in values)
    return "\n".join(value for value in without_marks if value)


def _decode(encoding: bytes, data: bytes) -> str:
    if encoding not in _TWO_BYTE_ENCODINGS:
        return decode_text(data)
    # Encoding 2 is UTF-16 big-endian without a byte order mark; with a mark, the mark decides.
    order = ">" if encoding == b"\2" else "<"
    return decode_utf16(data[: len(data) & ~1], order)


def split_description(data: bytes, skipped: int = 0) -> tuple[str, bytes]:
    """Split a frame into the description that comes first in it, and the rest with the byte of encoding before it.

    `skipped` bytes of language precede the description.
    """
    encoding = data[:1]
    rest = data[1 + skipped :]
    end, terminator_length = _find_end(rest, is_two_byte=encoding in _TWO_BYTE_ENCODINGS)
    return _decode(encoding, rest[:end]), encoding + rest[end + terminator_length :]


def _find_end(data: bytes, *, is_two_byte: bool) -> tuple[int, int]:
    """Where the first text ends, and the bytes of the terminator behind it."""
    if is_two_byte:
        # Two zeros end the text only where a letter would begin.
        for position in range(0, len(data) - 1, 2):
            if data[position : position + 2] == b"\0\0":
                return position, 2
        return len(data), 2
    end = data.find(b"\0")
    if end < 0:
        return len(data), 0
    return end, 1

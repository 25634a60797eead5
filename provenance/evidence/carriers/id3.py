"""ID3 frames: texts, web addresses, comments, and the files that a tag contains."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.formats import id3
from provenance.media.formats.id3 import Id3Frame
from provenance.media.readable import MalformedContainer
from provenance.media.sniff import sniff
from provenance.media.source import Source
from provenance.media.text import decode_text, extract_text, is_printable
from provenance.media.types import UNKNOWN, needs_no_carrier
from provenance.model.evidence import Statement, Trouble

_LANGUAGE_BYTES = 3
"""Language code at the beginning of comments and lyrics."""
_C2PA = "c2pa"
"""Part of the declared type of an object that holds a C2PA manifest, which the carrier of that name reads."""


class Id3(Carrier):
    """Every ID3 frame that contains text, under its four letters or, if it has one, its description.

    Attached pictures and encapsulated objects are embedded files; of an object that is no file, its text is reported.
    The carrier `tags` reports what FFmpeg reads of the same tag; FFmpeg leaves out web addresses and objects, and reads
    nothing at all if the sound is damaged.
    """

    name: ClassVar[str] = "id3"
    title: ClassVar[str] = "ID3 tags of MP3, WAV, AIFF and FLAC"
    media: ClassVar[frozenset[str]] = id3.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each text, an embedded file for each picture and object, and damage of the tag."""
        try:
            for frame in id3.walk_frames(source, source.media_type):
                yield from _read_frame(frame)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _read_frame(frame: Id3Frame) -> Iterator[CarrierOutput]:
    if frame.id == "APIC":
        yield from _extract_picture(frame.data)
    elif frame.id == "GEOB":
        yield from _extract_object(frame.data, frame.offset)
    else:
        key, value = _read_text(frame)
        if value.strip():
            yield Statement(Id3.name, f'{frame.id} frame "{key}" at byte {frame.offset}', key, value)


def _read_text(frame: Id3Frame) -> tuple[str, str]:
    """Return key and value of a frame; the value is empty if the frame contains no text."""
    if frame.id in ("COMM", "USLT"):
        description, rest = id3.split_description(frame.data, _LANGUAGE_BYTES)
        key = f"{frame.id}:{description}" if description else frame.id
        return key, id3.decode_frame_text(rest)
    if frame.id == "TXXX":
        description, rest = id3.split_description(frame.data)
        return description or frame.id, id3.decode_frame_text(rest)
    if frame.id == "WXXX":
        # The encoding byte counts for the description alone: addresses are always Latin-1.
        description, rest = id3.split_description(frame.data)
        return description or frame.id, decode_text(rest[1:])
    if frame.id.startswith("T"):
        return frame.id, id3.decode_frame_text(frame.data)
    if frame.id.startswith("W"):
        return frame.id, decode_text(frame.data.split(b"\0")[0])
    if frame.id == "PRIV":
        owner, _, data = frame.data.partition(b"\0")
        text = decode_text(data)
        return decode_text(owner) or frame.id, text if is_printable(text) else ""
    return frame.id, ""


def _extract_picture(data: bytes) -> Iterator[EmbeddedFile]:
    """Extract an attached picture (APIC): encoding, media type, kind of picture, description, bytes of the file."""
    encoding = data[:1]
    _, _, rest = data[1:].partition(b"\0")
    # One byte for the kind of picture (front cover, artist) stands before the description.
    _, content = id3.split_description(encoding + rest[1:])
    # `content` begins with the encoding byte again.
    if len(content) > 1:
        yield EmbeddedFile("attached picture", content[1:])


def _extract_object(frame: bytes, offset: int) -> Iterator[CarrierOutput]:
    """Extract an encapsulated object (GEOB): encoding, media type, file name, description, bytes of the file."""
    encoding = frame[:1]
    media_type, _, rest = frame[1:].partition(b"\0")
    name, rest = id3.split_description(encoding + rest)
    description, content = id3.split_description(rest)
    data = content[1:]
    is_manifest = _C2PA in decode_text(media_type).lower()
    if not data or is_manifest:
        return
    label = name or description or "attached object"
    kind = sniff(lambda start, length: data[start : start + length])
    if kind == UNKNOWN or needs_no_carrier(kind):
        # Programs keep their own notes here, such as cue points: they are no files.
        text = extract_text(data) or f"{len(data)} bytes"
        yield Statement(Id3.name, f'GEOB frame "{label}" at byte {offset}', label, text)
    else:
        yield EmbeddedFile(label, data)

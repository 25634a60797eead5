"""ID3 frames: texts, addresses, comments, and the files that a tag holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.formats import id3
from provenance.media.formats.id3 import Id3Frame
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decoded, printable
from provenance.model.evidence import Statement, Trouble

_LANGUAGE = 3
_NO_ROW = ("c2pa",)
"""Kinds of objects that are read elsewhere."""


class Id3(Carrier):
    """Every frame that holds words, under its four letters; what describes itself, under its description.

    FFmpeg names part of them; addresses and objects it does not tell, and nothing at all of a damaged sound.
    """

    name: ClassVar[str] = "id3"
    title: ClassVar[str] = "ID3 tags of MP3, WAV, AIFF and FLAC"
    media: ClassVar[frozenset[str]] = id3.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each text, a child for each picture and object, and the damage of the tag."""
        try:
            for frame in id3.frames(source, source.media_type):
                yield from _said(frame)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _said(frame: Id3Frame) -> Iterator[CarrierOutput]:
    if frame.id == "APIC":
        yield from _picture(frame.data)
    elif frame.id == "GEOB":
        yield from _object(frame.data)
    else:
        key, value = _words(frame)
        if value.strip():
            yield Statement(Id3.name, f'{frame.id} frame "{key}" at byte {frame.offset}', key, value)


def _words(frame: Id3Frame) -> tuple[str, str]:
    """Key and value of what a frame says; an empty value when it says nothing in words."""
    if frame.id in ("COMM", "USLT"):
        description, rest = id3.described(frame.data, _LANGUAGE)
        return f"{frame.id}:{description}" if description else frame.id, id3.text(rest)
    if frame.id in ("TXXX", "WXXX"):
        description, rest = id3.described(frame.data)
        return description or frame.id, id3.text(rest) if frame.id == "TXXX" else decoded(rest[1:])
    if frame.id.startswith("T"):
        return frame.id, id3.text(frame.data)
    if frame.id.startswith("W"):
        return frame.id, decoded(frame.data.split(b"\0")[0])
    if frame.id == "PRIV":
        owner, _, data = frame.data.partition(b"\0")
        return decoded(owner) or frame.id, decoded(data) if printable(decoded(data)) else ""
    return frame.id, ""


def _picture(data: bytes) -> Iterator[EmbeddedFile]:
    """An attached picture: type of the file, kind of picture, description, bytes."""
    _, _, rest = data[1:].partition(b"\0")
    _, content = id3.described(data[:1] + rest[1:])
    if len(content) > 1:
        yield EmbeddedFile("attached picture", content[1:])


def _object(data: bytes) -> Iterator[EmbeddedFile]:
    """An encapsulated object: type of the file, its name, description, bytes."""
    kind, _, rest = data[1:].partition(b"\0")
    name, rest = id3.described(data[:1] + rest)
    description, content = id3.described(rest)
    if len(content) > 1 and not any(word in decoded(kind).lower() for word in _NO_ROW):
        yield EmbeddedFile(name or description or "attached object", content[1:])

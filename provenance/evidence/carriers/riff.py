"""RIFF texts: INFO lists, broadcast extension, iXML and AIGC chunks of WAV, AVI and WebP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.riff import RiffChunk, walk_chunks
from provenance.media.readable import MalformedContainer, read_within
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.media.types import Container
from provenance.model.evidence import Statement, Trouble

_TEXT_LISTS = ("/INFO", "/exif")
"""Lists in which every chunk is a text."""
_TEXT_CHUNKS = frozenset({"iXML", "axml", "AIGC", "IDIT"})
"""Chunks that are a text, wherever they stand."""
_BROADCAST_EXTENSION = "bext"
_BROADCAST_FIELDS = {
    "Description": (0, 256), "Originator": (256, 32), "OriginatorReference": (288, 32), "OriginationDate": (320, 10),
    "OriginationTime": (330, 8), "CodingHistory": (602, None),
}  # fmt: skip
"""Offset and length of the text fields of a broadcast extension (EBU Tech 3285); the last one has the rest."""


class Riff(Carrier):
    """Texts in RIFF chunks under the four letters of the chunk; fields of a broadcast extension under their names."""

    name: ClassVar[str] = "riff"
    title: ClassVar[str] = "RIFF chunks of WAV, AVI and WebP"
    media: ClassVar[frozenset[str]] = types.names_in(Container.RIFF)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each text, and damage of the file's structure."""
        try:
            for chunk in walk_chunks(source):
                # A chunk starts eight bytes before its data: four letters and length.
                where = f"{chunk.kind} chunk at byte {chunk.offset - 8}"
                for key, value in _read_texts(source, chunk):
                    if value.strip():
                        yield Statement(self.name, where, key, value)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _read_texts(source: Source, chunk: RiffChunk) -> Iterator[tuple[str, str]]:
    if chunk.path.endswith(_TEXT_LISTS) or chunk.kind in _TEXT_CHUNKS:
        yield chunk.kind, _decode_field(read_within(source, chunk.offset, chunk.length))
    elif chunk.kind == _BROADCAST_EXTENSION:
        data = read_within(source, chunk.offset, chunk.length)
        for key, (start, length) in _BROADCAST_FIELDS.items():
            end = None if length is None else start + length
            yield key, _decode_field(data[start:end])


def _decode_field(data: bytes) -> str:
    # The text ends at the first zero; anything behind it fills up the field.
    return decode_text(data.split(b"\0", 1)[0])

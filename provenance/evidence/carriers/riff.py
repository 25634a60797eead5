"""RIFF words: INFO lists, broadcast extension, iXML and AIGC chunks of WAV, AVI and WebP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.riff import RiffChunk, chunks
from provenance.media.readable import MalformedContainer, bounded
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Statement, Trouble

_LISTS = ("/INFO", "/exif")
_TEXTS = {"iXML": "iXML", "axml": "axml", "AIGC": "AIGC", "IDIT": "IDIT"}
_BEXT = {
    "Description": (0, 256), "Originator": (256, 32), "OriginatorReference": (288, 32), "OriginationDate": (320, 10),
    "OriginationTime": (330, 8), "CodingHistory": (602, None),
}  # fmt: skip
"""Offset and length of the texts of a broadcast extension (EBU 3285)."""


class Riff(Carrier):
    """Every text under the four letters of its chunk, or the name of its field."""

    name: ClassVar[str] = "riff"
    title: ClassVar[str] = "RIFF chunks of WAV, AVI and WebP"
    media: ClassVar[frozenset[str]] = frozenset(
        {"audio/x-wav", "video/x-msvideo", "image/webp", "audio/midi", "application/x-riff"}
    )

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each text, and the damage of the file's structure."""
        try:
            for chunk in chunks(source):
                for key, value in _texts(source, chunk):
                    if value.strip():
                        yield Statement(self.name, f"{chunk.kind} chunk at byte {chunk.offset - 8}", key, value)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _texts(source: Source, chunk: RiffChunk) -> Iterator[tuple[str, str]]:
    if chunk.path.endswith(_LISTS) or chunk.kind in _TEXTS:
        yield chunk.kind, decoded(bounded(source, chunk.offset, chunk.length).split(b"\0", 1)[0])
    elif chunk.kind == "bext":
        data = bounded(source, chunk.offset, chunk.length)
        for key, (start, length) in _BEXT.items():
            field = data[start : None if length is None else start + length]
            yield key, decoded(field.split(b"\0", 1)[0])

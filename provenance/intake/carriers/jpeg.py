"""JPEG comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.intake.containers.jpeg import COM, segments
from provenance.intake.containers.readable import MalformedContainer
from provenance.intake.containers.text import decoded
from provenance.intake.family import Carrier, Said
from provenance.intake.source import Source
from provenance.model import Statement, Trouble


class Jpeg(Carrier):
    """COM segments, before the picture and between its scans."""

    name: ClassVar[str] = "jpeg"
    title: ClassVar[str] = "JPEG comment segments"
    media: ClassVar[frozenset[str]] = frozenset({"image/jpeg", "image/x-exv"})

    def read(self, source: Source) -> Iterator[Said]:
        """Yield one statement for each comment, and the damage of the file's structure."""
        try:
            for segment in segments(source):
                if segment.marker == COM and (text := decoded(source.at(segment.offset, segment.length))).strip():
                    yield Statement(self.name, f"COM segment at byte {segment.offset - 4}", "Comment", text)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

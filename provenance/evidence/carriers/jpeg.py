"""JPEG comments, and the label that stands loose in an application segment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.jpeg import APPLICATIONS, COM, JpegSegment, segments
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Statement, Trouble

_LABEL = re.compile(rb'AIGC"?[\s:=\0]*(?=\{)')
_READ_ELSEWHERE = (b"Exif\0", b"http://ns.adobe.com/", b"JP", b"Photoshop ", b"ICC_PROFILE")
"""How segments begin that other carriers read, or that hold no words."""


class Jpeg(Carrier):
    """COM segments, before the picture and between its scans, and `AIGC{…}` in segments that nobody else reads."""

    name: ClassVar[str] = "jpeg"
    title: ClassVar[str] = "JPEG comment segments, loose labels in application segments"
    media: ClassVar[frozenset[str]] = frozenset({"image/jpeg", "image/x-exv"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each comment and label, and the damage of the file's structure."""
        try:
            for segment in segments(source):
                if segment.marker in APPLICATIONS:
                    yield from self._label(source, segment)
                elif segment.marker == COM and (text := decoded(source.at(segment.offset, segment.length))).strip():
                    yield Statement(self.name, f"COM segment at byte {segment.offset - 4}", "Comment", text)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

    def _label(self, source: Source, segment: JpegSegment) -> Iterator[Statement]:
        data = source.at(segment.offset, segment.length)
        if not data.startswith(_READ_ELSEWHERE) and (found := _LABEL.search(data)):
            where = f"APP{segment.marker - APPLICATIONS.start} segment at byte {segment.offset - 4}"
            yield Statement(self.name, where, "AIGC", decoded(data[found.end() :]))

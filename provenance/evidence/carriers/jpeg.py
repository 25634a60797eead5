"""JPEG comments, and AI labels that stand in an application segment without any format around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.jpeg import APPLICATIONS, COM, JpegSegment, walk_segments
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.media.types import Container
from provenance.model.evidence import Statement, Trouble

_LABEL = re.compile(rb'AIGC"?[\s:=\0]*(?=\{)')
"""Everything before the JSON object of a label."""
_READ_ELSEWHERE = (b"Exif\0", b"http://ns.adobe.com/", b"JP", b"Photoshop ", b"ICC_PROFILE")
"""How segments begin that other carriers read, or that contain no text."""


class Jpeg(Carrier):
    """Comment segments (COM), before the picture data and between its scans.

    Also the AI label `AIGC{…}` in an application segment that no other carrier reads.
    """

    name: ClassVar[str] = "jpeg"
    title: ClassVar[str] = "JPEG comment segments, bare AIGC labels in application segments"
    media: ClassVar[frozenset[str]] = types.names_in(Container.JPEG)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each comment and label, and damage of the file's structure."""
        try:
            for segment in walk_segments(source):
                if segment.marker in APPLICATIONS:
                    yield from self._read_label(source, segment)
                elif segment.marker == COM:
                    text = decode_text(source.at(segment.offset, segment.length))
                    if text.strip():
                        # A segment starts four bytes before its data: marker and length.
                        yield Statement(self.name, f"COM segment at byte {segment.offset - 4}", "Comment", text)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

    def _read_label(self, source: Source, segment: JpegSegment) -> Iterator[Statement]:
        data = source.at(segment.offset, segment.length)
        if data.startswith(_READ_ELSEWHERE):
            return
        if match := _LABEL.search(data):
            number = segment.marker - APPLICATIONS.start
            where = f"APP{number} segment at byte {segment.offset - 4}"
            yield Statement(self.name, where, "AIGC", decode_text(data[match.end() :]))

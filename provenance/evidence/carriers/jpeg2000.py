"""JPEG 2000 comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.jpeg2000 import COMMENT, segments
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decoded, printable
from provenance.model.evidence import Statement, Trouble

_CODESTREAM = "image/x-j2c"


class Jpeg2000(Carrier):
    """COM segments of codestreams, bare or in a JP2 file."""

    name: ClassVar[str] = "jpeg2000"
    title: ClassVar[str] = "JPEG 2000 comment segments"
    media: ClassVar[frozenset[str]] = frozenset({"image/jp2", _CODESTREAM})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each comment that is text, and the damage of a bare codestream."""
        try:
            for segment in segments(source, source.media_type):
                if segment.marker == COMMENT and printable(
                    text := decoded(source.at(segment.offset + 2, segment.length - 2))
                ):
                    yield Statement(self.name, f"COM segment at byte {segment.offset - 4}", "Comment", text)
        except MalformedContainer as damage:
            if source.media_type == _CODESTREAM:  # of files of boxes told by the carrier named after them
                yield Trouble("", self.name, damage.cause, str(damage))

"""JPEG 2000 comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.jpeg2000 import COMMENT, walk_segments
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decode_text, is_printable
from provenance.model.evidence import Statement, Trouble


class Jpeg2000(Carrier):
    """Comment segments (COM) of a JPEG 2000 codestream, bare or in a JP2 file."""

    name: ClassVar[str] = "jpeg2000"
    title: ClassVar[str] = "JPEG 2000 comment segments"
    media: ClassVar[frozenset[str]] = frozenset({types.JP2, types.JPEG2000_CODESTREAM})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each comment that is text, and damage of a bare codestream."""
        try:
            for segment in walk_segments(source, source.media_type):
                if segment.marker != COMMENT:
                    continue
                # The first two bytes declare binary or Latin-1; whether it is text is decided by the content instead.
                text = decode_text(source.at(segment.offset + 2, segment.length - 2))
                if is_printable(text):
                    yield Statement(self.name, f"COM segment at byte {segment.offset - 4}", "Comment", text)
        except MalformedContainer as damage:
            # In a JP2 file the carrier `isobmff` reports damage.
            if source.media_type == types.JPEG2000_CODESTREAM:
                yield Trouble("", self.name, damage.cause, str(damage))

"""DPX header fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.dpx import TEXT_FIELDS, DpxHeader
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import format_packed_timecode
from provenance.model.evidence import Statement, Trouble


class Dpx(Carrier):
    """The text fields and the timecode of the DPX header, under their names in SMPTE 268M."""

    name: ClassVar[str] = "dpx"
    title: ClassVar[str] = "DPX header fields"
    media: ClassVar[frozenset[str]] = frozenset({types.DPX})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each field that is filled in."""
        try:
            header = DpxHeader(source)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
            return
        for key, (offset, _) in TEXT_FIELDS.items():
            if text := header.read_text(key):
                yield Statement(self.name, f"header field at byte {offset}", key, text)
        if packed := header.timecode:
            yield Statement(self.name, "television header", "TimeCode", format_packed_timecode(packed))

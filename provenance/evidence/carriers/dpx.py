"""DPX header fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.dpx import TEXTS, Header
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import timecode
from provenance.model.evidence import Statement, Trouble


class Dpx(Carrier):
    """The texts and the time code of the header, under the names of SMPTE 268M."""

    name: ClassVar[str] = "dpx"
    title: ClassVar[str] = "DPX header fields"
    media: ClassVar[frozenset[str]] = frozenset({"image/x-dpx"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each field that was filled in."""
        try:
            header = Header(source)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
            return
        for key, (offset, _) in TEXTS.items():
            if text := header.text(key):
                yield Statement(self.name, f"header field at byte {offset}", key, text)
        if packed := header.timecode:
            yield Statement(self.name, "television header", "TimeCode", timecode(packed))

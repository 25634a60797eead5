"""DPX header fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.dpx import TEXT_FIELDS, USER_DATA, DpxHeader
from provenance.media.readable import MalformedContainer, read_within
from provenance.media.source import Source
from provenance.media.text import extract_text, format_packed_timecode
from provenance.model.evidence import Statement, Trouble


class Dpx(Carrier):
    """The text fields and timecode of the DPX header, under their names in SMPTE 268M, and texts in the user data."""

    name: ClassVar[str] = "dpx"
    title: ClassVar[str] = "DPX header fields and user data"
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
        yield from _read_user_data(source, header.user_data_end)


def _read_user_data(source: Source, end: int) -> Iterator[Statement]:
    """Report the text in the user data, or how long they are; nothing for data that were not filled in."""
    data = read_within(source, USER_DATA, end - USER_DATA)
    if data.strip(b"\0\xff"):
        text = extract_text(data) or f"{len(data)} bytes"
        yield Statement(Dpx.name, f"user data at byte {USER_DATA}", "UserData", text)

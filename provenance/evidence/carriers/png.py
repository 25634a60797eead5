"""PNG text chunks, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.png import EXIF_PROFILES, XMP, XMP_PROFILES, chunks, text_of
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Statement, Trouble

_READ_ELSEWHERE = frozenset({XMP, *EXIF_PROFILES, *XMP_PROFILES})
_KEPT = 4
"""All texts of a file together may have this many times what one may."""


class Png(Carrier):
    """tEXt, zTXt and iTXt, and the private `comf` chunk of animated pictures; `eXIf` and XMP are read by their own."""

    name: ClassVar[str] = "png"
    title: ClassVar[str] = "PNG text chunks"
    media: ClassVar[frozenset[str]] = frozenset({"image/png"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each text, in the order of the file. Compressed texts are unpacked up to a limit."""
        left = _KEPT * source.limits.inflated
        try:
            for chunk in chunks(source):
                if (text := text_of(source, chunk, left)) is None:
                    continue
                left -= len(text.data)
                if text.keyword in _READ_ELSEWHERE:
                    continue
                where = f'{chunk.kind} chunk "{text.keyword}" at byte {chunk.offset - 8}'
                if text.loss:
                    yield Trouble("", self.name, text.loss, f"{where}: only its first {len(text.data)} bytes were read")
                yield Statement(self.name, where, text.keyword or chunk.kind, decoded(text.data))
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

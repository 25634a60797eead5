"""PDF: document information, pictures, attachments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.formats.pdf import PdfDocument
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble


class Pdf(Carrier):
    """The document's own properties; JPEG and JPEG 2000 pictures and attachments as children.

    XMP that the document keeps for a picture is read with the picture; the document's own is read with all XMP.
    """

    name: ClassVar[str] = "pdf"
    title: ClassVar[str] = "document information, pictures and attachments of PDF"
    media: ClassVar[frozenset[str]] = frozenset({"application/pdf"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each property, a child for each thing inside, and what could not be read."""
        try:
            with PdfDocument(source) as document:
                for key, value in document.properties():
                    if value.strip():
                        yield Statement(self.name, f"document information /{key}", key, value)
                for part in document.parts():
                    yield EmbeddedFile(part.name, part.content, {f"{part.name}.xmp": part.xmp} if part.xmp else {})
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

"""PDF: document information, pictures, attachments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.pdf import PdfDocument
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause


class Pdf(Carrier):
    """The document information (title, author, program), and pictures and attachments as embedded files.

    Pictures are embedded files, each with the XMP that the document has for it: those in JPEG and JPEG 2000 as they
    are, bare samples in a PNG or TIFF that is built around them. Pictures that only hold the transparency of others are
    left out. A page is drawn where its pictures cannot be had in this way: in JBIG2 or spot colours, inside the
    commands of the page, cut into strips, or as nothing but transparency; the part of the page with its pictures is
    then an embedded file. The document's own XMP is read by the carrier `xmp`.
    """

    name: ClassVar[str] = "pdf"
    version: ClassVar[int] = 2
    title: ClassVar[str] = "document information, pictures and attachments of PDF"
    media: ClassVar[frozenset[str]] = frozenset({types.PDF})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each property, an embedded file for each file inside, and what was not read."""
        try:
            with PdfDocument(source) as document:
                for key, value in document.read_properties():
                    if value.strip():
                        yield Statement(self.name, f"document information /{key}", key, value)
                yield from self._extract_parts(document)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

    def _extract_parts(self, document: PdfDocument) -> Iterator[CarrierOutput]:
        try:
            for part in document.walk_parts():
                # The document keeps the XMP of a picture next to it, so it is read as a sidecar of the picture.
                sidecars = {f"{part.name}.xmp": part.xmp} if part.xmp else {}
                yield EmbeddedFile(part.name, part.content, sidecars)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        try:
            # What cannot be cut out is drawn as a person sees it.
            yield from (EmbeddedFile(part.name, part.content) for part in document.walk_drawn_pages())
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        if unread := document.describe_unread():
            yield Trouble("", self.name, Cause.UNSUPPORTED, unread)

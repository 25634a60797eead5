"""Pictures, sounds and documents that a text contains as letters: `data:` addresses and base64."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.encoded_files import walk_files
from provenance.media.readable import OversizedContainer
from provenance.media.source import Source
from provenance.media.types import Kind
from provenance.model.evidence import Trouble


class EncodedFiles(Carrier):
    """Every picture, sound, movie, document or archive that a text contains as a `data:` address or in base64.

    Texts are HTML, CSS, SVG, XML, JSON, notebooks, glTF and anything else that is written in letters. A file without an
    address is recognised by its first bytes. Drawings without pictures and metadata in them, and fonts, are left out.
    """

    name: ClassVar[str] = "encoded_files"
    title: ClassVar[str] = "files in base64 and `data:` addresses in texts, SVG and XML"
    # The carrier `mail` reads messages part by part, under the names of the parts.
    media: ClassVar[frozenset[str]] = types.select_names(lambda row: row.kind is Kind.TEXT) - {types.MESSAGE} | {
        types.SVG,
        types.RDF,
    }
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each, and those that are too large to be read."""
        try:
            for file in walk_files(source):
                yield EmbeddedFile(file.name, file.content)
        except OversizedContainer as excess:
            yield Trouble("", self.name, excess.cause, str(excess))

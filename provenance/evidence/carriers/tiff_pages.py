"""Pages of a TIFF behind the first, and the pictures inside of pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.tiff_pages import walk_pages
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Trouble


class TiffPages(Carrier):
    """Every page of a TIFF but the first, with the tags, the XMP and the IPTC records that stand in its directory.

    So is every picture of 64 pixels and more in a sub-directory (SubIFD). Smaller versions of the first page are pages
    as well. Camera raws, which are built in the same way, have none.
    """

    name: ClassVar[str] = "tiff_pages"
    title: ClassVar[str] = "further pages of TIFF files, and pictures inside of pages"
    version: ClassVar[int] = 2
    media: ClassVar[frozenset[str]] = frozenset({types.TIFF})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each page, and pages that could not be read."""
        try:
            for name, content in walk_pages(source):
                yield EmbeddedFile(name, content)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

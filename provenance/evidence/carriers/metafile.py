"""Windows metafiles: the bitmaps in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.metafile import walk_emf, walk_wmf
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Trouble


class Metafile(Carrier):
    """Every bitmap of 64 pixels and more that a WMF, EMF or EMF+ draws is an embedded file. Lines and text are none.

    Office documents keep pasted pictures and charts in them.
    """

    name: ClassVar[str] = "metafile"
    title: ClassVar[str] = "bitmaps in WMF and EMF drawings"
    media: ClassVar[frozenset[str]] = frozenset({types.EMF, types.WMF})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each bitmap, and what is damaged or too large."""
        walk = walk_emf if source.media_type == types.EMF else walk_wmf
        try:
            for picture in walk(source):
                yield EmbeddedFile(picture.name, picture.content)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

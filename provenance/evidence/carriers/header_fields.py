"""Pictures with texts in fixed fields of a header or footer: Cineon, SGI, DDS, TGA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats import cineon, dds, sgi, tga
from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble

_WALKERS: dict[str, Callable[[Readable], Iterator[HeaderText]]] = {
    types.CINEON: cineon.walk_texts,
    types.SGI: sgi.walk_texts,
    types.DDS: dds.walk_texts,
    types.TGA: tga.walk_texts,
}


class HeaderFields(Carrier):
    """Texts under the names that the specification of the format gives their fields.

    These formats hold no other metadata. Of a TGA that is the identification field, the extension area (author,
    comments, job, software) and texts in the developer area.
    """

    name: ClassVar[str] = "header_fields"
    title: ClassVar[str] = "text fields of Cineon, SGI, DDS and TGA"
    media: ClassVar[frozenset[str]] = frozenset(_WALKERS)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each field that holds a text, and a header that is cut."""
        try:
            for text in _WALKERS[source.media_type](source):
                if text.value:
                    yield Statement(self.name, f"field at byte {text.offset}", text.key, text.value)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

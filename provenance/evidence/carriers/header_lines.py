"""Pictures whose header is text: Netpbm, Radiance HDR, MIFF, FITS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats import fits, miff, netpbm, radiance
from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble

_WALKERS: dict[str, Callable[[Readable], Iterator[HeaderText]]] = {
    types.NETPBM: netpbm.walk_texts,
    types.RADIANCE: radiance.walk_texts,
    types.MIFF: miff.walk_texts,
    types.FITS: fits.walk_texts,
}


class HeaderLines(Carrier):
    """Comments as `Comment`, and variables under the names that the file gives them."""

    name: ClassVar[str] = "header_lines"
    title: ClassVar[str] = "header lines and comments of PBM, PGM, PPM, PAM, Radiance HDR, MIFF and FITS"
    media: ClassVar[frozenset[str]] = frozenset(_WALKERS)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each line that has a text, and damage of the header."""
        try:
            for text in _WALKERS[source.media_type](source):
                if text.value:
                    yield Statement(self.name, f"header line at byte {text.offset}", text.key, text.value)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

"""An invisible watermark in the colours of the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.evidence.pixels import dwtdct
from provenance.media.decode import samples
from provenance.media.source import Source
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Standing


class Watermark(Carrier):
    """Bits of the open dwtDct watermark, where they belong to a known payload.

    Only losslessly coded pictures keep it: of others nothing is said. A picture that is too large to be decoded, or
    damaged, gives no trouble: that nothing was found would not mean anything either, so nothing was missed that clears.
    """

    name: ClassVar[str] = "watermark"
    title: ClassVar[str] = "Watermark in the colours of the pixels"
    media: ClassVar[frozenset[str]] = samples.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield the bits of a watermark, as many as its payload has, or that a picture was too large to be searched."""
        coding = samples.find_coding(source)
        if coding is None or not coding.colours or coding.pixels < dwtdct.SMALLEST:
            return
        if not samples.within_limit(source, coding):
            most = source.limits.watermark_pixels
            told = f"{coding.width} x {coding.height} pixels, more than {most}: not searched for marks in the pixels"
            yield Statement(self.name, "all pixels", "not searched", told)
            return
        look = samples.rows(source, coding, coding.look)
        if look is None or not dwtdct.striking(look):
            return
        whole = samples.rows(source, coding, dwtdct.ENOUGH // coding.width)
        for found in dwtdct.watermarks(look if whole is None else whole):
            where = f"chroma of the pixels, dwtDct, {len(found.bits)} bits read as {found.way}"
            yield Statement(self.name, where, "dwtDct", found.bits, Standing.INFERRED)

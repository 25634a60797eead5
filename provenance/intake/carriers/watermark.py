"""An invisible watermark in the colours of the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.intake import dwtdct, pixels
from provenance.intake.family import Carrier, Said
from provenance.intake.source import Source
from provenance.model import Standing, Statement


class Watermark(Carrier):
    """Bits of the open dwtDct watermark, where they belong to a known payload.

    Only losslessly coded pictures keep it: of others nothing is said. A picture that is too large to be decoded, or
    damaged, gives no trouble: that nothing was found would not mean anything either, so nothing was missed that clears.
    """

    name: ClassVar[str] = "watermark"
    title: ClassVar[str] = "Watermark in the colours of the pixels"
    media: ClassVar[frozenset[str]] = pixels.MEDIA

    def read(self, source: Source) -> Iterator[Said]:
        """Yield the bits of a watermark, as many as its payload has, or that a picture was too large to be searched."""
        coding = pixels.coding_of(source)
        if coding is None or not coding.colours or coding.pixels < dwtdct.SMALLEST:
            return
        if not pixels.within_limit(source, coding):
            most = source.limits.watermark_pixels
            told = f"{coding.width} x {coding.height} pixels, more than {most}: not searched for marks in the pixels"
            yield Statement(self.name, "all pixels", "not searched", told)
            return
        if (look := _look(source, coding)) is None or not dwtdct.striking(look):
            return
        whole = pixels.rows(source, coding, dwtdct.ENOUGH // coding.width)
        for found in dwtdct.watermarks(look if whole is None else whole):
            where = f"chroma of the pixels, dwtDct, {len(found.bits)} bits read as {found.way}"
            yield Statement(self.name, where, "dwtDct", found.bits, Standing.INFERRED)


def _look(source: Source, coding: pixels.Coding) -> pixels.Samples | None:
    """The first rows, more of them where they are too flat to tell whether a closer look is worth its price."""
    first = pixels.rows(source, coding, coding.look)
    if first is not None and dwtdct.flat(first):
        more = pixels.rows(source, coding, dwtdct.FURTHER // coding.width)
        return first if more is None else more
    return first

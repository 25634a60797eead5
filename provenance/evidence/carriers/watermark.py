"""An invisible watermark in the colours of the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.decode import lossless_pixels
from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.evidence.pixels import dwtdct
from provenance.media.source import Source
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Standing


class Watermark(Carrier):
    """The bits of an invisible dwtDct watermark, if they are those of a known generator.

    Only losslessly coded pictures are searched: in others the watermark does not survive. A picture that is damaged or
    too large to be searched is not reported as a problem, because a search without a result would not clear it either.
    """

    name: ClassVar[str] = "watermark"
    title: ClassVar[str] = "invisible watermark in the colours of the pixels"
    media: ClassVar[frozenset[str]] = lossless_pixels.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report the bits of a watermark, as many as its payload has, or that the picture is too large to search."""
        coding = lossless_pixels.find_coding(source)
        if coding is None or not coding.exact_colours or coding.pixels < dwtdct.MIN_PIXELS:
            return
        if not lossless_pixels.is_within_limit(source, coding):
            most = source.limits.watermark_pixels
            value = f"{coding.width} x {coding.height} pixels, more than {most:,}: not searched for watermarks"
            yield Statement(self.name, "all pixels", "not searched", value)
            return
        # Decoding costs more than all else, so a few rows decide whether the rest is worth it.
        probe = lossless_pixels.decode_rows(source, coding, coding.probe_rows)
        if probe is None or not dwtdct.has_likely_watermark(probe):
            return
        samples = lossless_pixels.decode_rows(source, coding, dwtdct.MAX_PIXELS // coding.width)
        if samples is None:
            samples = probe
        for watermark in dwtdct.find_watermarks(samples):
            where = f"chroma of the pixels, dwtDct, {len(watermark.bits)} bits read as {watermark.way}"
            yield Statement(self.name, where, "dwtDct", watermark.bits, Standing.INFERRED)

"""Pictures that an SVG drawing contains as `data:` addresses."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import unquote_to_bytes

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.readable import read_within
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_DATA_ADDRESS = re.compile(
    rb"data:(?:image|video|audio|application)/[\w.+-]{1,64}(?:;[\w.=-]{1,64})*?;base64,([^\"'<>()]*)"
)
_WHITE_SPACE = re.compile(rb"&#x?[0-9a-fA-F]{1,6};|\s")
"""Line breaks within base64, as such or as XML character references."""


class Svg(Carrier):
    """Every picture, sound or movie that is embedded in an SVG drawing as a base64 `data:` address."""

    name: ClassVar[str] = "svg"
    title: ClassVar[str] = "pictures embedded in SVG drawings"
    media: ClassVar[frozenset[str]] = frozenset({types.SVG})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each picture, and pictures that are damaged."""
        searched = source.limits.packet
        if source.size > searched:
            detail = f"only the first {searched:,} bytes were searched for embedded pictures"
            yield Trouble("", self.name, Cause.OVERSIZED, detail)
        for number, match in enumerate(_DATA_ADDRESS.finditer(read_within(source, 0, source.size)), 1):
            # A data address is a URL (RFC 2397), so `+`, `/` and `=` of the base64 may be percent-encoded.
            encoded = unquote_to_bytes(_WHITE_SPACE.sub(b"", match[1]))
            try:
                content = binascii.a2b_base64(encoded)
            except binascii.Error as damage:
                yield Trouble("", self.name, Cause.MALFORMED, f"embedded picture {number}: {damage}")
                continue
            if content:
                yield EmbeddedFile(f"picture {number}", content)

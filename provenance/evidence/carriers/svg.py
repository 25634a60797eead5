"""Pictures that a drawing holds in itself, as data addresses."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import unquote_to_bytes

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.readable import bounded
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_DATA = re.compile(rb"data:(?:image|video|audio|application)/[\w.+-]{1,64}(?:;[\w.=-]{1,64})*?;base64,([^\"'<>()]*)")
_REFERENCE = re.compile(rb"&#x?[0-9a-fA-F]{1,6};|\s")
"""Line breaks, written out or not."""


class Svg(Carrier):
    """Every data address in base 64 is a thing of its own; what is drawn in words holds no pictures."""

    name: ClassVar[str] = "svg"
    title: ClassVar[str] = "pictures embedded in SVG drawings"
    media: ClassVar[frozenset[str]] = frozenset({"image/svg+xml"})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield a child for each picture that is embedded."""
        if source.size > source.limits.packet:
            yield Trouble(
                "",
                self.name,
                Cause.OVERSIZED,
                f"only its first {source.limits.packet} bytes were searched for pictures",
            )
        for number, found in enumerate(_DATA.finditer(bounded(source, 0, source.size)), 1):
            try:
                content = binascii.a2b_base64(unquote_to_bytes(_REFERENCE.sub(b"", found[1])))
            except binascii.Error as damage:
                yield Trouble("", self.name, Cause.MALFORMED, f"embedded picture {number}: {damage}")
                continue
            if content:
                yield EmbeddedFile(f"picture {number}", content)

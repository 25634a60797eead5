"""Encapsulated PostScript: the preview in a binary header, and pictures among the drawing commands.

Adobe: Encapsulated PostScript File Format Specification, version 3.0, section 5.2; Document Structuring Conventions,
version 3.0.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_BINARY_HEADER = struct.Struct("<4s6I")
"""Magic, then offset and length of the PostScript, of a Windows metafile, and of a TIFF."""
_MAGIC = b"\xc5\xd0\xd3\xc6"
_PICTURE = re.compile(
    rb"^%(?:ImageData:|%BeginBinary:|%BeginData:|AI5_BeginRaster)|^(?:[^%\r\n]{0,200}\s)?(?:color)?image[ \t]*$",
    re.MULTILINE,
)
"""Comments that stand before samples, and the commands that draw them, at the end of a line."""
_PROLOG_END = re.compile(rb"^%%(?:EndProlog|EndSetup|Page:)", re.MULTILINE)
_OVERLAP = 512
"""Bytes that neighbouring blocks share, so that no line is missed."""


class Postscript(Carrier):
    """The TIFF preview as a file of its own; pictures that PostScript draws are reported, because no program is run."""

    name: ClassVar[str] = "postscript"
    title: ClassVar[str] = "previews and pictures of EPS files"
    media: ClassVar[frozenset[str]] = frozenset({types.POSTSCRIPT})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield the preview, and one trouble for each kind of picture that was not looked at."""
        start, end = 0, source.size
        header = source.at(0, _BINARY_HEADER.size)
        if header.startswith(_MAGIC) and len(header) == _BINARY_HEADER.size:
            _, start, length, _, metafile_length, tiff_start, tiff_length = _BINARY_HEADER.unpack(header)
            end = min(source.size, start + length)
            yield from self._read_previews(source, metafile_length, tiff_start, tiff_length)
        if _draws_picture(source, start, end):
            detail = "draws pictures by PostScript commands, which are not run here: they were not looked at"
            yield Trouble("", self.name, Cause.UNSUPPORTED, detail)

    def _read_previews(
        self, source: Source, metafile_length: int, tiff_start: int, tiff_length: int
    ) -> Iterator[CarrierOutput]:
        if metafile_length:
            detail = "the preview is a Windows metafile, which was not looked at"
            yield Trouble("", self.name, Cause.UNSUPPORTED, detail)
        if tiff_length > source.limits.child:
            detail = f"the preview is larger than {source.limits.child:,} bytes; it was not looked at"
            yield Trouble("", self.name, Cause.OVERSIZED, detail)
        elif tiff_length:
            content = source.at(tiff_start, tiff_length)
            if len(content) < tiff_length:
                yield Trouble("", self.name, Cause.MALFORMED, "the file ends inside its preview")
            if content:
                yield EmbeddedFile("preview.tif", content)


def _draws_picture(source: Source, start: int, end: int) -> bool:
    """Whether the pages draw a picture; what a prolog only defines is none. Without a prolog everything is pages."""
    is_in_prolog, is_in_doubt = True, False
    for offset in range(start, end, source.limits.block):
        length = min(source.limits.block + _OVERLAP, end - offset)
        block = source.at(offset, length).replace(b"\r", b"\n")
        ending = _PROLOG_END.search(block) if is_in_prolog else None
        # One in the part that the next block has too is found there: what stands before it is prolog in both.
        if ending and ending.start() < source.limits.block:
            is_in_prolog = False
            block = block[ending.start() :]
        if not _PICTURE.search(block):
            continue
        if not is_in_prolog:
            return True
        # It counts unless the prolog ends behind it.
        is_in_doubt = True
    return is_in_prolog and is_in_doubt

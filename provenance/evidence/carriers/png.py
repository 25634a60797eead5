"""PNG text chunks, wherever they stand in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.png import EXIF_PROFILES, XMP, XMP_PROFILES, read_text, walk_chunks
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.model.evidence import Statement, Trouble

_READ_ELSEWHERE = frozenset({XMP, *EXIF_PROFILES, *XMP_PROFILES})
"""Keywords of chunks that the carriers of XMP and EXIF read."""
_JPEG_DATA = "JDAT"
"""Chunks of a JNG that together are a JPEG."""
_TEXTS_PER_FILE = 4
"""All texts of a file together may have this many times the bytes that one text may have."""


class Png(Carrier):
    """The text chunks tEXt, zTXt and iTXt, and the private chunk `comf` of animated pictures.

    EXIF and XMP in a PNG are read by the carriers of those names. The JPEG in a JNG is an embedded file.
    """

    name: ClassVar[str] = "png"
    title: ClassVar[str] = "text chunks of PNG, JNG and MNG"
    media: ClassVar[frozenset[str]] = frozenset({types.PNG, types.JNG, types.MNG})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each text, in the order of the file; compressed texts are unpacked up to a limit."""
        bytes_left = _TEXTS_PER_FILE * source.limits.inflated
        picture: list[bytes] = []
        try:
            for chunk in walk_chunks(source):
                if chunk.kind == _JPEG_DATA and source.media_type == types.JNG:
                    picture.append(source.at(chunk.offset, chunk.length))
                text = read_text(source, chunk, bytes_left)
                if text is None:
                    continue
                bytes_left -= len(text.data)
                if text.keyword in _READ_ELSEWHERE:
                    continue
                # A chunk starts eight bytes before its data: length and type.
                where = f'{chunk.kind} chunk "{text.keyword}" at byte {chunk.offset - 8}'
                if text.loss:
                    detail = f"{where}: only the first {len(text.data):,} bytes were read"
                    yield Trouble("", self.name, text.loss, detail)
                yield Statement(self.name, where, text.keyword or chunk.kind, decode_text(text.data))
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        if picture:
            yield EmbeddedFile("picture", b"".join(picture))

"""Pictures and embedded objects of RTF documents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats import rtf
from provenance.media.formats.rtf import RtfPart
from provenance.media.readable import Block, MalformedContainer
from provenance.media.sniff import sniff
from provenance.media.source import Source
from provenance.media.types import UNKNOWN, needs_no_carrier
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_MOST_NAMED = 10
"""Pictures that the trouble about unreadable ones names."""


class Rtf(Carrier):
    """Every picture of a document in PNG, JPEG or as a bitmap, and the files in its embedded objects.

    Metafiles are reported as not looked at, unless the same picture stands beside them in a better form.
    """

    name: ClassVar[str] = "rtf"
    title: ClassVar[str] = "pictures and objects of RTF documents"
    media: ClassVar[frozenset[str]] = frozenset({types.RTF})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each picture and object, and those that could not be read."""
        unread: list[str] = []
        try:
            for number, part in enumerate(rtf.walk_parts(source), 1):
                content = _find_file(part)
                media_type = sniff(Block(content, source.limits).at)
                if content and media_type != UNKNOWN and not needs_no_carrier(media_type):
                    yield EmbeddedFile(f"{'object' if part.kind == 'objdata' else 'picture'} {number}", content)
                else:
                    unread.append(f"{part.kind or 'picture'} at byte {part.offset}")
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        if unread:
            named = ", ".join(unread[:_MOST_NAMED])
            more = f" and {len(unread) - _MOST_NAMED:,} more" if len(unread) > _MOST_NAMED else ""
            yield Trouble("", self.name, Cause.UNSUPPORTED, f"RTF: cannot be read here: {named}{more}")


def _find_file(part: RtfPart) -> bytes:
    if part.kind == "objdata":
        return rtf.find_object_file(part.content)
    if part.kind == "dibitmap":
        return rtf.make_bitmap(part.content)
    return part.content

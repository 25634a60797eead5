"""Icons and cursors: the pictures in them that are files of their own, and comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats import icons
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause


class Icon(Carrier):
    """Every PNG, JPEG and JPEG 2000 in an icon is an embedded file.

    The other pictures of an icon are plain samples, without any text. Cursors of X11 have comments.
    """

    name: ClassVar[str] = "icon"
    title: ClassVar[str] = "pictures in ICO, CUR and ICNS, comments of Xcursor"
    media: ClassVar[frozenset[str]] = frozenset({types.ICO, types.ICNS, types.XCURSOR})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each whole picture, a statement for each comment, and damage of the directory."""
        try:
            if source.media_type == types.XCURSOR:
                for text in icons.walk_xcursor_comments(source):
                    if text.value.strip():
                        yield Statement(self.name, f"comment at byte {text.offset}", text.key, text.value)
                return
            walk = icons.walk_icns if source.media_type == types.ICNS else icons.walk_ico
            for picture in walk(source):
                if picture.length > source.limits.child:
                    detail = f"{picture.name}: larger than {source.limits.child:,} bytes; it was not read"
                    yield Trouble("", self.name, Cause.OVERSIZED, detail)
                else:
                    yield EmbeddedFile(picture.name, source.at(picture.offset, picture.length))
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

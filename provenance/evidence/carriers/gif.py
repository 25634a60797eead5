"""GIF comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.gif import COMMENT, extensions, joined
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Statement, Trouble


class Gif(Carrier):
    """Comment extensions, wherever they stand between the pictures."""

    name: ClassVar[str] = "gif"
    title: ClassVar[str] = "GIF comment extensions"
    media: ClassVar[frozenset[str]] = frozenset({"image/gif"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each comment, and the damage of the file's structure."""
        try:
            for extension in extensions(source):
                if extension.kind == COMMENT and (text := decoded(joined(source, extension))).strip():
                    yield Statement(self.name, f"comment at byte {extension.offset - 2}", "Comment", text)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

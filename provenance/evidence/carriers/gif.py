"""GIF comments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.gif import COMMENT, join_blocks, walk_extensions
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.model.evidence import Statement, Trouble


class Gif(Carrier):
    """Comment extensions of GIF files, before, between and after the pictures."""

    name: ClassVar[str] = "gif"
    title: ClassVar[str] = "GIF comment extensions"
    media: ClassVar[frozenset[str]] = frozenset({types.GIF})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each comment, and damage of the file's structure."""
        try:
            for extension in walk_extensions(source):
                if extension.kind != COMMENT:
                    continue
                text = decode_text(join_blocks(source, extension))
                if text.strip():
                    # The extension starts two bytes before its data: introducer and label.
                    yield Statement(self.name, f"comment at byte {extension.offset - 2}", "Comment", text)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))

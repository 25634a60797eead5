"""Mail and saved web pages: attachments, pictures, and pages with pictures in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.mail import walk_parts
from provenance.media.readable import OversizedContainer
from provenance.media.source import Source
from provenance.model.evidence import Trouble


class Mail(Carrier):
    """Every attachment and picture of a message (`.eml`) or of a saved web page (`.mht`), and of messages inside.

    Texts without files in them are left out, and so are signatures. In a file of many messages (`.mbox`) the carrier
    `encoded_files` finds what is written in base64.
    """

    name: ClassVar[str] = "mail"
    title: ClassVar[str] = "attachments and pictures of mail and saved web pages"
    media: ClassVar[frozenset[str]] = frozenset({types.MESSAGE})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each part that is one or holds some."""
        try:
            for part in walk_parts(source):
                yield EmbeddedFile(part.name, part.content)
        except OversizedContainer as excess:
            yield Trouble("", self.name, excess.cause, str(excess))

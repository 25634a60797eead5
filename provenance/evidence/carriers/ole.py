"""OLE compound files: the essence that an AAF contains, and media in other files of this kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.ole import OleStorage, OleStream
from provenance.media.readable import MalformedContainer
from provenance.media.sniff import sniff
from provenance.media.source import Source
from provenance.media.types import UNKNOWN, Container, needs_no_carrier
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause


class Ole(Carrier):
    """Streams whose content is a file of a known type: the essence of an AAF, media in older Office documents.

    Nothing else is read. The cut list of an AAF needs no carrier; any other compound file is reported as only searched
    for media.
    """

    name: ClassVar[str] = "ole"
    title: ClassVar[str] = "essence embedded in AAF, media in other compound files"
    media: ClassVar[frozenset[str]] = types.names_in(Container.OLE)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report each stream that is a file as an embedded file, and what was not read."""
        try:
            storage = OleStorage(source)
            for entry in storage.walk_streams():
                yield from _read_stream(storage, entry)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        # The objects of an AAF are its cut list, which carriers leave alone. Any other compound file has texts and
        # properties that are left unread, and that must not look like a pass.
        if source.media_type != types.AAF:
            yield Trouble("", self.name, Cause.UNSUPPORTED, "compound file: only the media in its streams were read")


def _read_stream(storage: OleStorage, entry: OleStream) -> Iterator[CarrierOutput]:
    # The first sector is enough to sniff the type: most streams are not media and need not be put together.
    head = storage.read_beginning(entry)
    media_type = sniff(lambda offset, length: head[offset : offset + length])
    if media_type == UNKNOWN or needs_no_carrier(media_type):
        return
    try:
        yield EmbeddedFile(entry.name, storage.read_stream(entry))
    except MalformedContainer as damage:
        yield Trouble("", Ole.name, damage.cause, str(damage))

"""OLE structured storage: the essence that an AAF keeps in itself, and media in other files of the kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.formats.ole import Entry, OleStorage
from provenance.media.readable import MalformedContainer
from provenance.media.sniff import UNKNOWN, needs_no_carrier, sniff
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_AAF = "application/x-aaf"


class Ole(Carrier):
    """Streams that begin as a file of a known type are children; an AAF's own objects are read as a cut list."""

    name: ClassVar[str] = "ole"
    title: ClassVar[str] = "essence embedded in AAF, media in other compound files"
    media: ClassVar[frozenset[str]] = frozenset({_AAF, "application/x-ole-storage"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield a child for each stream that is a file; for what is no AAF, that nothing else of it was read."""
        try:
            storage = OleStorage(source)
            for entry in storage.streams():
                yield from _stream(storage, entry)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        if source.media_type != _AAF:
            yield Trouble("", self.name, Cause.UNSUPPORTED, "compound file: only searched for media in its streams")


def _stream(storage: OleStorage, entry: Entry) -> Iterator[CarrierOutput]:
    head = storage.begin(entry)
    kind = sniff(lambda offset, length: head[offset : offset + length])
    if kind == UNKNOWN or needs_no_carrier(kind):
        return
    try:
        yield EmbeddedFile(entry.name, storage.content(entry))
    except MalformedContainer as damage:
        yield Trouble("", Ole.name, damage.cause, str(damage))

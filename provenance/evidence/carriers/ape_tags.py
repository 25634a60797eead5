"""APE tags of MP3, WavPack, Monkey's Audio and Musepack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats import ape_tags
from provenance.media.formats.ape_tags import ApeItem
from provenance.media.readable import MalformedContainer
from provenance.media.sniff import sniff
from provenance.media.source import Source
from provenance.media.text import decode_text, extract_text
from provenance.media.types import UNKNOWN, needs_no_carrier
from provenance.model.evidence import Statement, Trouble


class ApeTags(Carrier):
    """Every item of the tag that contains text, under its key; several values of an item are put on lines of their own.

    Cover art is an embedded file. FFmpeg, and so the carrier `tags`, does not read the tag of an MP3.
    """

    name: ClassVar[str] = "ape_tags"
    title: ClassVar[str] = "APE tags of MP3, AAC, WavPack, Monkey's Audio, Musepack and TTA"
    media: ClassVar[frozenset[str]] = types.select_names(lambda row: row.has_ape_tags)
    # A tag is not all that such a file holds.
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each text, an embedded file for each picture, and damage of the tag."""
        try:
            for item in ape_tags.walk_items(source):
                yield from _read_item(item)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _read_item(item: ApeItem) -> Iterator[CarrierOutput]:
    where = f'item "{item.key}" at byte {item.offset}'
    if not item.is_binary:
        text = "\n".join(decode_text(value) for value in item.value.split(b"\0") if value)
        if text.strip():
            yield Statement(ApeTags.name, where, item.key, text)
        return
    # The name of the file stands before its bytes.
    name, zero, content = item.value.partition(b"\0")
    if zero and not _is_plain(content):
        yield EmbeddedFile(decode_text(name) or item.key, content)
    elif text := extract_text(item.value):
        yield Statement(ApeTags.name, where, item.key, text)


def _is_plain(content: bytes) -> bool:
    """Whether bytes are no file of a type that is known, or text."""
    media_type = sniff(lambda offset, length: content[offset : offset + length])
    return media_type == UNKNOWN or needs_no_carrier(media_type)

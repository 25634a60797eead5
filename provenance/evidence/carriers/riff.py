"""RIFF texts: INFO lists, broadcast and cart extensions, iXML, axml and AIGC chunks of WAV, Wave64, AVI and WebP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats import riff, wave64, xml_fields
from provenance.media.formats.riff import RiffChunk
from provenance.media.readable import MalformedContainer, read_within
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.media.types import Container
from provenance.model.evidence import Statement, Trouble

_TEXT_LISTS = ("/INFO", "/exif")
"""Lists in which every chunk is a text."""
_TEXT_CHUNKS = frozenset({"AIGC", "IDIT"})
"""Chunks that are a text, wherever they stand."""
_LABEL_CHUNKS = frozenset({"labl", "note"})
"""Texts about cue points, behind four bytes with the number of the point."""
_XML_CHUNKS = frozenset({"iXML", "ixml", "axml"})
"""Chunks that are XML: notes of recorders and editors, and the Audio Definition Model (ITU-R BS.2076)."""
_BROADCAST_PREFIX = "BWF_"
"""Before the names of the fields of a broadcast extension that iXML repeats."""
_FIXED_FIELDS = {
    "bext": {
        "Description": (0, 256), "Originator": (256, 32), "OriginatorReference": (288, 32),
        "OriginationDate": (320, 10), "OriginationTime": (330, 8), "CodingHistory": (602, None),
    },
    "cart": {
        "Title": (4, 64), "Artist": (68, 64), "CutID": (132, 64), "ClientID": (196, 64), "Category": (260, 64),
        "Classification": (324, 64), "OutCue": (388, 64), "StartDate": (452, 10), "EndDate": (470, 10),
        "ProducerAppID": (488, 64), "ProducerAppVersion": (552, 64), "UserDef": (616, 64), "URL": (1024, 1024),
        "TagText": (2048, None),
    },
}  # fmt: skip
"""Offset and length of the text fields of a broadcast extension (EBU Tech 3285) and of a cart chunk (AES46).

The last field of each has the rest.
"""


class Riff(Carrier):
    """Texts in RIFF chunks under the four letters of the chunk; fields of a broadcast extension under their names.

    Each text of an XML chunk is reported under the names of its elements: `iXML/BWFXML/NOTE`.
    """

    name: ClassVar[str] = "riff"
    title: ClassVar[str] = "RIFF chunks of WAV, Wave64, AVI and WebP"
    media: ClassVar[frozenset[str]] = types.names_in(Container.RIFF) | {types.WAVE64}

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each text, and damage of the file's structure."""
        is_wave64 = source.media_type == types.WAVE64
        try:
            for chunk in wave64.walk_chunks(source) if is_wave64 else riff.walk_chunks(source):
                yield from _read_chunk(source, chunk)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _read_chunk(source: Source, chunk: RiffChunk) -> Iterator[CarrierOutput]:
    # A chunk of RIFF starts eight bytes before its data: four letters and length.
    where = f"{chunk.kind} chunk at byte {chunk.offset - 8}"
    try:
        for key, value in _read_texts(source, chunk):
            if value.strip():
                yield Statement(Riff.name, where, key, value)
    except MalformedContainer as damage:
        yield Trouble("", Riff.name, damage.cause, f"{where}: {damage}")


def _read_texts(source: Source, chunk: RiffChunk) -> Iterator[tuple[str, str]]:
    """Key and text of everything in a chunk. Raises `MalformedContainer` for XML that is damaged."""
    if chunk.path.endswith(_TEXT_LISTS) or chunk.kind in _TEXT_CHUNKS:
        yield chunk.kind, _decode_field(read_within(source, chunk.offset, chunk.length))
    elif chunk.kind in _LABEL_CHUNKS and chunk.path.endswith("/adtl"):
        yield chunk.kind, _decode_field(read_within(source, chunk.offset, chunk.length)[4:])
    elif chunk.kind in _XML_CHUNKS:
        yield from _read_xml(source, chunk)
    elif fields := _FIXED_FIELDS.get(chunk.kind):
        data = read_within(source, chunk.offset, chunk.length)
        for key, (start, length) in fields.items():
            end = None if length is None else start + length
            yield key, _decode_field(data[start:end])


def _read_xml(source: Source, chunk: RiffChunk) -> Iterator[tuple[str, str]]:
    """Report every text of the XML; the whole of it where there is none, or where it is damaged."""
    data = read_within(source, chunk.offset, chunk.length).strip(b"\0 \t\r\n")
    damage: MalformedContainer | None = None
    has_fields = False
    try:
        for field in xml_fields.walk_fields(data, source.limits.statements, source.limits.depth):
            has_fields = True
            # iXML repeats the broadcast extension; its fields have the same names here.
            parent, _, name = field.path.rpartition("/")
            yield "/".join(filter(None, (chunk.kind, parent, name.removeprefix(_BROADCAST_PREFIX)))), field.value
    except MalformedContainer as fault:
        damage = fault
    if damage or not has_fields:
        yield chunk.kind, _decode_field(data)
    # What does not even begin like XML is a text that somebody put there.
    if damage and data.startswith(b"<"):
        raise damage


def _decode_field(data: bytes) -> str:
    # The text ends at the first zero; anything behind it fills up the field.
    return decode_text(data.split(b"\0", 1)[0])

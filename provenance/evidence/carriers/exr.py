"""OpenEXR header attributes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats.exr import Attribute, attributes
from provenance.media.readable import MalformedContainer, bounded
from provenance.media.source import Source
from provenance.media.text import decoded, timecode
from provenance.model.evidence import Statement, Trouble

_NUMBERS = {"int": "<i", "float": "<f", "double": "<d"}


class Exr(Carrier):
    """Texts, numbers and the time code of every part, under their attribute names."""

    name: ClassVar[str] = "exr"
    title: ClassVar[str] = "OpenEXR header attributes"
    media: ClassVar[frozenset[str]] = frozenset({"image/x-exr"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each attribute that says something, and the damage of the header."""
        try:
            for attribute in attributes(source):
                if (value := _value(source, attribute)).strip():
                    place = f"part {attribute.part}, " if attribute.part else ""
                    where = f'{place}attribute "{attribute.name}" at byte {attribute.offset}'
                    yield Statement(self.name, where, attribute.name, value)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _value(source: Source, attribute: Attribute) -> str:
    """The value as text; empty for what is no word: windows, channels, matrices."""
    data = bounded(source, attribute.offset, attribute.length)
    if attribute.kind == "string":
        return decoded(data)
    if attribute.kind == "stringvector":
        return "\n".join(_texts(data))
    if attribute.kind == "timecode" and len(data) == 8:
        return timecode(int.from_bytes(data[:4], "little"))
    if attribute.kind == "rational" and len(data) == 8:
        return "{}/{}".format(*struct.unpack("<iI", data))
    code = _NUMBERS.get(attribute.kind)
    return f"{struct.unpack(code, data)[0]:.7g}" if code and len(data) == struct.calcsize(code) else ""


def _texts(data: bytes) -> Iterator[str]:
    position = 0
    while position + 4 <= len(data):
        length = int.from_bytes(data[position : position + 4], "little")
        yield decoded(data[position + 4 : position + 4 + length])
        position += 4 + length

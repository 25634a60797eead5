"""OpenEXR header attributes."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.exr import XMP_ATTRIBUTES, ExrAttribute, walk_attributes
from provenance.media.readable import MalformedContainer, read_within
from provenance.media.source import Source
from provenance.media.text import decode_text, format_packed_timecode
from provenance.model.evidence import Statement, Trouble

_NUMBER_FORMATS = {"int": "<i", "float": "<f", "double": "<d"}
"""OpenEXR attribute type -> its layout for the struct module."""


class Exr(Carrier):
    """Texts, numbers and the timecode of every part of the file, under their attribute names.

    XMP in an attribute is read by the carrier of that name.
    """

    name: ClassVar[str] = "exr"
    title: ClassVar[str] = "OpenEXR header attributes"
    media: ClassVar[frozenset[str]] = frozenset({types.EXR})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each attribute that is a text, a number or a timecode, and damage of the header."""
        try:
            for attribute in walk_attributes(source):
                if attribute.name.lower() in XMP_ATTRIBUTES:
                    continue
                value = _format_value(source, attribute)
                if value.strip():
                    where = f'attribute "{attribute.name}" at byte {attribute.offset}'
                    if attribute.part:
                        where = f"part {attribute.part}, {where}"
                    yield Statement(self.name, where, attribute.name, value)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))


def _format_value(source: Source, attribute: ExrAttribute) -> str:
    """Format the value as text; empty for windows, channel lists, matrices and the like."""
    data = read_within(source, attribute.offset, attribute.length)
    if attribute.kind == "string":
        return decode_text(data)
    if attribute.kind == "stringvector":
        return "\n".join(_split_strings(data))
    if attribute.kind == "timecode" and len(data) == 8:
        # The second half is user bits.
        return format_packed_timecode(int.from_bytes(data[:4], "little"))
    if attribute.kind == "rational" and len(data) == 8:
        # OpenEXR has a signed numerator and an unsigned denominator.
        numerator, denominator = struct.unpack("<iI", data)
        return f"{numerator}/{denominator}"
    number_format = _NUMBER_FORMATS.get(attribute.kind)
    if number_format and len(data) == struct.calcsize(number_format):
        (number,) = struct.unpack(number_format, data)
        return f"{number:.7g}"
    return ""


def _split_strings(data: bytes) -> Iterator[str]:
    """Split a `stringvector`: each string has its length in four bytes before it."""
    position = 0
    while position + 4 <= len(data):
        length = int.from_bytes(data[position : position + 4], "little")
        start = position + 4
        yield decode_text(data[start : start + length])
        position = start + length

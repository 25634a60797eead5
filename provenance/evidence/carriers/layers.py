"""Layers of Krita and OpenRaster documents, which are ZIP archives with a list of layers in XML."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import ClassVar
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats import zip as zips
from provenance.media.formats.unpacking import DECOMPRESSORS
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_LAYER_LISTS = frozenset({"maindoc.xml", "stack.xml"})
"""Members that list the layers: of Krita, of OpenRaster."""
_MOST_LAYERS = 1000
"""Layers of one document whose names are read."""


class Layers(Carrier):
    """Names of the layers; the pixels of the layers are read as members of the archive."""

    name: ClassVar[str] = "layers"
    title: ClassVar[str] = "layer names of Krita and OpenRaster documents"
    media: ClassVar[frozenset[str]] = frozenset({types.ZIP})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each layer that has a name, and a list of layers that could not be read."""
        try:
            for member in zips.walk_members(source):
                if member.name in _LAYER_LISTS:
                    yield from _read_list(source, member)
        except MalformedContainer:
            # The carrier `archive` reads the same file and reports its damage.
            return


def _read_list(source: Source, member: zips.ZipMember) -> Iterator[CarrierOutput]:
    if member.encrypted or member.method not in DECOMPRESSORS:
        # The carrier `archive` reports such members.
        return
    try:
        root = fromstring(zips.open_member(source, member).read(source.limits.inflated))
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        yield Trouble("", Layers.name, Cause.MALFORMED, f"{member.name}: {error}")
        return
    layers = (element for element in root.iter() if element.tag.rpartition("}")[2] == "layer")
    for number, layer in enumerate(itertools.islice(layers, _MOST_LAYERS), 1):
        if name := layer.get("name"):
            yield Statement(Layers.name, f"{member.name}, layer {number}", "layer name", name)

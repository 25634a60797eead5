"""Layers of Krita and OpenRaster documents, which are ZIP archives with a list of layers in XML."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import ClassVar
from xml.etree.ElementTree import Element

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.zip_xml import parse_members
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble

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
        for row in parse_members(source, _LAYER_LISTS.__contains__, self.name):
            if isinstance(row, Trouble):
                yield row
            else:
                yield from _read_list(*row)


def _read_list(member: str, root: Element) -> Iterator[Statement]:
    layers = (element for element in root.iter() if element.tag.rpartition("}")[2] == "layer")
    for number, layer in enumerate(itertools.islice(layers, _MOST_LAYERS), 1):
        if name := layer.get("name"):
            yield Statement(Layers.name, f"{member}, layer {number}", "layer name", name)

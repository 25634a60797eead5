"""Photoshop documents: their layers, the files placed in them, and whether generative tools were used."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.formats import photoshop, photoshop_placed
from provenance.media.formats.photoshop import Layer, LayerBlock
from provenance.media.formats.photoshop_descriptor import DescriptorReader
from provenance.media.formats.photoshop_placed import Placed
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_GENERATIVE = "GenI"
"""Block in which Photoshop notes its use of generative tools in the document."""
_MOST_NAMED = 1000
"""Layers whose names are told."""


class Psd(Carrier):
    """A placed file is a child named after the first layer that shows it; the other layers have no words but a name.

    Pixels are never unpacked: only lengths are followed.
    """

    name: ClassVar[str] = "psd"
    title: ClassVar[str] = "layers, placed files and generative notes of PSD and PSB"
    media: ClassVar[frozenset[str]] = frozenset({"image/vnd.adobe.photoshop"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield statements, a child for each file that the document keeps, and what could not be read."""
        shown: dict[str, int] = {}
        for part in (_notes(source), _layers(source, shown), _files(source, shown)):
            try:
                yield from part
            except MalformedContainer as damage:
                yield Trouble("", self.name, damage.cause, str(damage))


def _notes(source: Source) -> Iterator[Statement]:
    for block in photoshop.blocks(source):
        if block.key == _GENERATIVE:
            yield from _generative(source, block)


def _generative(source: Source, block: LayerBlock) -> Iterator[Statement]:
    walk = DescriptorReader(source, block.offset)
    walk.versioned()
    for key, value in walk.found:
        yield Statement(Psd.name, f"block {block.key} at byte {block.offset - 12}, {key}", key, value)


def _layers(source: Source, shown: dict[str, int]) -> Iterator[Statement]:
    """Names of layers; `shown` learns which file each shows."""
    for layer in itertools.islice(photoshop.layers(source), _MOST_NAMED):
        shown.setdefault(_used_by(source, layer), layer.number)
        if layer.name:
            yield Statement(Psd.name, f"layer {layer.number}", "layer name", layer.name)


def _used_by(source: Source, layer: Layer) -> str:
    try:
        return photoshop_placed.used_by(source, layer)
    except MalformedContainer:  # costs its file the number of the layer, no more
        return ""


def _files(source: Source, shown: dict[str, int]) -> Iterator[CarrierOutput]:
    for file in photoshop_placed.files(source):
        name = _name(file, shown)
        if not file.length:
            yield Statement(Psd.name, name, "placed file", file.name)
        elif file.length > source.limits.child:
            yield Trouble("", Psd.name, Cause.OVERSIZED, f"{name}: {file.length} bytes, not looked at")
        else:
            yield EmbeddedFile(name, source.at(file.offset, file.length))


def _name(file: Placed, shown: dict[str, int]) -> str:
    name = file.name or "placed file"
    return f"layer {shown[file.id]} ({name})" if file.id in shown else name

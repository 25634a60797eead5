"""Photoshop documents: layer names, placed files, and Photoshop's own record of generative tools."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats import photoshop, photoshop_layers, photoshop_placed
from provenance.media.formats.photoshop import Layer, LayerBlock
from provenance.media.formats.photoshop_descriptor import DescriptorReader
from provenance.media.formats.photoshop_placed import PlacedFile
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_GENERATIVE_BLOCK = "GenI"
"""Block in which Photoshop records that generative tools were used in the document."""
_BLOCK_HEADER = 12
"""Bytes of a block before its data: signature, key, length."""
_MOST_LAYERS = 1000
"""Layers that are read, from the lowest up."""


class Psd(Carrier):
    """Layer names, Photoshop's record of generative tools in the document, and placed files (smart objects).

    A placed file is an embedded file named after the lowest layer that shows it. The pixels of layers are embedded
    files where the document was saved without the picture of all layers together; that picture shows them otherwise.
    """

    name: ClassVar[str] = "psd"
    version: ClassVar[int] = 2
    title: ClassVar[str] = "layers, placed files and records of generative tools in PSD and PSB"
    media: ClassVar[frozenset[str]] = frozenset({types.PHOTOSHOP})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report statements, an embedded file for each placed file in the document, and what could not be read."""
        layer_numbers: dict[str, int] = {}
        parts = (
            _read_generative_records(source),
            _read_layers(source, layer_numbers),
            _extract_placed_files(source, layer_numbers),
            _extract_layers(source),
        )
        # Damage in one part must not cost the others.
        for part in parts:
            try:
                yield from part
            except MalformedContainer as damage:
                yield Trouble("", self.name, damage.cause, str(damage))


def _read_generative_records(source: Source) -> Iterator[Statement]:
    for block in photoshop.walk_blocks(source):
        if block.key == _GENERATIVE_BLOCK:
            yield from _read_descriptor(source, block)


def _read_descriptor(source: Source, block: LayerBlock) -> Iterator[Statement]:
    reader = DescriptorReader(source, block.offset)
    reader.read_with_version()
    for key, value in reader.values:
        where = f"block {block.key} at byte {block.offset - _BLOCK_HEADER}, {key}"
        yield Statement(Psd.name, where, key, value)


def _read_layers(source: Source, layer_numbers: dict[str, int]) -> Iterator[Statement]:
    """Report the names of layers, and fill `layer_numbers`: id of a placed file -> lowest layer that shows it."""
    for layer in itertools.islice(photoshop.walk_layers(source), _MOST_LAYERS):
        # Layers come from the lowest up, so the first one that shows a file is kept.
        layer_numbers.setdefault(_find_placed_id(source, layer), layer.number)
        if layer.name:
            yield Statement(Psd.name, f"layer {layer.number}", "layer name", layer.name)


def _find_placed_id(source: Source, layer: Layer) -> str:
    """Return the id of the file that a layer shows; empty if it shows none."""
    try:
        return photoshop_placed.find_shown_file(source, layer)
    except MalformedContainer:
        # All that is lost is the layer number in the name of the file.
        return ""


def _extract_placed_files(source: Source, layer_numbers: dict[str, int]) -> Iterator[CarrierOutput]:
    for file in photoshop_placed.walk_files(source):
        name = _format_name(file, layer_numbers)
        if not file.length:
            # Linked, not embedded: the document contains only its name.
            yield Statement(Psd.name, name, "placed file", file.name)
        elif file.length > source.limits.child:
            detail = f"{name}: larger than {source.limits.child:,} bytes ({file.length:,}); it was not read"
            yield Trouble("", Psd.name, Cause.OVERSIZED, detail)
        else:
            yield EmbeddedFile(name, source.at(file.offset, file.length))


def _extract_layers(source: Source) -> Iterator[EmbeddedFile]:
    """Extract the layers of a document that does not show them all together."""
    if not photoshop_layers.has_empty_merged_picture(source):
        return
    for number, name, picture in itertools.islice(photoshop_layers.walk_layer_pictures(source), _MOST_LAYERS):
        yield EmbeddedFile(f"layer {number} ({name}) pixels" if name else f"layer {number} pixels", picture)


def _format_name(file: PlacedFile, layer_numbers: dict[str, int]) -> str:
    name = file.name or "placed file"
    if file.id in layer_numbers:
        return f"layer {layer_numbers[file.id]} ({name})"
    return name

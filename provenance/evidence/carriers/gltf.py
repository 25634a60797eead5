"""Scenes in glTF: who made them, their XMP, and the pictures in their buffers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats.encoded_files import walk_files
from provenance.media.formats.gltf import Scene
from provenance.media.readable import Block, MalformedContainer, OversizedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble

_SCENE_KEYS = (b'"asset"', b'"bufferViews"', b'"images"')
"""What the JSON of a scene with pictures in it contains, and other JSON seldom does."""


class Gltf(Carrier):
    """Generator and copyright of a scene, its XMP, and the textures in its buffers as embedded files.

    Of a scene in JSON, textures in `data:` addresses are read by the carrier `encoded_files`.
    """

    name: ClassVar[str] = "gltf"
    title: ClassVar[str] = "textures and properties of glTF and GLB scenes"
    media: ClassVar[frozenset[str]] = frozenset({types.GLB, types.JSON})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report statements, an embedded file for each texture, and what could not be read."""
        is_binary = source.media_type == types.GLB
        if not is_binary and not _may_be_scene(source):
            return
        try:
            scene = Scene(source)
            for key, value in scene.read_properties():
                if value.strip():
                    yield Statement(self.name, f"JSON at byte {scene.json_start}, {key}", key, value)
            if is_binary:
                text = Block(source.at(scene.json_start, scene.json_length), source.limits)
                yield from (EmbeddedFile(file.name, file.content) for file in walk_files(text))
            yield from (EmbeddedFile(picture.name, picture.content) for picture in scene.walk_pictures())
        except MalformedContainer as damage:
            # JSON that is damaged may be anything.
            if is_binary or isinstance(damage, OversizedContainer):
                yield Trouble("", self.name, damage.cause, str(damage))


def _may_be_scene(source: Source) -> bool:
    text = source.at(0, min(source.size, source.limits.child))
    return all(key in text for key in _SCENE_KEYS)

"""Scenes: textures in the buffer of a GLB, in a buffer that is an address, and what a scene says of itself."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import pytest

from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL
from tests.evidence.looking import MARKED, PLAIN, Look

GENERATED = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"


def scene(**more: Any) -> dict[str, Any]:
    views = [{"buffer": 0, "byteOffset": 7, "byteLength": len(MARKED)},
             {"buffer": 0, "byteOffset": 7 + len(MARKED), "byteLength": len(PLAIN)}]  # fmt: skip
    images = [{"bufferView": 0, "mimeType": "image/png", "name": "wood"}, {"bufferView": 1, "mimeType": "image/png"}]
    buffers = [{"byteLength": 7 + len(MARKED) + len(PLAIN)}]
    return {"asset": {"version": "2.0", "generator": "a modeller"}, "buffers": buffers, "bufferViews": views,
            "images": images, **more}  # fmt: skip


def pack(document: dict[str, Any], buffer: bytes = b"points." + MARKED + PLAIN, version: int = 2) -> bytes:
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    chunks = b""
    for kind, data in ((b"JSON", text), (b"BIN\0", buffer)):
        chunks += len(data).to_bytes(4, "little") + kind + data
    return b"glTF" + version.to_bytes(4, "little") + (12 + len(chunks)).to_bytes(4, "little") + chunks


def test_textures_of_a_binary_scene(tmp_path: Path) -> None:
    look = Look(pack(scene()), tmp_path)
    assert look.own.asset.media_type == "model/gltf-binary"
    assert look.origins == {"image 1 (wood)": Origin.GENERATED, "image 2": Origin.UNKNOWN}
    assert (look.origin, look.causes, look.says("generator")) == (Origin.UNKNOWN, set(), ["a modeller"])


@pytest.mark.parametrize("before", [0, 1, 2, 3])
def test_textures_in_a_buffer_that_is_an_address(before: int, tmp_path: Path) -> None:
    buffer = bytes(before) + MARKED + bytes(5)
    document = scene(
        buffers=[{"uri": "data:application/octet-stream;base64," + base64.b64encode(buffer).decode()}],
        bufferViews=[{"buffer": 0, "byteOffset": before, "byteLength": len(MARKED)}],
        images=[{"bufferView": 0, "mimeType": "image/png"}],
    )
    look = Look(json.dumps(document).encode(), tmp_path)
    # A buffer that begins with a picture is a picture for itself as well.
    assert look.origins["image 1"] is Origin.GENERATED
    assert look.inside["image 1"].asset.size == len(MARKED)


def test_an_address_in_the_json_of_a_binary_scene(tmp_path: Path) -> None:
    address = "data:image/png;base64," + base64.b64encode(MARKED).decode()
    assert Look(pack(scene(images=[{"uri": address}])), tmp_path).origins == {"picture 1": Origin.GENERATED}


def test_xmp_of_a_scene(tmp_path: Path) -> None:
    packets = [{"@context": {"dc": "x"}, "Iptc4xmpExt:DigitalSourceType": GENERATED,
                "dc:creator": {"@list": ["a", "b"]}, "dc:title": {"rdf:Alt": {"@value": "wood"}}}]  # fmt: skip
    look = Look(pack(scene(extensions={"KHR_xmp_json_ld": {"packets": packets}})), tmp_path)
    assert look.origin is Origin.GENERATED
    assert look.says("dc:creator") == ["a", "b"]


def test_damage_and_other_versions_are_told(tmp_path: Path) -> None:
    assert "image" not in Look(pack(scene())[:-300], tmp_path).told(Cause.UNSUPPORTED)
    assert "picture 2" in Look(pack(scene())[:-8], tmp_path).told(Cause.MALFORMED)
    assert Look(pack(scene(), version=1), tmp_path).causes == {Cause.MALFORMED}
    assert Look(b"glTF\2\0\0\0" + bytes(40), tmp_path).causes == {Cause.MALFORMED}


def test_other_json_says_nothing(tmp_path: Path) -> None:
    for text in ('{"asset": 1, "bufferViews": [], "images": [', '{"asset": 1, "bufferViews": {}, "images": "x"}', "{}"):
        look = Look(text.encode(), tmp_path)
        assert (look.inside, look.causes) == ({}, set())


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    whole = pack(scene())
    rng = random.Random(6)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(8, len(data))] = rng.randrange(256)
        look = Look(bytes(data), tmp_path, limits=SMALL)
        assert not any("Error" in trouble.detail for trouble in look.own.troubles)

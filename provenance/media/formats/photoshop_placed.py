"""Files placed in a Photoshop document: kept in it whole, or only named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.formats import photoshop
from provenance.media.formats.photoshop import Layer
from provenance.media.formats.photoshop_descriptor import DescriptorReader
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text

_FILES = ("lnkD", "lnk2", "lnk3", "lnkE")
_EMBEDDED, _EXTERNAL = b"liFD", b"liFE"
_PLACED = ("SoLd", "SoLE", "PlLd", "plLd")
_VERSIONS = range(1, 9)


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """One file; `offset` and `length` are those of its bytes, a length of 0 means that they are not in the document."""

    id: str
    name: str
    offset: int
    length: int


def walk_files(source: Readable) -> Iterator[PlacedFile]:
    """Every file that the document keeps or names. Raises `MalformedContainer` after those that can be read."""
    for block in photoshop.walk_blocks(source):
        if block.key in _FILES:
            position, end = block.offset, block.offset + block.length
            while position + 8 < end:
                length = int.from_bytes(source.at(position, 8), "big")
                if position + 8 + length > end:
                    raise MalformedContainer(f"Photoshop: the placed file at byte {position} ends beyond its list")
                yield _file(source, position + 8, position + 8 + length)
                position += 8 + length + -length % 4


def _file(source: Readable, start: int, end: int) -> PlacedFile:
    kind, version = source.at(start, 4), int.from_bytes(source.at(start + 4, 4), "big")
    if version not in _VERSIONS:
        raise MalformedContainer(f"Photoshop: no placed file at byte {start}")
    named, position = _pascal(source, start + 8)
    letters = int.from_bytes(source.at(position, 4), "big")
    name = source.at(position + 4, min(2 * letters, 4096)).decode("utf-16-be", "replace").rstrip("\0")
    position += 4 + 2 * letters + 8
    length = int.from_bytes(source.at(position, 8), "big")
    walk = DescriptorReader(source, position + 9)
    if source.at(position + 8, 1) == b"\1":  # how it was opened
        walk.read_with_version()
    if kind == _EXTERNAL:
        walk.read_with_version()
        walk.position += (16 if version > 3 else 0) + 8
    kept = length if kind == _EMBEDDED or (kind == _EXTERNAL and version > 2) else 0
    if walk.position + kept > end:
        raise MalformedContainer(f"Photoshop: the placed file {name!r} ends beyond its place")
    return PlacedFile(named, name, walk.position, kept)


def find_shown_file(source: Readable, layer: Layer) -> str:
    """The id of the file that a layer shows; empty when it shows none. Raises `MalformedContainer`."""
    block = next((block for block in layer.blocks if block.key in _PLACED), None)
    if block is None:
        return ""
    if block.key.lower() == "plld":
        return _pascal(source, block.offset + 8)[0]
    walk = DescriptorReader(source, block.offset + 8)
    walk.read_with_version()
    return dict(walk.values).get("Idnt", "")


def _pascal(source: Readable, position: int) -> tuple[str, int]:
    """A text with its length in one byte before it, and where it ends."""
    data = source.at(position, 256)
    length = data[0] if data else 0
    return decode_text(data[1 : 1 + length]), position + 1 + length

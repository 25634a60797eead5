"""Files placed in a Photoshop document (Adobe's File Formats Specification): embedded in it, or only linked.

Layout, big-endian: blocks of the document (`lnkD` …) list the files, each with its length in eight bytes before it. A
file is a kind (`liFD` embedded, `liFE` external), a version, an identifier, a name in UTF-16, a type, a creator, the
length of its content, descriptors, and the content. A block of a layer (`SoLd` …) gives the identifier of its file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.formats import photoshop
from provenance.media.formats.photoshop import Layer
from provenance.media.formats.photoshop_descriptor import DescriptorReader
from provenance.media.readable import MalformedContainer, Readable
from provenance.media.text import decode_text

_FILE_LISTS = ("lnkD", "lnk2", "lnk3", "lnkE")
"""Blocks of the document that list files."""
_PLACED_LAYERS = ("SoLd", "SoLE", "PlLd", "plLd")
"""Blocks of a layer that shows a file; the last two are those of older versions, without a descriptor."""
_EMBEDDED = b"liFD"
_EXTERNAL = b"liFE"
_VERSIONS = range(1, 9)
_LONGEST_NAME = 4096
"""Bytes of a name that are read."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """One file; `offset` and `length` are those of its bytes, a length of 0 means that they are not in the document."""

    id: str
    name: str
    offset: int
    length: int


def walk_files(source: Readable) -> Iterator[PlacedFile]:
    """Walk every file that is embedded or linked. Raises `MalformedContainer` after those that can be read."""
    for block in photoshop.walk_blocks(source):
        if block.key in _FILE_LISTS:
            yield from _walk_file_list(source, block.offset, block.offset + block.length)


def _walk_file_list(source: Readable, position: int, end: int) -> Iterator[PlacedFile]:
    while position + 8 < end:
        length = int.from_bytes(source.at(position, 8), "big")
        file_end = position + 8 + length
        if file_end > end:
            raise MalformedContainer(f"Photoshop: the placed file at byte {position} ends behind the end of its list")
        yield _read_file(source, position + 8, file_end)
        # Padded to a multiple of four.
        position = file_end + -length % 4


def _read_file(source: Readable, start: int, end: int) -> PlacedFile:
    kind = source.at(start, 4)
    version = int.from_bytes(source.at(start + 4, 4), "big")
    if version not in _VERSIONS:
        raise MalformedContainer(f"Photoshop: no placed file at byte {start}")
    identifier, position = _read_short_text(source, start + 8)
    letters = int.from_bytes(source.at(position, 4), "big")
    name = source.at(position + 4, min(2 * letters, _LONGEST_NAME)).decode("utf-16-be", "replace").rstrip("\0")
    # The name, and the type and the creator in four letters each.
    position += 4 + 2 * letters + 8
    content_length = int.from_bytes(source.at(position, 8), "big")
    has_open_parameters = source.at(position + 8, 1) == b"\1"
    reader = DescriptorReader(source, position + 9)
    if has_open_parameters:
        reader.read_with_version()
    if kind == _EXTERNAL:
        # Where the file is, then its date (from version 4 on), and its size.
        reader.read_with_version()
        reader.position += 24 if version > 3 else 8
    # A linked file has its content in the document only from version 3 on.
    has_content = kind == _EMBEDDED or (kind == _EXTERNAL and version > 2)
    if not has_content:
        content_length = 0
    if reader.position + content_length > end:
        raise MalformedContainer(f"Photoshop: the placed file {name!r} ends behind the end of its place")
    return PlacedFile(identifier, name, reader.position, content_length)


def find_shown_file(source: Readable, layer: Layer) -> str:
    """Find the id of the file that a layer shows; empty when it shows none. Raises `MalformedContainer`."""
    for block in layer.blocks:
        if block.key not in _PLACED_LAYERS:
            continue
        # Four letters and a version, then the id as a text or in a descriptor.
        if block.key.lower() == "plld":
            return _read_short_text(source, block.offset + 8)[0]
        reader = DescriptorReader(source, block.offset + 8)
        reader.read_with_version()
        return dict(reader.values).get("Idnt", "")
    return ""


def _read_short_text(source: Readable, position: int) -> tuple[str, int]:
    """Read a text with its length in one byte before it; return it and where it ends."""
    data = source.at(position, 256)
    length = data[0] if data else 0
    return decode_text(data[1 : 1 + length]), position + 1 + length

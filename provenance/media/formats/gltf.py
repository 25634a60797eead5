"""Scenes in glTF 2.0 (ISO/IEC 12113), as JSON and as GLB: what a scene says of itself, and the pictures in its buffers.

Layout of a GLB, little-endian: `glTF`, the version, the length; then chunks: length, type, data. The first holds the
JSON, the second the first buffer. In the JSON every picture is an address, or a range (`bufferView`) of a buffer; other
buffers are `data:` addresses or files beside the scene.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Iterator
from typing import NamedTuple

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_MAGIC = b"glTF"
_VERSION = 2
_HEADER_LENGTH = 12
_CHUNK_HEADER_LENGTH = 8
_JSON_CHUNK = b"JSON"
_BUFFER_CHUNK = b"BIN\0"
_JSON_SHARE = 4
"""The JSON may have the bytes of an embedded file divided by this, for its values take many times the memory."""
_XMP_EXTENSIONS = ("KHR_xmp_json_ld", "KHR_xmp")
_MOST_VALUES = 1000
"""Values of XMP that are read."""


class ScenePicture(NamedTuple):
    """A picture in a buffer."""

    name: str
    content: bytes


class Scene:
    """An opened scene. Raises `MalformedContainer` if it cannot be opened, `OversizedContainer` if it is too large."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.json_start, self.json_length, self._buffer_start, self._buffer_length = _find_chunks(source)
        most = source.limits.child // _JSON_SHARE
        if self.json_length > most:
            raise OversizedContainer(f"glTF: the JSON has more than {most:,} bytes and was not read")
        try:
            document = json.loads(source.at(self.json_start, self.json_length))
        except (ValueError, RecursionError) as error:
            raise MalformedContainer(f"glTF: {error}") from None
        self._document = document if isinstance(document, dict) else {}

    def read_properties(self) -> Iterator[tuple[str, str]]:
        """Read generator, copyright and the like, then the XMP of the scene and of its parts, as names and values."""
        for key, value in _as_dict(self._document.get("asset")).items():
            if isinstance(value, str):
                yield key, value
        for name in _XMP_EXTENSIONS:
            extension = _as_dict(_as_dict(self._document.get("extensions")).get(name))
            for packet in _as_list(extension.get("packets"))[:_MOST_VALUES]:
                yield from _flatten(_as_dict(packet))

    def walk_pictures(self) -> Iterator[ScenePicture]:
        """Walk the pictures in buffers. Raises `MalformedContainer` after the last one for ranges without any bytes."""
        views = _as_list(self._document.get("bufferViews"))
        damage = ""
        pictures = _as_list(self._document.get("images"))
        for number, picture in enumerate(pictures[: self._source.limits.children], 1):
            entry = _as_dict(picture)
            index = entry.get("bufferView")
            if not isinstance(index, int):
                continue
            view = _as_dict(views[index]) if 0 <= index < len(views) else {}
            content = self._read_range(view)
            if not content:
                damage = damage or f"glTF: picture {number} lies outside of its buffer"
                continue
            name = entry.get("name")
            yield ScenePicture(
                f"image {number} ({name})" if isinstance(name, str) and name else f"image {number}", content
            )
        if len(pictures) > self._source.limits.children:
            raise OversizedContainer(f"glTF: more than {self._source.limits.children:,} pictures")
        if damage:
            raise MalformedContainer(damage)

    def _read_range(self, view: dict[str, object]) -> bytes:
        buffer, offset, length = (view.get(key, 0) for key in ("buffer", "byteOffset", "byteLength"))
        if not (isinstance(buffer, int) and isinstance(offset, int) and isinstance(length, int)):
            return b""
        buffers = _as_list(self._document.get("buffers"))
        uri = _as_dict(buffers[buffer]).get("uri") if 0 <= buffer < len(buffers) else None
        if isinstance(uri, str):
            return _read_address(uri, offset, length)
        if buffer != 0 or offset < 0 or not 0 < length <= self._buffer_length - offset:
            return b""
        return self._source.at(self._buffer_start + offset, length)


def _find_chunks(source: Readable) -> tuple[int, int, int, int]:
    """Find the JSON and the first buffer: offset and length of each; without a header all of the file is JSON."""
    head = source.at(0, _HEADER_LENGTH)
    if not head.startswith(_MAGIC):
        return 0, source.size, 0, 0
    if int.from_bytes(head[4:8], "little") != _VERSION:
        raise MalformedContainer(f"glTF: version {int.from_bytes(head[4:8], 'little')} of GLB is not supported")
    places = {_JSON_CHUNK: (0, 0), _BUFFER_CHUNK: (0, 0)}
    position = _HEADER_LENGTH
    for _ in range(source.limits.depth):
        chunk = source.at(position, _CHUNK_HEADER_LENGTH)
        if len(chunk) < _CHUNK_HEADER_LENGTH:
            break
        length = int.from_bytes(chunk[:4], "little")
        start = position + _CHUNK_HEADER_LENGTH
        if places.get(chunk[4:]) == (0, 0):
            places[chunk[4:]] = (start, min(length, source.size - start))
        position = start + length
    return *places[_JSON_CHUNK], *places[_BUFFER_CHUNK]


def _read_address(uri: str, offset: int, length: int) -> bytes:
    head, comma, letters = uri.partition(",")
    if not comma or not head.endswith(";base64") or offset < 0 or length <= 0:
        return b""
    # Four letters make three bytes: only those around the range are decoded.
    first = offset // 3
    last = (offset + length + 2) // 3
    try:
        data = binascii.a2b_base64(letters[first * 4 : last * 4])
    except ValueError:
        return b""
    return data[offset - first * 3 :][:length]


def _flatten(packet: dict[str, object]) -> Iterator[tuple[str, str]]:
    """Flatten a packet of XMP in JSON-LD: names as they are, values out of lists and language alternatives."""
    pending: list[tuple[str, object]] = list(packet.items())
    for _ in range(_MOST_VALUES):
        if not pending:
            return
        key, value = pending.pop(0)
        if isinstance(value, str) and not key.startswith("@"):
            yield key, value
        elif isinstance(value, dict):
            for name, inner in value.items():
                if name.startswith("@"):
                    # `@list` and `@value` only say how a value is written.
                    pending.append((key, inner))
                else:
                    pending.append((name, inner))
        elif isinstance(value, list):
            pending.extend((key, inner) for inner in value[:_MOST_VALUES])


def _as_dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []

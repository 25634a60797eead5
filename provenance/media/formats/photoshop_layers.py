"""The pixels of Photoshop layers, each made a PNG: for documents that were saved without the picture of all together.

A channel is two bytes that name its packing, and its samples, row by row: raw, runs of bytes (PackBits) with the length
of each row in front, Deflate, or Deflate of the differences between neighbours. Samples have 8, 16 or 32 bits.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.media.formats import photoshop
from provenance.media.formats.photoshop import LayerPixels
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import inflate

_RAW, _RUNS, _DEFLATE, _DIFFERENCES = range(4)
"""Packings."""
_GRAY, _RGB, _CMYK, _DUOTONE, _LAB = 1, 3, 4, 8, 9
"""Colour modes."""
_COLOURS = {_GRAY: 1, _DUOTONE: 1, _RGB: 3, _CMYK: 4, _LAB: 1}
"""Channels that are read. Of Lab the lightness says enough to find the picture again."""
_TRANSPARENCY = -1
_LEAST_SIDE = 64
"""Pixels; a smaller layer shows nothing that is searched for."""
_DEFLATE_LEVEL = 1
"""The result is read once and thrown away."""

Samples = NDArray[np.uint8]


class _Form(NamedTuple):
    """What all layers of a document have in common."""

    mode: int
    bits: int
    is_large: bool
    """Whether it is a PSB, whose rows may have more bytes."""


def has_empty_merged_picture(source: Readable) -> bool:
    """Whether the picture of all layers is missing, or of one colour because a program did not draw it."""
    if not photoshop.has_merged_picture(source):
        return True
    start = photoshop.find_merged_picture(source)
    packing = int.from_bytes(source.at(start, 2), "big")
    form = _read_form(source)
    channels, height, width = struct.unpack(">HII", source.at(12, 10))
    if packing == _RUNS:
        size = 4 if form.is_large else 2
        lengths = source.at(start + 2, size * channels * height)
        rows = np.frombuffer(lengths[: len(lengths) // size * size], f">u{size}")
        # A row of one colour is a run of two bytes for every 128.
        return bool((rows <= 2 * -(-width * form.bits // 8 // 128)).all())
    size = width * height * form.bits // 8
    planes = (source.at(start + 2 + number * size, min(source.limits.block, size)) for number in range(channels))
    return packing == _RAW and all(plane.count(plane[:1]) == len(plane) for plane in planes)


def walk_layer_pictures(source: Readable) -> Iterator[tuple[int, str, bytes]]:
    """Walk the layers that are large enough to show something: number, name and PNG.

    Raises `MalformedContainer` after the last layer if one could not be read, `OversizedContainer` if it is too large.
    """
    form = _read_form(source)
    problem: MalformedContainer | None = None
    for pixels in photoshop.walk_layer_pixels(source):
        width, height = pixels.right - pixels.left, pixels.bottom - pixels.top
        if min(width, height) < _LEAST_SIDE:
            continue
        number = pixels.layer.number
        try:
            if width * height > source.limits.pixels:
                raise OversizedContainer(f"Photoshop: layer {number} has {width} x {height} pixels")
            yield number, pixels.layer.name, _make_png(_read_layer(source, pixels, form))
        except MalformedContainer as damage:
            problem = problem or damage
        except (ValueError, zlib.error) as error:
            problem = problem or MalformedContainer(f"Photoshop: layer {number} cannot be unpacked: {error}")
    if problem:
        raise problem


def _read_form(source: Readable) -> _Form:
    bits, mode = struct.unpack(">HH", source.at(22, 4))
    return _Form(mode, bits, source.at(4, 2) == b"\0\2")


def _read_layer(source: Readable, pixels: LayerPixels, form: _Form) -> Samples:
    """(height, width, 1, 2, 3 or 4) uint8: gray or RGB, with transparency where the layer has some."""
    count = _COLOURS.get(form.mode)
    if count is None or form.bits not in (8, 16, 32):
        raise MalformedContainer(f"Photoshop: layers of colour mode {form.mode} with {form.bits} bits are not unpacked")
    width, height = pixels.right - pixels.left, pixels.bottom - pixels.top
    planes: dict[int, Samples] = {}
    offset = pixels.offset
    for number, length in pixels.channels:
        if number in range(_TRANSPARENCY, count) and length > 2:
            if length > source.limits.child:
                raise OversizedContainer(f"Photoshop: a channel has {length:,} bytes and was not read")
            planes[number] = _unpack(source.at(offset, length), width, height, form)
        offset += length
    colours = [planes.get(number) for number in range(count)]
    if any(plane is None for plane in colours):
        raise MalformedContainer(f"Photoshop: layer {pixels.layer.number} lacks a colour")
    shown = [plane for plane in colours if plane is not None]
    if form.mode == _CMYK:
        # Inks are stored as light: 255 is none.
        shown = [(plane.astype(np.uint16) * shown[3] // 255).astype(np.uint8) for plane in shown[:3]]
    if _TRANSPARENCY in planes:
        shown.append(planes[_TRANSPARENCY])
    return np.stack(shown, axis=2)


def _unpack(data: bytes, width: int, height: int, form: _Form) -> Samples:
    """One channel in eight bits. Raises `ValueError` or `zlib.error` for damage."""
    packing = int.from_bytes(data[:2], "big")
    row = width * form.bits // 8
    size = row * height
    if packing == _RUNS:
        samples = _unpack_runs(data, row, height, 4 if form.is_large else 2)
    elif packing in (_DEFLATE, _DIFFERENCES):
        samples = inflate(data[2:], size + 1)[0]
    else:
        samples = data[2:]
    if len(samples) < size:
        raise ValueError(f"{len(samples):,} of {size:,} bytes")
    plane = np.frombuffer(samples[:size], np.uint8).reshape(height, row)
    if packing == _DIFFERENCES:
        plane = _undo_differences(plane, form.bits)
    if form.bits == 8:
        return plane
    if form.bits == 16:
        return np.ascontiguousarray(plane[:, ::2])
    light = np.nan_to_num(plane.copy().view(">f4"))
    # Light is linear with 32 bits a sample.
    return np.asarray(np.clip(light, 0, 1) ** (1 / 2.2) * 255, np.uint8)


def _undo_differences(plane: Samples, bits: int) -> Samples:
    if bits == 8:
        return np.cumsum(plane, axis=1, dtype=np.uint8)
    if bits == 16:
        sums = np.cumsum(plane.copy().view(">u2").astype(np.uint16), axis=1, dtype=np.uint16)
        return np.asarray(sums.astype(">u2").view(np.uint8))
    # With 32 bits, the four bytes of all samples of a row stand apart, and differ byte by byte.
    bytes_apart = np.cumsum(plane, axis=1, dtype=np.uint8)
    height, row = plane.shape
    return np.ascontiguousarray(bytes_apart.reshape(height, 4, row // 4).transpose(0, 2, 1)).reshape(height, row)


def _unpack_runs(data: bytes, row: int, height: int, size: int) -> bytes:
    lengths = np.frombuffer(data[2 : 2 + size * height], f">u{size}").tolist()
    position = 2 + size * height
    rows: list[bytes] = []
    for length in lengths:
        rows.append(_unpack_row(data[position : position + length], row))
        position += length
    return b"".join(rows)


def _unpack_row(data: bytes, row: int) -> bytes:
    """PackBits: below 128, so many bytes and one more follow; above, the next byte stands 257 times less so many."""
    out = bytearray()
    position = 0
    while position < len(data) and len(out) < row:
        head = data[position]
        if head < 128:
            out += data[position + 1 : position + 2 + head]
            position += 2 + head
        else:
            if head > 128:
                out += data[position + 1 : position + 2] * (257 - head)
            position += 2 if head > 128 else 1
    return bytes(out[:row].ljust(row, b"\0"))


def _make_png(samples: Samples) -> bytes:
    height, width, count = samples.shape
    # Gray, gray with transparency, RGB, RGB with transparency.
    color_type = {1: 0, 2: 4, 3: 2, 4: 6}[count]
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    rows = np.zeros((height, 1 + width * count), np.uint8)
    rows[:, 1:] = samples.reshape(height, width * count)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), _DEFLATE_LEVEL)), (b"IEND", b""))
    chunks = [struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
              for kind, data in parts]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)

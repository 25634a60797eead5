"""Files that show a picture in ways from which it cannot be copied: pages that are drawn, layers that are unpacked."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pikepdf
from numpy.typing import NDArray
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

Samples = NDArray[np.uint8]


# PDF


def save_pdf(document: Pdf) -> bytes:
    file = io.BytesIO()
    document.save(file, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return file.getvalue()


def make_document(picture: Samples, commands: bytes, things: dict[str, Stream], document: Pdf) -> bytes:
    """Two pages as large as the picture; the second has these commands."""
    height, width = picture.shape[:2]
    for _ in range(2):
        document.add_blank_page(page_size=(width, height))
    page = document.pages[1]
    page.obj.Resources = Dictionary(XObject=Dictionary(things))
    page.obj.Contents = document.make_stream(commands)
    return save_pdf(document)


def place(width: int, height: int, name: str, bottom: int = 0) -> bytes:
    return f"q {width} 0 0 {height} 0 {bottom} cm /{name} Do Q\n".encode()


def embed(document: Pdf, data: bytes, size: tuple[int, int], filters: Any, space: Any, bits: int = 8) -> Stream:
    stream = Stream(document, b"", Type=Name.XObject, Subtype=Name.Image, Width=size[0], Height=size[1],
                    ColorSpace=space, BitsPerComponent=bits)  # fmt: skip
    stream.write(data, filter=filters)
    return document.make_indirect(stream)


def make_bilevel(picture: Samples) -> bytes:
    """The picture as JBIG2 (ITU-T T.88): one generic region in the fax coding, in the form that is embedded in PDF."""
    height, width = picture.shape[:2]
    file = io.BytesIO()
    # A fax has ones where it is black.
    inverted = Image.fromarray(~np.asarray(Image.fromarray(picture).convert("1")))
    inverted.save(file, "TIFF", compression="group4", strip_size=width * height)
    with Image.open(file) as tiff:
        assert isinstance(tiff, Image.Image)
        tags = tiff.tag_v2  # type: ignore[attr-defined]  # a TIFF has tags
        start, length = tags[273][0], tags[279][0]
    fax = file.getvalue()[start : start + length]
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + fax
    coded = _make_segment(0, 48, page) + _make_segment(1, 38, region)
    document = Pdf.new()
    stream = embed(document, coded, (width, height), Name.JBIG2Decode, Name.DeviceGray, 1)
    return make_document(picture, place(width, height, "Im0"), {"/Im0": stream}, document)


def _make_segment(number: int, kind: int, data: bytes) -> bytes:
    return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data


def make_spot_colours(picture: Samples) -> bytes:
    """The picture in two inks, of which the first is black."""
    document = Pdf.new()
    program = document.make_stream(b"{ pop 0 exch 0 exch 0 exch }", FunctionType=4, Domain=[0, 1] * 2, Range=[0, 1] * 4)
    space = Array([Name.DeviceN, Array([Name("/Ink1"), Name("/Ink2")]), Name.DeviceCMYK, program])
    ink = 255 - np.asarray(Image.fromarray(picture).convert("L"))
    height, width = ink.shape
    stream = embed(document, zlib.compress(np.repeat(ink[:, :, None], 2, 2).tobytes()), (width, height),
                   Name.FlateDecode, space)  # fmt: skip
    return make_document(picture, place(width, height, "Im0"), {"/Im0": stream}, document)


def make_inline(picture: Samples) -> bytes:
    """The picture inside the commands of the page, in a form of its own."""
    height, width = picture.shape[:2]
    text = base64.a85encode(zlib.compress(picture.tobytes())) + b"~>"
    head = f"q {width} 0 0 {height} 0 0 cm BI /W {width} /H {height} /CS /RGB /BPC 8 /F [/A85 /Fl] ID ".encode()
    document = Pdf.new()
    form = document.make_stream(
        head + text + b" EI Q", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, width, height]
    )
    return make_document(picture, b"/F0 Do", {"/F0": form}, document)


def make_strips(picture: Samples) -> bytes:
    """The picture cut into strips that are too low to be found alone."""
    document = Pdf.new()
    height, width = picture.shape[:2]
    things: dict[str, Stream] = {}
    commands = b""
    for top in range(0, height, 12):
        data = zlib.compress(picture[top : top + 12].tobytes())
        name = f"Im{top}"
        things["/" + name] = embed(document, data, (width, 12), Name.FlateDecode, Name.DeviceRGB)
        commands += place(width, 12, name, height - 12 - top)
    return make_document(picture, commands, things, document)


def make_transparency(picture: Samples) -> bytes:
    """A black plate, and the picture as its transparency."""
    document = Pdf.new()
    light = 255 - np.asarray(Image.fromarray(picture).convert("L"))
    size = (light.shape[1], light.shape[0])
    plate = embed(document, zlib.compress(bytes(light.size)), size, Name.FlateDecode, Name.DeviceGray)
    plate.SMask = embed(document, zlib.compress(light.tobytes()), size, Name.FlateDecode, Name.DeviceGray)
    return make_document(picture, place(*size, "Im0"), {"/Im0": plate}, document)


DRAWN: dict[str, Callable[[Samples], bytes]] = {
    "bilevel.pdf": make_bilevel, "spot colours.pdf": make_spot_colours, "inline.pdf": make_inline,
    "strips.pdf": make_strips, "transparency.pdf": make_transparency,
}  # fmt: skip
"""Each shows the picture on its second page."""


# Photoshop


def make_layered(
    picture: Samples, packing: int = 1, bits: int = 8, *, is_large: bool = False, merged: int = 0
) -> bytes:
    """A PSD or PSB with a plate and the picture above it, saved without the picture of both; `merged`: what it says."""
    plate = np.full_like(picture, 255)
    layers = [_write_layer(plate, "plate", 0, bits, is_large=is_large),
              _write_layer(picture, "above", packing, bits, is_large=is_large)]  # fmt: skip
    records = b"".join(record for record, _ in layers)
    channels = b"".join(data for _, data in layers)
    body = struct.pack(">h", len(layers)) + records + channels
    body += bytes(len(body) % 2)
    wide = ">Q" if is_large else ">I"
    section = struct.pack(wide, len(body)) + body + bytes(4)
    version = struct.pack(">IBIII", 1, merged, 0, 0, 1) + b"\0"
    resources = b"8BIM" + struct.pack(">HHI", 1057, 0, len(version)) + version
    height, width = picture.shape[:2]
    head = b"8BPS" + struct.pack(">H6xHIIHH", 2 if is_large else 1, 3, height, width, bits, 3)
    whole = head + struct.pack(">II", 0, len(resources)) + resources + struct.pack(wide, len(section)) + section
    plain = b"\xff" * int(3 * width * height * bits // 8)
    return bytes(whole + b"\0\0" + plain)


def _write_layer(picture: Samples, name: str, packing: int, bits: int, *, is_large: bool) -> tuple[bytes, bytes]:
    height, width = picture.shape[:2]
    channels = [_pack(picture[:, :, number], packing, bits, is_large=is_large) for number in range(3)]
    record = struct.pack(">iiiiH", 0, 0, height, width, len(channels))
    for number, data in enumerate(channels):
        record += struct.pack(">hQ" if is_large else ">hI", number, len(data))
    short = (bytes([len(name)]) + name.encode()).ljust((len(name) + 4) & ~3, b"\0")
    extra = bytes(8) + short
    record += b"8BIMnorm" + bytes([255, 0, 0, 0]) + struct.pack(">I", len(extra)) + extra
    return record, b"".join(channels)


def _pack(plane: Samples, packing: int, bits: int, *, is_large: bool) -> bytes:
    samples: NDArray[Any] = plane if bits == 8 else (plane.astype(np.uint16) * 257).astype(">u2").view(np.uint8)
    head = struct.pack(">H", packing)
    if packing == 0:
        return head + samples.tobytes()
    if packing == 1:
        rows = [_pack_runs(row.tobytes()) for row in samples]
        size = ">I" if is_large else ">H"
        return head + b"".join(struct.pack(size, len(row)) for row in rows) + b"".join(rows)
    if packing == 3:
        wide = samples if bits == 8 else samples.view(">u2").astype(np.uint16)
        steps = np.diff(wide, axis=1, prepend=wide[:, :1] * 0)
        samples = steps if bits == 8 else steps.astype(">u2")
    return head + bytes(zlib.compress(samples.tobytes()))


def _pack_runs(row: bytes) -> bytes:
    """PackBits: pieces as they are, and one run."""
    pieces = [row[start : start + 128] for start in range(0, len(row), 128)]
    return b"".join(bytes([len(piece) - 1]) + piece for piece in pieces) + b"\x80"

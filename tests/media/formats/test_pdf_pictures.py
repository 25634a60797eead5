"""Pictures that a PDF holds as bare samples: a file is built around them, and it shows what the document shows."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from provenance.limits import DEFAULT, Limits
from provenance.media.formats.pdf import PdfDocument, PdfPart
from provenance.media.readable import Block

WIDTH, HEIGHT = 37, 23
PNG_ROWS = 15
"""PDF's number for rows that are filtered as in PNG."""


def noise(channels: int) -> np.ndarray:
    """Smooth enough to be filtered, and different everywhere."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    planes = [(x * (3 + c) + y * (5 - c) + c * 40) % 256 for c in range(channels)]
    return np.stack(planes, axis=2).astype(np.uint8)


def document(data: bytes, **entries: Any) -> bytes:
    """A document of one page with one picture; its entries are those of the picture."""
    pdf = Pdf.new()
    filters, parameters = entries.pop("Filter", None), entries.pop("DecodeParms", None)
    stream = Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Image, **{"Width": WIDTH, "Height": HEIGHT, **entries})
    stream.write(data, filter=filters, decode_parms=parameters)
    page = pdf.add_blank_page(page_size=(100, 100))
    page.obj.Resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(stream)))
    file = io.BytesIO()
    pdf.save(file, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return file.getvalue()


def extract(data: bytes, limits: Limits = DEFAULT) -> tuple[list[PdfPart], list[str]]:
    with PdfDocument(Block(data, limits)) as opened:
        return list(opened.walk_parts()), opened.unread


def show(data: bytes) -> Image.Image:
    (part,), unread = extract(data)
    assert unread == []
    image = Image.open(io.BytesIO(part.content))
    image.load()
    return image


def filter_rows(samples: bytes, row: int) -> bytes:
    """Rows as PNG filters them: each byte less the one above it."""
    rows = [samples[at : at + row] for at in range(0, len(samples), row)]
    above = [bytes(row), *rows[:-1]]
    packed = [
        b"\2" + bytes((a - b) % 256 for a, b in zip(one, other, strict=True))
        for one, other in zip(rows, above, strict=True)
    ]
    return zlib.compress(b"".join(packed))


def parameters(colors: int, bits: int = 8) -> Dictionary:
    return Dictionary(Predictor=PNG_ROWS, Colors=colors, BitsPerComponent=bits, Columns=WIDTH)


@pytest.mark.parametrize("packing", ["none", "flate", "rows", "base85", "hex", "two"])
@pytest.mark.parametrize(("space", "mode"), [("DeviceGray", "L"), ("DeviceRGB", "RGB"), ("DeviceCMYK", "CMYK")])
def test_every_packing_of_every_colour_shows_the_same(packing: str, space: str, mode: str) -> None:
    channels = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
    samples = noise(channels).tobytes()
    packings: dict[str, tuple[bytes, dict[str, Any]]] = {
        "none": (samples, {}),
        "flate": (zlib.compress(samples), {"Filter": Name.FlateDecode}),
        "rows": (filter_rows(samples, WIDTH * channels),
                 {"Filter": Name.FlateDecode, "DecodeParms": parameters(channels)}),
        "base85": (base64.a85encode(zlib.compress(samples), wrapcol=72) + b"~>",
                   {"Filter": Array([Name.ASCII85Decode, Name.FlateDecode])}),
        "hex": (samples.hex().encode() + b">", {"Filter": Name.ASCIIHexDecode}),
        "two": (zlib.compress(zlib.compress(samples)), {"Filter": Array([Name.FlateDecode, Name.FlateDecode])}),
    }  # fmt: skip
    data, entries = packings[packing]
    image = show(document(data, ColorSpace=Name(f"/{space}"), BitsPerComponent=8, **entries))
    assert image.mode == mode
    assert image.tobytes() == samples


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_numbers_of_colours(bits: int, *, rows: bool) -> None:
    colors = 1 << bits
    numbers = (np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) * 7 % colors).astype(np.uint8)
    exploded = np.unpackbits(numbers[:, :, None], axis=2)[:, :, 8 - bits :].reshape(HEIGHT, WIDTH * bits)
    packed = np.packbits(exploded, axis=1)
    palette = bytes((index * 37 + channel * 91) % 256 for index in range(colors) for channel in range(3))
    entries: dict[str, Any] = {"Filter": Name.FlateDecode}
    data = zlib.compress(packed.tobytes())
    if rows:
        data = filter_rows(packed.tobytes(), packed.shape[1])
        entries["DecodeParms"] = parameters(1, bits)
    space = Array([Name.Indexed, Name.DeviceRGB, colors - 1, String(palette)])
    image = show(document(data, ColorSpace=space, BitsPerComponent=bits, **entries)).convert("RGB")
    expected = np.frombuffer(palette, np.uint8).reshape(colors, 3)[numbers]
    assert np.array_equal(np.asarray(image), expected)


@pytest.mark.parametrize(("base", "table", "expected"), [
    (Name.DeviceGray, b"\x00\x80", (128, 128, 128)),
    (Name.DeviceCMYK, b"\0\0\0\0\xff\0\0\0", (0, 255, 255)),
    (Array([Name.Separation, Name.Gold, Name.DeviceRGB, Dictionary()]), b"\xff\x20", (223, 223, 223)),
])  # fmt: skip
def test_palettes_in_other_colours(base: Any, table: bytes, expected: tuple[int, int, int]) -> None:
    space = Array([Name.Indexed, base, 1, String(table)])
    data = zlib.compress(b"\1" * (WIDTH * HEIGHT))
    image = show(document(data, ColorSpace=space, BitsPerComponent=8, Filter=Name.FlateDecode)).convert("RGB")
    assert image.getpixel((3, 3)) == expected


@pytest.mark.parametrize("rows", [False, True])
@pytest.mark.parametrize(("entries", "dark"), [
    ({"ColorSpace": Name.DeviceGray}, True),
    ({"ColorSpace": Name.DeviceGray, "Decode": Array([1, 0])}, False),
    ({"ColorSpace": Array([Name.Separation, Name.Black, Name.DeviceGray, Dictionary()])}, False),
])  # fmt: skip
def test_which_end_is_black(entries: dict[str, Any], *, rows: bool, dark: bool) -> None:
    samples = bytes([10]) * (WIDTH * HEIGHT)
    packed: dict[str, Any] = {"Filter": Name.FlateDecode}
    data = zlib.compress(samples)
    if rows:
        data = filter_rows(samples, WIDTH)
        packed["DecodeParms"] = parameters(1)
    image = show(document(data, BitsPerComponent=8, **packed, **entries)).convert("L")
    assert image.getpixel((0, 0)) == (10 if dark else 245)


@pytest.mark.parametrize("black_is_one", [False, True])
def test_faxes(*, black_is_one: bool) -> None:
    drawn = Image.fromarray((noise(1)[:, :, 0] > 128).astype(np.uint8) * 255).convert("1")
    file = io.BytesIO()
    drawn.save(file, "TIFF", compression="group4")
    stored = Image.open(io.BytesIO(file.getvalue()))
    assert isinstance(stored, TiffImageFile)
    offset, length = stored.tag_v2[273][0], stored.tag_v2[279][0]
    # Pillow writes black as zero, which makes white the ink of its faxes.
    assert stored.tag_v2[262] == 1
    fax = Dictionary(K=-1, Columns=WIDTH, Rows=HEIGHT, BlackIs1=black_is_one)
    data = document(file.getvalue()[offset : offset + length], Filter=Name.CCITTFaxDecode, DecodeParms=fax,
                    BitsPerComponent=1, ColorSpace=Name.DeviceGray)  # fmt: skip
    image = show(data).convert("L")
    expected = np.asarray(drawn.convert("L"))
    assert np.array_equal(np.asarray(image), expected if black_is_one else 255 - expected)


def test_what_no_file_can_hold_is_named() -> None:
    jbig2 = document(b"\0" * 20, Filter=Name.JBIG2Decode, BitsPerComponent=1, ColorSpace=Name.DeviceGray)
    five = Array([Name.DeviceN, Array([Name(f"/Ink{n}") for n in range(5)]), Name.DeviceCMYK, Dictionary()])
    for data, reason in (
        (jbig2, "JBIG2Decode"),
        (document(b"\0" * 4255, ColorSpace=five, BitsPerComponent=8), "DeviceN"),
    ):
        parts, unread = extract(data)
        assert parts == []
        assert len(unread) == 1
        assert unread[0].startswith("page 1, image ")
        assert reason in unread[0]


def test_a_jpeg_that_is_written_as_text() -> None:
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT)).save(file, "JPEG")
    filters = Array([Name.ASCII85Decode, Name.DCTDecode])
    (part,), _ = extract(document(base64.a85encode(file.getvalue()) + b"~>", Filter=filters, ColorSpace=Name.DeviceRGB,
                                  BitsPerComponent=8))  # fmt: skip
    assert part.content == file.getvalue()


def test_a_picture_that_grows_is_bounded() -> None:
    bomb = zlib.compress(bytes(50_000_000))
    off = Dictionary(Predictor=PNG_ROWS, Colors=3, BitsPerComponent=8, Columns=WIDTH + 1)
    data = document(bomb, Filter=Name.FlateDecode, DecodeParms=off, ColorSpace=Name.DeviceRGB, BitsPerComponent=8)
    parts, unread = extract(data, Limits(child=100_000))
    assert parts == []
    assert "more than 100,000 bytes" in unread[0]


def test_one_of_equal_pictures_is_enough() -> None:
    pdf = Pdf.open(io.BytesIO(document(noise(3).tobytes(), ColorSpace=Name.DeviceRGB, BitsPerComponent=8)))
    pictures = pdf.pages[0].obj.Resources.XObject
    entries = {str(key)[1:]: value for key, value in pictures.Im0.items() if key != "/Length"}
    for count in range(1, 4):
        pictures[f"/Im{count}"] = pdf.make_indirect(Stream(pdf, noise(3).tobytes(), **entries))
    file = io.BytesIO()
    pdf.save(file)
    parts, _ = extract(file.getvalue())
    assert len(parts) == 1

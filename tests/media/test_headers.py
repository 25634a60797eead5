from __future__ import annotations

import io
import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from provenance.decode.lossless_pixels import find_coding
from provenance.evidence.carriers.dpx import Dpx
from provenance.evidence.carriers.exr import Exr
from provenance.media.headers import read_header
from provenance.media.sniff import sniff
from provenance.media.source import Header
from provenance.model.vocabulary import Cause
from tests.evidence import build
from tests.evidence.build import Heard, source, tiff


def exr() -> bytes:
    def attribute(name: bytes, kind: bytes, value: bytes) -> bytes:
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(value)) + value

    return (
        b"v/1\x01\x02\0\0\0" + attribute(b"channels", b"chlist", bytes(40))
        + attribute(b"dataWindow", b"box2i", struct.pack("<4i", 5, 5, 20, 20))
        + attribute(b"displayWindow", b"box2i", struct.pack("<4i", 0, 0, 1919, 1079))
        + attribute(b"software", b"string", b"Nuke 15") + attribute(b"expTime", b"float", struct.pack("<f", 0.5))
        + attribute(b"timeCode", b"timecode", struct.pack("<II", 0x01020312, 0))
        + attribute(b"views", b"stringvector", struct.pack("<I", 4) + b"left" + struct.pack("<I", 5) + b"right")
        + attribute(b"framesPerSecond", b"rational", struct.pack("<iI", 24000, 1001)) + b"\0"
    )  # fmt: skip


def dpx_file(order: str) -> bytes:
    """A header whose unwritten fields are all ones, as writers leave them."""
    data = bytearray(b"\xff" * 2080)
    for offset, value in ((0, b"SDPX" if order == ">" else b"XPDS"), (36, bytes(732)), (160, b"Nuke"),
                          (772, struct.pack(order + "II", 2048, 858)), (1556, b"Scanner\0"),
                          (1920, struct.pack(order + "I", 0x10203004))):  # fmt: skip
        data[offset : offset + len(value)] = value
    return bytes(data)


def pillow(kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (37, 21)).save(file, kind, **options)
    return file.getvalue()


def camera() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110], exif[0x0131] = "Canon", "Canon EOS R5", "Firmware 1.0"
    return exif


def by_program() -> PngInfo:
    info = PngInfo()
    info.add_text("Software", "Render 3")
    return info


def looked(data: bytes, media_type: str | None = None) -> Header | None:
    return read_header(source(data, media_type or sniff(lambda offset, length: data[offset : offset + length])))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "AVIF", "JPEG2000"])
def test_pictures_that_pillow_wrote(kind: str) -> None:
    shape = looked(pillow(kind))
    assert shape is not None
    assert (shape.width, shape.height) == (37, 21)


@pytest.mark.parametrize("options", [{"lossless": True}, {"lossless": False}, {"exif": camera()}])
def test_every_kind_of_webp(options: dict[str, object]) -> None:
    shape = looked(pillow("WEBP", **options))
    assert shape is not None
    assert (shape.width, shape.height) == (37, 21)


@pytest.mark.parametrize(
    ("data", "writer"),
    [
        (pillow("PNG", pnginfo=by_program()), "Render 3"),
        (pillow("PNG", exif=camera()), "Canon EOS R5"),
        (pillow("JPEG", exif=camera()), "Canon EOS R5"),
        (pillow("TIFF", tiffinfo={0x0131: "Render 4"}), "Render 4"),
        (pillow("JPEG"), None),
        (exr(), "Nuke 15"),
        (dpx_file(">"), "Nuke"),
    ],
)
def test_writers(data: bytes, writer: str | None) -> None:
    shape = looked(data)
    assert shape is not None
    assert shape.writer == writer


def test_headers_of_film_frames() -> None:
    assert looked(exr()) == Header(1920, 1080, writer="Nuke 15")
    for order in "<>":
        assert looked(dpx_file(order)) == Header(2048, 858, writer="Nuke")


def test_the_largest_directory_of_a_raw() -> None:
    data = build.tiff([
        {0x100: (4, struct.pack("<I", 160)), 0x101: (4, struct.pack("<I", 120)), 0x14A: (4, 1)},
        {0x100: (4, struct.pack("<I", 6000)), 0x101: (4, struct.pack("<I", 4000))},
    ])  # fmt: skip
    assert looked(data, "image/x-adobe-dng") == Header(6000, 4000)


def test_only_headers_are_needed() -> None:
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP"):
        data = pillow(kind)
        shape = looked(data[: len(data) - 10])
        assert shape is not None
        assert shape.width == 37


def test_what_says_nothing_has_no_shape() -> None:
    assert looked(b"text", "text/plain") is None
    assert looked(b"", "image/png") is None


VALID = {"image/x-exr": exr(), "image/x-dpx": dpx_file(">"), "image/vnd.adobe.photoshop": b"8BPS\0\x01" + bytes(30)} | {
    f"image/{kind.lower()}": pillow(kind) for kind in ("PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP", "AVIF")
}


@pytest.mark.parametrize("media_type", [*VALID, "image/heic", "image/jp2", "image/x-j2c"])
@settings(max_examples=40, deadline=None)
@given(data=st.binary(max_size=300), seed=st.integers(0, 2**20))
def test_no_bytes_raise(media_type: str, data: bytes, seed: int) -> None:
    looked(data, media_type)
    rng, made = random.Random(seed), bytearray(VALID.get(media_type, b""))
    for _ in range(min(4, len(made))):
        made[rng.randrange(min(len(made), 500))] = rng.randrange(256)
    looked(bytes(made), media_type)
    looked(bytes(made[: rng.randrange(len(made) + 1)]), media_type)


def test_exr_attributes_as_statements() -> None:
    told = Heard(Exr(), source(exr(), "image/x-exr"))
    assert told.said == {
        "software": "Nuke 15", "expTime": "0.5", "timeCode": "01:02:03:12", "views": "left\nright",
        "framesPerSecond": "24000/1001",
    }  # fmt: skip
    cut = Heard(Exr(), source(exr()[:300], "image/x-exr"))
    assert cut.values("software") == ["Nuke 15"]
    assert [row.cause for row in cut.troubles] == [Cause.MALFORMED]


@pytest.mark.parametrize("order", ["<", ">"])
def test_dpx_fields_as_statements(order: str) -> None:
    told = Heard(Dpx(), source(dpx_file(order), "image/x-dpx"))
    assert told.said == {"Creator": "Nuke", "InputDevice": "Scanner", "TimeCode": "10:20:30:04"}
    assert [row.cause for row in Heard(Dpx(), source(b"SDPX", "image/x-dpx")).troubles] == [Cause.MALFORMED]


@pytest.mark.parametrize(("kind", "value"), [(10, struct.pack("<ii", 1, 0)), (11, struct.pack("<f", float("nan")))])
def test_a_width_that_is_no_number_is_no_size(kind: int, value: bytes) -> None:
    """A ratio with denominator 0, and a float that is not a number."""
    written = 4 if kind == 11 else kind
    fields: dict[int, tuple[int, bytes | int]] = {256: (written, value), 257: (4, struct.pack("<I", 9))}
    for tag, numbers in ((258, (8, 8, 8)), (259, (1,)), (262, (2,)), (277, (3,))):
        fields[tag] = (3, struct.pack(f"<{len(numbers)}H", *numbers))
    data = tiff([fields]).replace(struct.pack("<HHI", 256, written, 1), struct.pack("<HHI", 256, kind, 1))
    picture = source(data, "image/tiff")
    assert read_header(picture) == Header()
    assert find_coding(picture) is None

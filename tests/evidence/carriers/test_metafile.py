"""Bitmaps in Windows metafiles: each is a picture of its own, and lines are none."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from provenance.evidence.carriers.metafile import Metafile
from provenance.limits import Limits
from provenance.media import types
from provenance.media.formats.metafile import walk_emf, walk_wmf
from provenance.media.readable import Block, MalformedContainer
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, Heard, damage, source
from tests.evidence.looking import MARKED, Look
from tests.evidence.small_formats import saved
from tests.growth import TIMES, grows_in_step

STRETCH_DIBITS, COMMENT, END = 81, 70, 14


def paint(width: int = 90, height: int = 70) -> Image.Image:
    return Image.fromarray(np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8))


def make_dib(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "BMP")
    return file.getvalue()[14:]


def record(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    return struct.pack("<II", kind, len(body) + 8) + body


def emf(*records: bytes) -> bytes:
    header = record(1, bytes(32) + b" EMF\0\0\1\0" + bytes(60))
    return header + b"".join(records) + record(END, bytes(12))


def draw_emf(header: bytes, samples: bytes) -> bytes:
    """StretchDIBits: where the header and the samples are stands 48 bytes into it, they follow at byte 80."""
    place = struct.pack("<IIII", 80, len(header), 80 + len(header), len(samples))
    return record(STRETCH_DIBITS, bytes(40) + place + bytes(16) + header + samples)


def draw_plus(image: bytes, *, pieces: int = 1) -> list[bytes]:
    """An image object of EMF+, in so many comments."""
    content = struct.pack("<IIiiiII", 0xDBC01002, 1, 90, 70, 0, 0, 1) + image
    step = -(-len(content) // (4 * pieces)) * 4
    comments = []
    for start in range(0, len(content), step):
        piece = content[start : start + step]
        flags = 5 << 8
        if pieces > 1:
            flags |= 0x8000
            piece = struct.pack("<I", len(content)) + piece
        piece += bytes(-len(piece) % 4)
        plus = struct.pack("<HHII", 0x4008, flags, len(piece) + 12, len(piece)) + piece
        comments.append(record(COMMENT, struct.pack("<I", len(plus) + 4) + b"EMF+" + plus))
    return comments


def draw_wmf(function: int, before: int, dib: bytes) -> bytes:
    body = bytes(before) + dib + b"\0" * (len(dib) % 2)
    return struct.pack("<IH", len(body) // 2 + 3, function) + body


def wmf(*records: bytes, placeable: bool = True) -> bytes:
    head = b"\xd7\xcd\xc6\x9a" + bytes(18) if placeable else b""
    return head + b"\1\0\x09\0\0\3" + bytes(12) + b"".join(records) + struct.pack("<IH", 3, 0)


def show(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content)) as picture:
        return picture.convert("RGB").tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1"])
def test_a_bitmap_of_an_emf_shows_what_it_showed(mode: str) -> None:
    image = paint().convert(mode)
    dib = make_dib(image)
    length = len(dib) - (90 * {"RGB": 24, "L": 8, "P": 8, "1": 1}[mode] + 31) // 32 * 4 * 70
    (drawn,) = walk_emf(Block(emf(draw_emf(dib[:length], dib[length:])), Limits()))
    assert drawn.name == "bitmap 1.bmp"
    assert show(drawn.content) == image.convert("RGB").tobytes()


@pytest.mark.parametrize("placeable", [False, True])
@pytest.mark.parametrize(("function", "before"), [(0x0940, 16), (0x0B41, 20), (0x0D33, 18), (0x0F43, 22)])
@pytest.mark.parametrize("mode", ["RGB", "L", "1"])
def test_a_bitmap_of_a_wmf_shows_what_it_showed(mode: str, function: int, before: int, *, placeable: bool) -> None:
    image = paint().convert(mode)
    line = draw_wmf(0x0213, 4, b"")
    data = wmf(line, draw_wmf(function, before, make_dib(image)), line, placeable=placeable)
    (drawn,) = walk_wmf(Block(data, Limits()))
    assert show(drawn.content) == image.convert("RGB").tobytes()


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_picture_file_of_an_emf_plus_is_as_it_was(pieces: int) -> None:
    content = MARKED
    (drawn,) = walk_emf(Block(emf(*draw_plus(content, pieces=pieces)), Limits()))
    assert drawn.name == "bitmap 1.png"
    assert drawn.content.rstrip(b"\0") == content.rstrip(b"\0")


def test_samples_of_an_emf_plus_are_upright() -> None:
    image = paint(96, 70)
    blue_first = np.asarray(image)[:, :, ::-1].tobytes()
    content = struct.pack("<IIiiiII", 0xDBC01002, 1, 96, 70, 96 * 3, 0x21808, 0) + blue_first
    plus = struct.pack("<HHII", 0x4008, 5 << 8, len(content) + 12, len(content)) + content
    data = emf(record(COMMENT, struct.pack("<I", len(plus) + 4) + b"EMF+" + plus))
    (drawn,) = walk_emf(Block(data, Limits()))
    assert show(drawn.content) == image.tobytes()


def test_lines_and_bullets_are_no_pictures() -> None:
    dib = make_dib(paint(32, 32))
    assert list(walk_emf(Block(emf(record(54, bytes(8)), draw_emf(dib[:40], dib[40:])), Limits()))) == []
    assert list(walk_wmf(Block(wmf(draw_wmf(0x0213, 4, b""), draw_wmf(0x0F43, 22, dib)), Limits()))) == []


def test_a_generated_picture_in_a_drawing_of_a_document_is_named(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as document:
        document.writestr("[Content_Types].xml", "<Types/>")
        document.writestr("word/media/image1.emf", emf(*draw_plus(MARKED)))
    look = Look(file.getvalue(), tmp_path)
    generated = [place for place, origin in look.origins.items() if origin is Origin.GENERATED]
    assert len(generated) == 1
    assert "bitmap 1.png" in generated[0]
    assert look.causes == set()


def test_an_ordinary_drawing_raises_no_warning(tmp_path: Path) -> None:
    for data in (emf(record(54, bytes(8))), wmf(draw_wmf(0x0213, 4, b""))):
        look = Look(data, tmp_path)
        assert (look.inside, look.causes) == ({}, set())


def test_what_is_cut_or_too_large_is_told() -> None:
    dib = make_dib(paint())
    whole = emf(draw_emf(dib[:40], dib[40:]))
    with pytest.raises(MalformedContainer):
        list(walk_emf(Block(whole[:9000], Limits())))
    heard = Heard(Metafile(), source(whole, types.EMF, limits=Limits(child=1000)))
    assert [row.cause for row in heard.troubles] == [Cause.OVERSIZED]


@pytest.mark.parametrize(("media_type", "data"), [
    (types.EMF, emf(draw_emf(make_dib(paint())[:40], make_dib(paint())[40:]), *draw_plus(saved("PNG"), pieces=2))),
    (types.WMF, wmf(draw_wmf(0x0F43, 22, make_dib(paint().convert("L"))))),
])  # fmt: skip
def test_damage_never_raises(media_type: str, data: bytes) -> None:
    dice = random.Random(4)
    for _ in range(150):
        # Most of a bitmap is samples, which nothing is said of.
        Heard(Metafile(), source(damage(data, dice, reach=400), media_type, limits=SMALL))


def test_work_grows_with_the_records_of_a_comment_and_not_faster() -> None:
    def walk(count: int) -> None:
        records = struct.pack("<HHII", 0x4002, 0, 12, 0) * count
        drawing = emf(record(COMMENT, struct.pack("<I", len(records) + 4) + b"EMF+" + records))
        assert list(walk_emf(Block(drawing, Limits()))) == []

    assert grows_in_step(partial(walk, 20_000), partial(walk, TIMES * 20_000))

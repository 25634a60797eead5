"""Behind the end of a file: motion photos, notes of editors, and what somebody appended."""

from __future__ import annotations

import io
import json
import random
import struct
from pathlib import Path

import pytest
from PIL import Image

from provenance.model.vocabulary import Cause, Origin
from tests.evidence import build
from tests.evidence.build import SMALL, riff, riff_chunk
from tests.evidence.carriers.test_archive import zipped
from tests.evidence.carriers.test_movies import movie
from tests.evidence.looking import MARKED, PLAIN, Look

JPEG = build.jpeg()
NOTE = json.dumps({"originalPath": "/storage/a.jpg", "representativeFrameLoc": -1, "genAIType": 4})


def saved(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "grey").save(file, kind)
    return file.getvalue()


def samsung(parts: dict[str, bytes], kind: int = 0x0A30) -> bytes:
    """Named blocks and the directory behind them, as the cameras of Galaxy phones write them."""
    blocks, entries = b"", b""
    for name, data in parts.items():
        block = struct.pack("<HHI", 0, kind, len(name)) + name.encode() + data
        entries += struct.pack("<HHII", 0, kind, len(blocks), len(block))  # the place is turned round below
        blocks += block
    turned = b"".join(
        struct.pack("<HHII", zero, mark, len(blocks) - place, length)
        for zero, mark, place, length in struct.iter_unpack("<HHII", entries)
    )
    directory = b"SEFH" + struct.pack("<II", 106, len(parts)) + turned
    return blocks + directory + struct.pack("<I", len(directory)) + b"SEFT"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("gap", [b"", bytes(100)])
def test_a_picture_behind_a_picture(kind: str, gap: bytes, tmp_path: Path) -> None:
    look = Look(saved(kind) + gap + MARKED, tmp_path)
    assert look.origins == {"trailer": Origin.GENERATED}
    assert look.origin is Origin.UNKNOWN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_a_picture_that_ends_where_it_ends(kind: str, tmp_path: Path) -> None:
    for padding in (b"", bytes(7), b"\r\n"):
        look = Look(saved(kind) + padding, tmp_path)
        assert (look.inside, look.own.statements, look.own.troubles) == ({}, (), ())


def test_an_archive_behind_a_picture_is_walked(tmp_path: Path) -> None:
    look = Look(JPEG + zipped({"a.png": MARKED}), tmp_path)
    assert look.origins == {"trailer": Origin.UNKNOWN, "trailer!a.png": Origin.GENERATED}


def test_two_files_and_a_text_behind_each_other(tmp_path: Path) -> None:
    look = Look(JPEG + PLAIN + bytes(3) + MARKED + b'\n{"note": "a text"}', tmp_path)
    assert look.origins == {"trailer": Origin.UNKNOWN, "trailer (2)": Origin.GENERATED}
    assert look.says("trailer") == ['{"note": "a text"}']


def test_a_motion_photo(tmp_path: Path) -> None:
    clip = movie("mp4", {"comment": "words"})
    look = Look(saved("JPEG") + clip, tmp_path)
    assert look.types == {"trailer": "video/mp4"}
    assert look.inside["trailer"].asset.size == len(clip)
    assert look.causes == set()


def test_a_motion_photo_of_samsung(tmp_path: Path) -> None:
    clip = movie("mp4", {"comment": "words"})
    look = Look(saved("JPEG") + samsung({"Image_UTC_Data": b"1700000000000", "MotionPhoto_Data": clip}), tmp_path)
    assert look.types == {"MotionPhoto_Data": "video/mp4"}
    assert look.says("Image_UTC_Data") == ["1700000000000"]
    assert (look.says("trailer"), look.causes) == ([], set())


@pytest.mark.parametrize("form", ["blocks", "bare"])
def test_an_edit_of_samsung(form: str, tmp_path: Path) -> None:
    bare = b"\0\0\xa1\x0b" + b"PhotoEditor_Re_Edit_Data" + NOTE.encode() + b"\xff\x00"
    behind = samsung({"PhotoEditor_Re_Edit_Data": NOTE.encode()}) if form == "blocks" else bare
    look = Look(saved("JPEG") + behind, tmp_path)
    assert [row.signal for row in look.own.evidence] == ["samsung"]
    assert look.origin is Origin.PARTLY_GENERATED


def test_an_ordinary_edit_says_nothing(tmp_path: Path) -> None:
    note = NOTE.replace('"genAIType": 4', '"genAIType": 0').encode()
    assert Look(saved("JPEG") + samsung({"PhotoEditor_Re_Edit_Data": note}), tmp_path).own.evidence == ()


def test_pictures_that_the_jpeg_lists_are_files_of_their_own(tmp_path: Path) -> None:
    file = io.BytesIO()
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "green", "blue")]
    frames[2].encoderinfo = {"comment": b"a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"}
    frames[0].save(file, "MPO", save_all=True, append_images=frames[1:])
    data = file.getvalue()
    assert b"MPF\0" in data
    look = Look(data, tmp_path)
    assert look.types == {"picture 2": "image/jpeg", "picture 3": "image/jpeg"}
    assert look.origins["picture 3"] is Origin.GENERATED
    assert (look.origin, look.own.statements, look.causes) == (Origin.UNKNOWN, (), set())
    clip = movie("mp4", {"comment": "words"})
    assert Look(data + clip, tmp_path).types["trailer"] == "video/mp4"
    assert Look(data + MARKED, tmp_path).origins["trailer"] is Origin.GENERATED


def test_a_second_picture_that_nothing_lists_is_a_row(tmp_path: Path) -> None:
    assert Look(JPEG + JPEG, tmp_path).types == {"trailer": "image/jpeg"}


def test_bytes_that_are_nothing_are_counted(tmp_path: Path) -> None:
    assert Look(JPEG + b"\x01\x02\x03\x04" * 5, tmp_path).says("trailer") == ["20 bytes"]


def test_behind_a_sound(tmp_path: Path) -> None:
    tone = riff(b"WAVE", riff_chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 48000, 96000, 2, 16)),
                riff_chunk(b"data", bytes(9600)))  # fmt: skip
    assert Look(tone + MARKED, tmp_path).origins == {"trailer": Origin.GENERATED}
    assert Look(tone, tmp_path).inside == {}


def test_a_directory_that_lies(tmp_path: Path) -> None:
    whole = samsung({"PhotoEditor_Re_Edit_Data": NOTE.encode()})
    for place in (whole.find(b"SEFH"), whole.find(b"SEFH") + 16, len(whole) - 8):
        hurt = bytearray(whole)
        hurt[place : place + 4] = b"\xff\xff\xff\x7f"
        look = Look(saved("JPEG") + bytes(hurt), tmp_path)
        assert Cause.MALFORMED in look.causes
        assert look.origin is Origin.PARTLY_GENERATED  # the words are found all the same


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    rng = random.Random(8)
    whole = saved("JPEG") + samsung({"MotionPhoto_Data": b"\0\0\0\x18ftypmp42" + bytes(20), "a": b"b"})
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 6)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        Look(bytes(data), tmp_path, limits=SMALL)


@pytest.mark.parametrize("stray", [b"\x1f\x8b", b"BZh", b"\xff\x0a", b"\x01\xda\0\1", b"%PDF-1", b"PK\x03\x04"])
def test_a_few_stray_bytes_are_no_damaged_file(stray: bytes, tmp_path: Path) -> None:
    look = Look(JPEG + stray, tmp_path)
    assert look.inside == {}
    assert look.causes == set()
    assert len(look.says("trailer")) == 1

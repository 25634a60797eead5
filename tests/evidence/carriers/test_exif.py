from __future__ import annotations

import io
import os
import struct
from pathlib import Path

import exifread
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.evidence.carriers.exif import Exif, user_comment
from provenance.limits import Limits
from provenance.media.sniff import sniff
from provenance.model.vocabulary import Cause
from tests.evidence import build
from tests.evidence.build import Heard, box, jpeg, png, png_chunk, segment, source

PARAMETERS = "masterpiece\nNegative prompt: blurry\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1" + ", x" * 900
SAID = {"Make": "Maker", "ExposureTime": "1/250", "UserComment": PARAMETERS, "MakerNote": "fooocus"}


def comment(order: str) -> bytes:
    return b"UNICODE\0" + PARAMETERS.encode("utf-16-le" if order == "<" else "utf-16-be")


def block(order: str = "<") -> bytes:
    directories: list[dict[int, tuple[int, bytes | int]]] = [
        {0x10F: (2, b"Maker\0\0\0"), 0x8769: (4, 1)},
        {0x829A: (5, struct.pack(order + "II", 1, 250)), 0x9286: (7, comment(order)), 0x927C: (7, b"fooocus")},
    ]
    return build.tiff(directories, order)


def heif(brand: bytes, exif: bytes) -> bytes:
    content = bytes(4) + exif

    def made(offset: int) -> bytes:
        entry = box("infe", b"\x02\0\0\0", b"\0\x01\0\0Exif\0")
        place = b"\0\x01\0\0\0\x01" + struct.pack(">II", offset, len(content))
        meta = box("meta", bytes(4), box("iinf", bytes(4), b"\0\x01", entry),
                   box("iloc", bytes(4), b"\x44\0\0\x01" + place))  # fmt: skip
        return box("ftyp", brand + bytes(4) + brand) + meta + box("mdat", content)

    return made(len(made(0)) - len(content))


def wrapped(exif: bytes) -> dict[str, bytes]:
    marked = b"Exif\0\0" + exif
    return {
        "image/jpeg": jpeg(segment(0xE0, b"JFIF\0"), segment(0xE1, marked)),
        "image/png": png(after=[png_chunk(b"eXIf", exif)]),
        "image/webp": build.riff(b"WEBP", build.riff_chunk(b"VP8L", bytes(6)), build.riff_chunk(b"EXIF", marked)),
        "image/tiff": exif,
        "image/heic": heif(b"heic", exif),
        "image/avif": heif(b"avif", exif),
        "image/jp2": box("jP  ", b"\r\n\x87\n") + box("uuid", b"JpgTiffExif->JP2", exif),
        "image/jxl": box("JXL ", b"\r\n\x87\n") + box("Exif", bytes(4), exif),
        "image/x-fuji-raf": b"FUJIFILMCCD-RAW".ljust(84) + struct.pack(">II", 92, 9999) + jpeg(segment(0xE1, marked)),
        "image/x-canon-cr3": box("ftyp", b"crx \0\0\0\0") + box(
            "moov", box("uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48"), box("CMT1", exif))),
        "image/vnd.adobe.photoshop": b"8BPS\0\x01" + bytes(24) + struct.pack(">I", len(exif) + 12) + (
            b"8BIM\x04\x22\0\0" + struct.pack(">I", len(exif)) + exif),
    }  # fmt: skip


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("media_type", list(wrapped(b"")))
def test_the_same_words_in_every_container(media_type: str, order: str) -> None:
    told = Heard(Exif(), source(wrapped(block(order))[media_type], media_type))
    assert told.said == SAID
    assert told.troubles == []


def test_the_place_names_tag_and_directory() -> None:
    told = Heard(Exif(), source(wrapped(block())["image/jpeg"], "image/jpeg"))
    assert "EXIF tag 0x9286 UserComment (Exif IFD)" in {row.where for row in told.statements}


def test_a_block_over_several_segments() -> None:
    exif = block()
    data = jpeg(segment(0xE1, b"Exif\0\0" + exif[:900]), segment(0xE1, b"Exif\0\0" + exif[900:]))
    assert Heard(Exif(), source(data, "image/jpeg")).said == SAID


def test_a_picture_cut_right_behind_its_block() -> None:
    told = Heard(Exif(), source(b"\xff\xd8" + segment(0xE1, b"Exif\0\0" + block()), "image/jpeg"))
    assert told.said == SAID


def test_a_profile_that_imagemagick_wrote() -> None:
    digits = (b"Exif\0\0" + block()).hex().encode()
    chunk = png_chunk(b"tEXt", b"Raw profile type APP1\0\ngeneric profile\n    %d\n" % (len(digits) // 2) + digits)
    assert Heard(Exif(), source(png([chunk]), "image/png")).said == SAID


def test_a_png_is_never_decoded() -> None:
    told = Heard(Exif(), source(png([png_chunk(b"eXIf", block())]).replace(b"IDAT", b"IdAT"), "image/png"))
    assert told.said == SAID


def test_maker_note_that_is_no_text_is_only_measured() -> None:
    data = build.tiff([{0x927C: (7, b"Nikon\0\x02\x10" + bytes(range(256)))}])
    assert Heard(Exif(), source(data, "image/tiff")).said == {
        "MakerNote": "264 bytes beginning b'Nikon\\x00\\x02\\x10\\x00\\x01\\x02\\x03'"
    }


def test_free_text_under_an_unknown_tag_and_windows_comments() -> None:
    data = build.tiff(
        [
            {
                0xD001: (2, b"some words\0"),
                0x9C9C: (1, "Größe".encode("utf-16-le") + b"\0\0"),
                0x10E: (129, "日本".encode()),
            }
        ]
    )
    assert Heard(Exif(), source(data, "image/tiff")).said == {
        "0xD001": "some words",
        "XPComment": "Größe",
        "ImageDescription": "日本",
    }


def test_pages_speak_and_thumbnails_do_not() -> None:
    data = build.tiff([{0x131: (2, b"page one\0")}, {0x131: (2, b"page two\0")}], links={0: 1})
    assert Heard(Exif(), source(data, "image/tiff")).values("Software") == ["page one", "page two"]
    inside = jpeg(segment(0xE1, b"Exif\0\0" + data))
    assert Heard(Exif(), source(inside, "image/jpeg")).values("Software") == ["page one"]


def test_a_directory_out_of_reach_is_told_and_the_rest_read() -> None:
    data = build.tiff([{0x10F: (2, b"Maker\0"), 0x8769: (4, struct.pack("<I", 50_000))}])
    told = Heard(Exif(), source(jpeg(segment(0xE1, b"Exif\0\0" + data)), "image/jpeg"))
    assert told.said == {"Make": "Maker"}
    assert [(row.cause, "Exif IFD" in row.detail) for row in told.troubles] == [(Cause.MALFORMED, True)]


def test_fields_that_all_name_the_same_large_stretch_are_stopped() -> None:
    entries = b"".join(struct.pack("<HHII", tag, 2, 2_000_000, 8) for tag in range(0xD000, 0xD000 + 5000))
    data = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 5000) + entries + b"A" * 2_000_000
    told = Heard(Exif(), source(data, "image/tiff", limits=Limits(packet=10_000_000)))
    assert len(told.statements) <= 5
    assert [row.cause for row in told.troubles] == [Cause.OVERSIZED]


def test_items_that_all_name_the_same_large_stretch_are_stopped() -> None:
    entries = [box("infe", b"\x02\0\0\0", struct.pack(">H", n) + b"\0\0Exif\0") for n in range(3000)]
    places = b"".join(struct.pack(">HHHII", n, 0, 1, 0, 100_000) for n in range(3000))
    meta = box("meta", bytes(4), box("iinf", bytes(4), struct.pack(">H", 3000), *entries),
               box("iloc", bytes(4), b"\x44\0" + struct.pack(">H", 3000) + places))  # fmt: skip
    data = box("ftyp", b"heic\0\0\0\0heic") + meta + bytes(100_000)
    told = Heard(Exif(), source(data, "image/heic", limits=Limits(packet=1_000_000)))
    assert len(told.troubles) <= 12
    assert told.troubles[-1].cause is Cause.OVERSIZED


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"UNICODE\0" + "a\nb".encode("utf-16-be"), "a\nb"),
        (b"UNICODE\0" + "a\nb".encode("utf-16-le") + b"\0\0", "a\nb"),
        (b"UNICODE\0" + "\ufeffa\nb".encode("utf-16-le"), "a\nb"),
        (b"UNICODE\0" + "日本語".encode("utf-16-be"), "日本語"),
        (b"UNICODE\0" + b"plain after all", "plain after all"),
        (b"ASCII\0\0\0" + b"words\0\0", "words"),
        (b"ASCII\0\0\0" + "größer".encode(), "größer"),
        (b"JIS\0\0\0\0\0" + "日本".encode("iso2022_jp"), "日本"),
        (bytes(8) + b"undefined", "undefined"),
        (b'{"AIGC": {"Label": "1"}}', '{"AIGC": {"Label": "1"}}'),
        (b"ASCII\0\0\0" + "wide".encode("utf-16-le"), "wide"),
        (b"", ""),
        (bytes(40), ""),
    ],
)
def test_user_comments_of_every_writer(data: bytes, text: str) -> None:
    assert user_comment(data, ">") == text


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=60), order=st.sampled_from("<>"))
def test_no_comment_raises(data: bytes, order: str) -> None:
    assert isinstance(user_comment(data, order), str)
    assert isinstance(user_comment(b"UNICODE\0" + data, order), str)
    assert isinstance(user_comment(b"JIS\0\0\0\0\0" + data, order), str)


@settings(max_examples=100, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40))
def test_utf_16_comments_come_back_whole(text: str) -> None:
    latin = "Steps: 20, " + text  # the byte order shows in Latin letters
    for order, codec in (("<", "utf-16-be"), (">", "utf-16-le")):
        assert user_comment(b"UNICODE\0" + latin.encode(codec), order) == latin


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_what_pillow_wrote(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E], exif[0x0131], exif[0x9286] = "a picture", "Tool 2.0", b"ASCII\0\0\0words"
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, kind, exif=exif)
    told = Heard(Exif(), source(file.getvalue(), sniff_type(file.getvalue())))
    assert {
        "ImageDescription": "a picture",
        "Software": "Tool 2.0",
        "UserComment": "words",
    }.items() <= told.said.items()


def sniff_type(data: bytes) -> str:
    return sniff(lambda offset, length: data[offset : offset + length])


def test_the_corpus_reads_as_another_reader_reads_it() -> None:
    """Where ExifRead gives a text for a camera field, ours is the same."""
    folder = os.environ.get("PROVENANCE_CORPUS")
    if not folder:
        pytest.skip("PROVENANCE_CORPUS names no folder of media")
    compared = 0
    for path in sorted(Path(folder).rglob("*.[jJ][pP]*[gG]"))[:200]:
        data = path.read_bytes()
        try:
            theirs = exifread.process_file(io.BytesIO(data), details=False)
        except (AssertionError, ValueError, TypeError, EOFError, OSError, IndexError, KeyError):
            continue
        ours = Heard(Exif(), source(data, "image/jpeg")).said
        for key in ("Make", "Model", "DateTime"):
            value = getattr(theirs.get(f"Image {key}"), "values", None)
            if isinstance(value, str) and value.strip():
                assert ours.get(key, "").strip() == value.strip(), path
                compared += 1
    assert compared > 100

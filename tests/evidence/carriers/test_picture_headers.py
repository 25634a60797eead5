"""Texts in the headers of simpler picture formats, and the pictures in icons."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import pytest
from PIL import Image

from provenance.evidence.carriers.header_fields import HeaderFields
from provenance.evidence.carriers.header_lines import HeaderLines
from provenance.evidence.carriers.icon import Icon
from provenance.evidence.carriers.png import Png
from provenance.evidence.interface import Carrier
from provenance.model.asset import FingerprintLevel
from provenance.model.vocabulary import Cause, Origin
from tests.evidence import small_formats as made
from tests.evidence.build import SMALL, Heard, damage, source
from tests.evidence.looking import MARKED, PLAIN, Look

SETTINGS = "a castle\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8, Model: sd15"
LINE = SETTINGS.replace("\n", " ")
LABEL = '{"Label":"1","ContentProducer":"a service","ProduceID":"7"}'
TGA_TEXTS = {2: b"An Artist", 43: b"first line", 124: b"second line", 379: b"a job", 426: b"A Painter",
             467: struct.pack("<Hc", 250, b"b")}  # fmt: skip


@pytest.mark.parametrize("magic", ["P1", "P3", "P4", "P5", "P6"])
def test_comments_of_netpbm(magic: str, tmp_path: Path) -> None:
    look = Look(made.netpbm("made by A Tool", magic), tmp_path)
    assert look.own.asset.media_type == "image/x-portable-anymap"
    assert look.says("Comment") == (["made by A Tool"] if magic in ("P1", "P4") else ["made by A Tool", "second"])
    assert look.causes == set()


def test_fields_of_pam_and_a_header_that_breaks_off() -> None:
    pam = b"P7\nWIDTH 4\nHEIGHT 4\n# a note\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n" + bytes(48)
    assert Heard(HeaderLines(), source(pam, "image/x-portable-anymap")).said == {"Comment": "a note", "TUPLTYPE": "RGB"}
    cut = Heard(HeaderLines(), source(b"P6\n# kept\n4", "image/x-portable-anymap"))
    assert cut.said == {"Comment": "kept"}
    assert [row.cause for row in cut.troubles] == [Cause.MALFORMED]


def test_prose_that_begins_like_netpbm_is_text(tmp_path: Path) -> None:
    for text in (b"P1 is the first of three pages 12 13\n", b"P2\nis the second\n", b"P6 release notes\n"):
        assert Look(text, tmp_path).own.asset.media_type == "text/plain"


def test_header_lines_of_radiance(tmp_path: Path) -> None:
    data = made.radiance("# a sky", "SOFTWARE=A Renderer 3", f"AIGC={LABEL}", "rpict -vp 1 2 3 -x=4 sky.oct")
    look = Look(data, tmp_path)
    assert look.says("Comment") == ["a sky"]
    assert look.says("SOFTWARE") == ["A Renderer 3"]
    assert look.says("Command") == ["rpict -vp 1 2 3 -x=4 sky.oct"]
    assert look.origin is Origin.GENERATED
    cut = Heard(HeaderLines(), source(b"#?RGBE\nSOFTWARE=kept\n", "image/vnd.radiance"))
    assert cut.said == {"SOFTWARE": "kept"}
    assert [row.cause for row in cut.troubles] == [Cause.MALFORMED]


def test_fields_of_miff() -> None:
    told = Heard(HeaderLines(), source(made.miff("made by\nA Tool"), "image/x-miff"))
    assert told.said["comment"] == "made by\nA Tool"
    assert told.said["columns"] == "4"
    assert told.troubles == []
    assert (
        Heard(HeaderLines(), source(b"id=ImageMagick columns=4", "image/x-miff")).troubles[0].cause is Cause.MALFORMED
    )


def test_cards_of_fits(tmp_path: Path) -> None:
    second = "".join(card.ljust(80) for card in ("XTENSION= 'IMAGE   '", "EXTNAME = 'second'", "NAXIS   = 0", "END"))
    data = made.fits(
        "CREATOR = 'it''s a tool / 2'   / the program", "COMMENT   taken at night", "LONG    = 'first &'",
        "CONTINUE  'and second'", "EXPTIME =                 30.0 / seconds", more=second.encode().ljust(2880),
    )  # fmt: skip
    look = Look(data, tmp_path)
    assert look.own.asset.media_type == "image/fits"
    assert look.says("CREATOR") == ["it's a tool / 2"]
    assert look.says("COMMENT") == ["taken at night"]
    assert look.says("LONG") == ["first and second"]
    assert look.says("EXPTIME") == ["30.0"]
    assert look.says("EXTNAME") == ["second"]
    assert look.causes == set()


def test_a_header_of_fits_alone_is_text(tmp_path: Path) -> None:
    head = made.fits("CREATOR = 'a tool'")[: 80 * 6]
    assert Look(head, tmp_path).own.asset.media_type == "text/plain"


def test_a_tga_is_no_cursor_and_gives_its_texts(tmp_path: Path) -> None:
    look = Look(made.tga(b"an id", TGA_TEXTS, LABEL.encode()), tmp_path)
    assert look.own.asset.media_type == "image/x-tga"
    said = {row.key: row.value for row in look.own.statements}
    assert {
        "ImageId": "an id",
        "AuthorName": "An Artist",
        "JobName": "a job",
        "SoftwareId": "A Painter",
    }.items() <= said.items()
    assert look.says("Comment") == ["first line", "second line"]
    assert look.says("SoftwareVersion") == ["2.50b"]
    assert look.says("DeveloperTag7") == [LABEL]
    assert (look.own.asset.width, look.own.asset.height) == (4, 4)
    assert look.causes == set()


@pytest.mark.parametrize("options", [{"mode": "RGB"}, {"mode": "RGBA"}, {"mode": "L"}, {"mode": "P"}])
@pytest.mark.parametrize("compression", [None, "tga_rle"])
def test_every_tga_that_pillow_writes(options: dict[str, str], compression: str | None, tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.linear_gradient("L").convert(options["mode"]).save(file, "TGA", compression=compression)
    look = Look(file.getvalue(), tmp_path)
    assert look.own.asset.media_type == "image/x-tga"
    assert look.causes == set()


def test_a_tga_that_ends_before_its_pixels_is_not_taken_for_one(tmp_path: Path) -> None:
    look = Look(made.tga()[:40], tmp_path)
    assert look.own.asset.media_type == "application/octet-stream"
    assert look.causes == {Cause.UNSUPPORTED}


def test_fields_of_cineon_sgi_and_dds() -> None:
    cineon = made.fixed_fields(b"\x80\x2a\x5f\xd7", 2048, {32: b"a.cin", 844: b"A Scanner", 1108: b"scene 4"})
    assert Heard(HeaderFields(), source(cineon, "image/x-cineon")).said == {
        "FileName": "a.cin", "InputDevice": "A Scanner", "SlateInfo": "scene 4"
    }  # fmt: skip
    sgi = made.fixed_fields(b"\x01\xda\0\1\0\3\0\4\0\4\0\3", 512, {24: b"made by a tool"})
    assert Heard(HeaderFields(), source(sgi, "image/x-sgi")).said == {"ImageName": "made by a tool"}
    dds = made.fixed_fields(b"DDS \x7c\0\0\0", 128, {68: b"NVTT\4\0\2\0"})
    assert Heard(HeaderFields(), source(dds, "image/x-dds")).said == {"Reserved": "NVTT"}
    for data, kind in ((cineon[:700], "image/x-cineon"), (sgi[:100], "image/x-sgi"), (dds[:90], "image/x-dds")):
        assert [row.cause for row in Heard(HeaderFields(), source(data, kind)).troubles] == [Cause.MALFORMED]


def test_a_marked_picture_in_an_icon(tmp_path: Path) -> None:
    bitmap = struct.pack("<IiiHHIIiiII", 40, 1, 2, 1, 32, 0, 0, 0, 0, 0, 0) + bytes(8)
    for kind in (1, 2):
        look = Look(made.ico(bitmap, MARKED, kind=kind), tmp_path)
        assert look.origins == {"entry 2": Origin.GENERATED}
        assert look.causes == set()
    look = Look(made.icns(ic04=bytes(32), ic08=PLAIN, ic09=MARKED), tmp_path)
    assert look.own.asset.media_type == "image/x-icns"
    assert look.origins == {"element ic08": Origin.UNKNOWN, "element ic09": Origin.GENERATED}


def test_an_icon_that_is_cut() -> None:
    assert [row.cause for row in Heard(Icon(), source(made.ico(PLAIN)[:-9], "image/x-icon")).troubles] == [
        Cause.MALFORMED
    ]
    assert [row.cause for row in Heard(Icon(), source(made.icns(ic08=PLAIN)[:-9], "image/x-icns")).troubles] == [
        Cause.MALFORMED
    ]


def test_four_bytes_do_not_make_an_icon(tmp_path: Path) -> None:
    look = Look(b"\0\0\1\0" + bytes(400), tmp_path)
    assert look.own.asset.media_type == "application/octet-stream"
    assert look.causes == {Cause.UNSUPPORTED}


def test_comments_of_a_cursor_of_x11() -> None:
    told = Heard(Icon(), source(made.xcursor("drawn by hand"), "image/x-xcursor"))
    assert told.said == {"Comment": "drawn by hand"}
    assert told.troubles == []


def test_the_jpeg_and_the_texts_of_a_jng(tmp_path: Path) -> None:
    look = Look(made.jng(made.saved("JPEG"), "a note"), tmp_path)
    assert look.says("Comment") == ["a note"]
    assert look.types == {"picture": "image/jpeg"}
    assert look.causes == set()
    mng = b"\x8aMNG" + made.jng(b"", "in a movie")[4:].replace(b"IEND\xae\x42\x60\x82", b"MEND\0\0\0\0")
    assert Heard(Png(), source(mng, "video/x-mng")).said == {"Comment": "in a movie"}


@pytest.mark.parametrize("start", [b"ARRI" + bytes(200), b"PGF6" + bytes(200), b"BLP2" + bytes(200)])
def test_what_no_carrier_reads_is_reported(start: bytes, tmp_path: Path) -> None:
    """The sidecar carrier accepts every picture, and reads nothing in it."""
    look = Look(start, tmp_path)
    assert look.causes == {Cause.UNSUPPORTED}


def test_an_unread_picture_is_compared_nevertheless(tmp_path: Path) -> None:
    from provenance.intake.examine import examine
    from provenance.intake.jobs import FileRead, ReadFile
    from provenance.limits import DEFAULT

    path = tmp_path / "texture.blp"
    path.write_bytes(made.saved("BLP", "P", (64, 64)))
    told = examine(ReadFile(bytes(path), path.stat().st_size, level=FingerprintLevel.FULL), DEFAULT)
    assert isinstance(told, FileRead)
    assert [row.detail for row in told.reading.troubles] == [
        "a picture of type image/x-blp: it can be compared, but nothing here reads its metadata"
    ]
    assert len(told.reading.fingerprints) == 1


FILES: list[tuple[Carrier, str, bytes]] = [
    (HeaderLines(), "image/x-portable-anymap", made.netpbm("a note")),
    (HeaderLines(), "image/vnd.radiance", made.radiance("SOFTWARE=a tool")),
    (HeaderLines(), "image/x-miff", made.miff("a note")),
    (HeaderLines(), "image/fits", made.fits("CREATOR = 'a tool'")),
    (HeaderFields(), "image/x-tga", made.tga(b"id", TGA_TEXTS, b"text")),
    (HeaderFields(), "image/x-cineon", made.fixed_fields(b"\x80\x2a\x5f\xd7", 2048, {32: b"a.cin"})),
    (Icon(), "image/x-icon", made.ico(PLAIN, PLAIN)),
    (Icon(), "image/x-icns", made.icns(ic08=PLAIN)),
    (Icon(), "image/x-xcursor", made.xcursor("a note")),
]


@pytest.mark.parametrize(("carrier", "media_type", "data"), FILES, ids=[row[1] for row in FILES])
def test_damage_never_raises(carrier: Carrier, media_type: str, data: bytes) -> None:
    dice = random.Random(4)
    for _ in range(150):
        Heard(carrier, source(damage(data, dice), media_type, limits=SMALL))

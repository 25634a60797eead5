"""Pictures of RTF documents: in digits and in bytes, in a better form and in a worse one, and in objects."""

from __future__ import annotations

import io
import random
from pathlib import Path

import pytest
from PIL import Image

from provenance.limits import Limits
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.build import SMALL, compound
from tests.evidence.carriers.test_metafile import draw_plus, emf
from tests.evidence.looking import MARKED, PLAIN, Look
from tests.growth import TIMES, grows_in_step


def digits(data: bytes) -> str:
    text = data.hex()
    return "\n".join(text[at : at + 128] for at in range(0, len(text), 128))


def picture(data: bytes, kind: str = "pngblip") -> str:
    properties = r"{\*\picprop\shplid1025{\sp{\sn shapeType}{\sv 75}}}\picscalex100\picscaley100\picw847\pich847"
    return "{\\pict" + properties + f"\\{kind}\\bliptag123{{\\*\\blipuid 0123456789abcdef}}\n{digits(data)}}}"


def document(*parts: str) -> bytes:
    return ("{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\pard words\\par " + "\\par ".join(parts) + "}").encode()


def test_pictures_are_files_of_their_own(tmp_path: Path) -> None:
    look = Look(document(picture(PLAIN), "{\\*\\shppict" + picture(MARKED) + "}"), tmp_path)
    assert look.own.asset.media_type == "text/rtf"
    assert look.origins == {"picture 1": Origin.UNKNOWN, "picture 2": Origin.GENERATED}
    assert [reading.asset.size for reading in look.inside.values()] == [len(PLAIN), len(MARKED)]
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())


def test_a_picture_in_bytes(tmp_path: Path) -> None:
    data = document(f"{{\\pict\\jpegblip\\bin{len(MARKED)} HERE}}").replace(b"HERE", MARKED)
    assert Look(data, tmp_path).origins == {"picture 1": Origin.GENERATED}


def test_a_bitmap_without_its_file_header(tmp_path: Path) -> None:
    for mode in ("RGB", "P", "1"):
        file = io.BytesIO()
        Image.radial_gradient("L").convert(mode).save(file, "BMP")
        look = Look(document(picture(file.getvalue()[14:], "dibitmap0")), tmp_path)
        assert list(look.types.values()) == ["image/bmp"]
        assert next(iter(look.inside.values())).asset.width == 256
        assert look.causes == set()


def test_drawings_are_told_unless_they_repeat_a_picture(tmp_path: Path) -> None:
    drawing = picture(b"\x11\1" + bytes(200), "macpict")
    alone = Look(document(drawing), tmp_path)
    assert "macpict at byte" in alone.told(Cause.UNSUPPORTED)
    both = "{\\*\\shppict" + picture(MARKED) + "}{\\nonshppict" + drawing + "}"
    look = Look(document(both), tmp_path)
    assert (list(look.origins.values()), look.causes) == ([Origin.GENERATED], set())


def test_a_metafile_is_a_file_of_its_own(tmp_path: Path) -> None:
    look = Look(document(picture(emf(*draw_plus(MARKED)), "emfblip")), tmp_path)
    assert look.types["picture 1"] == "image/emf"
    assert look.origins["picture 1!bitmap 1.png"] == Origin.GENERATED


def test_files_in_objects(tmp_path: Path) -> None:
    header = b"\1\5\0\0\2\0\0\0\x08\0\0\0Package\0" + bytes(8) + b"still.png\0C:\\still.png\0"
    for content, kind in ((MARKED, "image/png"), (compound({"CONTENTS": MARKED}), "application/x-aaf")):
        text = "{\\object\\objemb{\\*\\objclass Package}{\\*\\objdata " + digits(header + content) + "}{\\result " \
               + picture(PLAIN) + "}}"  # fmt: skip
        look = Look(document(text), tmp_path)
        assert look.types["object 1"] == kind
    text = "{\\object{\\*\\objdata " + digits(header + MARKED) + "}}"
    assert Look(document(text), tmp_path).origins == {"object 1": Origin.GENERATED}


def test_ordinary_documents_say_nothing(tmp_path: Path) -> None:
    look = Look(document("the word \\\\pict, and \\pictx", "{\\pict}"), tmp_path)
    assert (look.inside, look.causes) == ({}, set())


def test_limits_are_told(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.effect_noise((600, 600), 90).save(file, "PNG")
    look = Look(document(picture(file.getvalue())), tmp_path, limits=Limits(child=1000))
    assert look.causes == {Cause.OVERSIZED}


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    whole = document(picture(PLAIN), "{\\pict\\pngblip\\bin9 123456789}", "{\\*\\objdata 0105d0cf11e0}")
    rng = random.Random(6)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(6, len(data))] = rng.randrange(256)
        look = Look(bytes(data), tmp_path, limits=SMALL)
        assert not any("Error" in trouble.detail for trouble in look.own.troubles)


@pytest.mark.parametrize("word", ["{\\pict ", "{", "\\pict00", "\\bin9999999 "])
def test_work_grows_with_the_document(word: str, tmp_path: Path) -> None:
    def looked(size: int) -> Look:
        return Look(b"{\\rtf1" + word.encode() * size, tmp_path)

    assert grows_in_step(lambda: looked(2_000), lambda: looked(TIMES * 2_000))

"""Files inside texts of every kind: drawings, pages, style sheets, notebooks, XML, JSON, mail."""

from __future__ import annotations

import base64
import gzip
import io
import json
import urllib.parse
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from provenance.limits import Limits
from provenance.model.vocabulary import Cause, Origin
from tests.evidence.looking import MARKED, PLAIN, Look
from tests.growth import TIMES, grows_in_step


def drawing(*addresses: str) -> bytes:
    images = "".join(f'<image xlink:href="{address}" width="8"/>' for address in addresses)
    return f'<svg xmlns="http://www.w3.org/2000/svg">{images}</svg>'.encode()


def packed(data: bytes, kind: str = "image/png", between: str = "") -> str:
    text = base64.b64encode(data).decode()
    return f"data:{kind};base64," + between.join(text[at : at + 76] for at in range(0, len(text), 76))


@pytest.mark.parametrize("between", ["", "\n", "&#10;", "&#xA;\t"])
def test_embedded_pictures_are_things_of_their_own(between: str, tmp_path: Path) -> None:
    look = Look(drawing(packed(PLAIN), packed(MARKED, between=between)), tmp_path)
    assert look.origins == {"picture 1": Origin.UNKNOWN, "picture 2": Origin.GENERATED}
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())


def test_parameters_of_the_address(tmp_path: Path) -> None:
    address = packed(MARKED).replace(";base64", ";charset=utf-8;base64").replace("+", "%2B")
    assert Look(drawing(address), tmp_path).origins == {"picture 1": Origin.GENERATED}


def test_addresses_that_hold_no_picture(tmp_path: Path) -> None:
    look = Look(
        drawing("https://example.com/a.png", "data:image/svg+xml,%3Csvg%3E", "data:image/png;base64,"), tmp_path
    )
    assert (look.inside, look.causes) == ({}, set())


def test_damage_and_excess_are_told(tmp_path: Path) -> None:
    garbled = Look(drawing("data:image/png;base64," + "AAAA" * 60), tmp_path)
    assert [reading.troubles[0].cause for reading in garbled.inside.values()] == [Cause.UNSUPPORTED]
    assert Cause.OVERSIZED in Look(drawing(packed(MARKED)), tmp_path, limits=Limits(child=100)).causes


def test_texts_about_addresses_are_no_files(tmp_path: Path) -> None:
    texts = (
        "<p>An address begins with data:image/png;base64,iVBORw0KGgo and goes on.</p>",
        "const url = 'data:image/png;base64,' + picture; // data:image/jpeg;base64,...",
        "td { background: url(\"data:image/svg+xml,%3Csvg viewBox='0 0 8 8'%3E%3Cpath d='M0 0'/%3E%3C/svg%3E\") }",
        '{"integrity": "sha512-/9j/' + "Q" * 80 + '=="}',
        "JPEG in base64 begins with /9j/ and PNG with iVBORw0KGgo by their magic numbers, which all of them have",
    )
    for text in texts:
        look = Look(text.encode(), tmp_path)
        assert (look.inside, look.causes) == ({}, set()), text


LETTERS = base64.b64encode(MARKED).decode()
LINES = [LETTERS[at : at + 76] for at in range(0, len(LETTERS), 76)]


def page(address: str) -> str:
    return f'<!DOCTYPE html><html><body><img src="{address}"></body></html>'


def notebook(picture: object) -> str:
    return json.dumps(
        {"cells": [{"outputs": [{"data": {"image/png": picture, "text/plain": ["<Figure>"]}}]}]}, indent=1
    )


TEXTS = {
    "html": page(packed(MARKED)),
    "html in capitals": page(packed(MARKED).replace("data:", "DATA:", 1)),
    "html, escaped": page("data:image/png," + urllib.parse.quote(MARKED)),
    "html behind a megabyte": "<html>" + "<p>words</p>" * 90_000 + page(packed(MARKED)),
    "css": "a { color: red }\nb { background: url(" + packed(MARKED) + ") }",
    "javascript": "x = 'data:image/png;base64," + "' +\n    '".join(LINES) + "';",
    "drawing in css": f"i {{ background: url('data:image/svg+xml,{urllib.parse.quote(drawing(packed(MARKED)))}') }}",
    "json": json.dumps({"images": [LETTERS]}),
    "json, slashes escaped": json.dumps({"images": [LETTERS]}).replace("/", "\\/"),
    "notebook": notebook(LETTERS + "\n"),
    "notebook, one line": notebook("\n".join(LINES) + "\n"),
    "notebook, lines": notebook([line + "\n" for line in LINES]),
    "xml": "<?xml version='1.0'?><d><binary>\n    " + "\n    ".join(LINES) + "\n</binary></d>",
    "character data": "<?xml version='1.0'?><d><Contents><![CDATA[" + "\r\n".join(LINES) + "]]></Contents></d>",
    "mail body": "see below\n\n" + "\n".join(LINES) + "\n\nregards, and more of these words\n",
    "quoted printable": page(packed(MARKED)).replace("=", "=3D").replace(LETTERS, "=\r\n".join([LETTERS[:20], *[
        LETTERS[at : at + 75] for at in range(20, len(LETTERS), 75)]])),
    "first word of a text": LETTERS,
    "url-safe letters": json.dumps(LETTERS.replace("+", "-").replace("/", "_")),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_picture_in_a_text(name: str, encoding: str, tmp_path: Path) -> None:
    look = Look(TEXTS[name].encode(encoding), tmp_path)
    pictures = {place: origin for place, origin in look.origins.items() if look.types[place] == "image/png"}
    assert list(pictures.values()) == [Origin.GENERATED]
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())
    picture = next(reading for place, reading in look.inside.items() if place in pictures)
    assert picture.asset.size == len(MARKED)


def save(format_name: str) -> bytes:
    file = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(file, format_name)
    return file.getvalue()


@pytest.mark.parametrize(("kind", "media_type"), [
    ("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp"), ("TIFF", "image/tiff"),
    ("PDF", "application/pdf"), ("AVIF", "image/avif"), ("JPEG2000", "image/jp2"),
])  # fmt: skip
def test_files_that_begin_differently(kind: str, media_type: str, tmp_path: Path) -> None:
    text = f"<?xml version='1.0'?><d>{base64.b64encode(save(kind)).decode()}</d>"
    assert list(Look(text.encode(), tmp_path).types.values())[-1] == media_type


def test_equal_files_count_once(tmp_path: Path) -> None:
    look = Look(page(packed(MARKED) + '"><img src="' + packed(MARKED)).encode(), tmp_path)
    assert list(look.origins) == ["picture 1"]


def test_two_files_one_behind_the_other(tmp_path: Path) -> None:
    look = Look(json.dumps({"images": [LETTERS, base64.b64encode(save("PNG")).decode()]}).encode(), tmp_path)
    assert look.origins == {"picture 1": Origin.GENERATED, "picture 2": Origin.UNKNOWN}


def zipped(text: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.adobe.indesign-idml-package", zipfile.ZIP_STORED)
        archive.writestr("designmap.xml", "<?xml version='1.0'?><Document/>")
        archive.writestr("Stories/Story_u1.xml", text)
    return file.getvalue()


def test_texts_in_archives_are_searched(tmp_path: Path) -> None:
    look = Look(zipped(TEXTS["character data"].encode()), tmp_path)
    assert look.origins == {"Stories/Story_u1.xml!picture 1": Origin.GENERATED, "Stories/Story_u1.xml": Origin.UNKNOWN}
    assert look.parents["Stories/Story_u1.xml!picture 1"] == "Stories/Story_u1.xml"
    assert look.causes == set()


def test_texts_in_archives_are_searched_within_bounds(tmp_path: Path) -> None:
    text = TEXTS["character data"].encode()
    bounds = Limits(child=100_000, ratio=10_000)
    assert Look(gzip.compress(b"<d>" + b"words " * 50_000), tmp_path, limits=bounds).causes == set()
    assert Look(gzip.compress(text + b" " * 200_000), tmp_path, limits=bounds).causes == {Cause.OVERSIZED}
    look = Look(zipped(text), tmp_path, limits=Limits(unpacked=100))
    assert "Story_u1.xml" in look.told(Cause.OVERSIZED)


def test_work_grows_with_the_drawing(tmp_path: Path) -> None:
    def looked(size: int) -> Look:
        return Look(b"<svg>" + b"data:image/png;a" * size, tmp_path)

    assert grows_in_step(lambda: looked(20_000), lambda: looked(TIMES * 20_000))


@pytest.mark.parametrize("word", ["/9j/ ", "data:image/png;base64,AAAA ", "iVBORw0KGgo\n", "A" * 80 + "\n", "=\n"])
def test_work_grows_with_the_text(word: str, tmp_path: Path) -> None:
    def looked(size: int) -> Look:
        return Look(("words " + word * size).encode(), tmp_path)

    assert grows_in_step(lambda: looked(5_000), lambda: looked(TIMES * 5_000))

"""A generated picture without its mark, hidden in files of every kind: the search finds it in each of them."""

from __future__ import annotations

import base64
import functools
import io
import json
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, PngImagePlugin

from provenance.model.report import Report
from provenance.model.vocabulary import Origin, Severity, Zone
from provenance.workflows.ingest import ingest
from provenance.workflows.scan import ScanOptions, scan
from tests.cli.test_scan import PARAMETERS
from tests.decode.movies import movie
from tests.evidence.seen_pictures import DRAWN, make_layered
from tests.matching.paint import grade, paint_picture
from tests.workflows.test_scan import context_in


def save(format_name: str, **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(paint_picture(41)).save(file, format_name, **options)
    return file.getvalue()


def make_pdf() -> bytes:
    picture = Image.fromarray(paint_picture(41)).quantize(200)
    palette = picture.getpalette() or []
    document = pikepdf.Pdf.new()
    space = pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, len(palette) // 3 - 1,
                           pikepdf.String(bytes(palette))])  # fmt: skip
    stream = pikepdf.Stream(document, b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=picture.width,
                            Height=picture.height, ColorSpace=space, BitsPerComponent=8)  # fmt: skip
    stream.write(zlib.compress(picture.tobytes()), filter=pikepdf.Name.FlateDecode)
    page = document.add_blank_page()
    page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=document.make_indirect(stream)))
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def make_page() -> bytes:
    address = b"data:image/webp;base64," + base64.b64encode(save("WEBP"))
    return b"<!DOCTYPE html><html><img src='" + address + b"'></html>"


def make_notebook() -> bytes:
    picture = base64.encodebytes(save("PNG")).decode()
    return json.dumps({"cells": [{"outputs": [{"data": {"image/png": picture}}]}]}).encode()


def make_mail() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.com", "stills"
    message.set_content("words")
    message.add_attachment(save("JPEG", quality=80), maintype="image", subtype="jpeg", filename="still.jpg")
    return message.as_bytes()


def make_rich_text() -> bytes:
    return b"{\\rtf1 words {\\pict\\jpegblip " + save("JPEG", quality=80).hex().encode() + b"}}"


def make_pages() -> bytes:
    return save_pages("TIFF", Image.new("RGB", (64, 48), "grey"))


def make_stereo_picture() -> bytes:
    return save_pages("MPO", Image.new("RGB", (64, 48), "grey"))


def save_pages(format_name: str, first: Image.Image) -> bytes:
    file = io.BytesIO()
    first.save(file, format_name, save_all=True, append_images=[Image.fromarray(paint_picture(41))])
    return file.getvalue()


MAKERS: dict[str, Callable[[], bytes]] = {
    "palette.pdf": make_pdf, "page.html": make_page, "cells.ipynb": make_notebook, "note.eml": make_mail,
    "note.rtf": make_rich_text, "pages.tif": make_pages, "two.jpg": make_stereo_picture,
}  # fmt: skip
PLACES = dict.fromkeys(DRAWN, "page 2") | {"pages.tif": "page 2", "layered.psd": "layer 2 (above) pixels"}
"""What stands in the names of what was found, for files that say where."""
for _name, _make in (*DRAWN.items(), ("layered.psd", make_layered)):
    MAKERS[_name] = functools.partial(_make, paint_picture(41))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("delivery")
    mark = PngImagePlugin.PngInfo()
    mark.add_text("parameters", PARAMETERS)
    (folder / "known.png").write_bytes(save("PNG", pnginfo=mark))
    for name, make in MAKERS.items():
        (folder / name).write_bytes(make())
    context = context_in(tmp_path_factory.mktemp("catalogue"), 2027)
    return scan([str(folder)], ScanOptions(("netflix",), Severity.BLOCK), context).report


@pytest.mark.parametrize("name", MAKERS)
def test_the_picture_is_found_inside(name: str, report: Report) -> None:
    inside = [case for case in report.cases if case.location.path.startswith(f"{name}!")]
    found = [match for case in inside for match in case.matches]
    assert [(match.known.path, match.verdict) for match in found] == [("known.png", "confirmed-copy")]
    if name in PLACES:
        assert [case.location.path for case in inside if case.matches] == [f"{name}!{PLACES[name]}"]


@pytest.mark.parametrize("name", MAKERS)
def test_the_file_around_it_stays_unknown(name: str, report: Report) -> None:
    (around,) = [case for case in report.cases if case.location.path == name]
    assert (around.origin, around.matches, around.reading.troubles) == (Origin.UNKNOWN, (), ())


def test_what_a_document_shows_is_known_material(tmp_path: Path) -> None:
    """A generated picture in a PDF, known from there alone, is found in a movie."""
    document = pikepdf.Pdf.new()
    jpeg = save("JPEG", quality=90, comment=PARAMETERS.encode())
    stream = pikepdf.Stream(document, b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=640, Height=360,
                            ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8)  # fmt: skip
    stream.write(jpeg, filter=pikepdf.Name.DCTDecode)
    for _ in range(3):
        document.add_blank_page()
    shown = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=document.make_indirect(stream)))
    document.pages[2].obj.Resources = shown
    (tmp_path / "storage").mkdir()
    document.save(tmp_path / "storage" / "deck.pdf")
    (tmp_path / "delivery").mkdir()
    movie(tmp_path / "delivery" / "reel.mp4", [paint_picture(50)] * 12 + [grade(paint_picture(41))] * 24)
    context = context_in(tmp_path, 2027)
    ingest([str(tmp_path / "storage")], Zone.TEMP, context)
    report = scan([str(tmp_path / "delivery")], ScanOptions(("netflix",), Severity.BLOCK), context).report
    (match,) = report.cases[0].matches
    assert (match.known.path.startswith("deck.pdf!page 3, image"), match.verdict) == (True, "confirmed-copy")

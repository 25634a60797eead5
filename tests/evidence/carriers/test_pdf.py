"""PDF: what the document says of itself, and the pictures and files in it, each with words of its own."""

from __future__ import annotations

import io
import json
import random
import sys
import zlib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String
from PIL import Image

from provenance.limits import Limits
from provenance.model.vocabulary import About, Cause, Origin
from tests.evidence.build import SMALL, packet
from tests.evidence.looking import MARKED, Look
from tests.evidence.seen_pictures import make_bilevel
from tests.matching.paint import paint_picture

DIGITAL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
MARK = packet(f"<Iptc4xmpExt:DigitalSourceType>{DIGITAL}</Iptc4xmpExt:DigitalSourceType>")
WORDS = packet("<dc:format>application/pdf</dc:format>")
LABEL = json.dumps({"Label": "1", "ContentProducer": "a service", "ProduceID": "7"})
PARAMETERS = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"


def jpeg(words: bytes = b"") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "grey").save(file, "JPEG", comment=words)
    return file.getvalue()


def metadata(document: Pdf, data: bytes) -> Any:
    return document.make_stream(data, Type=Name.Metadata, Subtype=Name.XML)


def picture(document: Pdf, data: bytes, filters: Any = Name.DCTDecode, **more: Any) -> Any:
    stream = Stream(document, b"", Type=Name.XObject, Subtype=Name.Image, Width=16, Height=16,
                    ColorSpace=Name.DeviceRGB, BitsPerComponent=8, **more)  # fmt: skip
    stream.write(data, filter=filters)
    return document.make_indirect(stream)


def paged(document: Pdf, *pictures: Any) -> None:
    page = document.add_blank_page(page_size=(100, 100))
    named = {f"/Im{count}": thing for count, thing in enumerate(pictures)}
    page.obj.Resources = Dictionary(XObject=Dictionary(named))


def saved(document: Pdf, **options: Any) -> bytes:
    file = io.BytesIO()
    document.save(file, **options)
    return file.getvalue()


packings = pytest.mark.parametrize(
    "options",
    [{}, {"object_stream_mode": pikepdf.ObjectStreamMode.generate}, {"linearize": True},
     {"encryption": pikepdf.Encryption(owner="secret", user="", R=6)}, {"encryption": pikepdf.Encryption(owner="s", R=3,
      aes=False, metadata=False)}],
    ids=["plain", "object streams", "linearized", "encrypted", "encrypted as of old"],
)  # fmt: skip


@packings
def test_every_packing_of_the_same_document(options: dict[str, Any], tmp_path: Path) -> None:
    document = Pdf.new()
    paged(document, picture(document, jpeg(PARAMETERS.encode())))
    document.docinfo["/AIGC"] = String(LABEL)
    document.Root.Metadata = metadata(document, MARK)
    look = Look(saved(document, compress_streams=True, **options), tmp_path)
    assert {row.signal for row in look.own.evidence} == {"tc260", "digital_source_type"}
    assert [origin for name, origin in look.origins.items() if name.startswith("page 1, image ")] == [Origin.GENERATED]
    assert len(look.inside) == 1
    assert look.causes == set()
    assert all(row.about is About.ASSET for row in look.own.statements)


def test_a_picture_keeps_its_words_to_itself(tmp_path: Path) -> None:
    document = Pdf.new()
    document.Root.Metadata = metadata(document, WORDS)
    paged(document, picture(document, jpeg(), Metadata=metadata(document, MARK)), picture(document, jpeg(b"second")))
    look = Look(saved(document), tmp_path)
    assert (look.origin, look.says("dc:format")) == (Origin.UNKNOWN, ["application/pdf"])
    assert sorted(look.origins.values()) == [Origin.GENERATED, Origin.UNKNOWN]
    (generated,) = (reading for reading in look.inside.values() if reading.evidence)
    assert generated.asset.media_type == "image/jpeg"
    assert "sidecar page 1, image" in generated.evidence[0].where


def test_bare_samples_have_only_the_packet_kept_for_them(tmp_path: Path) -> None:
    document = Pdf.new()
    raw = zlib.compress(bytes(16 * 16 * 3))
    paged(document, picture(document, raw, Name.FlateDecode, Metadata=metadata(document, MARK)))
    look = Look(saved(document), tmp_path)
    assert list(look.types.values()) == ["image/tiff"]
    assert list(look.origins.values()) == [Origin.GENERATED]
    assert (look.origin, look.causes) == (Origin.UNKNOWN, set())


@pytest.mark.parametrize(
    "before", [b"\xef\xbb\xbf", b"\r\n", b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n", bytes(128),
               b"x" * 1024],
    ids=["byte order mark", "line break", "headers", "MacBinary", "as much as is allowed"],
)  # fmt: skip
def test_bytes_in_front_of_the_document(before: bytes, tmp_path: Path) -> None:
    document = Pdf.new()
    paged(document, picture(document, jpeg(PARAMETERS.encode())))
    document.Root.Metadata = metadata(document, MARK)
    look = Look(before + saved(document), tmp_path)
    assert look.own.asset.media_type == "application/pdf"
    assert (look.origin, look.causes) == (Origin.GENERATED, set())
    assert list(look.origins.values()) == [Origin.GENERATED]


def test_a_text_about_documents_is_no_document(tmp_path: Path) -> None:
    text = b"A file of this kind begins with\n%PDF-1.7\nand then come objects, such as 1 0 obj.\n"
    assert Look(text, tmp_path).own.asset.media_type == "text/plain"


def test_pictures_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    document = Pdf.new()
    paged(document, picture(document, b"\0" * 20, Name.JBIG2Decode), picture(document, jpeg(b"second")))
    look = Look(saved(document), tmp_path)
    # The page is drawn, but without the damaged picture, which is named therefore.
    assert list(look.inside) == ["page 1, image 6", "page 1"]
    assert "page 1, image" in look.told(Cause.UNSUPPORTED)
    assert "JBIG2Decode" in look.told(Cause.UNSUPPORTED)


def test_masks_are_no_pictures(tmp_path: Path) -> None:
    document = Pdf.new()
    paged(document, picture(document, jpeg(b"seen"), SMask=picture(document, jpeg(b"mask"))))
    look = Look(saved(document), tmp_path)
    assert [reading.statements[0].value for reading in look.inside.values()] == ["seen"]


def test_a_picture_packed_twice(tmp_path: Path) -> None:
    document = Pdf.new()
    filters = Array([Name.FlateDecode, Name.DCTDecode])
    paged(document, picture(document, zlib.compress(jpeg(PARAMETERS.encode())), filters))
    assert list(Look(saved(document), tmp_path).origins.values()) == [Origin.GENERATED]


def test_attachments_are_rows_and_texts_are_none(tmp_path: Path) -> None:
    document = Pdf.new()
    document.add_blank_page()
    document.attachments["still.png"] = MARKED
    document.attachments["notes.txt"] = b"only words"
    look = Look(saved(document, compress_streams=True), tmp_path)
    assert look.origins == {"still.png": Origin.GENERATED}


def test_an_attachment_that_grows_is_bounded(tmp_path: Path) -> None:
    document = Pdf.new()
    document.add_blank_page()
    bomb = document.make_stream(zlib.compress(bytes(30_000_000)), Filter=Name.FlateDecode, Type=Name.EmbeddedFile)
    specification = Dictionary(Type=Name.Filespec, F=String("bomb.bin"), EF=Dictionary(F=bomb))
    document.Root.AF = Array([document.make_indirect(specification)])
    look = Look(
        saved(document, stream_decode_level=pikepdf.StreamDecodeLevel.none), tmp_path, limits=Limits(child=10_000)
    )
    assert all(reading.asset.size <= 10_000 for reading in look.inside.values())


def test_a_password_is_told(tmp_path: Path) -> None:
    document = Pdf.new()
    document.add_blank_page()
    look = Look(saved(document, encryption=pikepdf.Encryption(owner="a", user="b")), tmp_path)
    assert "password" in look.told(Cause.UNSUPPORTED)


def test_what_is_no_document_is_searched_for_packets(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    look = Look(b"%PDF-1.7\nnothing else" + MARK, tmp_path)
    assert look.causes == {Cause.MALFORMED}
    assert "stream <" not in look.told(Cause.MALFORMED)
    assert capfd.readouterr() == ("", "")
    assert look.origin is Origin.GENERATED


def test_damage_costs_no_more_than_what_is_damaged(tmp_path: Path) -> None:
    document = Pdf.new()
    paged(document, picture(document, jpeg(PARAMETERS.encode())))
    document.docinfo["/AIGC"] = String(LABEL)
    data = saved(document)
    look = Look(data[: data.rfind(b"startxref")], tmp_path)
    assert look.origin is Origin.GENERATED
    assert list(look.origins.values()) == [Origin.GENERATED]


def test_seeded_damage_ends_in_order(tmp_path: Path) -> None:
    document = Pdf.new()
    paged(document, picture(document, jpeg(b"x"), Metadata=metadata(document, WORDS)))
    document.attachments["a.png"] = MARKED
    document.docinfo["/Title"] = String("a title")
    whole = saved(document)
    rng = random.Random(6)
    for _ in range(80):
        data = bytearray(whole)
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(len(data))] = rng.randrange(256)
        Look(bytes(data), tmp_path, limits=SMALL)


def test_a_page_is_drawn_only_where_its_pictures_cannot_be_had(tmp_path: Path) -> None:
    document = Pdf.new()
    paged(document, picture(document, jpeg(b"one"), SMask=picture(document, jpeg(b"mask"))))
    assert list(Look(saved(document), tmp_path).inside) == ["page 1, image 5"]


def test_small_pictures_in_commands_are_ornaments(tmp_path: Path) -> None:
    document = Pdf.new()
    page = document.add_blank_page(page_size=(100, 100))
    page.obj.Contents = document.make_stream(b"q 9 0 0 9 0 0 cm BI /W 4 /H 4 /CS /G /BPC 8 ID 0123456789abcdef EI Q")
    look = Look(saved(document), tmp_path)
    assert (look.inside, look.causes) == ({}, set())


def test_pages_that_share_their_resources_show_what_their_commands_name(tmp_path: Path) -> None:
    document = Pdf.new()
    shared = document.make_indirect(Dictionary(XObject=Dictionary(
        Im0=picture(document, jpeg(b"first")), Im1=picture(document, jpeg(b"second")))))  # fmt: skip
    for name in (b"Im0", b"Im1"):
        page = document.add_blank_page(page_size=(100, 100))
        page.obj.Resources = shared
        page.obj.Contents = document.make_stream(b"q 9 0 0 9 0 0 cm /" + name + b" Do Q")
    look = Look(saved(document), tmp_path)
    pages = {place.split(",")[0]: reading.statements[0].value for place, reading in look.inside.items()}
    assert pages == {"page 1": "first", "page 2": "second"}


def test_a_page_with_too_many_pixels_is_not_drawn(tmp_path: Path) -> None:
    data = make_bilevel(paint_picture(1))
    assert list(Look(data, tmp_path).inside) == ["page 2"]
    look = Look(data, tmp_path, limits=Limits(pixels=1000))
    assert (look.inside, look.causes) == ({}, {Cause.UNSUPPORTED})


def test_a_program_without_the_library_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    look = Look(make_bilevel(paint_picture(1)), tmp_path)
    assert look.causes == {Cause.NOT_INSTALLED, Cause.UNSUPPORTED}
    assert "pip install pypdfium2" in look.told(Cause.NOT_INSTALLED)

"""Types by content: containers that share a magic number, raw files, text of every kind, and nothing from names."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from provenance.media import sniff as sniffing
from provenance.media.sniff import ReadAt, sniff
from provenance.media.types import UNKNOWN, needs_no_carrier


def give(content: bytes) -> ReadAt:
    return lambda offset, length: content[offset : offset + length]


def sniffed(content: bytes) -> str:
    return sniff(give(content))


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("GIF", "image/gif"), ("TIFF", "image/tiff"),
     ("BMP", "image/bmp"), ("AVIF", "image/avif"), ("JPEG2000", "image/jp2"), ("PDF", "application/pdf")],
)  # fmt: skip
def test_what_pillow_writes(name: str, media_type: str) -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, name)
    assert sniffed(out.getvalue()) == media_type


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"", UNKNOWN),
        (b"\0" * 4096, UNKNOWN),
        (b"plain words\n", "text/plain"),
        ("Ünïcode".encode(), "text/plain"),
        ("Ünïcode".encode("utf-16"), "text/plain"),
        (b"caf\xe9 latin", "text/plain"),
        (b'{"a": 1}', "application/json"),
        (b"<?xml version='1.0'?><root/>", "application/xml"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"\xef\xbb\xbf<?xpacket begin=''?><x:xmpmeta/>", "application/rdf+xml"),
        (b"ffconcat version 1.0\nfile other.mov\n", "text/plain"),
        (b"#EXTM3U\nhttp://example.org/a.ts\n", "text/plain"),
        (b"-----BEGIN CERTIFICATE-----\n", "application/x-pem-file"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isomavc1", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "video/quicktime"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", "image/heic"),
        (b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom", "audio/mp4"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "audio/x-wav"),
        (b"RIFF\x10\0\0\0AVI LIST", "video/x-msvideo"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm", "video/webm"),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", "video/x-matroska"),
        (b"ID3\x04\0\0\0\0\0\x00fLaC", "audio/flac"),
        (b"ID3\x04\0\0\0\0\0\x00\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x00" + b"\0" * 400, "audio/mpeg"),
        (b"\x47" + b"\0" * 187 + b"\x47" + b"\0" * 187 + b"\x47", "video/mp2t"),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02\x04\x00", "application/mxf"),
        (b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml", "application/vnd.openxmlformats-officedocument"),
        (b"SDPX" + b"\0" * 100, "image/x-dpx"),
        (b"v/1\x01\x02\0\0\0", "image/x-exr"),
    ],
)
def test_by_content(content: bytes, media_type: str) -> None:
    assert sniffed(content) == media_type


@given(st.binary(max_size=600))
@settings(max_examples=500, deadline=None)
def test_any_bytes_have_a_type(content: bytes) -> None:
    assert "/" in sniffed(content)


PIECES = [
    b"\n", b" ", b"G", b"BM", b"P1\n2 2\n", b"P6 2 2 ", b"RIFF", b"WAVE", b"FORM", b"AIFF", b"ftyp", b"qt  ",
    b"moov", b"mdat", b"free", b"IIRO", b"IIRC", b"MMOR", b"SIMPLE  =",
    b"%PDF-1.7\n", b"1 0 obj\n", b"M.K.", b"ID3", b"fLaC", b"{\\rtf1", b"<svg", b"From: a\n", b"To: b\n", b"acsp",
    b"OggS", b"SCRM", b"gimp xcf ", b"FWS", b"#EXTM3U", b"8BPS", b"GIF89a", b"%!PS", b"PK",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text("aG1 :", max_size=190).map(str.encode)), max_size=14))
@settings(max_examples=600)
def test_a_plain_text_has_the_type_that_every_recogniser_together_gives(pieces: list[bytes]) -> None:
    content = b"".join(pieces)
    for start in (content, content.rjust(1084, b"-"), b"1234" + content):
        assert sniffed(start) == sniffing._sniff_anything(start[:4096], give(start))


def test_text_in_utf16_is_text_and_no_sound() -> None:
    for encoding in ("utf-16", "utf-16-be"):
        text = "\ufeffSteps: 20".encode(encoding) if encoding == "utf-16-be" else "Steps: 20".encode(encoding)
        assert sniffed(text) == "text/plain"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x80\x01\x40\0\0\0%!PS-AdobeFont-1.0: Name\n", "font/x-type1"),
        (b"\x80\x01\x40\0\0\0%!FontType1-1.0: Name\n", "font/x-type1"),
        (b"\x01fcp\x07\0\0\0", "font/x-pcf"),
    ],
)
def test_bitmap_and_type_1_fonts_are_fonts(data: bytes, kind: str) -> None:
    assert sniff(lambda offset, length: data[offset : offset + length]) == kind
    assert needs_no_carrier(kind)

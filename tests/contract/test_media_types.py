"""Every media type that can be sniffed has a row in the one table, and is read by a carrier or known not to be."""

from __future__ import annotations

import ast
import struct
from pathlib import Path

import pytest

from provenance import registry
from provenance.decode import lossless_pixels, stills
from provenance.evidence import carriers
from provenance.evidence.interface import Carrier
from provenance.media import headers, sniff, types
from provenance.media.types import MEDIA_TYPES, Decoder, MediaType

ROOT = Path(__file__).parents[2]
NAMES = {row.name for row in MEDIA_TYPES}
CARRIERS = registry.load_members(carriers, Carrier)
each_type = pytest.mark.parametrize("row", MEDIA_TYPES, ids=lambda row: row.name)


def literals(path: Path) -> list[str]:
    """Texts in a module that look like media types, docstrings left out."""
    texts = (node.value for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Constant))
    heads = ("image/", "video/", "audio/", "application/", "text/", "font/", "multipart/")
    return [text for text in texts if isinstance(text, str) and text.startswith(heads) and "*" not in text]


def sniffed(data: bytes) -> str:
    return sniff.sniff(lambda offset, length: data[offset : offset + length])


def test_no_type_has_two_rows() -> None:
    assert len(NAMES) == len(MEDIA_TYPES)


def test_every_named_type_has_a_row() -> None:
    named = {value for key, value in vars(types).items() if key.isupper() and isinstance(value, str)}
    assert named - NAMES == set()


def test_no_other_module_spells_a_type() -> None:
    """So whatever `sniff` returns comes from a row or a constant, and every map is derived."""
    modules = sorted((ROOT / "provenance").rglob("*.py"))
    spelled = {path.relative_to(ROOT).as_posix(): literals(path) for path in modules if path.name != "types.py"}
    # Reports stand beside media, and may not import its table.
    allowed = {
        "provenance/media/formats/rdf.py": ["image/", "audio/"],
        "provenance/reports/cue_rows.py": ["image/", "video/", "application/mxf"],
        "provenance/reports/overview.py": ["video/", "application/mxf"],
        # Of a request over HTTP, not of a file.
        "provenance/notify/ping.py": ["text/plain; charset=utf-8"],
        "provenance/notify/webhook.py": ["application/json", "application/vnd.microsoft.card.adaptive"],
        "provenance/signing/ask_authority.py": ["application/timestamp-query", "application/timestamp-reply"],
    }
    assert {
        path: texts for path, texts in spelled.items() if texts and not set(texts) <= set(allowed.get(path, []))
    } == {}


@each_type
def test_a_magic_number_leads_to_its_row(row: MediaType) -> None:
    # A number that files of other kinds begin with as well needs something that fits behind it.
    rest = {types.ICO: struct.pack("<H8xII", 1, 40, 22)}.get(row.name, b"")
    for magic in row.magic:
        start = magic.pattern.rjust(magic.offset + len(magic.pattern), b"\1")
        assert sniffed((start + rest).ljust(600, b"\0")) == row.name
    for brand in row.brands:
        assert sniffed(b"\0\0\0\x10ftyp" + brand + bytes(4)) == row.name
    if row.riff_form:
        assert sniffed(b"RIFF\0\0\0\0" + row.riff_form) == row.name


@each_type
def test_it_is_read_or_known_not_to_be(row: MediaType) -> None:
    """A run reports what no carrier counts as read."""
    counting = [carrier for carrier in CARRIERS.values() if carrier.counts_as_read and carrier.accepts_type(row.name)]
    assert row.is_unread == (not counting and not row.needs_no_carrier)


@each_type
def test_what_decodes_it_is_named(row: MediaType) -> None:
    assert bool(row.pillow_format) == (row.decoder is Decoder.PILLOW)
    assert bool(row.ffmpeg_codec) >= (row.decoder is Decoder.FFMPEG)
    assert row.decoder is None or row.shows_picture
    assert not (row.may_animate or row.may_be_lossless) or row.pillow_format
    assert bool(row.sequence) == bool(row.suffixes)
    assert stills.can_decode(row.name) == bool(row.decoder)


def test_readers_are_there_for_what_the_table_says() -> None:
    assert set(lossless_pixels._READERS) == lossless_pixels.MEDIA
    assert set(headers._READERS) <= {row.name for row in MEDIA_TYPES if row.shows_picture}


def test_a_document_belongs_to_its_family() -> None:
    assert types.find_type("application/vnd.oasis.opendocument.text").name == types.OPEN_DOCUMENT
    assert types.find_type("application/vnd.oasis.opendocumentary").is_unread

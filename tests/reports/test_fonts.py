"""Fonts of the PDF: what each can draw, and which are taken."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from provenance.reports import fonts

OWN = ("Arabic", "Devanagari", "Hebrew", "Thai")


def table(kind: bytes, *subtables: bytes) -> bytes:
    """A font with nothing but a `cmap` table."""
    offset = 4 + 8 * len(subtables)
    records, bodies = b"", b""
    for body in subtables:
        records += struct.pack(">HHI", 3, 1, offset + len(bodies))
        bodies += body
    cmap = struct.pack(">HH", 0, len(subtables)) + records + bodies
    return struct.pack(">IHHHH", 0x10000, 1, 0, 0, 0) + struct.pack(">4sIII", kind, 0, 28, len(cmap)) + cmap


def segments(*rows: tuple[int, int, int, int]) -> bytes:
    """Format 4: rows of first, last, difference and offset; a list of glyphs 0 and 7 follows."""
    first, last, delta, offset = zip(*rows, strict=True)
    count = len(rows)
    body = struct.pack(">HHHH", count * 2, 0, 0, 0) + struct.pack(f">{count}HH", *last, 0)
    body += struct.pack(f">{count}H{count}H{count}H", *first, *delta, *offset) + struct.pack(">HH", 0, 7)
    return struct.pack(">HHH", 4, len(body) + 6, 0) + body


def test_characters_with_a_glyph_are_read() -> None:
    groups = struct.pack(">HHIII", 12, 0, 28, 0, 1) + struct.pack(">III", 0x1F600, 0x1F602, 5)
    listed = segments((0x41, 0x43, 10, 0), (0x61, 0x62, 0, 4), (0xFFFF, 0xFFFF, 1, 0))
    assert fonts.read_characters(table(b"cmap", listed, groups)) == {0x41, 0x42, 0x43, 0x62, 0x1F600, 0x1F601, 0x1F602}


def test_a_font_without_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="cmap"):
        fonts.read_characters(table(b"head", b""))


def test_only_fonts_that_are_needed_are_taken() -> None:
    assert fonts.choose_fonts("") == []
    assert [font.family for font in fonts.choose_fonts("ฉ")] == ["Noto Sans Thai"]
    assert [font.family for font in fonts.choose_fonts("שم")] == ["Noto Sans Arabic", "Noto Sans Hebrew"]


def test_every_script_that_comes_with_the_program_is_there() -> None:
    names = [font.family for font in fonts.choose_fonts("هहשฉ")]
    assert names == [f"Noto Sans {script}" for script in OWN]


def test_another_file_of_that_name_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / fonts.CJK_FILE).write_bytes(random.Random(1).randbytes(100))
    monkeypatch.setattr(fonts, "_list_cjk_folders", lambda: [str(tmp_path), str(tmp_path / "nowhere")])
    fonts._load_cjk_font.cache_clear()
    try:
        assert not fonts.has_cjk_font()
        assert fonts.choose_fonts("海") == []
    finally:
        fonts._load_cjk_font.cache_clear()

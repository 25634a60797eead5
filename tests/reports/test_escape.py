from __future__ import annotations

import re
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.reports import escape

HOSTILE = "\x1b]0;x\x07 \x9b2J \u202e\u2066\u200b\u200d\ufeff\u00ad\u2028 \x7f \U000e0041 \ud800 \n\r\t"
TEXT = st.text(st.characters()) | st.text(st.sampled_from(HOSTILE + "=+-@;, '\"ab／＝"))  # lone halves included


def acts(text: str) -> list[str]:
    """Characters that a terminal or a page obeys or hides: controls, formats, separators, halves."""
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_nothing_acts_in_what_is_shown(text: str) -> None:
    for shown in (escape.make_visible(text), escape.strip_hidden(text), escape.escape_cell(text)):
        assert [c for c in acts(shown) if c not in _HARMLESS_FORMATS] == []
        shown.encode("utf-8")


# format characters that are drawn: number signs of Arabic, Syriac and Kaithi, joiners of hieroglyphs
_HARMLESS_FORMATS = {
    chr(code)
    for code in (*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440))
}


def test_visible_shows_every_hostile_character() -> None:
    shown = escape.make_visible(HOSTILE)
    assert shown.startswith(
        r"\x1b]0;x\x07 \x9b2J \u202e\u2066\u200b\u200d\ufeff\xad\u2028 \x7f \U000e0041 \ud800 \n\r\t"
    )
    assert escape.make_visible("Grüße, 日本語 ❤️ C:\\x.png") == "Grüße, 日本語 ❤️ C:\\x.png"


@settings(max_examples=300, deadline=None)
@given(TEXT)
def test_no_cell_is_computed(text: str) -> None:
    for part in escape.escape_cell(text).split(";"):
        assert not re.match(r'[\s"]*[=+\-@＝＋－＠]', part)


def test_a_cell_keeps_what_is_harmless() -> None:
    assert escape.escape_cell("a-b=c;d") == "a-b=c;d"
    assert escape.escape_cell("=1+1") == "'=1+1"
    assert escape.escape_cell("\t@SUM(A1)") == " '@SUM(A1)"
    assert escape.escape_cell("x; -2") == "x; '-2"
    assert escape.escape_cell('x;"=1+1;y') == "x;\"'=1+1;y"


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_valid_text_is_what_was_said(text: str) -> None:
    assert escape.make_valid(text) == re.sub("[\ud800-\udfff]", "\ufffd", text)


@settings(max_examples=200, deadline=None)
@given(TEXT)
def test_printable_keeps_every_word_and_lets_long_ones_break(text: str) -> None:
    shown = escape.make_printable(text)
    assert acts(shown.replace("\u200b", "")) == []
    assert all(len(word) <= 37 for word in re.split(r"[\s\u200b]", shown))


def test_printable_composes_accents_and_leaves_short_names_whole() -> None:
    assert escape.make_printable("Cafe\u0301_poster.png") == "Café_poster.png"
    assert escape.make_printable("中.png") == "\\u4e2d.png"
    assert escape.make_printable("a" * 80).split("\u200b") == ["a" * 36, "a" * 36, "a" * 8]
    assert escape.make_printable("a" * 36 + "¡™" + "a").split("\u200b") == ["a" * 36, "¡™a"]


def test_short_counts_what_it_cut() -> None:
    assert escape.shorten("abc", 3) == "abc"
    assert escape.shorten("a" * 1500, 10) == "aaaaaaaaaa … (1,490 more characters)"

"""Hostile text made harmless, once for every way of printing.

Everything that a file says may hold terminal escapes, text that reorders its neighbours (bidi), characters that nobody
sees, formulas, or halves of characters. `visible` shows them as escapes, `plain` drops them; each format uses one.
"""

from __future__ import annotations

import re
import unicodedata

_LINES = "\u2028\u2029"
_CONTROLS = "\x00-\x1f\x7f-\x9f"
_HALVES = "\ud800-\udfff"
# Default-ignorable code points of Unicode 16 (all that is drawn as nothing, bidi and tags included) but for the two
# variation selectors that follow symbols and emoji in ordinary names; then the interlinear marks and non-characters.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HOSTILE = re.compile(f"[{_CONTROLS}{_LINES}{_UNSEEN}{_HALVES}]")
_HALF = re.compile(f"[{_HALVES}]")
_BREAKS = re.compile(f"[\t\n\v\f\r\x85{_LINES}]+")
# What the fonts of the PDF engine hold for certain: Latin, Greek, Cyrillic, typographic marks, arrows, simple shapes.
_NOT_SET = re.compile(
    "[^ -~\u00a0-\u02ff\u0391-\u03a1\u03a3-\u03ce\u0400-\u0482\u048a-\u04ff\u1e00-\u1eff"
    "\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ac\u2122\u2190-\u21ff\u25a0\u25c6\u25cb\u25cf\u2713]"
)
_LONG = re.compile(r"\S{37,}")
_MAY_BREAK = re.compile(r"[/\\_.:,;=&|@?-](?=\w)|\S{36}(?=\S)")
# A spreadsheet computes a cell that starts so, full-width forms included; where the list separator is a semicolon,
# what follows one inside a quoted text may become a cell of its own, with a quote in front that is dropped.
_FORMULA = re.compile('(^|;)([\\s"]*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])')


def visible(text: str) -> str:
    r"""The text with everything unseen or acting shown as an escape: `\x1b`, `\u202e`, `\n`. One line."""
    return _HOSTILE.sub(_escape, text)


def printable(text: str) -> str:
    """Visible text that the fonts of a PDF can set, accents composed, other characters as escapes.

    Words too long for a line may break; shorter ones stay whole, so that a reader can search for them.
    """
    composed = unicodedata.normalize("NFC", text)  # the fonts hold letters with their accents, not loose accents
    return _LONG.sub(_breakable, _NOT_SET.sub(_escape, visible(composed)))


def plain(text: str) -> str:
    """The text without anything unseen or acting; line breaks and tabs become one space."""
    return _HOSTILE.sub("", _BREAKS.sub(" ", _HALF.sub("\ufffd", text)))


def cell(text: str) -> str:
    """Plain text that no spreadsheet takes for a formula."""
    return _FORMULA.sub(r"\1\2'", plain(text))


def valid(text: str) -> str:
    """The text as found, halves of characters replaced: what every reader of UTF-8 and JSON accepts."""
    return _HALF.sub("\ufffd", text)


def short(text: str, limit: int = 600) -> str:
    """At most `limit` characters; what was cut is counted, never hidden."""
    if len(text) <= limit:
        return text
    return f"{text[:limit]} … ({len(text) - limit:,} more characters)"


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape", "surrogatepass").decode("ascii")


def _breakable(word: re.Match[str]) -> str:
    return _MAY_BREAK.sub("\\g<0>\u200b", word[0])

"""Makes hostile text harmless, once for every way of printing.

Any text from a file may contain terminal escapes, bidirectional controls that reorder their neighbours, invisible
characters, spreadsheet formulas or lone surrogates. `make_visible` shows them as escapes, `strip_hidden` drops them;
each format uses one of the two.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Sequence

from provenance.reports.language import translate_count

_LINES = "\u2028\u2029"
_CONTROLS = "\x00-\x1f\x7f-\x9f"
_SURROGATES = "\ud800-\udfff"
# Default-ignorable code points of Unicode 16: whatever is drawn as nothing, bidirectional controls and tags included.
# Without the two variation selectors that follow symbols and emoji in ordinary names; with the interlinear marks and
# the non-characters.
_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HOSTILE = re.compile(f"[{_CONTROLS}{_LINES}{_INVISIBLE}{_SURROGATES}]")
_SURROGATE = re.compile(f"[{_SURROGATES}]")
_LINE_BREAKS = re.compile(f"[\t\n\v\f\r\x85{_LINES}]+")
# The fonts inside the PDF engine certainly have Latin, Greek, Cyrillic, typographic marks, arrows and simple shapes.
_IN_PDF_FONTS = (
    " -~\u00a0-\u02ff\u0391-\u03a1\u03a3-\u03ce\u0400-\u0482\u048a-\u04ff\u1e00-\u1eff"
    "\u2010-\u2015\u2018-\u201e\u2020-\u2022\u2026\u2030\u2032\u2033\u2039\u203a\u20ac\u2122\u2190-\u21ff\u25a0\u25c6\u25cb\u25cf\u2713"
)
_BEYOND_PDF_FONTS = re.compile(f"[^{_IN_PDF_FONTS}]")
# Combining marks are all among them, and belong to the character before.
_RUN_BEYOND_PDF_FONTS = re.compile(f"[{_IN_PDF_FONTS}]?[^{_IN_PDF_FONTS}]+")
# A reader searches for a digest's beginning or a file's name: words of up to 36 characters stay in one piece, and so do
# a digest and the head of a ledger, which people copy.
_DIGEST = r"(?:\w{1,12}:)?(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])"
_LONG_WORD = re.compile(r"\S{37,}")
_COMBINING = "".join(chr(code) for code in range(0x300, 0x3100) if unicodedata.category(chr(code)).startswith("M"))
# A word may break in front of any character but a mark that combines with the one before it.
_PIECE = re.compile(
    rf"{_DIGEST}(?=[!-~\w])|(?P<last>{_DIGEST})|[/\\_.:,;=&|@?-](?=\w)"
    rf"|(?:(?!{_DIGEST})\S){{36}}(?=[^\s{_COMBINING}])"
)
# A spreadsheet computes a cell that starts with one of these, full-width forms included. Where the list separator is a
# semicolon, text after a semicolon may become a cell of its own, even inside quotes, and the quote in front is dropped.
_FORMULA = re.compile('(^|;)([\\s"]*)(?=[=+\\-@\uff1d\uff0b\uff0d\uff20])')

# Digests, times, most names of files: nothing in them is hidden or begins a formula.
_HARMLESS_CELL = re.compile(r"[0-9A-Za-z/][0-9A-Za-z/_.: ()-]*")

# Typographic signs of our own sentences, for a terminal without UTF-8.
_PLAIN_SIGNS = str.maketrans({"–": "-", "·": "|", "…": "...", "×": "x"})


def make_visible(text: str) -> str:
    r"""The text as one line, with every invisible or active character shown as an escape: `\x1b`, `\u202e`, `\n`."""
    return _HOSTILE.sub(_escape, text)


def make_printable(text: str, fonts: Sequence[Container[int]] = (), missing: set[str] | None = None) -> str:
    """Visible text in characters that the fonts of a PDF have; accents are composed, other characters are escapes.

    `fonts`: the code points of each font beyond those inside the PDF engine. Characters that no font has are added to
    `missing`. A word too long for a line has zero-width spaces where it may break; a shorter one and a digest stay
    whole, so that a reader can search for it and copy it.
    """
    # the fonts have accented letters, but no combining accents
    composed = make_visible(unicodedata.normalize("NFC", text))
    in_fonts = _RUN_BEYOND_PDF_FONTS.sub(lambda run: _draw_run(run[0], fonts, missing), composed)
    return _LONG_WORD.sub(_allow_breaks, in_fonts)


def list_beyond_pdf_fonts(text: str) -> set[str]:
    """Characters of a text that only another font than those inside the PDF engine can draw."""
    return set(_BEYOND_PDF_FONTS.findall(make_visible(unicodedata.normalize("NFC", text))))


def strip_hidden(text: str) -> str:
    """The text without invisible or active characters; line breaks and tabs become one space."""
    one_line = _LINE_BREAKS.sub(" ", make_valid(text))
    return _HOSTILE.sub("", one_line)


def escape_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula, without hidden characters."""
    # one look instead of four: a table of a whole catalogue has millions of cells
    if _HARMLESS_CELL.fullmatch(text):
        return text
    return _FORMULA.sub(r"\1\2'", strip_hidden(text))


def make_valid(text: str) -> str:
    """The text with lone surrogates replaced, as every reader of UTF-8 and JSON accepts it."""
    return _SURROGATE.sub("\ufffd", text)


def make_encodable(text: str, encoding: str) -> str:
    """The text in signs that an encoding has: plain signs for our own typographic ones, escapes for the rest."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        plain = text.translate(_PLAIN_SIGNS)
        return plain.encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:
        return make_encodable(text, "ascii")
    return text


LONGEST = 600
"""Characters of a text on a page."""


def shorten(text: str, limit: int = LONGEST) -> str:
    """At most `limit` characters, and then the number of characters that were cut."""
    if len(text) <= limit:
        return text
    # a reader must see that something is missing, and how much
    left_out = translate_count("({number} more character)", "({number} more characters)", len(text) - limit)
    return f"{text[:limit]} … {left_out}"


def _escape(character: re.Match[str]) -> str:
    return character[0].encode("unicode_escape", "surrogatepass").decode("ascii")


def _draw_run(run: str, fonts: Sequence[Container[int]], missing: set[str] | None) -> str:
    """The run with every character as an escape that no font has together with its combining marks."""
    clusters: list[str] = []
    for character in run:
        if clusters and unicodedata.category(character).startswith("M"):
            clusters[-1] += character
        else:
            clusters.append(character)
    return "".join(_draw_cluster(cluster, fonts, missing) for cluster in clusters)


def _draw_cluster(cluster: str, fonts: Sequence[Container[int]], missing: set[str] | None) -> str:
    beyond = set(_BEYOND_PDF_FONTS.findall(cluster))
    if not beyond or any(all(ord(character) in font for character in cluster) for font in fonts):
        return cluster
    if missing is not None:
        missing |= beyond
    return _BEYOND_PDF_FONTS.sub(_escape, cluster)


def _allow_breaks(word: re.Match[str]) -> str:
    # a zero-width space is where the PDF engine may break a line
    return _PIECE.sub(lambda piece: piece[0] + ("" if piece["last"] else "\u200b"), word[0])

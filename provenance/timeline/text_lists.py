"""Cut lists that are plain text -> characters and lines, whatever wrote them."""

from __future__ import annotations

import codecs
import re

from provenance.media.text import decode_text, decode_utf16

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_list(data: bytes) -> str:
    """The text of a list: UTF-8, Latin-1, or UTF-16 with a byte order mark."""
    if data.startswith(_UTF16_MARKS):
        return decode_utf16(data, "<")
    return decode_text(data)


def split_lines(text: str) -> list[str]:
    """Lines, whether they end in LF, CR or both; padding behind the end of the list is dropped."""
    return re.split(r"\r\n|\r|\n", text.rstrip("\x1a\0"))

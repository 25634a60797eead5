"""PBM, PGM, PPM and PAM (the formats of Netpbm): the comments in their headers.

Layout: `P` and a digit, then numbers in ASCII with white space between them: width, height and, but for bitmaps, the
largest value. Everything from `#` to the end of a line is a comment. One white space ends the header, then the pixels
follow. PAM (`P7`) has a line for each field instead, up to `ENDHDR`; its comments are lines that begin with `#`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from provenance.media.formats.header_text import HeaderText
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import decode_text

_TOKEN = re.compile(rb"\s+|#([^\r\n]*)|(\d+)")
_BITMAPS = (b"P1", b"P4")
"""Formats without a largest value."""
_PAM = b"P7"
_PAM_END = "ENDHDR"
_COMMENT = "Comment"


def walk_texts(source: Readable) -> Iterator[HeaderText]:
    """Walk the comments of the header. Raises `MalformedContainer` when the header is cut or goes on too long."""
    head = source.at(0, source.limits.text)
    if head.startswith(_PAM):
        yield from _walk_lines(source, head)
        return
    numbers_left = 2 if head[:2] in _BITMAPS else 3
    position = 2
    while numbers_left:
        token = _TOKEN.match(head, position)
        if token is None:
            raise _make_damage(source, head, position)
        if token[1] is not None:
            yield HeaderText(_COMMENT, decode_text(token[1]).strip(), position)
        elif token[2]:
            numbers_left -= 1
        position = token.end()


def _walk_lines(source: Readable, head: bytes) -> Iterator[HeaderText]:
    position = 0
    while position < len(head):
        line = head[position:].split(b"\n", 1)[0]
        text = decode_text(line).strip()
        if text == _PAM_END:
            return
        if text.startswith("#"):
            yield HeaderText(_COMMENT, text[1:].strip(), position)
        elif text.startswith("TUPLTYPE"):
            yield HeaderText("TUPLTYPE", text.removeprefix("TUPLTYPE").strip(), position)
        position += len(line) + 1
    raise _make_damage(source, head, position)


def _make_damage(source: Readable, head: bytes, position: int) -> MalformedContainer:
    if position >= len(head) and len(head) < source.size:
        return OversizedContainer(f"Netpbm: the header has more than {len(head):,} bytes; the rest was not read")
    return MalformedContainer(f"Netpbm: the header breaks off at byte {position}")

r"""Pictures and objects in Rich Text Format (Microsoft's RTF Specification 1.9.1).

Layout: groups in braces, which hold further groups, control words (a backslash, letters, a number) and text. The text
of a `\pict` group is a picture in hexadecimal digits, that of `\objdata` an embedded object; `\bin` and a number say
that so many bytes follow as they are. A control word says what kind of picture it is: `\pngblip`, `\jpegblip`, or one
of the metafiles and bitmaps of Windows and Macintosh.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from provenance.media.readable import OversizedContainer, Readable

_START = re.compile(rb"(?<!\\)\\(pict|objdata)(?![a-z])")
_TOKEN = re.compile(rb"[{}]|\\([a-z]+)(-?\d{1,10})? ?|\\[^a-z]|[^{}\\]+")
_NOT_HEXADECIMAL = re.compile(rb"[^0-9A-Fa-f]+")
_ALTERNATIVE = re.compile(rb"\\nonshppict\s*\{\s*$")
"""Before a picture that stands there a second time, as a metafile for programs that know nothing better."""
_FIRST_READ = 1 << 18
"""Bytes that are read at first for one picture; each further read is four times as many."""
_LOOK_BACK = 64
"""Bytes before a picture in which it is called an alternative."""
_DIGITS_A_BYTE = 2
_BITMAP_FILE_HEADER = 14
_OBJECT_BEGINNINGS = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"%PDF-", b"PK\x03\x04", b"BM",
)  # fmt: skip
"""How the files begin that objects hold: compound files, pictures, PDF, ZIP, bitmaps."""
_OBJECT_HEADER = 4096
"""Bytes in front of such a file: the name of the program, names and paths."""


class RtfPart(NamedTuple):
    """A picture or an object; `kind` is the control word that says what it is."""

    offset: int
    kind: str
    content: bytes


@dataclass(slots=True)
class _Group:
    """What was read of one group."""

    kind: str = ""
    data: list[bytes] = field(default_factory=list)
    end: int = 0
    is_whole: bool = False


def walk_parts(source: Readable) -> Iterator[RtfPart]:
    """Walk the pictures and objects of a document, without pictures that only repeat the one before them.

    Raises `OversizedContainer` after the last one when one is larger than `limits.child`.
    """
    excess = ""
    position = 0
    for _ in range(source.limits.children):
        start = _find_start(source, position)
        if start is None:
            break
        offset, word = start
        before = source.at(max(0, offset - _LOOK_BACK), min(offset, _LOOK_BACK))
        group = _load_group(source, offset)
        position = offset + max(group.end, len(word))
        content = b"".join(group.data)
        if not group.is_whole:
            excess = excess or f"RTF: the picture at byte {offset} is larger than {source.limits.child:,} bytes"
        elif content and not _ALTERNATIVE.search(before):
            yield RtfPart(offset, "objdata" if word == b"objdata" else group.kind, content)
    if excess:
        raise OversizedContainer(excess)


def find_object_file(content: bytes) -> bytes:
    """Find the file in the data of an object, behind the header that says which program made it; empty without one."""
    found = [start for start in map(content[:_OBJECT_HEADER].find, _OBJECT_BEGINNINGS) if start >= 0]
    return content[min(found) :] if found else b""


def make_bitmap(content: bytes) -> bytes:
    """Put the file header in front of a bitmap that has only the header of its pixels; empty if it has none."""
    size = int.from_bytes(content[:4], "little")
    if not 40 <= size <= 124 or len(content) < size:
        return b""
    bits = int.from_bytes(content[14:16], "little")
    colors = int.from_bytes(content[32:36], "little") or (1 << bits if bits <= 8 else 0)
    # A header of the first version is followed by the masks of its channels, if it says that it has some.
    masks = 12 if size == 40 and int.from_bytes(content[16:20], "little") == 3 else 0
    pixels = _BITMAP_FILE_HEADER + size + masks + 4 * min(colors, 256)
    header = (
        b"BM" + (_BITMAP_FILE_HEADER + len(content)).to_bytes(4, "little") + bytes(4) + pixels.to_bytes(4, "little")
    )
    return header + content


def _find_start(source: Readable, position: int) -> tuple[int, bytes] | None:
    """Find the next group of a picture or an object: the offset of its control word, and the word."""
    step = source.limits.block
    while position < source.size:
        window = source.at(position, step + _LOOK_BACK)
        if match := _START.search(window):
            return position + match.start(), match[1]
        position += step
    return None


def _load_group(source: Readable, offset: int) -> _Group:
    most = _DIGITS_A_BYTE * source.limits.child + _FIRST_READ
    step = min(_FIRST_READ, most)
    while True:
        data = source.at(offset, step)
        group = _read_group(data)
        if group.is_whole or len(data) < step or step >= most:
            # A document that is cut has no end of its last group.
            group.is_whole = group.is_whole or len(data) < step
            return group
        step = min(step * 4, most)


def _read_group(data: bytes) -> _Group:
    """Read the rest of a group, from its control word to its closing brace; groups inside are passed over."""
    group = _Group()
    depth = 0
    position = 0
    while token := _TOKEN.match(data, position):
        position = token.end()
        text = token[0]
        if text == b"{":
            depth += 1
        elif text == b"}":
            depth -= 1
            if depth < 0:
                group.is_whole = True
                break
        elif token[1] == b"bin":
            length = max(0, int(token[2] or 0))
            if depth == 0:
                group.data.append(data[position : position + length])
            position += length
        elif depth == 0:
            _add_token(group, token)
    group.end = position
    return group


def _add_token(group: _Group, token: re.Match[bytes]) -> None:
    word = (token[1] or b"").decode("ascii")
    if word.endswith("blip") or word in ("wmetafile", "dibitmap", "wbitmap", "macpict", "pmmetafile"):
        group.kind = word
    elif not token[0].startswith(b"\\"):
        digits = _NOT_HEXADECIMAL.sub(b"", token[0])
        group.data.append(binascii.unhexlify(digits[: len(digits) // 2 * 2]))

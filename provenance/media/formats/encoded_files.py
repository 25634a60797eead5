"""Files that stand in a text as letters: `data:` addresses (RFC 2397) and base64 (RFC 4648) without an address.

HTML, CSS and SVG have addresses; notebooks, XML of office programs, InDesign's IDML and mailboxes have bare base64. The
base64 of a file with a known magic number begins with letters that are known as well, so that such a file is found in a
text of any kind, and nothing has to be parsed. It goes like this:

1. Read the text window by window, and find the next long run of letters; near it find the next mark: an address, or the
   beginning of a bare file. Ordinary texts have few such runs, so that most of a text is passed over quickly.
2. Follow the base64 from there. Letters may be escaped as JSON, XML and addresses escape them. Lines may be broken in
   the ways of the same, of mail and of notebooks; all lines but the first and the last have the same length.
3. Decode it, and sniff what came out. Ordinary texts speak of addresses and contain letters that look like base64, so
   what is too short or of no known type is nothing, unless an address calls it a picture.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from provenance.limits import Limits
from provenance.media import types
from provenance.media.readable import Block, OversizedContainer, Readable
from provenance.media.sniff import sniff
from provenance.media.types import Kind, find_type, needs_no_carrier

_ADDRESS = rb"[Dd][Aa][Tt][Aa]:[\w.+-]{1,64}/[\w.+-]{1,64}(?:;[\w.=\" -]{1,64}){0,4},"
"""The head of an address: `data:image/png;base64,`."""
_BARE_BEGINNINGS = (
    b"iVBORw0KGgo",  # PNG
    b"/9j/",  # JPEG
    rb"\\/9j\\/",  # JPEG, its slashes escaped as some writers of JSON do
    b"R0lGOD[dl]h",  # GIF
    b"UklGR",  # RIFF: WebP, WAV, AVI
    b"SUkqA|TU0AK",  # TIFF
    b"JVBERi0",  # PDF
    b"JSFQUy1",  # PostScript
    b"OEJQUwAB",  # Photoshop
    b"UEsDB[A-P]",  # ZIP
    b"SUQz",  # MP3 with a tag
    b"ZkxhQw",  # FLAC
    b"T2dnUw",  # Ogg
    b"AAAA[A-Za-z0-9+/][GWm2]Z0eX[A-D]",  # ISO BMFF: MP4, HEIC, AVIF
    b"AAAADGpQICAN|AAAADEpYTCAN",  # JPEG 2000, JPEG XL
)
"""The first letters of files in base64, by their magic numbers."""
_MARK = re.compile(_ADDRESS + rb"|(?:(?<![A-Za-z0-9+/])|(?<=\\[nrt]))(?:" + b"|".join(_BARE_BEGINNINGS) + b")")
_BASE64 = b";base64,"
_RUN_LETTERS = frozenset(b"+/_-\\%" + (string.ascii_letters + string.digits).encode())
"""Letters of base64, and those with which escapes begin."""
_AS_RUN = bytes(97 if byte in _RUN_LETTERS else 32 for byte in range(256))
"""Table that turns those into `a` and everything else into a space."""
_RUN = b"a" * 32
"""A long run of letters in what the table makes. No writer breaks base64 into shorter lines."""
_REACH = 512
"""Bytes before a run in which its mark may be: the head of an address, and a first line with few letters."""
# Repeated by `_follow`, a bounded number of times at once. Possessive repetition would need no bound, but with choices
# inside it matches too much in Python 3.11.2, which Debian 12 has, and not in 3.11.7.
_LETTERS = re.compile(rb"(?:[A-Za-z0-9+/_-]+|\\/|\\u00(?:2[BbFf]|3[Dd])|%2[BbFf]|%3[Dd]|&#(?:43|47|x2[BbFf]);){1,1000}")
"""Letters of base64, some of them escaped."""
_ESCAPE = re.compile(rb"(?:\\u00|%|&#x)(..);?|&#(4[37]);|\\")
_LINE_BREAK = re.compile(
    rb'(?:\\n"\s*,\s*"'  # the next line in a notebook
    rb"|[ \t]*(?:=?\r?\n|\\[nrt]|\\\r?\n|&#(?:x0?[AaDd9]|1[03]|9);|%0[AaDd])[ \t]*"
    rb"|[\"'][ \t\r\n]*\+[ \t\r\n]*[\"']"  # a text that a program puts together
    rb"){1,1000}"
)
_OPENING_SPACE = re.compile(rb"(?:\s|\\[nrt]|&#(?:x0?[AaDd9]|1[03]|9);){1,1000}")
_PROSE = frozenset(b" \t.,:!?")
"""What follows a word of a sentence, and never a line of base64."""
_DRAWING_ENDS = {b"<svg": re.compile(rb"</svg>"), b"%3cs": re.compile(rb"%3c/svg%3e", re.IGNORECASE)}
"""Where a drawing ends that is written as it is, and one that is escaped, by their first bytes."""
_END_OF_ADDRESS = re.compile(rb"[\"'<>()\s\\]|\Z")
"""Ends an address without base64, which escapes all of these."""
_OVERLAP = 1024
"""Bytes by which windows overlap, so that no mark is cut in two. No mark is longer."""
_FIRST_READ = 65_536
"""Bytes that are read at first to follow the base64 of a file; each further read is four times as many."""
_FEWEST_LETTERS = 100
"""Letters of bare base64: shorter ones may be digests and keys, and no picture with a mark is that small."""
_FEWEST_ADDRESSED = 32
"""Letters of base64 behind an address; a picture of one pixel has as many, an example in a text has fewer."""
_SMALLEST_UNKNOWN = 100
"""Bytes of something that an address calls a picture and that is of no known type; texts about addresses have less."""
_DRAWING_CONTENT = re.compile(rb"data:|base64|<metadata|rdf:RDF|xpacket|c2pa", re.IGNORECASE)
"""What a drawing has that holds more than lines: other drawings are icons, of which a page may have hundreds."""
_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_MEDIA = (b"image/", b"video/", b"audio/")
"""How the types of pictures, movies and sound begin in an address."""
_NAMES = {Kind.PICTURE: "picture", Kind.MOVIE: "movie", Kind.SOUND: "sound", Kind.TEXT: "text"}
_URL_SAFE = bytes.maketrans(b"-_", b"+/")


class EncodedFile(NamedTuple):
    """A file found in a text; `offset` is that of its first letter or of its address."""

    name: str
    offset: int
    content: bytes


@dataclass(slots=True)
class _Utf16Text:
    """A text in UTF-16, read as if it had one byte a letter."""

    source: Readable
    first: int
    """Offset of the byte of the first letter that counts: the lower one."""

    @property
    def size(self) -> int:
        return max(0, self.source.size - 1) // 2

    @property
    def limits(self) -> Limits:
        return self.source.limits

    def at(self, offset: int, length: int) -> bytes:
        if offset < 0 or length <= 0:
            return b""
        return self.source.at(2 * offset + self.first, 2 * length)[::2]


def may_hold_files(text: bytes) -> bool:
    """Whether a text has a mark at which `walk_files` would look closer."""
    return text[:2] in _BYTE_ORDER_MARKS or _find_mark(text, text.translate(_AS_RUN), 0) is not None


def walk_files(source: Readable) -> Iterator[EncodedFile]:
    """Walk the files in a text, equal ones once.

    Raises `OversizedContainer` after the last one when a file is larger than `limits.child`, or for too many marks.
    """
    # Most texts are small and have no mark at all.
    if source.size <= source.limits.block and not may_hold_files(source.at(0, source.size)):
        return
    head = source.at(0, 2)
    text: Readable = source
    if head in _BYTE_ORDER_MARKS:
        text = _Utf16Text(source, first=0 if head == b"\xff\xfe" else 1)
    search = _TextSearch(text)
    yield from search.run()
    if search.excess:
        raise OversizedContainer(search.excess)


@dataclass(slots=True)
class _TextSearch:
    text: Readable
    excess: str = ""
    """Why a file was left out: the first reason."""
    counts: dict[str, int] = field(default_factory=dict)
    """How many files were found, by what they are called."""
    seen: set[bytes] = field(default_factory=set)
    """Digests of the files found."""
    window: bytes = b""
    window_start: int = 0
    """The part of the text that is searched, and its offset."""
    runs: bytes = b""
    """The same part, as `_AS_RUN` makes it."""

    def run(self) -> Iterator[EncodedFile]:
        marks_left = self.text.limits.chunks
        # Step 1. `position`: offset from which on the next mark is looked for.
        position = 0
        while mark := self._find_mark(position):
            marks_left -= 1
            if marks_left < 0:
                self.excess = f"speaks of more than {self.text.limits.chunks:,} encoded files; the rest was not read"
                return
            content, position = self._read_marked(mark.text, mark.offset)
            yield from self._name_file(mark, content)

    def _find_mark(self, position: int) -> _Mark | None:
        while position < self.text.size:
            if not self.window_start + 2 <= position < self.window_start + len(self.window) - _OVERLAP:
                # Two bytes before the mark tell whether it is the beginning of a word.
                self.window_start = max(0, position - 2)
                self.window = self.text.at(self.window_start, self.text.limits.block + _OVERLAP)
                self.runs = self.window.translate(_AS_RUN)
            if mark := _find_mark(self.window, self.runs, position - self.window_start):
                return _Mark(self.window_start + mark.start(), mark[0])
            position = self.window_start + max(len(self.window) - _OVERLAP, position - self.window_start + 1)
            if self.window_start + len(self.window) >= self.text.size:
                return None
        return None

    def _read_marked(self, mark: bytes, offset: int) -> tuple[bytes, int]:
        """Read the file at a mark; returns its bytes, none if it is nothing, and where the next mark may be."""
        if not _is_address(mark):
            return self._read_base64(offset, offset + len(mark), fewest=_FEWEST_LETTERS)
        start = offset + len(mark)
        if mark.lower().endswith(_BASE64):
            return self._read_base64(start, start, fewest=_FEWEST_ADDRESSED)
        return self._read_escaped(start)

    def _read_escaped(self, start: int) -> tuple[bytes, int]:
        """Read an address without base64: bytes that are no letters are written as `%FF`."""
        data = self.text.at(start, _FIRST_READ)
        end = _END_OF_ADDRESS.search(data)
        if end and end.start() == _FIRST_READ:
            data = self.text.at(start, self.text.limits.inflated)
            end = _END_OF_ADDRESS.search(data)
        length = end.start() if end else 0
        # Drawings are often written with quotes and spaces in them.
        ending = _DRAWING_ENDS.get(data[:4].lower())
        if ending and (end := ending.search(data)):
            length = end.end()
        return unquote_to_bytes(data[:length]), start + length

    def _read_base64(self, start: int, default_end: int, fewest: int) -> tuple[bytes, int]:
        """Read the file whose letters begin at `start`; nothing if it has fewer letters than that."""
        letters, end = self._load_letters(start)
        if len(letters) < fewest:
            return b"", default_end
        # What is left of a group of four letters does not make a byte.
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        content = binascii.a2b_base64(letters.translate(_URL_SAFE) + b"=" * (-len(letters) % 4))
        if len(content) > self.text.limits.child:
            detail = (
                f"the file in base64 at byte {start} is larger than {self.text.limits.child:,} bytes; it was not read"
            )
            self.excess = self.excess or detail
            return b"", end
        return content, end

    def _load_letters(self, start: int) -> tuple[bytes, int]:
        """Step 2: load the letters that begin at `start`, and where they end; a little more than one file may have."""
        most = self.text.limits.child * 4 // 3 + _FIRST_READ
        step = min(_FIRST_READ, most)
        while True:
            data = self.text.at(start, step)
            letters, end = _follow_letters(data)
            # An escape or a line break may be cut at the end of what was read.
            is_whole = len(data) < step or end < len(data) - _OVERLAP
            if is_whole or step >= most:
                return letters, start + end
            step = min(step * 4, most)

    def _name_file(self, mark: _Mark, content: bytes) -> Iterator[EncodedFile]:
        """Step 3: yield the file under its name, if it is one."""
        media_type = sniff(Block(content, self.text.limits).at)
        declared = mark.text[5:11].lower() if _is_address(mark.text) else b""
        digest = hashlib.sha256(content).digest()
        if not _is_file(content, media_type, declared) or digest in self.seen:
            return
        self.seen.add(digest)
        name = "picture" if declared == b"image/" else _NAMES.get(find_type(media_type).kind, "file")
        self.counts[name] = self.counts.get(name, 0) + 1
        yield EncodedFile(f"{name} {self.counts[name]}", mark.offset, content)


class _Mark(NamedTuple):
    offset: int
    text: bytes


def _find_mark(window: bytes, runs: bytes, position: int) -> re.Match[bytes] | None:
    """Find the next mark that a run of letters follows; `runs` is the window as `_AS_RUN` makes it."""
    start = position
    while (run := runs.find(_RUN, start)) >= 0:
        end = runs.find(b" ", run)
        end = len(window) if end < 0 else end
        if mark := _MARK.search(window, max(position, run - _REACH), end):
            return mark
        start = end
    return None


def _is_address(mark: bytes) -> bool:
    return mark[:5].lower() == b"data:"


def _is_file(content: bytes, media_type: str, declared: bytes) -> bool:
    if media_type == types.UNKNOWN:
        return declared in _MEDIA and len(content) >= _SMALLEST_UNKNOWN
    if media_type == types.SVG:
        return _DRAWING_CONTENT.search(content) is not None
    if needs_no_carrier(media_type):
        # A text in a text: it counts for the files in it.
        return find_type(media_type).kind is Kind.TEXT and may_hold_files(content)
    return True


def _follow_letters(data: bytes) -> tuple[bytes, int]:
    """Join the letters at the beginning of the data, over all line breaks; returns them, and where they end."""
    position = end = _follow(_OPENING_SPACE, data, 0)
    lines: list[bytes] = []
    count = 0
    while (after := _follow(_LETTERS, data, position)) > position:
        line = _ESCAPE.sub(_unescape, data[position:after])
        if not _is_next_line(lines, line, data[after : after + 1]):
            break
        # One equals sign before a line break is the end of three letters, or a line break as mail writes it.
        is_padding = data[end : end + 1] == b"=" and count % 4 == 3
        if lines and is_padding and len(line) < len(lines[-1]):
            break
        lines.append(line)
        count += len(line)
        end = after
        position = _follow(_LINE_BREAK, data, end)
        if position == end or b"=" in line:
            break
    return b"".join(lines).partition(b"=")[0], end


def _follow(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    """Where the repetitions of a pattern end that begin at a position."""
    while found := pattern.match(data, position):
        position = found.end()
    return position


def _is_next_line(lines: list[bytes], line: bytes, following: bytes) -> bool:
    """Whether a line belongs to those before it: all have one length but the first and the last."""
    if not lines:
        return True
    if following and following[0] in _PROSE:
        return False
    if len(lines) == 1:
        return True
    return len(line) <= len(lines[-1]) and len(lines[-1]) >= len(lines[-2])


def _unescape(escape: re.Match[bytes]) -> bytes:
    if escape[1]:
        return bytes([int(escape[1], 16)])
    # Of `\/` only the backslash goes.
    return bytes([int(escape[2])]) if escape[2] else b""

"""The fonts of the PDF beyond those inside its engine: which there are, and which characters each can draw.

The small ones come with the program. The one for Chinese, Japanese and Korean comes with the extra `pdf`; any other
file than the known one is left alone, so that the same report gives the same bytes wherever it is found.
"""

from __future__ import annotations

import functools
import hashlib
import os
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources, util
from pathlib import Path

CJK_FILE = "NotoSansCJK-Regular.ttc"
CJK_SHA256 = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"
"""Noto Sans CJK 2.004, all languages in one file: the same bytes in the wheel and in Debian's fonts-noto-cjk."""

CJK_PACKAGE = "noto_cjk_sans_otc"
_CJK_FAMILY = "Noto Sans CJK JP"
_CJK_FOLDERS = ("/usr/share/fonts/opentype/noto",)
"""Where systems keep that file."""


@dataclass(frozen=True, slots=True)
class Font:
    """A font file, the name by which the engine finds it, and the code points that it has a glyph for."""

    path: str
    family: str
    characters: frozenset[int]


def choose_fonts(characters: Iterable[str]) -> list[Font]:
    """The fonts needed for characters that the engine's own fonts lack, as far as there are any, in a fixed order."""
    wanted = set(map(ord, characters))
    chosen = []
    for load in (_load_own_fonts, _load_cjk_font):
        if wanted:
            fonts = [font for font in load() if not wanted.isdisjoint(font.characters)]
            chosen += fonts
            wanted = wanted.difference(*(font.characters for font in fonts))
    return chosen


def has_cjk_font() -> bool:
    """Whether Chinese, Japanese and Korean can be drawn."""
    return bool(_load_cjk_font())


@functools.cache
def _load_own_fonts() -> tuple[Font, ...]:
    folder = resources.files("provenance.reports").joinpath("templates", "fonts")
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".ttf")), key=lambda file: file.name)
    return tuple(Font(str(file), _name_family(file.name), read_characters(file.read_bytes())) for file in files)


def _name_family(file_name: str) -> str:
    """`NotoSansArabic-Regular.ttf` -> `Noto Sans Arabic`."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", file_name.partition("-")[0])


@functools.cache
def _load_cjk_font() -> tuple[Font, ...]:
    for folder in _list_cjk_folders():
        path = os.path.join(folder, CJK_FILE)
        try:
            data = Path(path).read_bytes()
        except OSError:
            continue
        if hashlib.sha256(data).hexdigest() == CJK_SHA256:
            return (Font(path, _CJK_FAMILY, read_characters(data)),)
    return ()


def _list_cjk_folders() -> Iterator[str]:
    package = util.find_spec(CJK_PACKAGE)
    yield from (package and package.submodule_search_locations) or ()
    yield from _CJK_FOLDERS


def read_characters(font: bytes) -> frozenset[int]:
    """Code points for which a TrueType or OpenType font has a glyph, from its `cmap` table.

    Of a collection it reads the first font. Source: OpenType 1.9, `cmap`, subtable formats 4 and 12.
    """
    start = 0
    if font[:4] == b"ttcf":
        (start,) = struct.unpack_from(">I", font, 12)
    (tables,) = struct.unpack_from(">H", font, start + 4)
    for number in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * number)
        if tag == b"cmap":
            return frozenset(_read_cmap(font, offset))
    raise ValueError("the font has no cmap table")


def _read_cmap(font: bytes, start: int) -> set[int]:
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for number in range(count):
        _, _, offset = struct.unpack_from(">HHI", font, start + 4 + 8 * number)
        (kind,) = struct.unpack_from(">H", font, start + offset)
        if kind == 12:
            found.update(_read_groups(font, start + offset))
        elif kind == 4:
            found.update(_read_segments(font, start + offset))
    return found


def _read_groups(font: bytes, start: int) -> Iterator[int]:
    """Format 12: groups of code points with consecutive glyphs."""
    (count,) = struct.unpack_from(">I", font, start + 12)
    for first, last, _ in struct.iter_unpack(">III", font[start + 16 : start + 16 + 12 * count]):
        yield from range(first, last + 1)


def _read_segments(font: bytes, start: int) -> Iterator[int]:
    """Format 4: segments of code points whose glyphs follow by a difference, or stand in a list. Glyph 0 is none."""
    (twice,) = struct.unpack_from(">H", font, start + 6)
    count = twice // 2
    ends, starts, deltas, offsets = (
        struct.unpack_from(f">{count}H", font, start + place)
        for place in (14, 16 + twice, 16 + 2 * twice, 16 + 3 * twice)
    )
    for number in range(count):
        for character in range(starts[number], ends[number] + 1):
            glyph = character
            if offsets[number]:
                # counted from the place of the offset itself
                place = start + 16 + 3 * twice + 2 * number + offsets[number]
                (glyph,) = struct.unpack_from(">H", font, place + 2 * (character - starts[number]))
                if glyph == 0:
                    continue
            if character != 0xFFFF and (glyph + deltas[number]) & 0xFFFF:
                yield character

"""Damage to files: blind, and where sizes, chunks and words of the common containers stand.

Everything comes out of the dice that are handed in: the same dice and the same bytes give the same damage.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable

Mutation = Callable[[bytes, bytes, random.Random], bytes]
"""(file, another file, dice) -> damaged file. The file is never empty."""

_NAMES = re.compile(rb"[A-Za-z\xa9][A-Za-z0-9 _\xa9]{3}")
"""Four letters, as boxes, chunks and lists are called; in front of them or behind them stands a size."""
_MARKERS = re.compile(rb"\xff[\xc0-\xfe]|\x21[\xf9\xfe\xff]|PK[\x01-\x06][\x02-\x08]|\n\d+ \d+ obj|<[A-Za-z/]")
"""Where pieces of JPEG, GIF, ZIP, PDF and XML begin."""
_NUMBERS = re.compile(rb"\d+")
_REACH = 65_536
"""Bytes from the beginning and from the end in which structure is looked for; the rest is pixels and samples."""
_LIES = (0, 1, 3, 7, 8, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_WIDE_LIES = (0, 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
_WORDS = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x1b]0;x\x07", b"\xe2\x80\xae", b"%s%n", b"{{7*7}}",
    b"]]>", b"<!--", b"<![CDATA[", b"&a;", b"&#0;", b'"', b"\\ud800", b"NaN", b"-1", b"1e999", b"9" * 400, b"[" * 3000,
    b"{\"a\":" * 1500, b"<a>" * 2000, b"../" * 50, b"A" * 70_000,
)  # fmt: skip


def flip_bits(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """One to sixty-four bits fall over."""
    made = bytearray(data)
    for _ in range(1 << dice.randrange(7)):
        made[dice.randrange(len(made))] ^= 1 << dice.randrange(8)
    return bytes(made)


def flip_header_bits(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """A few bits fall over in front, where headers stand."""
    made = bytearray(data)
    for _ in range(dice.randrange(1, 9)):
        made[dice.randrange(min(len(made), 512))] ^= 1 << dice.randrange(8)
    return bytes(made)


def overwrite_range(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """A run of bytes becomes noise, zeros or ones."""
    start, end = _choose_range(data, dice)
    noise = dice.choice((dice.randbytes(end - start), b"\0" * (end - start), b"\xff" * (end - start)))
    return data[:start] + noise + data[end:]


def truncate(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """The file ends early, often right at the beginning."""
    return data[: dice.randrange(1, 1 + min(len(data), dice.choice((64, 1024, len(data)))))]


def delete_range(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """A stretch is missing."""
    start, end = _choose_range(data, dice)
    return data[:start] + data[end:] or data[:1]


def insert_bytes(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Something stands in between: noise, or a stretch of the file itself."""
    start, end = _choose_range(data, dice)
    place = dice.randrange(len(data) + 1)
    return data[:place] + dice.choice((data[start:end], dice.randbytes(dice.randrange(1, 300)))) + data[place:]


def splice(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """The beginning of one file and the end of another."""
    return data[: dice.randrange(1, len(data) + 1)] + other[dice.randrange(len(other) + 1) :]


def falsify_size(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """A size in front of four letters, or behind them, is a lie; sometimes one of 64 bits."""
    name = dice.choice(_find_places(_NAMES, data) or [dice.randrange(len(data))])
    place = max(0, dice.choice((name - 4, name + 4)))
    if dice.random() < 0.15:  # as boxes do it: 1, the letters, then 64 bits
        return data[:place] + b"\0\0\0\1" + data[place + 4 : place + 8] + _choose_wide_lie(dice) + data[place + 16 :]
    size = int.from_bytes(data[place : place + 4], "big")
    lie = dice.choice((*_LIES, len(data), len(data) - place, size + 1, size * 2, max(0, size - 1))) & 0xFFFFFFFF
    return data[:place] + lie.to_bytes(4, dice.choice(("big", "little"))) + data[place + 4 :]


def falsify_number(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Two, four or eight bytes become a number that nobody expects."""
    width = dice.choice((2, 4, 8))
    place = dice.randrange(min(len(data), _REACH))
    lie = dice.choice((*_LIES, *_WIDE_LIES)) & ((1 << 8 * width) - 1)
    return data[:place] + lie.to_bytes(width, dice.choice(("big", "little"))) + data[place + width :]


def reorder_pieces(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Two neighbouring pieces change places, or one is missing, or stands there many times."""
    edges = sorted({0, len(data), *dice.sample(_find_edges(data), k=min(4, len(_find_edges(data))))})
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    here = dice.randrange(len(pieces))
    change = dice.randrange(3)
    if change == 0:
        pieces[here], pieces[-1] = pieces[-1], pieces[here]
    elif change == 1 and len(pieces) > 1:
        del pieces[here]
    else:
        pieces[here] *= 1 + min(dice.randrange(1, 40), 1_000_000 // (1 + len(pieces[here])))
    return b"".join(pieces)


def insert_hostile_text(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Words that hurt stand where words or numbers stood."""
    words = _find_places(_NAMES, data) if dice.random() < 0.5 else _find_places(_NUMBERS, data)
    place = dice.choice(words or [dice.randrange(len(data))])
    return data[:place] + dice.choice(_WORDS) + data[place + dice.randrange(6) :]


def combine(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """Two to four of the others, one after the other."""
    for _ in range(dice.randrange(2, 5)):
        data = dice.choice(_SINGLE)(data, other, dice)
    return data


_SINGLE: tuple[Mutation, ...] = (
    flip_bits, flip_header_bits, overwrite_range, truncate, delete_range, insert_bytes, splice, falsify_size, falsify_number, reorder_pieces, insert_hostile_text,
)  # fmt: skip
MUTATIONS: dict[str, Mutation] = {mutation.__name__: mutation for mutation in (*_SINGLE, combine)}
USE_BOTH = frozenset({splice.__name__, combine.__name__})
"""Those that take something of the other file."""


def _choose_range(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data))
    return start, min(len(data), start + 1 + dice.randrange(1 << dice.randrange(1, 17)))


def _choose_wide_lie(dice: random.Random) -> bytes:
    return dice.choice(_WIDE_LIES).to_bytes(8, "big")


def _find_places(pattern: re.Pattern[bytes], data: bytes) -> list[int]:
    """Where the pattern stands near the beginning and near the end."""
    tail = max(_REACH, len(data) - _REACH)
    return [
        place.start() for start, end in ((0, _REACH), (tail, len(data))) for place in pattern.finditer(data, start, end)
    ]


def _find_edges(data: bytes) -> list[int]:
    """Where pieces of the file may begin: sizes stand in front of names (boxes, PNG) or behind them (RIFF)."""
    before = 0 if data[:4] in (b"RIFF", b"RF64", b"FORM", b"MThd") else 4
    names = [max(0, place - before) for place in _find_places(_NAMES, data)]
    return names + _find_places(_MARKERS, data) or [len(data) // 2]

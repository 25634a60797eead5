"""Damage to files: blind, and at the sizes, chunks and words of the common containers.

Everything is decided by the dice that are passed in: the same dice and the same bytes give the same damage.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable

Mutation = Callable[[bytes, bytes, random.Random], bytes]
"""(file, another file, dice) -> damaged file. The file is never empty."""

_NAMES = re.compile(rb"[A-Za-z\xa9][A-Za-z0-9 _\xa9]{3}")
"""Four letters, as boxes, chunks and lists are called; their size is in front of them or behind them."""
_MARKERS = re.compile(rb"\xff[\xc0-\xfe]|\x21[\xf9\xfe\xff]|PK[\x01-\x06][\x02-\x08]|\n\d+ \d+ obj|<[A-Za-z/]")
"""Where pieces of JPEG, GIF, ZIP, PDF and XML begin."""
_NUMBERS = re.compile(rb"\d+")
_STRUCTURE_BYTES = 65_536
"""Bytes from the beginning and from the end in which structure is sought; the rest is pixels and samples."""
_HEADER_BYTES = 512
"""Bytes at the beginning in which header bits are flipped."""
_WIDE_SHARE = 0.15
"""Share of false sizes that have 64 bits."""
_MAX_REPETITION = 1_000_000
"""Bytes that a repeated piece may grow to."""
_LIES = (0, 1, 3, 7, 8, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF)
_WIDE_LIES = (0, 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
_HOSTILE_TEXTS = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x1b]0;x\x07", b"\xe2\x80\xae", b"%s%n", b"{{7*7}}",
    b"]]>", b"<!--", b"<![CDATA[", b"&a;", b"&#0;", b'"', b"\\ud800", b"NaN", b"-1", b"1e999", b"9" * 400, b"[" * 3000,
    b"{\"a\":" * 1500, b"<a>" * 2000, b"../" * 50, b"A" * 70_000,
)  # fmt: skip


def flip_bits(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Flip one to sixty-four bits anywhere."""
    damaged = bytearray(data)
    for _ in range(1 << dice.randrange(7)):
        damaged[dice.randrange(len(damaged))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def flip_header_bits(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Flip a few bits at the beginning, where headers are."""
    damaged = bytearray(data)
    for _ in range(dice.randrange(1, 9)):
        damaged[dice.randrange(min(len(damaged), _HEADER_BYTES))] ^= 1 << dice.randrange(8)
    return bytes(damaged)


def overwrite_range(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Replace a range of bytes by noise, zeros or ones."""
    start, end = _choose_range(data, dice)
    length = end - start
    return data[:start] + dice.choice((dice.randbytes(length), b"\0" * length, b"\xff" * length)) + data[end:]


def truncate(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """End the file early, often near its beginning."""
    longest = min(len(data), dice.choice((64, 1024, len(data))))
    return data[: dice.randrange(1, 1 + longest)]


def delete_range(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Leave out a range of bytes."""
    start, end = _choose_range(data, dice)
    return data[:start] + data[end:] or data[:1]


def insert_bytes(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Insert noise, or a range of the file itself."""
    start, end = _choose_range(data, dice)
    place = dice.randrange(len(data) + 1)
    noise = dice.randbytes(dice.randrange(1, 300))
    return data[:place] + dice.choice((data[start:end], noise)) + data[place:]


def splice(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """Join the beginning of one file and the end of another."""
    beginning = data[: dice.randrange(1, len(data) + 1)]
    return beginning + other[dice.randrange(len(other) + 1) :]


def falsify_size(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Write a false size in front of four letters or behind them; sometimes one of 64 bits."""
    name = dice.choice(_find_places(_NAMES, data) or [dice.randrange(len(data))])
    place = max(0, dice.choice((name - 4, name + 4)))
    if dice.random() < _WIDE_SHARE:
        # ISO boxes write a size of 64 bits as the number 1, the four letters, then the size.
        return data[:place] + b"\0\0\0\1" + data[place + 4 : place + 8] + _choose_wide_lie(dice) + data[place + 16 :]
    size = int.from_bytes(data[place : place + 4], "big")
    near_truth = (len(data), len(data) - place, size + 1, size * 2, max(0, size - 1))
    lie = dice.choice((*_LIES, *near_truth)) & 0xFFFFFFFF
    return data[:place] + lie.to_bytes(4, dice.choice(("big", "little"))) + data[place + 4 :]


def falsify_number(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Replace two, four or eight bytes by a number that no reader expects."""
    width = dice.choice((2, 4, 8))
    place = dice.randrange(min(len(data), _STRUCTURE_BYTES))
    lie = dice.choice((*_LIES, *_WIDE_LIES)) & ((1 << 8 * width) - 1)
    return data[:place] + lie.to_bytes(width, dice.choice(("big", "little"))) + data[place + width :]


def reorder_pieces(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Swap two pieces of the file, or leave one out, or repeat it many times."""
    places = _find_edges(data)
    edges = sorted({0, len(data), *dice.sample(places, k=min(4, len(places)))})
    pieces = [data[start:end] for start, end in itertools.pairwise(edges)]
    here = dice.randrange(len(pieces))
    change = dice.randrange(3)
    if change == 0:
        pieces[here], pieces[-1] = pieces[-1], pieces[here]
    elif change == 1 and len(pieces) > 1:
        del pieces[here]
    else:
        pieces[here] *= 1 + min(dice.randrange(1, 40), _MAX_REPETITION // (1 + len(pieces[here])))
    return b"".join(pieces)


def insert_hostile_text(data: bytes, _other: bytes, dice: random.Random) -> bytes:
    """Write a text that breaks parsers over words or numbers."""
    pattern = _NAMES if dice.random() < 0.5 else _NUMBERS
    place = dice.choice(_find_places(pattern, data) or [dice.randrange(len(data))])
    return data[:place] + dice.choice(_HOSTILE_TEXTS) + data[place + dice.randrange(6) :]


def combine(data: bytes, other: bytes, dice: random.Random) -> bytes:
    """Apply two to four of the others, one after the other."""
    for _ in range(dice.randrange(2, 5)):
        data = dice.choice(_SINGLE)(data, other, dice)
    return data


_SINGLE: tuple[Mutation, ...] = (
    flip_bits,
    flip_header_bits,
    overwrite_range,
    truncate,
    delete_range,
    insert_bytes,
    splice,
    falsify_size,
    falsify_number,
    reorder_pieces,
    insert_hostile_text,
)
# The order is part of what a seed means: dice choose by position.
MUTATIONS: dict[str, Mutation] = {mutation.__name__: mutation for mutation in (*_SINGLE, combine)}
USE_BOTH = frozenset({splice.__name__, combine.__name__})
"""Mutations that take something of the other file."""


def _choose_range(data: bytes, dice: random.Random) -> tuple[int, int]:
    start = dice.randrange(len(data))
    # Short ranges are as likely as long ones: the length is drawn below a random power of two.
    end = start + 1 + dice.randrange(1 << dice.randrange(1, 17))
    return start, min(len(data), end)


def _choose_wide_lie(dice: random.Random) -> bytes:
    return dice.choice(_WIDE_LIES).to_bytes(8, "big")


def _find_places(pattern: re.Pattern[bytes], data: bytes) -> list[int]:
    """Where the pattern matches near the beginning and near the end."""
    places = [match.start() for match in pattern.finditer(data, 0, _STRUCTURE_BYTES)]
    tail = max(_STRUCTURE_BYTES, len(data) - _STRUCTURE_BYTES)
    places += [match.start() for match in pattern.finditer(data, tail, len(data))]
    return places


def _find_edges(data: bytes) -> list[int]:
    """Where pieces of the file may begin."""
    # RIFF and IFF write the size behind the name; boxes and PNG chunks in front of it.
    is_size_behind = data[:4] in (b"RIFF", b"RF64", b"FORM", b"MThd")
    size_length = 0 if is_size_behind else 4
    edges = [max(0, place - size_length) for place in _find_places(_NAMES, data)]
    return edges + _find_places(_MARKERS, data) or [len(data) // 2]

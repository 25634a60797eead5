"""Lists of bare hashes in the formats of ThreatExchange: PDQ for stills, vPDQ for clips.

A line of PDQ is `hash,quality,name`, as pdq-photo-hasher prints it; quality and name may be missing, and `pdq ` may
stand in front, as the command of python-threatexchange has it. A file of vPDQ is one clip, a line for each sampled
frame: `frame,quality,hash,seconds` (`vpdqio.cpp`). A hash is 64 hexadecimal digits, a quality is 0 to 100.

The perceptual hash of a fingerprint is made after PDQ, with its bits in the reverse order, from a picture that was
shrunk in another way: how many bits that makes is in docs/matching.md.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from provenance.errors import UsageError
from provenance.fingerprint import block_signs, features, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.media.text import replace_surrogates
from provenance.model.asset import Fingerprint
from provenance.model.known_list import ListedItem
from provenance.model.vocabulary import Origin
from provenance.workflows.known_list_file import Entry

LEAST_QUALITY = 50
"""Quality below which a hash means little, and is not taken: what the exchange itself says."""
LARGEST_FILE = 256 * 1024**2
"""Bytes."""
_MOST_HASHES = 1_000_000
_LONGEST_LINE = 8192
_HASH = re.compile(r"[0-9a-f]{64}")
_HEADERS = frozenset({"hash", "pdq", "frame", "frame_number"})
_QUALITY_RATIO = 900 * 100 / 255 / 90
"""Quality of PDQ for one of a fingerprint: PDQ sums percent of 255 levels and divides by 90, fingerprints by 900."""


@dataclass(frozen=True, slots=True)
class HashList:
    """What a file of hashes gave."""

    entries: tuple[Entry, ...]
    passed_over: int = 0
    """Hashes of too little quality."""


# Writing


def write_pdq(rows: Iterable[tuple[str, PictureFingerprint]]) -> bytes:
    """A line for each still. The rows are names and fingerprints."""
    return "".join(f"{_to_hex(one)},{_to_pdq_quality(one)},{_quote(name)}\n" for name, one in rows).encode()


def write_vpdq(frames: Iterable[PictureFingerprint], rate: float) -> bytes:
    """A line for each sampled frame of one clip. `rate`: frames a second, by which times are counted in frames."""
    lines = [f"{round(one.time * rate)},{_to_pdq_quality(one)},{_to_hex(one)},{one.time:.3f}\n" for one in frames]
    return "".join(lines).encode()


def _to_hex(fingerprint: PictureFingerprint) -> str:
    return _reverse_bits(fingerprint.perceptual_hash).hex()


def _to_pdq_quality(fingerprint: PictureFingerprint) -> int:
    return min(100, round(fingerprint.quality * _QUALITY_RATIO))


def _quote(name: str) -> str:
    """The rest of a line is the name, whatever it holds but line breaks."""
    return replace_surrogates(" ".join(name.splitlines()))


def _reverse_bits(data: bytes) -> bytes:
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    return np.packbits(bits[::-1]).tobytes()


# Reading


def read_pdq(name: str, content: bytes) -> HashList:
    """Every hash of a file as a still. Raises `UsageError` for a file with any line that is none."""
    entries: dict[str, Entry] = {}
    passed_over = 0
    for number, line in _walk_lines(name, content):
        digits, _, rest = line.removeprefix("pdq ").partition(",")
        quality, _, called = rest.partition(",")
        perceptual_hash = _read_hash(name, number, digits)
        if _read_quality(name, number, quality) < LEAST_QUALITY:
            passed_over += 1
            continue
        item = ListedItem(f"pdq:{digits.strip()}", called.strip() or digits.strip(), Origin.POSSIBLY_GENERATED)
        entries.setdefault(item.digest, (item, (pictures.pack("picture", [_make_bare(perceptual_hash)]),)))
    return HashList(_require_some(name, tuple(entries.values())), passed_over)


def read_vpdq(name: str, content: bytes) -> HashList:
    """A file as the clip that it is. Raises `UsageError` for a file with any line that is no frame."""
    frames: list[PictureFingerprint] = []
    passed_over = 0
    for number, line in _walk_lines(name, content):
        cells = line.split(",")
        if len(cells) != 4:
            raise _make_error(name, number, "it has not four parts: frame, quality, hash and seconds")
        perceptual_hash = _read_hash(name, number, cells[2])
        if _read_quality(name, number, cells[1]) < LEAST_QUALITY:
            passed_over += 1
            continue
        frames.append(replace(_make_bare(perceptual_hash), time=_read_seconds(name, number, cells[3])))
    digest = hashlib.sha256(content).hexdigest()
    fingerprints: tuple[Fingerprint, ...] = (pictures.pack("video", frames),) if frames else ()
    item = ListedItem(f"vpdq:{digest}", name, Origin.POSSIBLY_GENERATED)
    return HashList(_require_some(name, ((item, fingerprints),) if frames else ()), passed_over)


def _make_bare(perceptual_hash: bytes) -> PictureFingerprint:
    """A fingerprint of which nothing but the hash is known."""
    side = features.GRAY_SIDE
    nothing = features.from_bytes(features.make_empty(side, side))
    return PictureFingerprint(0.0, 100, _reverse_bits(perceptual_hash), block_signs.HASH_ALONE, nothing)


def _walk_lines(name: str, content: bytes) -> Iterator[tuple[int, str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not a list of hashes", "name a text file with a hash in each line") from None
    lines = text.splitlines()
    if len(lines) > _MOST_HASHES:
        raise UsageError(f"{name} has more than {_MOST_HASHES:,} lines; nothing of it was taken", "split it")
    for number, line in enumerate(lines, 1):
        is_header = number == 1 and line.partition(",")[0].strip().lower() in _HEADERS
        if not line.strip() or is_header:
            continue
        if len(line) > _LONGEST_LINE:
            raise _make_error(name, number, f"it is longer than {_LONGEST_LINE:,} letters")
        yield number, line.strip()


def _read_hash(name: str, number: int, text: str) -> bytes:
    digits = text.strip()
    if not _HASH.fullmatch(digits):
        raise _make_error(name, number, "it has no hash of 64 hexadecimal digits")
    return bytes.fromhex(digits)


def _read_quality(name: str, number: int, text: str) -> int:
    digits = text.strip()
    if not digits:
        return 100
    if not digits.isascii() or not digits.isdigit() or int(digits[:4]) > 100:
        raise _make_error(name, number, "its quality is not a number from 0 to 100")
    return int(digits)


def _read_seconds(name: str, number: int, text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < 1e6:
        raise _make_error(name, number, "it does not say at which second its frame is")
    return seconds


def _make_error(name: str, number: int, problem: str) -> UsageError:
    return UsageError(
        f"{name}, line {number:,}: {problem}; nothing of it was taken", "ask whoever sent it for the file again"
    )


def _require_some(name: str, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
    if not entries:
        raise UsageError(
            f"{name} has no hash with a quality of {LEAST_QUALITY} or more", "nothing could be found by it"
        )
    return entries

"""Segments of an index: laid out once, kept in files that are named by what is in them, and never changed.

Something new that is known changes the last segment alone. Where one segment ends and the next begins is decided by the
fingerprints themselves, so that one that is added or taken away changes no segment but its own.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from provenance.matching.array_file import Arrays, map_file, read_arrays, write_arrays
from provenance.model.asset import FINGERPRINT_VERSIONS

_USUAL = 8192
"""Fingerprints of which one, on average, ends a large segment."""
MOST = 16_384
"""Fingerprints that a large one has at most …"""
LARGEST = 1_500_000_000
"""… and their bytes, at most: of so many a segment is laid out in less than a gigabyte of memory."""
_SMALL_PART = 16
"""The small segments behind the last large one have this part of all that: something new lays out one of them."""
_KEPT_SECONDS = 30 * 24 * 3600
"""Time after which a segment that nothing uses is removed."""
_SUFFIX = ".segment"


class Builder(Protocol):
    """Lays out a segment."""

    counts: list[int]
    """Items of each fingerprint: its pictures, or its sounds."""

    def add(self, data: bytes | memoryview) -> int:
        """Add a packed fingerprint. Returns its number of items."""

    def make_arrays(self) -> Arrays:
        """The arrays of the segment, with `counts` among them."""


class Content(NamedTuple):
    """A fingerprint that belongs to a segment."""

    method: str
    digest: bytes
    size: int
    """Bytes."""


class SegmentFile(NamedTuple):
    """A segment in a file of its own."""

    path: str
    counts: list[int]
    """Items of each of its fingerprints."""


class SegmentStore:
    """The segments of one kind in a folder."""

    def __init__(self, folder: Path, make_builder: Callable[[], Builder], kind: str) -> None:
        """`kind`: names what `make_builder` lays out, and how."""
        self._folder = folder
        self._make_builder = make_builder
        self._kind = kind

    def find_or_make(self, contents: Sequence[Content], fingerprints: Iterable[bytes]) -> SegmentFile:
        """The segment of some fingerprints, which are read only if it is new."""
        name = hashlib.sha256(f"{self._kind} {sorted(FINGERPRINT_VERSIONS.items())}".encode())
        for content in contents:
            name.update(content.method.encode())
            name.update(content.digest)
        path = self._folder / (name.hexdigest()[:40] + _SUFFIX)
        with contextlib.suppress(OSError, ValueError, KeyError):
            counts = read_arrays(map_file(str(path)))["counts"].tolist()
            if len(counts) == len(contents):
                os.utime(path)
                return SegmentFile(str(path), counts)
        builder = self._make_builder()
        for data in fingerprints:
            builder.add(data)
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f"{path.name}.{os.getpid()}.part")
        with open(partial, "wb") as file:
            write_arrays(file, builder.make_arrays())
        os.replace(partial, path)
        return SegmentFile(str(path), builder.counts)

    def remove_old(self) -> None:
        """Remove segments that nothing has used for a month before the latest use of any."""
        used: dict[str, float] = {}
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._folder):
                with contextlib.suppress(OSError):
                    used[entry.path] = entry.stat().st_mtime
        # Not before now: a clock that is wrong for one night would remove what this very run has laid out.
        oldest = max(used.values(), default=0.0) - _KEPT_SECONDS
        for path, latest in used.items():
            with contextlib.suppress(OSError):
                if latest < oldest:
                    os.unlink(path)


def divide(contents: Sequence[Content], largest: int = LARGEST) -> Iterator[tuple[int, int]]:
    """Divide fingerprints into segments. Yields the first of each, and the one after its last.

    `largest`: bytes of fingerprints that a large one has at most.
    """
    start = 0
    for end in _find_ends(contents, 0, 1, largest):
        yield start, end
        start = end
    for end in _find_ends(contents, start, _SMALL_PART, largest // _SMALL_PART):
        yield start, end
        start = end
    if start < len(contents):
        yield start, len(contents)


def _find_ends(contents: Sequence[Content], start: int, part: int, largest: int) -> Iterator[int]:
    """Where segments end from `start` on, of so many bytes at most. `part`: how many times smaller they are."""
    count = size = 0
    for number in range(start, len(contents)):
        content = contents[number]
        count += 1
        size += content.size
        is_end = int.from_bytes(content.digest[:4]) % max(1, _USUAL // part) == 0
        if is_end or count == MOST // part or size >= largest:
            yield number + 1
            count = size = 0

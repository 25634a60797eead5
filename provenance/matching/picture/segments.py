"""Segments of the picture index: laid out once, kept in files that are named by what is in them, and never changed.

A new known picture changes the last segment alone. Where one segment ends and the next begins is decided by the
fingerprints themselves, so that one that is added or taken away changes no segment but its own.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint import pictures
from provenance.matching.array_file import ArrayFileWriter, Arrays, map_file, read_arrays
from provenance.matching.picture import contours
from provenance.matching.picture.index import Segment, lay_out, make_postings
from provenance.model.asset import FINGERPRINT_VERSIONS

_LAYOUT = 2
"""Raised when a segment is laid out in another way: all of them are then made anew."""
_USUAL = 8192
"""Fingerprints of which one, on average, ends a large segment."""
_LARGE = 16_384
"""Fingerprints that a large one has at most …"""
LARGEST = 1_500_000_000
"""… and their bytes, at most: of so many a segment is laid out in less than a gigabyte of memory."""
_SMALL_PART = 16
"""The small segments behind the last large one have this part of all that: something new lays out one of them."""
_KEPT_SECONDS = 30 * 24 * 3600
"""Time after which a segment that nothing uses is removed."""
_SUFFIX = ".segment"


class SegmentBuilder:
    """Lays out a segment from packed fingerprints, with what else is to be known of each of its pictures."""

    def __init__(self) -> None:
        self.counts: list[int] = []
        """Pictures of each fingerprint."""
        self._postings: list[NDArray[np.void]] = []
        self._hashes: list[bytes] = []
        self._contours: list[bytes] = []
        self._rows: list[tuple[int, int, int]] = []

    def __len__(self) -> int:
        """Pictures so far."""
        return len(self._rows)

    @property
    def is_full(self) -> bool:
        """Whether it should take no other fingerprint."""
        return len(self) >= _LARGE

    def add(self, data: bytes | memoryview) -> int:
        """Add the packed fingerprint of a still or a clip. Returns its number of pictures."""
        start = 0
        before = len(self)
        for part in pictures.split(data):
            fingerprint = pictures.parse(part)
            self._postings.append(make_postings(len(self), fingerprint.features))
            self._hashes.append(fingerprint.perceptual_hash)
            self._contours.append(contours.hash_fingerprint(fingerprint))
            self._rows.append((start, len(part), fingerprint.quality))
            start += len(part)
        self.counts.append(len(self) - before)
        return self.counts[-1]

    def make_arrays(self) -> Arrays:
        """The arrays of the segment."""
        segment = lay_out(self._postings)
        rows = np.array(self._rows, np.int64).reshape(-1, 3)
        return {
            **{field.name: getattr(segment, field.name) for field in dataclasses.fields(Segment)},
            "hashes": np.frombuffer(b"".join(self._hashes), np.uint64).reshape(-1, 4),
            "contours": np.frombuffer(b"".join(self._contours), np.uint64).reshape(-1, 4),
            "part_starts": rows[:, 0],
            "part_sizes": rows[:, 1].astype(np.uint32),
            "qualities": rows[:, 2].astype(np.uint8),
            "counts": np.array(self.counts, np.uint32),
        }


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

    def __init__(self, folder: Path, make_builder: Callable[[], Builder] = SegmentBuilder, kind: str = "") -> None:
        """`kind`: names what `make_builder` lays out, and how; nothing for pictures."""
        self._folder = folder
        self._make_builder = make_builder
        self._kind = kind or str(_LAYOUT)

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
            writer = ArrayFileWriter(file)
            for array_name, array in builder.make_arrays().items():
                writer.add(array_name, array)
            writer.finish()
        os.replace(partial, path)
        return SegmentFile(str(path), builder.counts)

    def remove_old(self) -> None:
        """Remove segments that nothing has used for a month."""
        if not self._folder.is_dir():
            return
        oldest = time.time() - _KEPT_SECONDS
        for entry in os.scandir(self._folder):
            with contextlib.suppress(OSError):
                if entry.stat().st_mtime < oldest:
                    os.unlink(entry)


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
        if is_end or count == _LARGE // part or size >= largest:
            yield number + 1
            count = size = 0

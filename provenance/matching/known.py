"""All that is known, laid out in one file: written by whoever has the catalogue, searched by every worker.

A worker maps the file and holds the index alone; pictures are unpacked when they are candidates.
"""

from __future__ import annotations

import functools
import json
import mmap
import struct
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from provenance import fingerprints
from provenance.features import Gray
from provenance.fingerprints import Look
from provenance.matching.index import Index
from provenance.model import Fingerprint, Known, Origin

_HEAD = struct.Struct("<IBQ")
METHODS = ("picture", "video")


def write(path: str, known: Iterable[tuple[Known, Fingerprint]]) -> int:
    """Lay out what is to be searched for; gives how many assets that is. Holds one of them at a time."""
    count = 0
    with open(path, "xb") as file:
        for asset, kept in known:
            if kept.method not in METHODS or kept.version != fingerprints.VERSION:
                continue
            told = json.dumps([asset.digest, asset.path, asset.origin.value]).encode()
            file.write(_HEAD.pack(len(told), METHODS.index(kept.method), len(kept.data)) + told + kept.data)
            count += 1
    return count


@dataclass(frozen=True, slots=True)
class Item:
    """One known picture: a still, or a moment of a clip."""

    known: Known
    method: str
    part: memoryview

    @property
    def look(self) -> Look:
        """Unpacked."""
        return fingerprints.look_in(self.part)

    @property
    def small(self) -> Gray:
        """The small picture, gray."""
        return small_of(self.look)


def small_of(look: Look) -> Gray:
    """The small picture of a look, gray."""
    picture = cv2.imdecode(np.frombuffer(look.small, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError("a kept picture cannot be decoded")
    return picture.astype(np.uint8)


class Library:
    """Everything known, with its index. Items are numbered as in the index."""

    def __init__(self, path: str) -> None:
        self.items: list[Item] = []
        with open(path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        view, at = memoryview(self._map), 0
        while at < len(view):
            told, method, length = _HEAD.unpack_from(view, at)
            start = at + _HEAD.size + told
            digest, shown, origin = json.loads(bytes(view[at + _HEAD.size : start]))
            asset, at = Known(digest, shown, Origin(origin)), start + length
            parts = fingerprints.parts_of(view[start:at])
            self.items += [Item(asset, METHODS[method], part) for part in parts]
        looks = [item.look for item in self.items]
        self.index = Index(look.features for look in looks)
        self.hashes = np.frombuffer(b"".join(look.hash for look in looks), np.uint64).reshape(-1, 4)
        self.qualities = np.array([look.quality for look in looks], np.uint8)
        self.by_digest: dict[str, list[int]] = {}
        for number, item in enumerate(self.items):
            self.by_digest.setdefault(item.known.digest, []).append(number)

    def alike(self, bits: bytes, farthest: int) -> list[int]:
        """Items whose hash differs in at most so many of 256 bits, nearest first."""
        apart = np.bitwise_count(self.hashes ^ np.frombuffer(bits, np.uint64)).sum(1)
        near = np.flatnonzero(apart <= farthest)
        return [int(number) for number in near[np.argsort(apart[near], kind="stable")]]


@functools.cache
def library(path: str) -> Library:
    """The library laid out at `path`, loaded once in a process."""
    return Library(path)

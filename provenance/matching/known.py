"""The shelf of all that is known, as a worker holds it: its index in memory, pictures unpacked as candidates."""

from __future__ import annotations

import functools
import mmap
from dataclasses import dataclass

import cv2
import numpy as np

from provenance.fingerprint import audio, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.matching import search_index
from provenance.matching.audio.match_audio import KnownSounds
from provenance.matching.picture.index import PictureIndex
from provenance.media.arrays import Gray
from provenance.model.asset import Fingerprint
from provenance.model.match import Known


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """One known picture: a still, or a moment of a clip."""

    known: Known
    method: str
    part: memoryview

    @property
    def look(self) -> PictureFingerprint:
        """Unpacked."""
        return pictures.parse(self.part)

    @property
    def small(self) -> Gray:
        """The small picture, gray."""
        return small_of(self.look)


def small_of(look: PictureFingerprint) -> Gray:
    """The small picture of a look, gray."""
    picture = cv2.imdecode(np.frombuffer(look.small, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError("a kept picture cannot be decoded")
    return picture.astype(np.uint8)


class KnownPictures:
    """Everything known, with its index. Items are numbered as in the index."""

    def __init__(self, path: str) -> None:
        self.items: list[KnownPicture] = []
        with open(path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        for asset, method, data in search_index.read(memoryview(self._map)):
            if method == audio.METHOD:
                continue
            self.items += [KnownPicture(asset, method, part) for part in pictures.split(data)]
        looks = [item.look for item in self.items]
        self.index = PictureIndex(look.features for look in looks)
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
def sounds(path: str) -> KnownSounds:
    """All sounds on the shelf at `path`, indexed once in a process."""
    with open(path, "rb") as file:
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    prints = [
        (asset, part)
        for asset, method, data in search_index.read(view)
        if method == audio.METHOD
        for part in audio.unbundle(data)
    ]
    entries = ((asset, Fingerprint(audio.METHOD, audio.VERSION, bytes(part))) for asset, part in prints)
    return KnownSounds(entries, lambda number: bytes(prints[number][1]))


@functools.cache
def library(path: str) -> KnownPictures:
    """The library on the shelf at `path`, loaded once in a process."""
    return KnownPictures(path)

"""The known material as a worker searches it: the search index file, mapped, and indexes in memory.

Pictures stay packed in the mapped file and are unpacked one by one, as candidates.
"""

from __future__ import annotations

import functools
import mmap
from dataclasses import dataclass

import cv2
import numpy as np

from provenance.fingerprint import audio, block_signs, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.matching import search_index
from provenance.matching.audio.match_audio import KnownSounds
from provenance.matching.picture.index import PictureIndex
from provenance.media.arrays import Gray
from provenance.model.asset import Fingerprint
from provenance.model.match import Known


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """One known picture: a still, or one sampled frame of a clip."""

    known: Known
    """The asset that the picture belongs to."""
    method: str
    """`picture` for a still, `video` for a frame of a clip."""
    data: memoryview
    """The packed fingerprint, a view of the search index file."""

    @property
    def fingerprint(self) -> PictureFingerprint:
        """The fingerprint, unpacked at every access."""
        return pictures.parse(self.data)


def decode_gray_thumbnail(fingerprint: PictureFingerprint) -> Gray:
    """Decode the thumbnail of a fingerprint to luma: (height, width) uint8. Raises `ValueError` if it is damaged.

    Of a picture that is known from a list there is none: it is gray, and agrees with nothing.
    """
    if signs := block_signs.parse(fingerprint.thumbnail):
        return np.full((signs.height, signs.width), 128, np.uint8)
    picture = cv2.imdecode(np.frombuffer(fingerprint.thumbnail, np.uint8), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError("the thumbnail of a fingerprint cannot be decoded")
    return picture.astype(np.uint8)


class KnownPictures:
    """All known pictures, numbered from 0 as in the index over their visual words. Such a number is called an item."""

    def __init__(self, path: str) -> None:
        """`path`: the file that `search_index.write` wrote."""
        self.items: list[KnownPicture] = []
        for asset, method, data in search_index.read(_map_file(path)):
            # Movies have an audio fingerprint as well, which `load_sounds` reads.
            if method == audio.METHOD:
                continue
            self.items += [KnownPicture(asset, method, part) for part in pictures.split(data)]
        self.items_by_digest: dict[str, list[int]] = {}
        features, hashes, qualities = [], [], []
        for number, item in enumerate(self.items):
            self.items_by_digest.setdefault(item.known.digest, []).append(number)
            # Unpacked once: `fingerprint` unpacks at every access.
            fingerprint = item.fingerprint
            features.append(fingerprint.features)
            hashes.append(fingerprint.perceptual_hash)
            qualities.append(fingerprint.quality)
        self.index = PictureIndex(features)
        self.hashes = np.frombuffer(b"".join(hashes), np.uint64).reshape(-1, 4)
        """(items, 4) uint64: 256 bits of perceptual hash."""
        self.qualities = np.array(qualities, np.uint8)
        """(items,) uint8, 0 to 100: how much the hash means."""

    def find_similar_hashes(self, perceptual_hash: bytes, farthest: int) -> list[int]:
        """Find the items whose perceptual hash differs in at most `farthest` of its 256 bits, the nearest first."""
        distances = np.bitwise_count(self.hashes ^ np.frombuffer(perceptual_hash, np.uint64)).sum(1)
        near = np.flatnonzero(distances <= farthest)
        ranked = near[np.argsort(distances[near], kind="stable")]
        return [int(number) for number in ranked]


@functools.cache
def load_pictures(path: str) -> KnownPictures:
    """Load all known pictures of a search index file, once in a process."""
    return KnownPictures(path)


@functools.cache
def load_sounds(path: str) -> KnownSounds:
    """Load all known sounds of a search index file, once in a process."""
    sounds: list[tuple[Known, memoryview]] = []
    for asset, method, data in search_index.read(_map_file(path)):
        if method == audio.METHOD:
            sounds += [(asset, part) for part in audio.unbundle(data)]
    entries = ((asset, Fingerprint(audio.METHOD, audio.VERSION, bytes(part))) for asset, part in sounds)
    return KnownSounds(entries, lambda number: bytes(sounds[number][1]))


def _map_file(path: str) -> memoryview:
    """Map a file into memory: all workers share its pages."""
    with open(path, "rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

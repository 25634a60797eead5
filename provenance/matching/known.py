"""The known material as a worker searches it: the search index file and its segments, mapped.

Nothing is laid out or copied: all workers share what they map. A fingerprint is read when its picture is a candidate.
"""

from __future__ import annotations

import abc
import contextlib
import copy
import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

import cv2
import numpy as np
from numpy.typing import DTypeLike, NDArray

from provenance.fingerprint import audio, block_signs, pictures
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.matching.array_file import Arrays
from provenance.matching.audio.match_audio import KnownSounds
from provenance.matching.audio.segment import open_segment
from provenance.matching.index_file import SOUND, SOUNDS, IndexFile
from provenance.matching.picture.index import PictureIndex, Segment
from provenance.matching.picture.placement import SHAPES, choose_shape
from provenance.matching.search_index import METHODS, SearchIndexUnreadableError
from provenance.media.arrays import Gray
from provenance.model.match import Known

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class KnownPicture:
    """One known picture: a still, or one sampled frame of a clip."""

    known: Known
    """The asset that the picture belongs to."""
    method: str
    """`picture` for a still, `video` for a frame of a clip."""
    load: Callable[[], memoryview]
    """Gives the packed fingerprint."""

    @property
    def fingerprint(self) -> PictureFingerprint:
        """The fingerprint, read and unpacked at every access."""
        return pictures.parse(self.load())


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


class _Numbered(Sequence[Item]):
    """What is known, by its numbers. Nothing is read of it before it is asked for."""

    @abc.abstractmethod
    def get(self, number: int) -> Item:
        """What has this number, which is one that there is."""

    @overload
    def __getitem__(self, number: int) -> Item: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Item]: ...
    def __getitem__(self, number: int | slice) -> Item | Sequence[Item]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self.get(number)


class KnownItems(_Numbered[KnownPicture]):
    """The known pictures by their numbers."""

    def __init__(self, file: IndexFile, segments: Sequence[Arrays]) -> None:
        self._file = file
        counts = file.entries["items"].astype(np.int64)
        self._firsts = np.cumsum(counts) - counts
        self._starts = _join(segments, "part_starts", (), np.int64)
        self._sizes = _join(segments, "part_sizes", (), np.uint32)
        # Entries of sounds have no pictures; of those that begin with the same item the last one has it.
        self._total = int(counts.sum())

    def __len__(self) -> int:
        return self._total

    def get(self, number: int) -> KnownPicture:
        """The known picture with this number."""
        place = int(np.searchsorted(self._firsts, number, side="right")) - 1
        entry = self._file.describe(place)
        start, size = int(self._starts[number]), int(self._sizes[number])
        return KnownPicture(entry.known, entry.method, lambda: self._file.load(place, start, size))

    def find(self, entry: int) -> range:
        """The items of an entry of the file."""
        first = int(self._firsts[entry])
        return range(first, first + int(self._file.entries["items"][entry]))


class ItemsByDigest:
    """The items of each asset."""

    def __init__(self, file: IndexFile, items: KnownItems) -> None:
        self._file = file
        self._items = items

    def __getitem__(self, digest: str) -> list[int]:
        items: list[int] = []
        for entry in self._file.find_entries(digest):
            items += self._items.find(entry)
        return items


class KnownPictures:
    """All known pictures, numbered from 0 as in the index over their visual words. Such a number is called an item."""

    def __init__(self, path: str) -> None:
        """`path`: the file that `write_index.write` or `write_beside` wrote."""
        file = IndexFile(path)
        segments = file.load_segments()
        counts = [len(segment["qualities"]) for segment in segments]
        firsts = np.cumsum([0, *counts])
        self.items = KnownItems(file, segments)
        self.items_by_digest = ItemsByDigest(file, self.items)
        self._left_out: frozenset[int] = frozenset()
        columns = [field.name for field in dataclasses.fields(Segment)]
        self.index = PictureIndex(
            (int(first), Segment(**{name: segment[name] for name in columns}))
            for first, segment in zip(firsts[:-1], segments, strict=True)
        )
        self.hashes = _join(segments, "hashes", (4,), np.uint64)
        """(items, 4) uint64: 256 bits of perceptual hash."""
        self.contours = _join(segments, "contours", (4,), np.uint64)
        """(items, 4) uint64: 256 bits of the hash of contours; zeros where there is no thumbnail."""
        self.middle_hashes = _join_by_shape(segments, "middle_hashes")
        """(shapes, items, 4) uint64: perceptual hashes of the middle, in each of `SHAPES`; zeros where that is all."""
        self.middle_contours = _join_by_shape(segments, "middle_contours")
        """The same for the hash of contours."""
        self.qualities = _join(segments, "qualities", (), np.uint8)
        """(items,) uint8, 0 to 100: how much the hash means."""

    def leave_out(self, digest: str) -> KnownPictures:
        """The same without the pictures of one asset: a deliverable that is known itself is not found in itself."""
        own = self.items_by_digest[digest]
        if not own:
            return self
        rest = copy.copy(self)
        rest.index = self.index.leave_out(own)
        rest._left_out = frozenset(own)  # noqa: SLF001  # of the same class
        return rest

    def find_similar_hashes(
        self, perceptual_hash: bytes, farthest: int, shape: float | None = None
    ) -> list[tuple[int, int]]:
        """Find the items whose perceptual hash differs in at most `farthest` of its 256 bits, the nearest first.

        `shape`: width by height of their middle that is compared; None for all of each. Returns bits and item of each.
        """
        hashes = self.hashes if shape is None else self.middle_hashes[choose_shape(shape)]
        return self._find_near(hashes, perceptual_hash, farthest)

    def find_similar_contours(
        self, contour_hash: bytes, farthest: int, shape: float | None = None
    ) -> list[tuple[int, int]]:
        """The same for the hash of contours."""
        hashes = self.contours if shape is None else self.middle_contours[choose_shape(shape)]
        return self._find_near(hashes, contour_hash, farthest)

    def _find_near(self, hashes: NDArray[np.uint64], wanted: bytes, farthest: int) -> list[tuple[int, int]]:
        counts = np.bitwise_count(hashes ^ np.frombuffer(wanted, np.uint64))
        # One after the other, which takes a third of the time of a sum over rows of four.
        distances = counts[:, 0].astype(np.uint16) + counts[:, 1] + counts[:, 2] + counts[:, 3]
        near = np.flatnonzero(distances <= farthest)
        ranked = near[np.argsort(distances[near], kind="stable")].tolist()
        return [(int(distances[number]), number) for number in ranked if number not in self._left_out]


@functools.cache
def load_pictures(path: str) -> KnownPictures:
    """Load all known pictures of a search index file, once in a process. Raises `SearchIndexUnreadableError`."""
    with _translate_errors():
        return KnownPictures(path)


class SoundAssets(_Numbered[Known]):
    """The asset of each known sound."""

    def __init__(self, file: IndexFile, counts: NDArray[np.int64]) -> None:
        """`counts`: (assets,) sounds of each, in the order of the file."""
        self._file = file
        self._entries = np.flatnonzero(file.entries["method"] == METHODS.index(SOUND))
        self._ends = np.cumsum(counts)

    def __len__(self) -> int:
        return int(self._ends[-1]) if len(self._ends) else 0

    def find_entry(self, sound: int) -> int:
        """The entry of the file that a sound is in."""
        return int(self._entries[np.searchsorted(self._ends, sound, "right")])

    def get(self, number: int) -> Known:
        """The asset of the known sound with this number."""
        return self._file.describe(self.find_entry(number)).known


@functools.cache
def load_sounds(path: str) -> KnownSounds:
    """Load all known sounds of a search index file, once in a process. Raises `SearchIndexUnreadableError`."""
    with _translate_errors():
        file = IndexFile(path)
        segments = [open_segment(arrays) for arrays in file.load_segments(SOUNDS)]
    counts = np.concatenate([np.zeros(0, np.int64), *(segment.counts for segment in segments)])
    assets = SoundAssets(file, counts.astype(np.int64))
    parts = np.concatenate([np.zeros(0, np.int64), *(segment.places["part"] for segment in segments)])

    def load(sound: int) -> bytes:
        number = assets.find_entry(sound)
        bundle = audio.unbundle(file.load(number, 0, file.describe(number).size))
        return bytes(next(itertools.islice(bundle, int(parts[sound]), None)))

    return KnownSounds(segments, assets, load)


def _join(segments: Sequence[Arrays], name: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """One array of all segments, `shape` of each of its rows."""
    return np.concatenate([np.zeros((0, *shape), dtype), *(segment[name] for segment in segments)])


def _join_by_shape(segments: Sequence[Arrays], name: str) -> NDArray[Any]:
    """(shapes, items, 4) uint64: those of one shape lie together, because they are compared together."""
    return np.ascontiguousarray(_join(segments, name, (len(SHAPES), 4), np.uint64).swapaxes(0, 1))


@contextlib.contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SearchIndexUnreadableError(f"the search index could not be opened: {error}") from error

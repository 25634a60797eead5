"""What a search index holds: all that travels to a worker beside the file, and its digest without writing the file.

Written by `write_index.py`. This module is imported by every run, also by one that searches nothing:
it needs no numpy.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field

from provenance.model.asset import is_comparable
from provenance.model.match import Known
from provenance.model.vocabulary import SUSPECT

VERSION = 10
"""Raised when a search finds more, or something else, in the same material: everything is then searched again."""
METHODS = ("picture", "video", "audio")
"""Methods of fingerprints, by their number in the file."""


class SearchIndexUnreadableError(Exception):
    """The index, or a segment of it, could not be opened. Says nothing of what was to be searched."""


@dataclass(frozen=True, slots=True)
class SearchIndex:
    """The index file and what it holds. Small: this is all that travels to a worker."""

    path: str
    digest: bytes = b""
    """SHA-256 of everything that decides what can be found. The paths of the known assets are not part of it."""
    pictures: int = 0
    """Known still pictures."""
    clips: int = 0
    """Known clips: movies, animations, frame sequences."""
    sounds: int = 0
    """Known assets with sound."""
    reference_works: int = 0
    """Assets of the zone `reference` among all these."""
    other_works: tuple[int, int, int] = (0, 0, 0)
    """Pictures, clips and sounds that are in it for their zone alone, and are not suspect themselves."""
    space: int = 0
    """Bytes of address space that a worker needs for it, beside the file itself."""

    @property
    def has_pictures(self) -> bool:
        """Whether there are pictures or clips to search for."""
        return self.pictures + self.clips > 0

    @property
    def has_audio(self) -> bool:
        """Whether there are sounds to search for."""
        return self.sounds > 0

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search for."""
        return not self.has_pictures and not self.has_audio

    @property
    def address_space(self) -> int:
        """Bytes that a worker needs: all that it maps, for pictures and for sounds, and what it computes of it."""
        return self.space + os.path.getsize(self.path)


@dataclass(slots=True)
class IndexContents:
    """Adds up what an index holds, from the digests of its fingerprints: the fingerprints themselves need not be read.

    `searchers`: names who searches, which decides what is found as well.
    """

    searchers: str = ""
    _digest: hashlib._Hash = field(init=False)
    _counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METHODS, 0))
    _others: dict[str, int] = field(default_factory=lambda: dict.fromkeys(METHODS, 0))
    _reference_works: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._digest = hashlib.sha256(self.searchers.encode())

    def add(self, asset: Known, method: str, version: int, fingerprint_digest: bytes) -> bool:
        """Count one fingerprint. False for one of another version, which cannot be compared with those made now."""
        if not is_comparable(method, version):
            return False
        # The path is left out: a known asset that was moved is found as before.
        self._digest.update(f"{asset.digest} {asset.origin.value} {method} {version} ".encode())
        self._digest.update(fingerprint_digest)
        self._counts[method] += 1
        if asset.is_reference:
            self._reference_works.add(asset.digest)
            self._others[method] += asset.origin not in SUSPECT
        return True

    def describe(self, path: str = "") -> SearchIndex:
        """The index with these contents; without a path it is in no file, and nothing can be searched with it."""
        pictures, clips, sounds = (self._counts[method] for method in METHODS)
        other_pictures, other_clips, other_sounds = (self._others[method] for method in METHODS)
        others = (other_pictures, other_clips, other_sounds)
        return SearchIndex(path, self._digest.digest(), pictures, clips, sounds, len(self._reference_works), others)

"""The search index file: the fingerprints of all known material in one file, which every worker maps into its memory.

The process that has the catalogue open writes it. The workers read it, and build the indexes in memory from it.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from provenance.model.asset import FINGERPRINT_VERSIONS, Fingerprint
from provenance.model.match import Known
from provenance.model.vocabulary import SUSPECT, Origin

VERSION = 2
"""Raised when a search finds more, or something else, in the same material: everything is then searched again."""
METHODS = ("picture", "video", "audio")
"""Methods of fingerprints, by their number in the file."""
_ADDRESS_SPACE_FACTOR = 3
"""Address space that a worker needs, in sizes of the file: covers the measured memory (docs/matching.md, costs)."""

_HEADER = struct.Struct("<IBQ")
"""Bytes of the asset's description as JSON, number of the method, bytes of the fingerprint."""


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
        """Bytes that a worker needs: the file, mapped for pictures and for sounds, and the indexes in memory."""
        return _ADDRESS_SPACE_FACTOR * os.path.getsize(self.path)


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
        if version != FINGERPRINT_VERSIONS.get(method):
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


def write(path: str, known: Iterable[tuple[Known, Fingerprint]], searchers: str = "") -> SearchIndex:
    """Write everything that is to be searched for to a new file. Holds one asset in memory at a time."""
    contents = IndexContents(searchers)
    with open(path, "xb") as file:
        for asset, fingerprint in known:
            if not contents.add(asset, fingerprint.method, fingerprint.version, fingerprint.digest):
                continue
            description = json.dumps([asset.digest, asset.path, asset.origin.value]).encode()
            method_number = METHODS.index(fingerprint.method)
            file.write(_HEADER.pack(len(description), method_number, len(fingerprint.data)))
            file.write(description)
            file.write(fingerprint.data)
    return contents.describe(path)


def read(view: memoryview) -> Iterator[tuple[Known, str, memoryview]]:
    """Yield asset, method and packed fingerprint of everything in the file. The fingerprints are views, not copies."""
    start = 0
    while start < len(view):
        description_length, method_number, data_length = _HEADER.unpack_from(view, start)
        description_start = start + _HEADER.size
        data_start = description_start + description_length
        digest, path, origin = json.loads(bytes(view[description_start:data_start]))
        start = data_start + data_length
        yield Known(digest, path, Origin(origin)), METHODS[method_number], view[data_start:start]

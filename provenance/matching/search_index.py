"""The search index file: all known material, as every worker maps it into its memory and searches it.

The process that has the catalogue open writes it: a table of the known assets, the segments of the picture index, and
the fingerprints. Beside a catalogue the segments are files of their own, which are laid out once and used again, and
the fingerprints stay in the catalogue, from which those of candidates are read. What travels to another machine, or
has no catalogue, holds all of it in the one file.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from provenance.catalogue.fingerprint_reader import FingerprintReader
from provenance.catalogue.queries import StoredFingerprint
from provenance.matching.index_file import METHODS, SOUND, TableWriter
from provenance.matching.picture import segments
from provenance.matching.picture.segments import Content, SegmentBuilder, SegmentStore
from provenance.model.asset import FINGERPRINT_VERSIONS, Fingerprint
from provenance.model.match import Known
from provenance.model.vocabulary import SUSPECT

VERSION = 3
"""Raised when a search finds more, or something else, in the same material: everything is then searched again."""
_SOUND_FACTOR = 3
"""Sizes of the known sounds that their index takes in memory: covers what was measured (docs/matching.md, costs)."""


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
    """Write everything that is to be searched for to one new file that needs no other."""
    contents = IndexContents(searchers)
    with open(path, "xb") as file:
        table = TableWriter(file)
        builder = SegmentBuilder()
        for asset, fingerprint in known:
            if not contents.add(asset, fingerprint.method, fingerprint.version, fingerprint.digest):
                continue
            place = table.append_data(fingerprint.data)
            items = 0
            if fingerprint.method != SOUND:
                items = builder.add(fingerprint.data)
            table.add(asset, fingerprint.method, place, len(fingerprint.data), items)
            if builder.is_full:
                table.add_segment(builder.make_arrays())
                builder = SegmentBuilder()
        table.add_segment(builder.make_arrays())
        table.finish()
    return dataclasses.replace(contents.describe(path), space=_SOUND_FACTOR * table.sound_size)


def write_beside(
    path: str, catalogue: Path, stored: Iterable[StoredFingerprint], folder: Path, searchers: str = ""
) -> SearchIndex:
    """Write the same without copying a fingerprint: those of candidates are read from the catalogue.

    `folder`: where segments are kept. Those that are there are used again; those of changed material are laid out anew.
    """
    contents = IndexContents(searchers)
    store = SegmentStore(folder)
    pictures: list[StoredFingerprint] = []
    with open(path, "xb") as file:
        table = TableWriter(file, catalogue)
        for row in stored:
            if not contents.add(row.known, row.method, row.version, row.digest):
                continue
            if row.method == SOUND:
                table.add(row.known, row.method, row.row, row.size, 0)
            else:
                pictures.append(row)
        digests = [Content(row.method, row.digest, row.size) for row in pictures]
        for first, end in segments.divide(digests):
            part = pictures[first:end]
            segment = store.find_or_make(digests[first:end], _load_all(catalogue, part))
            table.refer_to_segment(segment.path)
            for row, items in zip(part, segment.counts, strict=True):
                table.add(row.known, row.method, row.row, row.size, items)
        table.finish()
    store.remove_old()
    space = table.outside_size + _SOUND_FACTOR * table.sound_size
    return dataclasses.replace(contents.describe(path), space=space)


def _load_all(catalogue: Path, stored: Iterable[StoredFingerprint]) -> Iterator[bytes]:
    with FingerprintReader(catalogue) as reader:
        for row in stored:
            yield reader.load(row.row, 0, row.size)

"""One piece of content, the places where it was seen, and all that one look at a file gave."""

from __future__ import annotations

import dataclasses
import enum
import os
from dataclasses import dataclass

from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import Zone


@dataclass(frozen=True, slots=True)
class FileState:
    """Size and times of a file; two different stamps mean that it was touched in between. Nanoseconds."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Location:
    """Where an asset was seen."""

    root: str
    path: str
    """Relative to the root, always valid text, unique within it."""
    path_bytes: bytes
    """The true name, as the file system has it, relative to the root."""
    zone: Zone = Zone.EDITORIAL
    frames: tuple[int, int] | None = None
    """First and last number of a frame sequence."""
    missing: tuple[int, ...] = ()
    """Numbers of a sequence that are not there."""
    frame: int | None = None
    """Number of a frame that differs from the sequence it stands in."""
    sequence: str | None = None
    """Path of the sequence such a frame stands in."""
    parent: str | None = None
    """Path of the container that this asset was found in."""

    @property
    def absolute(self) -> bytes:
        """The place on disk, as the file system has it. Unique: whatever root it was reached by."""
        return os.path.join(os.fsencode(self.root), self.path_bytes)

    def is_below(self, root: bytes) -> bool:
        """Whether the place is at an absolute path, or below it."""
        return self.absolute == root or self.absolute.startswith((root.rstrip(b"/") + b"/", root + b"\0"))

    @property
    def is_text(self) -> bool:
        """Whether the true name is the shown one."""
        made_up = self.frames is not None or self.parent is not None
        return made_up or self.path.encode("utf-8") == self.path_bytes


@dataclass(frozen=True, slots=True)
class Asset:
    """Identity and shape of one piece of content. The same bytes at two paths are one asset."""

    digest: str
    """`sha256:<hex>` of the bytes; of a sequence: over its frames' raw digests in order."""
    xxh128: str
    size: int
    media_type: str
    """Sniffed from content, never from the name."""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    """Seconds."""
    writer: str | None = None
    """Program or device that wrote the file, as it says itself; tells frame sequences from camera stills."""


class FingerprintLevel(enum.StrEnum):
    """How much of a fingerprint is taken."""

    NONE = "none"
    GENERATED = "generated"
    """All of what is or may be generated, nothing of the rest: for deliverables."""
    LIGHT = "light"
    FULL = "full"


FINGERPRINT_VERSIONS = {"picture": 1, "video": 1, "audio": 1}
"""Versions of the fingerprints of each method; others are not compared."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Compact code by which content is found again after every mark is gone."""

    method: str
    """`picture`, `video` or `audio`."""
    version: int
    """Of the code; other versions are not compared."""
    data: bytes
    """Self-described; only the maker of the method reads it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one look at one file gave; the only thing a worker returns."""

    asset: Asset
    statements: tuple[Statement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    credentials: tuple[Credential, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    thumbnail: bytes | None = None
    """A JPEG of at most 20 kB, when an output needs one."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """By which it is found again; stored apart."""
    matches: tuple[Match, ...] = ()
    """Known material found in it, when it was looked for."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """Known material at one place in which it was found."""

    location: Location
    match: Match
    vanished_at: str | None = None
    """When the place was last missed; None while it is there."""


def with_path(reading: Reading, path: str) -> Reading:
    """The same reading with its troubles told under the path where the file stands."""
    if not reading.troubles:
        return reading
    located = tuple(dataclasses.replace(trouble, path=path) for trouble in reading.troubles)
    return dataclasses.replace(reading, troubles=located)


def rebase(location: Location, root: bytes) -> Location:
    """The same place as seen from another root: a folder above its own, or one between its own and the place."""
    own = os.fsencode(location.root)
    if own == root:
        return location
    path_bytes = os.path.relpath(location.absolute, root)
    above = os.path.relpath(own, root)
    if not above.startswith(b".."):
        prefix = above.decode("utf-8", "backslashreplace") + "/"

        def move(shown: str | None) -> str | None:
            return None if shown is None else prefix + shown
    else:
        levels = os.path.relpath(root, own).count(b"/") + 1

        def move(shown: str | None) -> str | None:
            return None if shown is None else shown.split("/", levels)[-1]

    return dataclasses.replace(
        location,
        root=os.fsdecode(root),
        path=move(location.path) or "",
        path_bytes=path_bytes,
        sequence=move(location.sequence),
        parent=move(location.parent),
    )

"""One piece of content, the places where it was seen, and the result of reading one file."""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import os

from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.match import Match
from provenance.model.value import value
from provenance.model.vocabulary import Zone


@value
class FileState:
    """Size and times of a file, in bytes and nanoseconds; two different states mean that it changed in between."""

    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


@value
class Location:
    """Where an asset was seen."""

    root: str
    path: str
    """Path as shown: relative to the root, always valid text, unique within the root."""
    path_bytes: bytes
    """The true name in the file system, relative to the root."""
    zone: Zone = Zone.EDITORIAL
    frames: tuple[int, int] | None = None
    """First and last number of a frame sequence."""
    missing: tuple[int, ...] = ()
    """Numbers between the first and the last frame for which there is no file."""
    frame: int | None = None
    """Number of an odd frame: one that differs from the rest of its sequence."""
    sequence: str | None = None
    """Path of the sequence that an odd frame belongs to."""
    parent: str | None = None
    """Path of the container that this asset was found in."""

    @property
    def absolute(self) -> bytes:
        """Absolute path in the file system. It identifies the place, through whichever root it was reached."""
        return os.path.join(os.fsencode(self.root), self.path_bytes)

    def is_below(self, root: bytes) -> bool:
        """Whether the place is at an absolute path, or below it."""
        # A null byte separates a file from the place of an embedded file in it.
        in_folder = root.rstrip(b"/") + b"/"
        in_file = root + b"\0"
        return self.absolute == root or self.absolute.startswith((in_folder, in_file))

    @property
    def is_text(self) -> bool:
        """Whether the path as shown is the true name, so that it can be typed or copied."""
        # Sequences and embedded files have names of this program's making, which are always text.
        is_made_up = self.frames is not None or self.parent is not None
        return is_made_up or self.path.encode("utf-8") == self.path_bytes


@value
class Asset:
    """Identity and dimensions of one piece of content. The same bytes at two paths are one asset."""

    digest: str
    """`sha256:<hex>` of the bytes; for a sequence, SHA-256 over the raw digests of its frames in order."""
    xxh128: str
    size: int
    media_type: str
    """Detected from the content, never from the name."""
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    """Seconds."""
    writer: str | None = None
    """Program or device that wrote the file, as named in it. It distinguishes frame sequences from camera stills."""
    frame_rate: str | None = None
    """Frames a second of a movie, exactly: `24000/1001`."""
    start_timecode: str | None = None
    """Timecode of the first frame as the file writes it, with a semicolon when numbers are dropped; None without."""
    hashes: tuple[str, ...] = ()
    """Digests by other algorithms, `md5:<hex>`, where a list of files asks for them."""


class FingerprintLevel(enum.StrEnum):
    """How much of a file is fingerprinted."""

    NONE = "none"
    GENERATED = "generated"
    """Everything that is or may be generated, nothing else: for deliverables."""
    LIGHT = "light"
    FULL = "full"


FINGERPRINT_VERSIONS = {"picture": 1, "video": 1, "audio": 2}
"""Version of the fingerprints of each method. What has one of another version is read again, and everything is searched
anew."""
_OLDER_VERSIONS = {"audio": (1,)}
"""Older versions that can be compared with those made now: of what is gone there is no other fingerprint."""


def is_comparable(method: str, version: int) -> bool:
    """Whether a fingerprint of this version can be compared with those made now."""
    return version == FINGERPRINT_VERSIONS.get(method) or version in _OLDER_VERSIONS.get(method, ())


@value
class Fingerprint:
    """Compact code of content, to find it again after every mark was removed."""

    method: str
    """`picture`, `video` or `audio`."""
    version: int
    """Version of the code."""
    data: bytes
    """The code. Only the module that made it can read it."""

    @property
    def digest(self) -> bytes:
        """SHA-256 that tells it from others of the asset: the same code of another version is another fingerprint."""
        data = self.data
        if self.version != 1:
            data = self.version.to_bytes(4, "big") + data
        return hashlib.sha256(data).digest()


@value
class Cutout:
    """The part of a picture in which a label was read."""

    where: str
    """The place of the statement that says what was read there."""
    picture: bytes
    """A JPEG of at most 20 kB."""


@value
class Reading:
    """The result of reading one file; the only thing that a worker returns."""

    asset: Asset
    statements: tuple[Statement, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    credentials: tuple[Credential, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    thumbnail: bytes | None = None
    """A JPEG of at most 20 kB, if an output needs one."""
    fingerprints: tuple[Fingerprint, ...] = ()
    """Stored in a table of their own."""
    matches: tuple[Match, ...] = ()
    """Known material found in it, if there was a search."""
    manifests: tuple[bytes, ...] = ()
    """Its C2PA manifest stores as they were found, where they could be cut out. Stored in a table of their own."""
    frame_digests: bytes = b""
    """Of a sequence: the SHA-256 of every frame that was read, in order, 32 bytes each. Stored likewise."""
    cutouts: tuple[Cutout, ...] = ()
    """Of the labels in its pictures, if they were looked for. Stored likewise."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing but the asset is known: that is so for most files of a storage."""
        says = self.statements or self.evidence or self.credentials or self.troubles or self.manifests
        shows = self.thumbnail or self.fingerprints or self.matches or self.cutouts or self.frame_digests
        return not (says or shows)


@value
class Appearance:
    """One place in which known material was found."""

    location: Location
    match: Match
    vanished_at: str | None = None
    """When the place was found to be gone; None while it is there."""


def with_path(reading: Reading, path: str) -> Reading:
    """The same reading, with the path of the file in its troubles."""
    if not reading.troubles:
        return reading
    located = tuple(dataclasses.replace(trouble, path=path) for trouble in reading.troubles)
    return dataclasses.replace(reading, troubles=located)


def rebase(location: Location, root: bytes) -> Location:
    """The same place relative to another root: a folder above its own, or one between its own and the place."""
    own_root = os.fsencode(location.root)
    if own_root == root:
        return location
    relative = os.path.relpath(own_root, root)
    is_above = not relative.startswith(b"..")
    # The paths as shown may contain escapes that the true name does not have, so they are changed as text: a root above
    # adds folders in front, a root below removes as many as lie between.
    prefix = ""
    removed_levels = 0
    if is_above:
        prefix = relative.decode("utf-8", "backslashreplace") + "/"
    else:
        removed_levels = os.path.relpath(root, own_root).count(b"/") + 1

    def move(shown: str | None) -> str | None:
        if shown is None:
            return None
        return prefix + shown.split("/", removed_levels)[-1]

    return dataclasses.replace(
        location,
        root=os.fsdecode(root),
        path=move(location.path) or "",
        path_bytes=os.path.relpath(location.absolute, root),
        sequence=move(location.sequence),
        parent=move(location.parent),
    )

"""Every file of a delivery with its SHA-256, as `sha256sum` lists them: what the catalogue read, frame by frame."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.model.asset import Location
from provenance.model.finding import Case

_SEQUENCE = re.compile(r"(.*)\[(\d+)-(\d+)\](\.[A-Za-z0-9]+)", re.DOTALL)
_DIGEST_SIZE = 32


def list_digests(catalogue: Catalogue, cases: Iterable[Case], unread: Collection[str]) -> dict[bytes, str]:
    """Hex digest by name relative to the delivery. Files inside files are left out: they are in the digest of theirs.

    `unread`: paths as shown of files that could not be read, which have no digest. Raises `UsageError` when the digests
    of the frames of a sequence are not known.
    """
    digests: dict[bytes, str] = {}
    for case in cases:
        location, digest = case.location, case.reading.asset.digest
        if location.parent is not None or location.sequence is not None:
            # An odd frame of a sequence is among the frames of that sequence.
            continue
        if location.frames is None:
            digests[location.path_bytes] = digest.removeprefix("sha256:")
        else:
            names = _list_frame_names(location, unread)
            digests.update(_pair_frames(location, names, catalogue.load_frame_digests(digest)))
    return digests


def _list_frame_names(location: Location, unread: Collection[str]) -> list[bytes]:
    """True names of the frames that were read, in order."""
    shown_folder, _, shown_name = location.path.rpartition("/")
    found = _SEQUENCE.fullmatch(shown_name)
    if not found or "\\" in shown_name:
        raise UsageError(
            f"{location.path}: the names of its frames are not known exactly, because they are not plain text",
            "give the frames plain names and scan the delivery again",
        )
    before, first, last, suffix = found.groups()
    missing = frozenset(location.missing)
    # A first number with a zero in front is padded to one width; numbers without grow as they grow.
    width = len(first) if first.startswith("0") else 0
    folder = os.path.dirname(location.path_bytes)
    names = []
    for number in range(int(first), int(last) + 1):
        name = f"{before}{number:0{width}}{suffix}"
        shown = f"{shown_folder}/{name}" if shown_folder else name
        if number not in missing and shown not in unread:
            names.append(os.path.join(folder, name.encode()))
    return names


def _pair_frames(location: Location, names: list[bytes], kept: bytes | None) -> dict[bytes, str]:
    if kept is None or len(kept) != len(names) * _DIGEST_SIZE:
        raise UsageError(
            f"{location.path}: the catalogue does not have the digest of every frame",
            "an older version of the program read it: scan the delivery again",
        )
    digests = {}
    for number, name in enumerate(names):
        digests[name] = kept[number * _DIGEST_SIZE : (number + 1) * _DIGEST_SIZE].hex()
    return digests

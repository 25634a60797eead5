"""The rows of one folder, read at once, so that a walk need not ask for each of its files.

A storage of a million files is compared folder by folder: memory holds one folder, and the index of places is read in
its own order.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from provenance.catalogue import path_ranges, rows
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.places import Places
from provenance.catalogue.session import Session
from provenance.model.vocabulary import Zone


class KnownPlace(NamedTuple):
    """A present place, as far as it is needed to tell whether its file changed."""

    id: int
    path: bytes
    """True name, relative to the root that it is kept under."""
    change_key: str
    zone: str
    holder: str | None
    """Path as shown, relative to that root, of the file or sequence that it is a part of."""
    extras: str | None
    vanished_at: str | None
    root: int
    """Row of that root."""


_ROWS = """SELECT id, path, mark, zone, holder, rest, vanished_at, root FROM locations
    WHERE root = ? AND path >= ? AND (?3 IS NULL OR path < ?3) ORDER BY path"""
_READ_AT_ONCE = 1024
"""Rows."""


class FolderRows:
    """What the catalogue has in one folder: the files, what is inside them, sequences, and frames that differ."""

    def __init__(self, session: Session, places: Places, root: str, folder: bytes, name: bytes = b"") -> None:
        """Read the rows. `folder`: relative to `root`. `name`: only the file of that name, and what is inside it."""
        self._session = session
        self._rows: dict[bytes, KnownPlace] = {}
        self._inside: dict[tuple[int, str], list[KnownPlace]] = {}
        own = folder and folder + b"/"
        with translate_errors(session.path):
            for number, prefix in _list_prefixes(places, root, folder):
                for place in self._read(number, prefix, name):
                    # Of several rows for one place the one under its own root counts.
                    self._rows.setdefault(own + place.path[len(prefix) :], place)
        self._rows = {path: place for path, place in self._rows.items() if place.vanished_at is None}
        for place in self._rows.values():
            if place.holder is not None:
                self._inside.setdefault((place.root, place.holder), []).append(place)
        self.find: Callable[[bytes], KnownPlace | None] = self._rows.get
        """The row of a name relative to the root; None when nothing is there."""

    def _read(self, root: int, prefix: bytes, name: bytes) -> Iterator[KnownPlace]:
        """Rows of the folder itself: what lies in its subfolders is stepped over."""
        start: bytes | None = prefix + name
        end = None
        if name:
            # Above every name inside the file, which begins with its own and a null byte.
            end = prefix + name + b"\1"
        elif prefix:
            # The byte after a slash.
            end = prefix[:-1] + b"0"
        while start is not None:
            cursor = self._session.db.conn.execute(_ROWS, (root, start, end))
            start = None
            while start is None and (batch := cursor.fetchmany(_READ_AT_ONCE)):
                for row in batch:
                    slash = row[1].find(b"/", len(prefix))
                    # What is inside a file has slashes of its own, behind the null byte.
                    if slash >= 0 and row[1].find(b"\0", 0, slash) < 0:
                        start = row[1][:slash] + b"0"
                        break
                    yield KnownPlace._make(row)

    def list_with_inside(self, place: KnownPlace) -> Iterator[KnownPlace]:
        """A place and everything inside it: members of a container, frames of a sequence that differ."""
        pending = [place]
        while pending:
            outer = pending.pop()
            yield outer
            if self._inside:
                shown = self._session.unpack(rows.unpack_shown_path, outer.path, outer.extras)
                pending.extend(self._inside.get((outer.root, shown), ()))


class Unchanged(NamedTuple):
    """The rows of files of which size and times are as they were."""

    rows: Sequence[int]
    """Their ids."""
    terms: Collection[str]
    """What stands before size and times in their change keys: each text once."""


# The last column is NULL for a file that is there, in that zone, shown by its own name and no part of another one.
_PLAIN_ROWS = """SELECT path, id, mark, coalesce(vanished_at, holder, rest, nullif(zone, coalesce(?, zone)))
    FROM locations WHERE root = ? AND path >= ?"""
# Two queries: one for both would compare every row with an end that may be none.
_TO_THE_END = f"{_PLAIN_ROWS} ORDER BY path"
_TO_AN_END = f"{_PLAIN_ROWS} AND path < ? ORDER BY path"


def find_unchanged(
    session: Session, places: Places, root: str, prefix: bytes, keys: Mapping[bytes, str], zone: Zone | None
) -> Unchanged | None:
    """The rows of all files of a folder: see `Catalogue.find_unchanged`."""
    kept_under = places.list_overlapping(root)
    # What may be kept under several roots is looked up with care.
    if len(kept_under) != 1 or kept_under[0][1] != os.fsencode(root):
        return None
    with translate_errors(session.path):
        found = _compare_rows(session, kept_under[0][0], prefix, keys, zone)
    # A file without a row is new.
    if found is None or len(found.rows) != len(keys):
        return None
    # `9.1.1` is no end of `light:19.1.1`.
    if not all(begin.endswith(":") for begin in found.terms):
        return None
    return Unchanged(found.rows, {begin[:-1] for begin in found.terms})


def _compare_rows(
    session: Session, number: int, prefix: bytes, keys: Mapping[bytes, str], zone: Zone | None
) -> Unchanged | None:
    """The rows of a folder that have one of the keys, and what their change keys begin with; None as soon as one has
    another key, or needs more than to be visited.
    """
    query, skipped = _TO_THE_END, len(prefix)
    end: tuple[bytes, ...] = ()
    if prefix:
        # The byte after a slash.
        query, end = _TO_AN_END, (prefix[:-1] + b"0",)
    rows: list[int] = []
    begins: set[str] = set()
    last = ""
    start = prefix
    while True:
        below = b""
        for path, row, mark, other in session.db.conn.execute(query, (zone, number, start, *end)):
            key = keys.get(path[skipped:])
            if key is None:
                # What is not there any more has its turn when the whole storage was seen.
                below, is_inside = _find_folder(path[skipped:])
                if is_inside:
                    return None
                if below:
                    break
                continue
            begin = mark[: -len(key)]
            if other is not None or begin + key != mark:
                return None
            rows.append(row)
            # Mostly it is that of the row before.
            if begin != last:
                begins.add(begin)
                last = begin
        if not below:
            return Unchanged(rows, begins)
        # What lies further down is stepped over.
        start = prefix + below + b"0"


def _find_folder(name: bytes) -> tuple[bytes, bool]:
    """The folder further down in which a row is, empty for none; and whether it is of something inside a file.

    That has a null byte behind the name of the file, and slashes of its own behind that. It has to be visited.
    """
    first, slash, _ = name.partition(b"/")
    if b"\0" in first:
        return b"", True
    return first if slash else b"", False


def _list_prefixes(places: Places, root: str, folder: bytes) -> Iterator[tuple[int, bytes]]:
    """Every root under which files of the folder may be kept, its own first, and what their names begin with there."""
    own = os.fsencode(root)
    absolute = os.path.join(own, folder)
    for number, other in places.list_overlapping(root):
        name: bytes | None = folder
        if other != own:
            name = path_ranges.make_relative(other, absolute)
        # A root further down holds no file of this folder.
        if name is not None:
            yield number, name and name + b"/"

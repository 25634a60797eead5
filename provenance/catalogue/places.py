"""One place on disk is one row, whichever folder was named on the command line.

A row belongs to the root through which its place was first reached. When the same place is reached through another root
(a parent folder, a subfolder, a storage), `Places` finds that row, and the new reading goes to it.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from provenance.catalogue import path_ranges
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.session import Session
from provenance.model.asset import Location, rebase

_EMBEDDED_SEPARATOR = b"\0"
"""Byte between a file and the place of an embedded file in a stored name."""


class Place(NamedTuple):
    """Key of a row in the table of locations."""

    root: int
    """Row of its root."""
    root_path: bytes
    path: bytes
    """True name, relative to that root."""


class Places:
    """Finds the rows of places. Its memory is only a cache of the table of roots."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sql = session.db.conn.execute
        self._ids: dict[bytes, int] = {}
        self._overlapping: dict[bytes, list[tuple[int, bytes]]] = {}
        self._apart: set[str] = set()
        """Roots that overlap no other."""
        self._made: dict[str, int] = {}
        """By path of a root: its row."""

    def forget(self) -> None:
        """Empty the cache of roots, because a root that was inserted may have been rolled back."""
        self._ids.clear()
        self._overlapping.clear()
        self._apart.clear()
        self._made.clear()

    def find(self, root: str, path: bytes) -> Place | None:
        """The row of a place, under its own root or under an overlapping one; None when there is none.

        Without overlapping roots the row is not looked up: the result is the key it has or would have, and None only
        when the root itself is not in the catalogue.
        """
        own = os.fsencode(root)
        own_number = self._read_root_id(own)
        overlapping = self._find_overlapping_roots(own)
        if not overlapping:
            if not own_number:
                return None
            return Place(own_number, own, path)
        for number, other in [(own_number, own), *overlapping]:
            name = _translate(own, path, other)
            if number and name is not None and self._exists(number, name):
                return Place(number, other, name)
        return None

    def find_sole_root(self, root: str) -> int:
        """Row of a root of which it is known already that it overlaps no other; else 0."""
        return self._made.get(root, 0) if root in self._apart else 0

    def find_home(self, location: Location) -> Location:
        """The location under the root where its row is kept, or else the row of its file or its frame sequence."""
        # Asked for every file: most roots overlap no other.
        if location.root in self._apart:
            return location
        own = os.fsencode(location.root)
        if not self._find_overlapping_roots(own):
            self._apart.add(location.root)
            return location
        # An embedded file and an odd frame of a sequence are kept under the same root as the file or sequence they
        # belong to, so that both are found, touched and vanish together.
        outermost_file = location.path_bytes.split(_EMBEDDED_SEPARATOR)[0]
        names = [location.path_bytes, outermost_file]
        if location.sequence is not None:
            sequence_name = os.fsencode(os.path.basename(location.sequence))
            names.append(os.path.join(os.path.dirname(outermost_file), sequence_name))
        for name in names:
            place = self.find(location.root, name)
            if place:
                return rebase(location, place.root_path)
        return location

    def list_overlapping(self, root: str) -> list[tuple[int, bytes]]:
        """Row and path of a root, if it has one, and of every root that may hold the same places."""
        own = os.fsencode(root)
        number = self._read_root_id(own)
        return [(number, own)] * bool(number) + self._find_overlapping_roots(own)

    def find_root_id(self, root: str) -> int:
        """Row of a root; 0 when it has none."""
        return self._read_root_id(os.fsencode(root))

    def make_root_id(self, root: str) -> int:
        """Row of a root, inserted if it does not exist. Call it in a change."""
        if root in self._made:
            return self._made[root]
        name = os.fsencode(root)
        number = self._read_root_id(name)
        if not number:
            number = self._session.insert("roots", path=name)
            # The new root may overlap others, so the lists of overlapping roots are out of date.
            self.forget()
            self._ids[name] = number
        self._made[root] = number
        return number

    def list_roots(self) -> list[tuple[int, bytes]]:
        """Row and path of every root, in byte order of the paths."""
        with translate_errors(self._session.path):
            roots: list[tuple[int, bytes]] = self._sql("SELECT id, path FROM roots ORDER BY path").fetchall()
        return roots

    def find_ranges_below(self, absolute: bytes) -> list[tuple[int, bytes, bytes, bytes | None]]:
        """Row and path of a root, with start and end of a range of its names that are at or below an absolute path."""
        ranges = []
        for number, path in self.list_roots():
            for start, end in path_ranges.find_ranges(path, [absolute]):
                ranges.append((number, path, start, end))
        return ranges

    def _read_root_id(self, name: bytes) -> int:
        if name not in self._ids:
            with translate_errors(self._session.path):
                row = self._sql("SELECT id FROM roots WHERE path = ?", (name,)).fetchone()
            if not row:
                # Not cached: another change may insert it.
                return 0
            self._ids[name] = row[0]
        return self._ids[name]

    def _find_overlapping_roots(self, own: bytes) -> list[tuple[int, bytes]]:
        """Other roots that are above or below this one: only they can contain the same places."""
        if own not in self._overlapping:
            others = []
            for number, path in self.list_roots():
                is_above = path_ranges.make_relative(path, own) is not None
                is_below = path_ranges.make_relative(own, path) is not None
                if path != own and (is_above or is_below):
                    others.append((number, path))
            self._overlapping[own] = others
        return self._overlapping[own]

    def _exists(self, root: int, path: bytes) -> bool:
        with translate_errors(self._session.path):
            row = self._sql("SELECT 1 FROM locations WHERE root = ? AND path = ?", (root, path)).fetchone()
        return row is not None


def _translate(root: bytes, path: bytes, other: bytes) -> bytes | None:
    """The same place relative to another root; None when it is not below that root."""
    if root == other:
        return path
    name = path_ranges.make_relative(other, os.path.join(root, path))
    # `b""` is the other root itself, which is a folder and has no row.
    return name or None

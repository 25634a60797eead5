"""One place on disk is one row, whichever folder was named on the command line.

A row is kept under the root by which its place was first reached. When the same place is reached through another root
(a parent folder, a subfolder, a storage), its row is found here, and the new reading goes to that row.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from provenance.catalogue import path_ranges
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.session import Session
from provenance.model.asset import Location, rebase

_INSIDE = b"\0"
"""Separates a file from the place of an embedded file in a stored name."""


class Place(NamedTuple):
    """A row of the table of locations, by the root it is kept under."""

    root: int
    root_path: bytes
    path: bytes
    """True name, relative to that root."""


class Places:
    """Finds the rows of places. What it holds in memory is only a shortcut to the table of roots."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sql = session.db.conn.execute
        self._ids: dict[bytes, int] = {}
        self._overlapping: dict[bytes, list[tuple[int, bytes]]] = {}

    def forget(self) -> None:
        """Forget the roots: what was inserted may have been rolled back."""
        self._ids.clear()
        self._overlapping.clear()

    def find(self, root: str, path: bytes) -> Place | None:
        """The row that a place has, or would have under its own root; None when that root is not known either."""
        own = os.fsencode(root)
        overlapping = self._roots_overlapping(own)
        if not overlapping:
            number = self._root_id(own)
            return Place(number, own, path) if number else None
        for number, other in [(self._root_id(own), own), *overlapping]:
            name = _translate(own, path, other)
            if number and name is not None and self._exists(number, name):
                return Place(number, other, name)
        return None

    def home(self, location: Location) -> Location:
        """The location as it is kept: under the root of its own row, or of the file or sequence that it belongs to."""
        own = os.fsencode(location.root)
        if not self._roots_overlapping(own):
            return location
        outermost_file = location.path_bytes.split(_INSIDE)[0]
        names = [location.path_bytes, outermost_file]
        if location.sequence is not None:
            sequence_name = os.fsencode(os.path.basename(location.sequence))
            names.append(os.path.join(os.path.dirname(outermost_file), sequence_name))
        for name in names:
            place = self.find(location.root, name)
            if place:
                return rebase(location, place.root_path)
        return location

    def root_id(self, root: str, *, make: bool = False) -> int:
        """Row of a root; 0 when it has none and none is to be made."""
        name = os.fsencode(root)
        number = self._root_id(name)
        if not number and make:
            number = self._session.insert("roots", path=name)
            self.forget()
            self._ids[name] = number
        return number

    def ranges_below(self, absolute: bytes) -> list[tuple[int, bytes, bytes, bytes | None]]:
        """Root row, its path, and the ranges of its names that are at or below an absolute path."""
        ranges = []
        for number, path in self._all_roots():
            for start, end in path_ranges.find_ranges(path, [absolute]):
                ranges.append((number, path, start, end))
        return ranges

    def _root_id(self, name: bytes) -> int:
        if name not in self._ids:
            with translate_errors(self._session.path):
                row = self._sql("SELECT id FROM roots WHERE path = ?", (name,)).fetchone()
            if not row:
                return 0
            self._ids[name] = row[0]
        return self._ids[name]

    def _roots_overlapping(self, own: bytes) -> list[tuple[int, bytes]]:
        """Other roots that lie above or below one: only they can hold the same places."""
        if own not in self._overlapping:
            others = []
            for number, path in self._all_roots():
                is_above = path_ranges.make_relative(path, own) is not None
                is_below = path_ranges.make_relative(own, path) is not None
                if path != own and (is_above or is_below):
                    others.append((number, path))
            self._overlapping[own] = others
        return self._overlapping[own]

    def _all_roots(self) -> list[tuple[int, bytes]]:
        with translate_errors(self._session.path):
            roots: list[tuple[int, bytes]] = self._sql("SELECT id, path FROM roots ORDER BY path").fetchall()
        return roots

    def _exists(self, root: int, path: bytes) -> bool:
        with translate_errors(self._session.path):
            row = self._sql("SELECT 1 FROM locations WHERE root = ? AND path = ?", (root, path)).fetchone()
        return row is not None


def _translate(root: bytes, path: bytes, other: bytes) -> bytes | None:
    """A name below one root as seen from another; None when it lies outside of that."""
    if root == other:
        return path
    name = path_ranges.make_relative(other, os.path.join(root, path))
    return name or None

"""The folders in which something may have to be searched: found by rows, so that nobody walks a storage for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from provenance.catalogue import rows
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.places import Places
from provenance.catalogue.reading_sets import ReadingSet, unpack_part
from provenance.catalogue.session import Session
from provenance.plain import ReadingPart

# What is inside a file comes behind it, and is searched with it: so it is listed whatever it was searched for itself.
_OUTDATED = """SELECT path, reading, holder FROM locations JOIN readings ON readings.id = reading
    LEFT JOIN looks ON looks.id = (SELECT max(id) FROM looks WHERE looks.asset = readings.asset)
    WHERE root = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3) AND vanished_at IS NULL
    AND readings.asset IS NOT NULL AND (looked_for IS NOT ?4 OR holder IS NOT NULL) ORDER BY path"""
_READING = f"""SELECT {rows.READING} FROM readings LEFT JOIN assets ON assets.id = readings.asset
    WHERE readings.id = ?"""  # noqa: S608 - names of our own
_IS_THERE = "SELECT 1 FROM locations WHERE root = ? AND path = ? AND vanished_at IS NULL"


@dataclass(frozen=True, slots=True)
class Searchable:
    """Which readings are of something that shows or sounds."""

    known: ReadingSet
    ask: Callable[[ReadingPart], bool]
    """Tells it of a reading that the set does not know yet."""


class Unsearched:
    """Finds them for one digest of a search index."""

    def __init__(self, session: Session, places: Places, index_digest: bytes, searchable: Searchable) -> None:
        self._session = session
        self._places = places
        self._index_digest = index_digest
        self._searchable = searchable

    def find_folders(self, under: Sequence[bytes]) -> set[bytes]:
        """Absolute paths of the folders with a content that was not yet searched for everything in that index."""
        folders: set[bytes] = set()
        with translate_errors(self._session.path):
            for absolute in under:
                for root, root_path, start, end in self._places.find_ranges_below(absolute):
                    for path in self._list_paths(root, start, end):
                        folders.add(os.path.dirname(os.path.join(root_path, path)))
        return folders

    def _list_paths(self, root: int, start: bytes, end: bytes | None) -> Iterator[bytes]:
        """Files and sequences of one root that show or sound, or have something inside that does."""
        outdated = b""
        for path, reading, holder in self._session.db.execute(_OUTDATED, (root, start, end, self._index_digest)):
            container, is_inside, _ = path.partition(b"\0")
            if not is_inside:
                outdated = path
            elif container != outdated:
                # The file around it was searched for all of it, and what is inside with it.
                continue
            if not self._shows(reading):
                continue
            if is_inside or holder is None or not self._is_there(root, os.fsencode(holder)):
                yield container

    def _shows(self, reading: int) -> bool:
        known = self._searchable.known
        if reading <= known.last:
            return reading in known.readings
        cells = self._session.db.execute(_READING, (reading,)).fetchone()
        return self._searchable.ask(self._session.unpack(unpack_part, *cells))

    def _is_there(self, root: int, sequence: bytes) -> bool:
        """Whether the sequence is there in which a frame differs: the frame is searched with it."""
        return self._session.db.execute(_IS_THERE, (root, sequence)).fetchone() is not None

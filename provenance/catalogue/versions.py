"""By what the files of a catalogue were read, and the stored readings whose evidence is derived again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from provenance.catalogue import rows
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.places import Places
from provenance.catalogue.session import Session
from provenance.catalogue.writer import Writer
from provenance.model.asset import Location, Reading
from provenance.model.vocabulary import Origin

_READINGS_AT_ONCE = 500
"""Rows that one query gives: more would be held in memory, fewer would be slow."""
_READINGS = f"""SELECT locations.id, mark, vanished_at IS NULL, {rows.PLACE}, {rows.READING} FROM {rows.CASES}
    WHERE locations.id > ? AND readings.asset IS NOT NULL ORDER BY locations.id LIMIT {_READINGS_AT_ONCE}"""  # noqa: S608 - names of our own


class StoredReading(NamedTuple):
    """A place with its newest reading. What has vanished has one as well."""

    id: int
    change_key: str
    is_present: bool
    location: Location
    origin: Origin
    """As it was decided when the reading was recorded."""
    reading: Reading


class StoredVersions:
    """Two tables to which is only added: what stands in them is text that other packages encode.

    The first has a short name for everything that took part in a reading; change keys contain it. The second has a row
    for each time that something was another one at the beginning of a run.
    """

    def __init__(self, session: Session, writer: Writer, places: Places) -> None:
        self._session = session
        self._writer = writer
        self._places = places
        self._sql = session.db.conn.execute

    def load_names(self) -> dict[str, str]:
        """Every name in the order in which they were recorded, with what it stands for."""
        with translate_errors(self._session.path):
            return dict(self._sql("SELECT name, payload FROM reading_versions ORDER BY id").fetchall())

    def record_name(self, name: str, payload: str, now: str) -> None:
        """Record a name, unless it is there. Readings of another catalogue need the names of that one."""
        with self._session.change():
            if self._sql("SELECT 1 FROM reading_versions WHERE name = ?", (name,)).fetchone():
                return
            row = self._session.insert("reading_versions", name=name, payload=payload)
            self._session.ledger.record("reading_version", row, "kept", now)

    def load_state(self) -> str | None:
        """The newest state; None while there is none."""
        with translate_errors(self._session.path):
            found = self._sql("SELECT payload FROM reader_states ORDER BY id DESC LIMIT 1").fetchone()
        if found is None:
            return None
        return str(found[0])

    def record_state(self, payload: str, now: str) -> None:
        """Record a new state."""
        with self._session.change():
            row = self._session.insert("reader_states", payload=payload)
            self._session.ledger.record("reader_state", row, "kept", now)

    def list_readings(self) -> Iterator[StoredReading]:
        """Every place that was read, present or vanished, one at a time. Readings may be replaced meanwhile."""
        last = 0
        while True:
            with translate_errors(self._session.path):
                found = self._sql(_READINGS, (last,)).fetchall()
            for row, mark, is_present, *cells in found:
                location = self._session.unpack(rows.unpack_location, *cells[:4])
                reading = self._session.unpack(rows.unpack_reading, *cells[4:])
                yield StoredReading(row, mark, bool(is_present), location, Origin(cells[5]), reading)
            if len(found) < _READINGS_AT_ONCE:
                return
            last = found[-1][0]

    def replace_reading(self, stored: StoredReading, reading: Reading, now: str) -> None:
        """Record another reading of the same bytes at a place, without anybody having come by."""
        self._writer.replace_reading(stored.id, reading, now)

    def empty_change_key(self, root: str, path_bytes: bytes, now: str) -> None:
        """Have what is at a place read again by the next run that comes by; nothing for a place that has vanished."""
        place = self._places.find(root, path_bytes)
        if place is not None:
            self._writer.empty_change_key(place, now)

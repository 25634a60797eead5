"""Writing down looks at files: new, changed, the same, vanished."""

from __future__ import annotations

import enum
import hashlib
import os
from collections.abc import Collection, Sequence
from typing import NamedTuple

from provenance.catalogue import rows
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.ledger import Cell
from provenance.catalogue.places import Places
from provenance.catalogue.runs import Runs
from provenance.catalogue.searches import Searches
from provenance.catalogue.session import Session
from provenance.model.asset import Location, Reading, rebase
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import AI_ORIGINS, Zone


class Change(enum.StrEnum):
    """What a look at one location made of it."""

    NEW = "new"
    """Not seen before, or vanished and back again."""
    CHANGED = "changed"
    """Other bytes than before."""
    SAME = "same"
    """The same bytes; what was read in them may be more than before."""


class AddResult(NamedTuple):
    """What one `add` came to."""

    change: Change
    newly_generated: bool
    """Generated or partly generated, which was not known of these bytes at this place before."""
    digest_before: str | None = None
    """Of the bytes that were at this place before; None when it was not seen before."""


class _PreviousRow(NamedTuple):
    """What a location's row said before."""

    id: int
    at: str
    asset: str | None
    origin: str
    zone: str
    rest: str | None
    holder: str | None
    mark: str
    reading: int
    vanished_at: str | None


_BEFORE = """SELECT locations.id, at, assets.digest, origin, zone, rest, holder, mark, reading, vanished_at
    FROM locations JOIN readings ON readings.id = locations.reading LEFT JOIN assets ON assets.id = readings.asset
    WHERE root = ? AND locations.path = ?"""


class Writer:
    """Adds and dates locations. What it holds in memory is only a shortcut to what the tables say."""

    def __init__(self, session: Session, runs: Runs, looks: Searches, places: Places) -> None:
        self._session, self._runs, self._searches, self._places = session, runs, looks, places
        self._sql = session.db.conn.execute
        self._latest: tuple[str, bytes] | None = None
        self._latest_row = (0, 0, "")
        session.on_rollback = places.forget

    def add(
        self, location: Location, mark: str, reading: Reading, run: int, now: str, *, keep_zone: bool = False
    ) -> AddResult:
        """Record what was read of one file, whole or not at all, in the row of its place on disk."""
        packed = rows.pack_reading(reading)
        with self._session.change():
            location = self._places.find_home(location)
            root = self._places.make_root_id(location.root)
            self._keep(reading, now)
            found = self._sql(_BEFORE, (root, location.path_bytes)).fetchone()
            before = _PreviousRow(*found) if found else None
            change = _classify_change(before, packed)
            zone = before.zone if before and keep_zone else location.zone.value
            cells: dict[str, Cell] = {
                "zone": zone,
                "rest": rows.pack_extras(location),
                "holder": location.parent or location.sequence,
                "mark": mark,
                "reading": self._reading(packed, now),
                "vanished_at": None,
            }
            if before is None:
                row = self._session.insert(
                    "locations", root=root, path=location.path_bytes, first_run=run, at=now, **cells
                )
                self._session.ledger.record("location", row, change.value, now)
            else:
                row = before.id
                self._renew(before, cells, change, now)
        self._runs.add_visited(run, row)
        was_ai = before is not None and before.asset == packed.asset_digest and before.origin in AI_ORIGINS
        return AddResult(change, packed.origin in AI_ORIGINS and not was_ai, before.asset if before else None)

    def record_search(
        self, digest: str, searched_for: bytes, matches: Sequence[Match], troubles: Sequence[Trouble], now: str
    ) -> None:
        """Record what a search of these bytes found. Nothing for bytes that were never read."""
        with self._session.change():
            found = self._sql("SELECT id FROM assets WHERE digest = ?", (digest,)).fetchone()
            if found:
                self._searches.store(found[0], searched_for, matches, troubles, now)

    def _renew(self, before: _PreviousRow, cells: dict[str, Cell], change: Change, now: str) -> None:
        """Write what a location says now, unless it says the same."""
        if tuple(cells.values()) == before[4:]:
            return
        news = change is not Change.SAME or cells["reading"] != before.reading
        self._session.update("locations", before.id, at=now if news else before.at, **cells)
        self._session.ledger.record("location", before.id, change.value, now)

    def _reading(self, packed: rows.PackedReading, now: str) -> int:
        """Row of a reading, stored unless the very same is there."""
        asset = None if packed.asset_digest is None else self._asset(packed.asset_digest, packed.size)
        digest = packed.digest
        if asset is not None:
            same = self._sql("SELECT id FROM readings WHERE asset = ? AND digest = ?", (asset, digest)).fetchone()
            if same:
                return int(same[0])
        row = self._session.insert(
            "readings",
            asset=asset,
            origin=packed.origin.value,
            digest=digest,
            payload=packed.payload,
            thumbnail=packed.thumbnail,
        )
        self._session.ledger.record("reading", row, "read", now)
        return row

    def _keep(self, reading: Reading, now: str) -> None:
        """Store its fingerprints, unless the very same are there."""
        if not reading.fingerprints or not reading.asset.digest:
            return
        asset = self._asset(reading.asset.digest, reading.asset.size)
        for kept in reading.fingerprints:
            digest = hashlib.sha256(kept.data).digest()
            same = "SELECT 1 FROM fingerprints WHERE asset = ? AND method = ? AND digest = ?"
            if not self._sql(same, (asset, kept.method, digest)).fetchone():
                row = self._session.insert(
                    "fingerprints",
                    asset=asset,
                    method=kept.method,
                    version=kept.version,
                    digest=digest,
                    data=kept.data,
                )
                self._session.ledger.record("fingerprint", row, "kept", now)

    def _asset(self, digest: str, size: int) -> int:
        found = self._sql("SELECT id FROM assets WHERE digest = ?", (digest,)).fetchone()
        return int(found[0]) if found else self._session.insert("assets", digest=digest, size=size)

    def find_change_key(self, root: str, path_bytes: bytes) -> str | None:
        """The change key under which a present location was recorded."""
        place = self._places.find(root, path_bytes)
        if place is None:
            return None
        with translate_errors(self._session.path):
            found = self._sql(
                "SELECT id, mark, rest FROM locations WHERE root = ? AND path = ? AND vanished_at IS NULL",
                (place.root, place.path),
            ).fetchone()
        if not found:
            return None
        self._latest = (root, path_bytes)
        self._latest_row = (found[0], place.root, self._shown(place.path, found[2]))
        return str(found[1])

    def touch(self, root: str, path_bytes: bytes, run: int, zone: Zone | None = None, now: str = "") -> None:
        """Seen again unchanged, with everything inside it. `zone`: what it is used for now, when that may change."""
        if self._latest != (root, path_bytes) and self.find_change_key(root, path_bytes) is None:
            raise ValueError(f"{path_bytes!r} is not in the catalogue")
        waiting = [self._latest_row]
        while waiting:
            row, root_id, shown = waiting.pop()
            self._runs.add_visited(run, row)
            if zone is not None:
                self._change_zone(row, zone, now)
            with translate_errors(self._session.path):
                inner_rows = self._sql(
                    "SELECT id, path, rest FROM locations WHERE root = ? AND holder = ? AND vanished_at IS NULL",
                    (root_id, shown),
                ).fetchall()
            waiting.extend((inner, root_id, self._shown(path, rest)) for inner, path, rest in inner_rows)

    def _change_zone(self, row: int, zone: Zone, now: str) -> None:
        if self._sql("SELECT zone FROM locations WHERE id = ?", (row,)).fetchone()[0] != zone.value:
            with self._session.change():
                self._session.update("locations", row, zone=zone.value)
                self._session.ledger.record("location", row, Change.SAME.value, now)

    def record_vanished(self, root: str, run: int, now: str, spare: Collection[bytes]) -> list[str]:
        """Mark what the run did not come by, whatever root its rows are kept under."""
        absolute = os.fsencode(root)
        seen = self._runs.load_bitmap(run)
        spared = tuple(os.path.join(absolute, name).rstrip(b"/") + b"/" for name in spare)
        gone: list[tuple[int, Location]] = []
        for number, root_path, start, end in self._places.find_ranges_below(absolute):
            with translate_errors(self._session.path):
                present = self._sql(
                    "SELECT id, path, rest FROM locations WHERE root = ?1 AND path >= ?2"
                    " AND (?3 IS NULL OR path < ?3) AND vanished_at IS NULL ORDER BY path",
                    (number, start, end),
                ).fetchall()
            for row, path, rest in present:
                is_spared = (os.path.join(root_path, path) + b"/").startswith(spared)
                if row not in seen and not is_spared:
                    location = self._session.unpack(rows.unpack_location, root_path, path, "editorial", rest)
                    gone.append((row, rebase(location, absolute)))
        for row, _ in gone:
            with self._session.change():
                self._session.update("locations", row, vanished_at=now)
                self._session.ledger.record("location", row, "vanished", now)
        self._session.flush()
        return [location.path for _, location in gone]

    def _shown(self, path: bytes, rest: str | None) -> str:
        return self._session.unpack(rows.unpack_location, b"", path, "editorial", rest).path


def _classify_change(before: _PreviousRow | None, packed: rows.PackedReading) -> Change:
    if before is None or before.vanished_at is not None:
        return Change.NEW
    return Change.SAME if before.asset == packed.asset_digest else Change.CHANGED

"""Writing down looks at files: new, changed, the same, vanished."""

from __future__ import annotations

import enum
import hashlib
import os
from collections.abc import Collection
from typing import NamedTuple

from provenance.catalogue import rows
from provenance.catalogue.engine import told
from provenance.catalogue.fingerprints import Looks
from provenance.catalogue.ledger import Cell
from provenance.catalogue.runs import Runs
from provenance.catalogue.session import Session
from provenance.model.asset import Location, Reading
from provenance.model.vocabulary import AI_ORIGINS


class Change(enum.StrEnum):
    """What a look at one location made of it."""

    NEW = "new"
    """Not seen before, or vanished and back again."""
    CHANGED = "changed"
    """Other bytes than before."""
    SAME = "same"
    """The same bytes; what was read in them may be more than before."""


class Recorded(NamedTuple):
    """What one `add` came to."""

    change: Change
    newly_generated: bool
    """Generated or partly generated, which was not known of these bytes at this place before."""
    newly_found: tuple[str, ...] = ()
    """Paths of known assets that are found in what stands at this place, and were not before."""


class _Before(NamedTuple):
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

    def __init__(self, session: Session, runs: Runs, looks: Looks) -> None:
        self._session, self._runs, self._looks = session, runs, looks
        self._sql = session.db.conn.execute
        self._roots: dict[str, int] = {}
        self._latest: tuple[str, bytes] | None = None
        self._latest_row = (0, "")
        session.on_rollback = self._roots.clear

    def add(self, location: Location, mark: str, reading: Reading, run: int, now: str, looked_for: bytes) -> Recorded:
        """One look at one file, whole or not at all."""
        packed = rows.packed(reading)
        with self._session.change():
            root = self._root(location.root, make=True)
            self._keep(reading, now)
            found = self._sql(_BEFORE, (root, location.path_bytes)).fetchone()
            before = _Before(*found) if found else None
            change = _change(before, packed)
            news = self._found(before, reading, looked_for, now)
            cells: dict[str, Cell] = {
                "zone": location.zone.value,
                "rest": rows.rest_of(location),
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
        self._runs.saw(run, row)
        was_ai = before is not None and before.asset == packed.asset_digest and before.origin in AI_ORIGINS
        return Recorded(change, packed.origin in AI_ORIGINS and not was_ai, news)

    def _found(self, before: _Before | None, reading: Reading, looked_for: bytes, now: str) -> tuple[str, ...]:
        """Store what was found in a file that was looked through; gives what was not found at its place before."""
        if not looked_for or not reading.asset.digest:
            return ()
        there = before and not before.vanished_at and before.asset
        old = self._looks.found_before(there) if there else set()
        self._looks.keep(self._asset(reading.asset.digest, reading.asset.size), looked_for, reading.matches, now)
        return tuple(dict.fromkeys(match.known.path for match in reading.matches if match.known.digest not in old))

    def _renew(self, before: _Before, cells: dict[str, Cell], change: Change, now: str) -> None:
        """Write what a location says now, unless it says the same."""
        if tuple(cells.values()) == before[4:]:
            return
        news = change is not Change.SAME or cells["reading"] != before.reading
        self._session.update("locations", before.id, at=now if news else before.at, **cells)
        self._session.ledger.record("location", before.id, change.value, now)

    def _root(self, root: str, *, make: bool = False) -> int:
        """Row of a root; 0 when it has none and none is to be made."""
        if root not in self._roots:
            name = os.fsencode(root)
            found = self._sql("SELECT id FROM roots WHERE path = ?", (name,)).fetchone()
            if not found and not make:
                return 0
            self._roots[root] = found[0] if found else self._session.insert("roots", path=name)
        return self._roots[root]

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

    def mark_of(self, root: str, path_bytes: bytes) -> str | None:
        """The mark under which a present location was recorded."""
        with told(self._session.path):
            found = self._sql(
                "SELECT id, mark, rest FROM locations WHERE root = ? AND path = ? AND vanished_at IS NULL",
                (self._root(root), path_bytes),
            ).fetchone()
        if not found:
            return None
        self._latest, self._latest_row = (root, path_bytes), (found[0], self._shown(path_bytes, found[2]))
        return str(found[1])

    def touch(self, root: str, path_bytes: bytes, run: int) -> None:
        """Seen again unchanged, with everything that stands in it."""
        if self._latest != (root, path_bytes) and self.mark_of(root, path_bytes) is None:
            raise ValueError(f"{path_bytes!r} is not in the catalogue")
        waiting = [self._latest_row]
        while waiting:
            row, shown = waiting.pop()
            self._runs.saw(run, row)
            with told(self._session.path):
                held = self._sql(
                    "SELECT id, path, rest FROM locations WHERE root = ? AND holder = ? AND vanished_at IS NULL",
                    (self._root(root), shown),
                ).fetchall()
            waiting.extend((inner, self._shown(path, rest)) for inner, path, rest in held)

    def vanish(self, root: str, run: int, now: str, spare: Collection[bytes]) -> list[str]:
        """Mark what the run did not come by."""
        seen = self._runs.seen(run)
        below = tuple(folder.rstrip(b"/") + b"/" for folder in spare)
        with told(self._session.path):
            present = self._sql(
                "SELECT id, path, rest FROM locations WHERE root = ? AND vanished_at IS NULL ORDER BY path",
                (self._root(root),),
            )
            gone = [row for row in present if row[0] not in seen and not (row[1] + b"/").startswith(below)]
        for row, _, _ in gone:
            with self._session.change():
                self._session.update("locations", row, vanished_at=now)
                self._session.ledger.record("location", row, "vanished", now)
        self._session.flush()
        return [self._shown(path, rest) for _, path, rest in gone]

    def _shown(self, path: bytes, rest: str | None) -> str:
        return self._session.value(rows.location_of, b"", path, "editorial", rest).path


def _change(before: _Before | None, packed: rows.PackedReading) -> Change:
    if before is None or before.vanished_at is not None:
        return Change.NEW
    return Change.SAME if before.asset == packed.asset_digest else Change.CHANGED

"""Recording of what was read: new, changed, unchanged and vanished locations."""

from __future__ import annotations

import enum
import hashlib
import os
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from provenance.catalogue import rows
from provenance.catalogue.engine import make_damage_error, translate_errors
from provenance.catalogue.folder_rows import FolderRows, KnownPlace
from provenance.catalogue.ledger import Cell, EncodedCell, encode_cell, hash_state
from provenance.catalogue.places import Place, Places
from provenance.catalogue.runs import Runs
from provenance.catalogue.searches import Searches
from provenance.catalogue.session import Session
from provenance.model.asset import Cutout, Location, Reading, rebase
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import Zone

MANIFEST = "manifest"
"""Kind of an attachment: a C2PA manifest store."""
FRAMES = "frames"
"""Kind of an attachment: the digests of the frames of a sequence, one after the other."""
CUTOUT = "cutout"
"""Kind of an attachment: the place of a label, a null byte, and a JPEG of what is there."""


_DERIVED = "derived"
"""What the ledger says of a location whose evidence was derived again from stored statements."""
_OUTDATED = "outdated"
"""What it says of one that is to be read again."""


class Change(enum.StrEnum):
    """How a location differs from what the catalogue knew about it."""

    NEW = "new"
    """Not known before, or back after it had vanished."""
    CHANGED = "changed"
    """Other bytes than before."""
    SAME = "same"
    """The same bytes; a newer reader may have found more in them."""


class _PreviousRow(NamedTuple):
    """The row of a location before a change. From `zone` on the fields are those of `_LocationCells`."""

    id: int
    at: str
    asset: str | None
    """Digest of the asset."""
    origin: str
    zone: str
    rest: str | None
    holder: str | None
    mark: str
    reading: int
    vanished_at: str | None


class _LocationCells(NamedTuple):
    """What a reading sets in the row of its location."""

    zone: str
    rest: str | None
    holder: str | None
    mark: str
    reading: int
    vanished_at: str | None


_PREVIOUS_ROW = """SELECT locations.id, at, assets.digest, origin, zone, rest, holder, mark, reading, vanished_at
    FROM locations JOIN readings ON readings.id = locations.reading LEFT JOIN assets ON assets.id = readings.asset
    WHERE root = ? AND locations.path = ?"""
_INSERT_LOCATION = """INSERT INTO locations (root, path, first_run, at, zone, rest, holder, mark, reading, vanished_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (root, path) DO NOTHING"""
"""Mostly a place is new: whether it is, the index says that has to be searched for the insert anyway."""


_INSERT_READING = "INSERT INTO readings (asset, origin, digest, payload, thumbnail) VALUES (?, ?, ?, ?, ?)"
_INSERT_ASSET = "INSERT INTO assets (digest, size) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"


# Of rows that are inserted together the numbers are known before, so that one statement inserts all of them.
_INSERT_NEW_ASSET = "INSERT INTO assets (id, digest, size) VALUES (?, ?, ?) ON CONFLICT (digest) DO NOTHING"
"""Whether a content is new says the index that has to be searched for the insert anyway."""
_INSERT_NEW_READING = "INSERT INTO readings (id, asset, origin, digest, payload, thumbnail) VALUES (?, ?, ?, ?, ?, ?)"
_INSERT_NEW_LOCATION = """INSERT INTO locations
    (id, root, path, first_run, at, zone, rest, holder, mark, reading, vanished_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_NEWEST_ASSET = "SELECT coalesce(max(id), 0) FROM assets"
_NEWEST_ROWS = "SELECT (SELECT coalesce(max(id), 0) FROM readings), (SELECT coalesce(max(id), 0) FROM locations)"


_LARGEST_ROW = 1 << 62
"""The number of a row that no catalogue will ever reach. SQLite counts up to twice as far."""


_PRESENT = """SELECT id FROM locations WHERE root = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3)
    AND vanished_at IS NULL ORDER BY path"""


class FoundReading(NamedTuple):
    """What was read at a place, and the change key that it is kept under."""

    location: Location
    change_key: str
    reading: Reading


class _NewPlace(NamedTuple):
    """A content that is new, at a place that is new, with the rows of its root and of the content."""

    found: FoundReading
    root: int
    asset: int
    packed: rows.PackedReading


class Writer:
    """Records locations. Its memory is only a cache of the tables."""

    def __init__(self, session: Session, runs: Runs, searches: Searches, places: Places) -> None:
        self._session = session
        self._runs = runs
        self._searches = searches
        self._places = places
        self._sql = session.db.conn.execute
        self._roots: dict[str, EncodedCell] = {}
        """By path of a root: its cell in the state of a location."""
        session.on_rollback.append(places.forget)

    def add(
        self, location: Location, change_key: str, reading: Reading, run: int, now: str, *, keep_zone: bool = False
    ) -> Change:
        """Record the reading of one file atomically in the row of its place on disk. See `Catalogue.add`."""
        packed = rows.pack_reading(reading)
        with self._session.change():
            location = self._places.find_home(location)
            root = self._places.make_root_id(location.root)
            self._store_fingerprints(reading, now)
            self._store_attachments(reading, now)
            # Hashed once for the states of both rows: its cell is the same in them.
            digest = encode_cell(packed.digest)
            cells = _LocationCells(
                location.zone.value,
                rows.pack_extras(location),
                location.parent or location.sequence,
                change_key,
                self._store_reading(packed, now, digest),
                None,
            )
            row = self._insert(location, root, cells, digest, run, now)
            change = Change.NEW
            if row is None:
                previous = self._find_previous(root, location.path_bytes)
                if keep_zone:
                    cells = cells._replace(zone=previous.zone)
                row, change = previous.id, _classify_change(previous, packed)
                self._update(previous, cells, change, now)
        self._runs.add_visit(run, row)
        return change

    def add_all(self, batch: Sequence[FoundReading], run: int, now: str, *, keep_zone: bool = False) -> None:
        """Record what was read at many places, each atomically. See `Catalogue.add_all`."""
        with self._session.change():
            # Most files of a first night are new in every way, and these are inserted together.
            new, others = self._insert_new_contents(batch)
            inserted = self._insert_new(new, run, now)
        self._runs.add_visits(run, inserted)
        for found in others:
            self.add(*found, run, now, keep_zone=keep_zone)

    def _insert_new_contents(self, batch: Sequence[FoundReading]) -> tuple[list[_NewPlace], list[FoundReading]]:
        """Insert the contents of what is new in every way and has nothing beside its reading.

        Returns that, then everything else, both in their order. Of two readings of one place or of one content the
        second is never among the new ones, which come first.
        """
        candidates: list[tuple[int, FoundReading]] = []
        others: list[FoundReading] = []
        digests: set[str] = set()
        places: set[tuple[str, bytes]] = set()
        for found in batch:
            location, asset = found.location, found.reading.asset
            place = location.root, location.path_bytes
            root = self._places.find_sole_root(location.root)
            is_first = asset.digest not in digests and place not in places
            if root and asset.digest and is_first and not _has_more_tables(found.reading):
                candidates.append((root, found))
            else:
                others.append(found)
            digests.add(asset.digest)
            places.add(place)
        known_places = self._find_known_places(candidates)
        at_new_places = [found for root, found in candidates if (root, found.location.path_bytes) not in known_places]
        assets = self._insert_contents(at_new_places)
        new: list[_NewPlace] = []
        known: list[FoundReading] = []
        for root, found in candidates:
            content = assets.get(found.reading.asset.digest)
            if content is None:
                known.append(found)
            else:
                new.append(_NewPlace(found, root, content, rows.pack_reading(found.reading)))
        return new, [*known, *others]

    def _insert_contents(self, batch: Sequence[FoundReading]) -> dict[str, int]:
        """Insert the contents that are not known, each of which comes once. Returns their rows, by digest."""
        if not batch:
            return {}
        (newest,) = self._sql(_NEWEST_ASSET).fetchone()
        self._require_own_number(newest)
        assets = [
            (row, found.reading.asset.digest, found.reading.asset.size) for row, found in enumerate(batch, newest + 1)
        ]
        self._session.db.conn.executemany(_INSERT_NEW_ASSET, assets)
        return dict(self._sql("SELECT digest, id FROM assets WHERE id > ?", (newest,)))

    def _require_own_number(self, row: int) -> None:
        if row >= _LARGEST_ROW:
            raise make_damage_error(self._session.path, "it has a row that this program did not number")

    def _find_known_places(self, candidates: Sequence[tuple[int, FoundReading]]) -> set[tuple[int, bytes]]:
        known: set[tuple[int, bytes]] = set()
        for number in {root for root, _ in candidates}:
            paths = [found.location.path_bytes for root, found in candidates if root == number]
            query = f"SELECT path FROM locations WHERE root = ? AND path IN ({_write_marks(len(paths))})"  # noqa: S608
            known.update((number, path) for (path,) in self._sql(query, (number, *paths)))
        return known

    def _insert_new(self, new: Sequence[_NewPlace], run: int, now: str) -> range:
        """Insert readings of contents that are new at places that are new, with one entry in the ledger.

        Returns the rows of the places.
        """
        if not new:
            return range(0)
        reading, row = self._sql(_NEWEST_ROWS).fetchone()
        self._require_own_number(max(reading, row))
        first_reading, first_row = reading + 1, row + 1
        readings, locations, digests = [], [], []
        for found, root, asset, packed in new:
            reading, row = reading + 1, row + 1
            location, origin = found.location, packed.origin.value
            path, zone, rest = location.path_bytes, location.zone.value, rows.pack_extras(location)
            holder, mark = location.parent or location.sequence, found.change_key
            readings.append((reading, asset, origin, packed.digest, packed.payload, packed.thumbnail))
            locations.append((row, root, path, run, now, zone, rest, holder, mark, reading, None))
            # As `STATES` would select both.
            digest = encode_cell(packed.digest)
            content = packed.asset_digest, packed.size, origin
            digests.append(hash_state((reading, *content, digest, packed.encoded_payload, packed.thumbnail)))
            place = self._encode_root(location.root), path, zone, rest, holder, mark
            digests.append(hash_state((row, *place, digest, run, now, None)))
        self._session.db.conn.executemany(_INSERT_NEW_READING, readings)
        self._session.db.conn.executemany(_INSERT_NEW_LOCATION, locations)
        self._session.ledger.record_batch(first_reading, first_row, b"".join(digests), now)
        return range(first_row, row + 1)

    def _insert(
        self, location: Location, root: int, cells: _LocationCells, digest: EncodedCell, run: int, now: str
    ) -> int | None:
        """Insert the row of a place, with the digest of its reading. Returns its id; None when it has a row already."""
        path = location.path_bytes
        inserted = self._sql(_INSERT_LOCATION, (root, path, run, now, *cells))
        if not inserted.rowcount:
            return None
        row = inserted.lastrowid or 0
        # As `STATES` would select it: the cells, with the references followed.
        zone, rest, holder, mark, _, vanished_at = cells
        state = (row, self._encode_root(location.root), path, zone, rest, holder, mark, digest, run, now, vanished_at)
        self._session.ledger.record("location", row, "new", now, state)
        return row

    def _encode_root(self, root: str) -> EncodedCell:
        """A root as a cell in the state of a location."""
        if root not in self._roots:
            self._roots[root] = encode_cell(os.fsencode(root))
        return self._roots[root]

    def record_search(
        self, digest: str, index_digest: bytes, matches: Sequence[Match], troubles: Sequence[Trouble], now: str
    ) -> None:
        """Record the result of a search of these bytes. Does nothing for bytes that are not in the catalogue."""
        with self._session.change():
            asset = self._find_asset(digest)
            if asset is not None:
                self._searches.store(asset, index_digest, matches, troubles, now)

    def _find_previous(self, root: int, path: bytes) -> _PreviousRow:
        """The row of a place that has one."""
        return _PreviousRow(*self._sql(_PREVIOUS_ROW, (root, path)).fetchone())

    def _update(self, previous: _PreviousRow, cells: _LocationCells, change: Change, now: str) -> None:
        """Update the row of a location, unless nothing in it changes."""
        if cells == previous[4:]:
            return
        # `at` selects what a report calls changed. Another zone or change key alone is no news to a reader.
        at = previous.at
        if change is not Change.SAME or cells.reading != previous.reading:
            at = now
        self._session.update("locations", previous.id, at=at, **cells._asdict())
        self._session.ledger.record("location", previous.id, change.value, now)
        if cells.reading != previous.reading or previous.vanished_at is not None:
            self._keep_former(previous.id, previous.reading, previous.vanished_at, now)

    def _keep_former(self, location: int, reading: int, vanished_at: str | None, now: str) -> None:
        """Keep what a place held before the change that the newest entry of the ledger records."""
        entry = self._session.ledger.size
        row = self._session.insert(
            "former_states", entry=entry, location=location, reading=reading, vanished_at=vanished_at
        )
        self._session.ledger.record("former_state", row, "kept", now)

    def _store_reading(self, packed: rows.PackedReading, now: str, encoded_digest: EncodedCell) -> int:
        """Row of a reading, inserted unless the same one is there."""
        asset, is_new = None, False
        digest, origin = packed.digest, packed.origin.value
        if packed.asset_digest is not None:
            asset, is_new = self._store_asset(packed.asset_digest, packed.size)
        # Of a content that was not known there is no reading, and nothing to look for.
        if asset is not None and not is_new:
            same = self._sql("SELECT id FROM readings WHERE asset = ? AND digest = ?", (asset, digest)).fetchone()
            if same:
                return int(same[0])
        inserted = self._sql(_INSERT_READING, (asset, origin, digest, packed.payload, packed.thumbnail))
        row = inserted.lastrowid or 0
        state: tuple[Cell, ...] | None = None
        if is_new:
            # As `STATES` would select it. The size of a content that was known is that of its own row.
            encoded = encoded_digest, packed.encoded_payload
            state = (row, packed.asset_digest, packed.size, origin, *encoded, packed.thumbnail)
        self._session.ledger.record("reading", row, "read", now, state)
        return row

    def _store_fingerprints(self, reading: Reading, now: str) -> None:
        """Insert the fingerprints of a reading, unless the same ones are there."""
        if not reading.fingerprints or not reading.asset.digest:
            return
        asset, _ = self._store_asset(reading.asset.digest, reading.asset.size)
        for fingerprint in reading.fingerprints:
            digest = fingerprint.digest
            same = "SELECT 1 FROM fingerprints WHERE asset = ? AND method = ? AND digest = ?"
            if not self._sql(same, (asset, fingerprint.method, digest)).fetchone():
                row = self._session.insert(
                    "fingerprints",
                    asset=asset,
                    method=fingerprint.method,
                    version=fingerprint.version,
                    digest=digest,
                    data=fingerprint.data,
                )
                self._session.ledger.record("fingerprint", row, "kept", now)

    def _store_attachments(self, reading: Reading, now: str) -> None:
        """Insert the manifest stores and frame digests of a reading, unless the same ones are there."""
        kept = [(MANIFEST, data) for data in reading.manifests]
        if reading.frame_digests:
            kept.append((FRAMES, reading.frame_digests))
        kept += [(CUTOUT, pack_cutout(cutout)) for cutout in reading.cutouts]
        if not kept or not reading.asset.digest:
            return
        asset, _ = self._store_asset(reading.asset.digest, reading.asset.size)
        for kind, data in kept:
            digest = hashlib.sha256(data).digest()
            same = "SELECT 1 FROM attachments WHERE asset = ? AND kind = ? AND digest = ?"
            if not self._sql(same, (asset, kind, digest)).fetchone():
                row = self._session.insert("attachments", asset=asset, kind=kind, digest=digest, data=data)
                self._session.ledger.record("attachment", row, "kept", now)

    def _store_asset(self, digest: str, size: int) -> tuple[int, bool]:
        """Row of an asset, inserted unless it is there, and whether it was. Rows that refer to it are in the ledger."""
        inserted = self._sql(_INSERT_ASSET, (digest, size))
        if inserted.rowcount:
            return inserted.lastrowid or 0, True
        asset = self._find_asset(digest)
        assert asset is not None
        return asset, False

    def _find_asset(self, digest: str) -> int | None:
        row = self._sql("SELECT id FROM assets WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            return None
        return int(row[0])

    def load_folder(self, root: str, folder: bytes, name: bytes = b"") -> FolderRows:
        """What the catalogue has in a folder. See `Catalogue.load_folder`."""
        return FolderRows(self._session, self._places, root, folder, name)

    def touch(
        self, rows: FolderRows, places: Iterable[KnownPlace], run: int, zone: Zone | None, now: str
    ) -> Collection[KnownPlace]:
        """Record that places are unchanged, with everything inside them. See `Catalogue.touch`."""
        seen: dict[int, KnownPlace] = {}
        for place in places:
            for part in rows.list_with_inside(place):
                seen[part.id] = part
        self._runs.add_visits(run, seen)
        if zone is not None:
            for part in seen.values():
                if part.zone != zone.value:
                    self._change_zone(part.id, zone, now)
        return seen.values()

    def _change_zone(self, row: int, zone: Zone, now: str) -> None:
        with self._session.change():
            self._session.update("locations", row, zone=zone.value)
            self._session.ledger.record("location", row, Change.SAME.value, now)

    def replace_reading(self, row: int, reading: Reading, now: str) -> None:
        """Record another reading of the same bytes in a location. See `StoredVersions.replace_reading`."""
        packed = rows.pack_reading(reading)
        with self._session.change():
            former, vanished_at = self._sql(
                "SELECT reading, vanished_at FROM locations WHERE id = ?", (row,)
            ).fetchone()
            self._session.update(
                "locations", row, at=now, reading=self._store_reading(packed, now, encode_cell(packed.digest))
            )
            self._session.ledger.record("location", row, _DERIVED, now)
            self._keep_former(row, former, vanished_at, now)

    def empty_change_key(self, place: Place, now: str) -> None:
        """Have a present location read again. See `StoredVersions.empty_change_key`."""
        with self._session.change():
            key = (place.root, place.path)
            found = self._sql(
                "SELECT id FROM locations WHERE root = ? AND path = ? AND mark != '' AND vanished_at IS NULL", key
            ).fetchone()
            if found:
                self._session.update("locations", found[0], mark="")
                self._session.ledger.record("location", found[0], _OUTDATED, now)

    def record_disappearances(self, root: str, run: int, now: str, spare: Collection[bytes]) -> list[str]:
        """Record which locations below a folder the run did not visit. See `Catalogue.record_vanished`."""
        absolute = os.fsencode(root)
        _, vanished = self._find_missing(absolute, run, spare)
        for row, _ in vanished:
            with self._session.change():
                (reading,) = self._sql("SELECT reading FROM locations WHERE id = ?", (row,)).fetchone()
                self._session.update("locations", row, vanished_at=now)
                self._session.ledger.record("location", row, "vanished", now)
                self._keep_former(row, reading, None, now)
        self._session.flush()
        return [location.path for _, location in vanished]

    def count_missing(self, root: str, run: int, spare: Collection[bytes]) -> tuple[int, int]:
        """How many of how many locations below a folder the run did not visit. See `Catalogue.count_missing`."""
        present, missing = self._find_missing(os.fsencode(root), run, spare)
        return len(missing), present

    def _find_missing(
        self, absolute: bytes, run: int, spare: Collection[bytes]
    ) -> tuple[int, list[tuple[int, Location]]]:
        """Of everything present below a folder the number, and row and location of what a run did not visit.

        Locations are relative to `absolute`.
        """
        visited = self._runs.load_bitmap(run)
        # Compared with a slash at the end, so that `a` spares `a` and `a/b`, but not `ab`.
        spared = tuple(os.path.join(absolute, name).rstrip(b"/") + b"/" for name in spare)
        present, unvisited = 0, []
        # The places below this folder may be kept under several roots.
        for number, root_path, start, end in self._places.find_ranges_below(absolute):
            with translate_errors(self._session.path):
                # The numbers alone: in most nights every row was visited, and there may be a million.
                stored = self._sql(_PRESENT, (number, start, end))
                count, missing = visited.find_missing(row for (row,) in stored)
                present += count
                for row in missing:
                    path, extras = self._sql("SELECT path, rest FROM locations WHERE id = ?", (row,)).fetchone()
                    if (os.path.join(root_path, path) + b"/").startswith(spared):
                        continue
                    # The zone does not matter: only the path is used.
                    zone = Zone.EDITORIAL.value
                    location = self._session.unpack(rows.unpack_location, root_path, path, zone, extras)
                    unvisited.append((row, rebase(location, absolute)))
        return present, unvisited


def _classify_change(previous: _PreviousRow, packed: rows.PackedReading) -> Change:
    if previous.vanished_at is not None:
        return Change.NEW
    if previous.asset == packed.asset_digest:
        return Change.SAME
    return Change.CHANGED


def _has_more_tables(reading: Reading) -> bool:
    """Whether a reading has something that is kept beside its row."""
    return bool(reading.fingerprints or reading.manifests or reading.frame_digests or reading.cutouts)


def _write_marks(count: int) -> str:
    return ", ".join("?" * count)


def pack_cutout(cutout: Cutout) -> bytes:
    """A cut-out as it is stored."""
    return cutout.where.encode() + b"\0" + cutout.picture


def unpack_cutout(data: bytes) -> Cutout:
    """The same back again."""
    where, _, picture = data.partition(b"\0")
    return Cutout(where.decode(), picture)

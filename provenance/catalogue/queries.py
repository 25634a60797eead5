"""Queries of the catalogue: cases in order, one asset by digest or path, sums."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from provenance.catalogue import path_ranges, rows
from provenance.catalogue.engine import make_damage_error, translate_errors
from provenance.catalogue.ledger import ENTRY_OF_READING
from provenance.catalogue.noteworthy import Named, Noteworthy
from provenance.catalogue.places import Places
from provenance.catalogue.reading_sets import ReadingSet
from provenance.catalogue.row_bitmap import RowBitmap
from provenance.catalogue.runs import Runs, escape_invalid
from provenance.catalogue.searches import Searches, select_in_zone
from provenance.catalogue.session import Session
from provenance.catalogue.unsearched import Searchable, Unsearched
from provenance.model.asset import FINGERPRINT_VERSIONS, Fingerprint, Location, Reading
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.match import Known, Match
from provenance.model.vocabulary import AI_ORIGINS, SUSPECT, Origin, Zone

_CASES = f"SELECT locations.id, {rows.CASE} FROM {rows.CASES}"  # noqa: S608 - names of our own
_READINGS_OF = f"""SELECT EXISTS (SELECT 1 FROM locations WHERE reading = readings.id), {rows.READING} FROM readings
    JOIN assets ON assets.id = readings.asset WHERE assets.digest = ? ORDER BY readings.id DESC"""  # noqa: S608 - likewise
_READING_OF = f"SELECT {rows.READING} FROM readings JOIN assets ON assets.id = readings.asset WHERE assets.digest = ?"  # noqa: S608 - likewise
_READING_BEFORE = f"{_READING_OF} AND {ENTRY_OF_READING} < ? ORDER BY readings.id DESC LIMIT 1"
_READING_AFTER = f"{_READING_OF} AND {ENTRY_OF_READING} > ? ORDER BY readings.id LIMIT 1"

# One row for each asset: HAVING min(…) makes SQLite take the other columns from the row with the minimum, so a present
# location is preferred to a vanished one, and of these the oldest.
_PREFERRED = "(locations.vanished_at IS NOT NULL) * 1000000000 + locations.id"
# What is or may be generated is that wherever it lies, so a reading that shows it comes before all others.
_SUSPECT_ORIGINS = ", ".join(f"'{origin}'" for origin in sorted(SUSPECT))
_SUSPECT_FIRST = f"(readings.origin NOT IN ({_SUSPECT_ORIGINS})) * 1000000000000 + {_PREFERRED}"
# Both begin with the contents that may be meant: the rest of a large catalogue is not looked at.
_KNOWN = f"""SELECT assets.id, assets.digest, readings.origin, locations.path, locations.rest
    FROM assets JOIN readings ON readings.asset = assets.id JOIN locations ON locations.reading = readings.id
    WHERE {{}} AND EXISTS (SELECT 1 FROM fingerprints WHERE asset = assets.id)
    GROUP BY assets.id HAVING min({_SUSPECT_FIRST}) ORDER BY assets.id"""  # noqa: S608 - names of our own
_FINGERPRINTED = ", ".join(f"('{method}', {version})" for method, version in FINGERPRINT_VERSIONS.items())
# CROSS JOIN makes SQLite begin with the contents: the places may be a million.
_NOT_FINGERPRINTED = f"""SELECT locations.mark, {rows.CASE}
    FROM assets CROSS JOIN readings ON readings.asset = assets.id
    JOIN locations ON locations.reading = readings.id JOIN roots ON roots.id = locations.root
    WHERE {{}} AND NOT EXISTS
    (SELECT 1 FROM fingerprints WHERE asset = assets.id AND (method, version) IN (VALUES {_FINGERPRINTED}))
    GROUP BY assets.id HAVING min({_PREFERRED}) ORDER BY assets.id"""  # noqa: S608 - names of our own
# Contents that are or may be generated and lie outside a zone, with the index of their newest search. CROSS JOIN makes
# SQLite begin with the readings: they are few, and the places of a range may be a million.
_SUSPECT_LOOKS = f"""SELECT locations.id, looked_for FROM readings
    CROSS JOIN locations ON locations.reading = readings.id
    LEFT JOIN looks ON looks.id = (SELECT max(id) FROM looks WHERE asset = readings.asset)
    WHERE origin != 'unknown' AND origin IN ({_SUSPECT_ORIGINS}) AND vanished_at IS NULL
    AND readings.asset NOT IN ({{}})
    AND locations.root = ? AND locations.path >= ? AND (? IS NULL OR locations.path < ?)
    ORDER BY locations.path"""  # noqa: S608 - names of our own
_SHOWING_ZONE = """SELECT locations.id FROM locations JOIN readings ON readings.id = locations.reading
    WHERE vanished_at IS NULL AND readings.asset IN (
    SELECT looks.asset FROM matches JOIN looks ON looks.id = matches.look JOIN assets ON assets.digest = matches.known
    WHERE assets.id IN ({}) AND looks.id = (SELECT max(id) FROM looks newest WHERE newest.asset = looks.asset))
    ORDER BY locations.root, locations.path"""
# A range without an end is a query of its own: with `end IS NULL OR …` SQLite would read every range to its root's end.
_COUNT_INSIDE = """WITH ranges AS (
        SELECT value ->> 0 AS root, unhex(value ->> 1) AS start, unhex(value ->> 2) AS stop FROM json_each(?))
    SELECT count(DISTINCT asset) FROM (
        SELECT asset FROM ranges CROSS JOIN locations ON locations.root = ranges.root AND path >= start AND path < stop
            JOIN readings ON readings.id = reading WHERE stop IS NOT NULL
        UNION
        SELECT asset FROM ranges CROSS JOIN locations ON locations.root = ranges.root AND path >= start
            JOIN readings ON readings.id = reading WHERE stop IS NULL)"""
# Readings that no place has any more. Every place that was given another one keeps the old one as a former state; only
# catalogues that are older than these states have others, and the counts tell. All of it is read from indexes alone.
_COUNT_FORMER = """SELECT (SELECT count(*) FROM readings), (SELECT count(DISTINCT reading) FROM locations),
    (SELECT count(DISTINCT reading) FROM former_states WHERE reading NOT IN (SELECT reading FROM locations))"""
_FORMER = "SELECT reading FROM former_states WHERE reading NOT IN (SELECT reading FROM locations)"
_ANY_FORMER = "SELECT id FROM readings WHERE id NOT IN (SELECT reading FROM locations)"
_COUNT_CONTENTS = "SELECT count(DISTINCT asset) FROM readings"
_COUNT_NOWHERE = """SELECT count(DISTINCT asset) FROM readings this WHERE id IN ({})
    AND NOT EXISTS (SELECT 1 FROM readings JOIN locations ON reading = readings.id WHERE readings.asset = this.asset)"""
_COUNT_PRESENT = """SELECT count(*) FROM locations WHERE root = ? AND path >= ? AND (? IS NULL OR path < ?)
    AND vanished_at IS NULL"""
# Of two fingerprints of one version the longer is the more complete one.
_BEST = """SELECT method, version, {} FROM fingerprints this WHERE asset = ? AND id =
    (SELECT id FROM fingerprints WHERE asset = this.asset AND method = this.method
     ORDER BY version DESC, length(data) DESC, id LIMIT 1) ORDER BY method"""

_MOST_NAMED = 200
"""Places of one name that are looked at: `frame_0001.png` may be in every folder."""


class StoredFingerprint(NamedTuple):
    """Where a fingerprint is in the catalogue. It never moves, and is never changed or deleted."""

    known: Known
    method: str
    version: int
    digest: bytes
    """SHA-256."""
    row: int
    """Number of its row."""
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class LocationSummary:
    """Counts over all present locations."""

    locations: int = 0
    assets: int = 0
    """Different contents that were read."""
    bytes: int = 0
    """Size of all different contents, each counted once."""
    vanished: int = 0
    """Locations that are not there any more."""
    origins: dict[Origin, int] = field(default_factory=dict)
    """Number of locations by the origin of their content; origins that do not occur are left out."""


@dataclass(frozen=True, slots=True)
class LocationTimes:
    """When a location was first and last seen. Times are UTC, ISO 8601."""

    first_at: str
    """Begin of the run that first saw it."""
    last_at: str
    """End of the last finished run that visited it, or the time of its last change if that is later."""
    vanished_at: str | None


class Queries:
    """Everything that only reads. Each result is one snapshot, also while a writer is at work."""

    def __init__(self, session: Session, runs: Runs) -> None:
        self._session = session
        self._runs = runs
        self._sql = session.db.conn.execute
        self.places = Places(session)
        self.searches = Searches(session, self.find_reading)

    def cases(self, under: Iterable[bytes] | None, since: str | None, run: int | None) -> Iterator[Case]:
        """Present locations in order of root and true name, one at a time. Arguments as in `Catalogue.cases`."""
        visited = self._load_visited(run)
        paths = None
        if under is not None:
            # It may be an iterator, and every root needs all of it.
            paths = list(under)
        condition = (
            "locations.root = ?1 AND locations.path >= ?2 AND (?3 IS NULL OR locations.path < ?3)"
            " AND vanished_at IS NULL AND at >= ?4 ORDER BY locations.path"
        )
        for root, root_path in self.places.list_roots():
            ranges = [path_ranges.ALL_NAMES]
            if paths is not None:
                ranges = path_ranges.find_ranges(root_path, paths)
            for start, end in ranges:
                yield from self._select_cases(condition, (root, start, end, since or ""), visited)

    def find_present(self, root: str, path_bytes: bytes, run: int | None) -> Case | None:
        """The case at a place now; None when nothing is there. Arguments as in `Catalogue.find_present`."""
        place = self.places.find(root, path_bytes)
        if place is None:
            return None
        condition = "locations.root = ? AND locations.path = ? AND vanished_at IS NULL"
        return next(self._select_cases(condition, (place.root, place.path), self._load_visited(run)), None)

    def _load_visited(self, run: int | None) -> RowBitmap | None:
        """The locations that a run came by; None when any will do."""
        if run is None:
            return None
        return self._runs.load_bitmap(run)

    def find_inside(self, location: Location) -> Iterator[Case]:
        """Everything present inside a file, at any depth."""
        root = self.places.find_root_id(location.root)
        # The stored name of an embedded file is the name of its container, a null byte, and its place in it.
        start = location.path_bytes + b"\0"
        end = location.path_bytes + b"\1"
        condition = "locations.root = ? AND locations.path >= ? AND locations.path < ? AND vanished_at IS NULL"
        yield from self._select_cases(condition, (root, start, end))

    def count_known(self, outside: Iterable[bytes]) -> int:
        """Number of contents of any place, present or vanished, without the contents at or below these paths."""
        # All ranges are one parameter: there may be more of them than SQLite takes as parameters. A table of them would
        # need a connection that may write.
        ranges: list[tuple[int, str, str | None]] = []
        for absolute in outside:
            for root, _, start, end in self.places.find_ranges_below(absolute):
                ranges.append((root, start.hex(), None if end is None else end.hex()))
        with translate_errors(self._session.path):
            readings, located, former = self._sql(_COUNT_FORMER).fetchone()
            (contents,) = self._sql(_COUNT_CONTENTS).fetchone()
            is_complete = readings - located == former
            (nowhere,) = self._sql(_COUNT_NOWHERE.format(_FORMER if is_complete else _ANY_FORMER)).fetchone()
            (inside,) = self._sql(_COUNT_INSIDE, (json.dumps(ranges),)).fetchone()
        return int(contents - nowhere - inside)

    def count_present(self, absolute: bytes) -> int:
        """Number of locations that are there at or below a path."""
        count = 0
        with translate_errors(self._session.path):
            for root, _, start, end in self.places.find_ranges_below(absolute):
                count += self._sql(_COUNT_PRESENT, (root, start, end, end)).fetchone()[0]
        return count

    def find_by_digest(self, digest: str) -> list[Case]:
        """Every place of the bytes whose digest begins with this text, present ones first, then vanished ones."""
        start = escape_invalid(digest)
        # Everything that begins so is below the same text with a `g`: no hexadecimal digit comes after f.
        end = start + "g"
        condition = (
            "assets.digest >= ?1 AND assets.digest < ?2 ORDER BY vanished_at IS NOT NULL, roots.path, locations.path"
        )
        return list(self._select_cases(condition, (start, end)))

    def find_by_path(self, absolute: bytes) -> list[Case]:
        """The cases that are or last were at an absolute path: one for each root that reaches it, in order of roots."""
        cases: list[Case] = []
        for root, root_path in self.places.list_roots():
            name = path_ranges.make_relative(root_path, absolute)
            if name:
                cases.extend(self._select_cases("locations.root = ? AND locations.path = ?", (root, name)))
        return cases

    def find_named(self, is_wanted: Callable[[str], bool]) -> Iterator[tuple[Case, str | None]]:
        """Cases whose file name is wanted, present and vanished ones, each with the time at which it vanished."""
        query = "SELECT locations.id, locations.path, locations.rest, vanished_at FROM locations ORDER BY locations.id"
        with translate_errors(self._session.path):
            wanted = []
            for number, path, extras, vanished_at in self._sql(query):
                name = path.rpartition(b"/")[2].decode("utf-8", "replace")
                if is_wanted(name) or (extras and is_wanted(_get_last_name(self._session, path, extras))):
                    wanted.append((number, vanished_at))
            for number, vanished_at in wanted:
                for case in self._select_cases("locations.id = ?", (number,)):
                    yield case, vanished_at

    def find_by_name(self, name: str) -> list[Case]:
        """Places whose name as shown is this one, or ends with it: see `Catalogue.find_by_name`."""
        tail = name.rsplit("/", 1)[-1].encode("utf-8", "surrogateescape")
        # Most names are stored as they are shown. The others keep the shown one in `rest`: files inside a file, and
        # names that are not text.
        query = (
            "SELECT locations.id, vanished_at IS NOT NULL, roots.path, locations.path, rest FROM locations"
            " JOIN roots ON roots.id = root WHERE substr(locations.path, ?1) = ?2 OR rest LIKE '%\"path\":%'"
            " ORDER BY roots.path, locations.path"
        )
        present: list[int] = []
        vanished: list[int] = []
        with translate_errors(self._session.path):
            for row, has_vanished, root, path, extras in self._sql(query, (-len(tail), tail)):
                shown = self._session.unpack(rows.unpack_shown_path, path, extras)
                if not _ends_with(f"{root.decode('utf-8', 'backslashreplace')}/{shown}", name):
                    continue
                if has_vanished:
                    vanished.append(row)
                else:
                    present.append(row)
        cases: list[Case] = []
        # What is there is meant, where anything is.
        for row in (present or vanished)[:_MOST_NAMED]:
            cases.extend(self._select_cases("locations.id = ?", (row,)))
        return cases

    def find_reading(self, digest: str) -> Reading | None:
        """The best reading of these bytes: see `Catalogue.find_reading`."""
        with translate_errors(self._session.path):
            stored = self._sql(_READINGS_OF, (escape_invalid(digest),)).fetchall()
        located = [cells for has_location, *cells in stored if has_location]
        candidates = located or [cells for _, *cells in stored]
        if not candidates:
            return None
        # Newest first. But generation is learned once and follows the content: a reading that shows it comes before.
        best = candidates[0]
        for cells in candidates:
            if cells[1] in AI_ORIGINS:
                best = cells
                break
        return self._session.unpack(rows.unpack_reading, *best)

    def find_known_before(self, digest: str, entry: int) -> tuple[Reading, tuple[Match, ...]] | None:
        """What was known of these bytes before an entry of the ledger: see `Catalogue.find_known_before`."""
        with translate_errors(self._session.path):
            cells = self._sql(_READING_BEFORE, (escape_invalid(digest), entry)).fetchone()
        if cells is None:
            return None
        return self._session.unpack(rows.unpack_reading, *cells), self.searches.find_matches_before(digest, entry)

    def find_first_after(self, digest: str, entry: int) -> Reading | None:
        """The first reading of these bytes after an entry of the ledger."""
        with translate_errors(self._session.path):
            cells = self._sql(_READING_AFTER, (escape_invalid(digest), entry)).fetchone()
        if cells is None:
            return None
        return self._session.unpack(rows.unpack_reading, *cells)

    def load_attachments(self, digest: str, kind: str) -> list[bytes]:
        """The attachments of one kind that these bytes have, in the order in which they were kept."""
        query = (
            "SELECT data, attachments.digest FROM attachments JOIN assets ON assets.id = asset"
            " WHERE assets.digest = ? AND kind = ? ORDER BY attachments.id"
        )
        with translate_errors(self._session.path):
            found = self._sql(query, (escape_invalid(digest), kind)).fetchall()
        for data, kept_digest in found:
            if hashlib.sha256(data).digest() != kept_digest:
                raise make_damage_error(self._session.path, f"what was kept of {digest} is not what was recorded")
        return [data for data, _ in found]

    def fingerprints(
        self, origins: Collection[Origin], zone: Zone | None = None
    ) -> Iterator[tuple[Known, Fingerprint]]:
        """The best fingerprint of each method of the known material: see `Catalogue.fingerprints`."""
        for known, method, version, data in self._select_best(origins, zone, "data"):
            yield known, Fingerprint(method, version, data)

    def list_fingerprints(self, origins: Collection[Origin], zone: Zone | None = None) -> Iterator[StoredFingerprint]:
        """Where the same fingerprints are in the file: see `Catalogue.list_fingerprints`."""
        columns = "digest, id, length(data)"
        for known, method, version, digest, row, size in self._select_best(origins, zone, columns):
            yield StoredFingerprint(known, method, version, digest, row, size)

    def list_fingerprint_digests(
        self, origins: Collection[Origin], zone: Zone | None = None
    ) -> Iterator[tuple[Known, str, int, bytes]]:
        """The same fingerprints by their digests: see `Catalogue.list_fingerprint_digests`."""
        return self._select_best(origins, zone, "digest")

    def _select_best(self, origins: Collection[Origin], zone: Zone | None, columns: str) -> Iterator[tuple[Any, ...]]:
        """Asset, method, version and some columns of the best fingerprint of each method of the known material."""
        with translate_errors(self._session.path):
            in_zone = set(self._sql(select_in_zone(zone)).fetchall())
            assets = self._sql(_KNOWN.format(_describe_known(origins, zone))).fetchall()
            # One asset at a time: the fingerprints of a whole show need not fit in memory.
            stored: set[int] = set()
            for asset, digest, origin, path, extras in assets:
                stored.add(asset)
                shown = self._session.unpack(rows.unpack_shown_path, path, extras)
                is_in_zone = (asset,) in in_zone
                known = Known(digest, shown, self._session.unpack(Origin, origin), is_reference=is_in_zone)
                for cells in self._sql(_BEST.format(columns), (asset,)).fetchall():
                    yield known, *cells
            for asset, known in self.searches.lists.find_known(origins):
                # What lies in the storage is known with its pictures.
                if asset not in stored:
                    for cells in self._sql(_BEST.format(columns), (asset,)).fetchall():
                        yield known, *cells

    def find_without_fingerprint(
        self, origins: Collection[Origin], zone: Zone | None = None
    ) -> Iterator[tuple[str, Case]]:
        """Known material without a fingerprint that can be compared: see `Catalogue`."""
        with translate_errors(self._session.path):
            for change_key, *cells in self._sql(_NOT_FINGERPRINTED.format(_describe_known(origins, zone))):
                yield change_key, self._session.unpack(rows.unpack_case, tuple(cells))

    def find_suspect_searches(
        self, under: Iterable[bytes], zone: Zone, is_done: Callable[[bytes | None], bool]
    ) -> Iterator[tuple[Case, bytes | None]]:
        """Suspect material outside a zone and the index of its newest search: see `Catalogue`."""
        query = _SUSPECT_LOOKS.format(select_in_zone(zone))
        with translate_errors(self._session.path):
            for absolute in under:
                for root, _, start, end in self.places.find_ranges_below(absolute):
                    found = self._sql(query, (root, start, end, end)).fetchall()
                    for number, index_digest in found:
                        if is_done(index_digest):
                            continue
                        for case in self._select_cases("locations.id = ?", (number,)):
                            yield case, index_digest

    def find_showing_zone(self, zone: Zone) -> Iterator[Case]:
        """Present places of all contents in which the newest search found material of a zone."""
        with translate_errors(self._session.path):
            numbers = self._sql(_SHOWING_ZONE.format(select_in_zone(zone))).fetchall()
        for (number,) in numbers:
            yield from self._select_cases("locations.id = ?", (number,))

    def find_noteworthy(self, under: Sequence[bytes], plain: ReadingSet, named: Named) -> Iterator[Case]:
        """The places that have to be judged: see `Catalogue`."""
        finder = Noteworthy(self._session, self.places, self._load_case, plain, named)
        return finder.find(under)

    def find_unsearched(self, under: Sequence[bytes], index_digest: bytes, searchable: Searchable) -> set[bytes]:
        """Folders with contents that were not searched for everything in an index: see `Catalogue`."""
        return Unsearched(self._session, self.places, index_digest, searchable).find_folders(under)

    def _load_case(self, row: int) -> Iterator[Case]:
        return self._select_cases("locations.id = ?", (row,))

    def summarise(self) -> LocationSummary:
        """Counts and sums of what is present."""
        with translate_errors(self._session.path):
            origins = self._sql(
                "SELECT origin, count(*) FROM locations JOIN readings ON readings.id = reading"
                " WHERE vanished_at IS NULL GROUP BY origin"
            ).fetchall()
            assets, size = self._sql(
                "SELECT count(*), coalesce(sum(size), 0) FROM assets WHERE id IN (SELECT asset FROM readings"
                " WHERE id IN (SELECT reading FROM locations WHERE vanished_at IS NULL))"
            ).fetchone()
            vanished = self._sql("SELECT count(*) FROM locations WHERE vanished_at IS NOT NULL").fetchone()[0]
        counts = {self._session.unpack(Origin, origin): count for origin, count in origins}
        # In the order of the vocabulary, the gravest first.
        ordered = {origin: counts[origin] for origin in Origin if origin in counts}
        return LocationSummary(sum(counts.values()), assets, size, vanished, ordered)

    def find_times(self, root: str, path_bytes: bytes) -> LocationTimes | None:
        """When a location was seen; None for a location that is not in the catalogue."""
        with translate_errors(self._session.path):
            location = self._sql(
                "SELECT locations.id, runs.started_at, at, vanished_at FROM locations JOIN runs ON runs.id = first_run"
                " JOIN roots ON roots.id = root WHERE roots.path = ? AND locations.path = ?",
                (os.fsencode(root), path_bytes),
            ).fetchone()
            if not location:
                return None
            row, first_at, changed_at, vanished_at = location
            last_at = max(self._find_last_visit(row), changed_at)
        return LocationTimes(first_at, last_at, vanished_at)

    def _find_last_visit(self, row: int) -> str:
        """End of the newest finished run that visited a location; `""` when none did."""
        # Newest first, and only as far back as needed: each run's bitmap has to be decompressed.
        runs = self._sql("SELECT ended_at, seen FROM runs WHERE seen IS NOT NULL ORDER BY id DESC")
        for ended_at, bitmap in runs:
            if row in self._session.unpack(RowBitmap.unpack, bitmap):
                return str(ended_at)
        return ""

    def _select_cases(
        self, condition: str, arguments: tuple[object, ...], visited: RowBitmap | None = None
    ) -> Iterator[Case]:
        """Cases with matches and troubles of the newest search of their bytes; only `visited` rows if given."""
        with translate_errors(self._session.path):
            for number, *cells in self._sql(f"{_CASES} WHERE {condition}", arguments):
                if visited is not None and number not in visited:
                    continue
                case = self._session.unpack(rows.unpack_case, tuple(cells))
                digest = case.reading.asset.digest
                matches = self.searches.find_matches(digest, case.origin, case.location.zone)
                if matches:
                    case = dataclasses.replace(case, matches=matches)
                troubles = self.searches.find_troubles(digest)
                if troubles:
                    case = _add_troubles(case, troubles)
                yield case


def _get_last_name(session: Session, path: bytes, extras: str) -> str:
    return session.unpack(rows.unpack_shown_path, path, extras).rpartition("/")[2]


def _ends_with(full: str, name: str) -> bool:
    """Whether a name is a whole one, or begins behind a folder or inside a file."""
    return full == name or full.endswith((f"/{name}", f"!{name}"))


def _add_troubles(case: Case, troubles: tuple[Trouble, ...]) -> Case:
    """The case with the troubles of its search, after those of its reading."""
    reading = case.reading
    located = [dataclasses.replace(trouble, path=case.location.path) for trouble in troubles]
    # A search decodes the file again, and may meet a trouble that the reading reported already.
    distinct = tuple(dict.fromkeys([*reading.troubles, *located]))
    return dataclasses.replace(case, reading=dataclasses.replace(reading, troubles=distinct))


def _describe_known(origins: Collection[Origin], zone: Zone | None) -> str:
    """The condition that a reading is of one of these origins, or of a content that lies in a zone."""
    words = ", ".join(f"'{origin}'" for origin in sorted(origins))
    is_known = f"readings.origin IN ({words})"
    # Nearly all readings are of unknown origin: an index holds the others alone, for queries that say so.
    contents = []
    if origins:
        contents.append(f"SELECT asset FROM readings WHERE origin != 'unknown' AND origin IN ({words})")  # noqa: S608 - words of ours
    if zone:
        in_zone = select_in_zone(zone)
        is_known += f" OR assets.id IN ({in_zone})"
        contents.append(in_zone)
    if Origin.UNKNOWN in origins:
        return f"({is_known})"
    if not contents:
        return "0"
    return f"assets.id IN ({' UNION '.join(contents)}) AND ({is_known})"

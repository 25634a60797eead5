"""Reading the catalogue: cases in order, one asset by digest or path, sums."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from provenance.catalogue import path_ranges, rows
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.fingerprints import Searches
from provenance.catalogue.places import Places
from provenance.catalogue.row_bitmap import RowBitmap
from provenance.catalogue.runs import Runs, escape_invalid
from provenance.catalogue.session import Session
from provenance.model.asset import Fingerprint, Location, Reading
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.match import Known
from provenance.model.vocabulary import AI_ORIGINS, Origin

_CASES = f"SELECT locations.id, {rows.CASE} FROM {rows.CASES}"  # noqa: S608 - names of our own
_READINGS_OF = f"""SELECT EXISTS (SELECT 1 FROM locations WHERE reading = readings.id), {rows.READING} FROM readings
    JOIN assets ON assets.id = readings.asset WHERE assets.digest = ? ORDER BY readings.id DESC"""  # noqa: S608 - likewise

_KNOWN = """SELECT assets.id, assets.digest, readings.origin, locations.path, locations.rest
    FROM assets JOIN readings ON readings.asset = assets.id JOIN locations ON locations.reading = readings.id
    WHERE readings.origin IN ({}) AND assets.id IN (SELECT asset FROM fingerprints)
    GROUP BY assets.id HAVING min((locations.vanished_at IS NOT NULL) * 1000000000 + locations.id)
    ORDER BY assets.id"""
_BEST = """SELECT method, version, data FROM fingerprints this WHERE asset = ? AND id =
    (SELECT id FROM fingerprints WHERE asset = this.asset AND method = this.method
     ORDER BY version DESC, length(data) DESC, id LIMIT 1) ORDER BY method"""


@dataclass(frozen=True, slots=True)
class LocationSummary:
    """Counts over all that is present."""

    locations: int = 0
    assets: int = 0
    """Different contents that were read."""
    bytes: int = 0
    """Of different contents, each counted once."""
    vanished: int = 0
    origins: dict[Origin, int] = field(default_factory=dict)
    """Locations by the origin of what stands there; origins that nothing has are left out."""


@dataclass(frozen=True, slots=True)
class LocationTimes:
    """Since when and until when a location is known."""

    first_at: str
    last_at: str
    """End of the last finished run that came by, or the time of the last change if that is later."""
    vanished_at: str | None


class Queries:
    """Everything that only reads. Each answer is one snapshot, also while a writer is at work."""

    def __init__(self, session: Session, runs: Runs) -> None:
        self._session, self._runs = session, runs
        self._sql = session.db.conn.execute
        self.places = Places(session)
        self.searches = Searches(session, self.find_reading)

    def cases(self, under: Iterable[bytes] | None, since: str | None, run: int | None) -> Iterator[Case]:
        """Present locations in order of root and true name, one at a time."""
        seen = None if run is None else self._runs.bitmap_of(run)
        roots = None if under is None else list(under)
        for root, path in self._roots():
            for start, end in [(b"", None)] if roots is None else path_ranges.find_ranges(path, roots):
                yield from self._cases(
                    "locations.root = ?1 AND locations.path >= ?2 AND (?3 IS NULL OR locations.path < ?3)"
                    " AND vanished_at IS NULL AND at >= ?4 ORDER BY locations.path",
                    (root, start, end, since or ""),
                    seen,
                )

    def present_at(self, root: str, path_bytes: bytes) -> Case | None:
        """What is at a place now; None when it is not there."""
        place = self.places.find(root, path_bytes)
        if place is None:
            return None
        which = "locations.root = ? AND locations.path = ? AND vanished_at IS NULL"
        return next(self._cases(which, (place.root, place.path)), None)

    def inside(self, location: Location) -> Iterator[Case]:
        """Everything present inside a file, at any depth."""
        root = self.places.root_id(location.root)
        start, end = location.path_bytes + b"\0", location.path_bytes + b"\1"
        which = "locations.root = ? AND locations.path >= ? AND locations.path < ? AND vanished_at IS NULL"
        yield from self._cases(which, (root, start, end))

    def count_known(self, outside: Iterable[bytes]) -> int:
        """Contents that are known from any place, present or vanished, that is not at or below these paths."""
        with translate_errors(self._session.path):
            self._sql("CREATE TEMP TABLE IF NOT EXISTS scanned (asset INTEGER PRIMARY KEY)")
            self._sql("DELETE FROM temp.scanned")
            for absolute in outside:
                for root, _, start, end in self.places.ranges_below(absolute):
                    self._sql(
                        "INSERT OR IGNORE INTO temp.scanned SELECT asset FROM locations JOIN readings"
                        " ON readings.id = reading WHERE root = ?1 AND path >= ?2 AND (?3 IS NULL OR path < ?3)"
                        " AND asset IS NOT NULL",
                        (root, start, end),
                    )
            known = self._sql(
                "SELECT count(DISTINCT asset) FROM locations JOIN readings ON readings.id = reading"
                " WHERE asset IS NOT NULL AND asset NOT IN (SELECT asset FROM temp.scanned)"
            ).fetchone()
        return int(known[0])

    def by_digest(self, digest: str) -> list[Case]:
        """Every place where bytes whose digest begins so stand or last stood, present ones first."""
        begins = escape_invalid(digest)
        return list(
            self._cases(
                "assets.digest >= ?1 AND assets.digest < ?2"
                " ORDER BY vanished_at IS NOT NULL, roots.path, locations.path",
                (begins, begins + "g"),  # no hexadecimal digit comes after f
            )
        )

    def by_path(self, absolute: bytes) -> list[Case]:
        """What stands or last stood at an absolute path: one case for each root that reaches it, present ones first."""
        found: list[Case] = []
        for root, path in self._roots():
            if name := path_ranges.make_relative(path, absolute):
                found.extend(self._cases("locations.root = ? AND locations.path = ?", (root, name)))
        return found

    def find_reading(self, digest: str) -> Reading | None:
        """The reading of these bytes that says most."""
        with translate_errors(self._session.path):
            found = self._sql(_READINGS_OF, (escape_invalid(digest),)).fetchall()
        standing = [row[1:] for row in found if row[0]] or [row[1:] for row in found]
        if not standing:
            return None
        says_most = next((row for row in standing if row[1] in AI_ORIGINS), standing[0])
        return self._session.value(rows.unpack_reading, *says_most)

    def fingerprints(self, origins: Collection[Origin]) -> Iterator[tuple[Known, Fingerprint]]:
        """The best fingerprint of each method of every asset of these origins, one at a time, in a stable order."""
        wanted = ", ".join("?" * len(origins))
        with translate_errors(self._session.path):
            assets = self._sql(_KNOWN.format(wanted), tuple(origin.value for origin in origins)).fetchall()
            for asset, digest, origin, path, rest in assets:
                shown = self._session.value(rows.unpack_location, b"", path, "editorial", rest).path
                known = Known(digest, shown, self._session.value(Origin, origin))
                for method, version, data in self._sql(_BEST, (asset,)).fetchall():
                    yield known, Fingerprint(method, version, data)

    def summary(self) -> LocationSummary:
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
        counted = {self._session.value(Origin, origin): count for origin, count in origins}
        ordered = {origin: counted[origin] for origin in Origin if origin in counted}
        return LocationSummary(sum(counted.values()), assets, size, vanished, ordered)

    def times_seen(self, root: str, path_bytes: bytes) -> LocationTimes | None:
        """When a location was seen; None for one that is not in the catalogue."""
        with translate_errors(self._session.path):
            found = self._sql(
                "SELECT locations.id, runs.started_at, at, vanished_at FROM locations JOIN runs ON runs.id = first_run"
                " JOIN roots ON roots.id = root WHERE roots.path = ? AND locations.path = ?",
                (os.fsencode(root), path_bytes),
            ).fetchone()
            if not found:
                return None
            ended = self._sql("SELECT ended_at, seen FROM runs WHERE seen IS NOT NULL ORDER BY id DESC")
            came_by = (at for at, seen in ended if found[0] in self._session.value(RowBitmap.unpack, seen))
            return LocationTimes(found[1], max(next(came_by, ""), found[2]), found[3])

    def _roots(self) -> list[tuple[int, bytes]]:
        with translate_errors(self._session.path):
            roots: list[tuple[int, bytes]] = self._sql("SELECT id, path FROM roots ORDER BY path").fetchall()
        return roots

    def _cases(self, which: str, arguments: tuple[object, ...], seen: RowBitmap | None = None) -> Iterator[Case]:
        """Cases with what the newest search of their bytes found, and with what stood in its way."""
        with translate_errors(self._session.path):
            for number, *row in self._sql(f"{_CASES} WHERE {which}", arguments):
                if seen is not None and number not in seen:
                    continue
                case = self._session.value(rows.unpack_case, tuple(row))
                digest = case.reading.asset.digest
                matches = self.searches.find_matches(digest, case.origin)
                if matches:
                    case = dataclasses.replace(case, matches=matches)
                troubles = self.searches.troubles(digest)
                if troubles:
                    case = _with_troubles(case, troubles)
                yield case


def _with_troubles(case: Case, troubles: tuple[Trouble, ...]) -> Case:
    """A case with what stood in the way of the search, beside what stood in the way of reading it."""
    reading = case.reading
    located = (dataclasses.replace(trouble, path=case.location.path) for trouble in troubles)
    together = tuple(dict.fromkeys([*reading.troubles, *located]))
    return dataclasses.replace(case, reading=dataclasses.replace(reading, troubles=together))

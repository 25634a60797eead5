"""What changed between an entry of the ledger and now: the places, what they held then, and what was known then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.catalogue import rows
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.ledger import BATCHED_LOCATIONS, ENTRY_OF_READING
from provenance.catalogue.session import Session
from provenance.model.asset import Location
from provenance.model.vocabulary import AI_ORIGINS, Origin

_AI = ", ".join(f"'{origin}'" for origin in sorted(AI_ORIGINS))
# The first entry about a place after the given one says whether it was there; the first former state after it, what it
# held. Catalogues of before these were kept have none: then what it holds now is the best that is known.
# A place that came in a batch has no entry before that of its batch.
_CHANGED = f"""SELECT {rows.PLACE}, locations.vanished_at, assets.digest, readings.origin,
        CASE WHEN is_new THEN 'new' ELSE (SELECT deed FROM ledger
            WHERE subject = 'location' AND row = locations.id AND seq > ?1 ORDER BY seq LIMIT 1) END,
        former.id, former.vanished_at, former_assets.digest
    FROM (SELECT id, max(is_new) AS is_new FROM (
            SELECT row AS id, 0 AS is_new FROM ledger WHERE seq > ?1 AND subject = 'location'
            UNION ALL SELECT locations.id, 1 FROM {BATCHED_LOCATIONS} WHERE batches.id > ?1
        ) GROUP BY id) AS touched
    JOIN locations ON locations.id = touched.id
    JOIN roots ON roots.id = locations.root
    JOIN readings ON readings.id = locations.reading
    LEFT JOIN assets ON assets.id = readings.asset
    LEFT JOIN former_states AS former ON former.id =
        (SELECT id FROM former_states WHERE location = locations.id AND entry > ?1 ORDER BY entry LIMIT 1)
    LEFT JOIN readings AS former_readings ON former_readings.id = former.reading
    LEFT JOIN assets AS former_assets ON former_assets.id = former_readings.asset
    ORDER BY roots.path, locations.path"""  # noqa: S608 - names of our own
_LAST = """SELECT ledger.seq, runs.ended_at, nights.payload FROM runs
    JOIN ledger ON ledger.subject = 'run' AND ledger.row = runs.id AND ledger.deed = 'ended'
    LEFT JOIN nights ON nights.run = runs.id
    WHERE runs.kind = ? AND runs.outcome = ? ORDER BY runs.id DESC LIMIT 1"""
_NIGHTS = """SELECT runs.started_at, nights.payload FROM runs LEFT JOIN nights ON nights.run = runs.id
    WHERE runs.kind = ? AND runs.outcome = ? ORDER BY runs.id DESC LIMIT ?"""
_GENERATED_BY = f"""SELECT 1 FROM assets JOIN readings ON readings.asset = assets.id
    WHERE assets.digest = ? AND readings.origin IN ({_AI}) AND {ENTRY_OF_READING} <= ? LIMIT 1"""  # noqa: S608 - likewise
_FIRST_READ = f"""SELECT min(ledger.at) FROM assets JOIN readings ON readings.asset = assets.id
    JOIN ledger ON ledger.seq = {ENTRY_OF_READING} WHERE assets.digest = ?"""  # noqa: S608 - likewise
_SEARCHED = """SELECT DISTINCT assets.digest FROM ledger JOIN looks ON looks.id = ledger.row
    JOIN assets ON assets.id = looks.asset WHERE ledger.seq > ? AND ledger.subject = 'look' ORDER BY assets.digest"""


# Places that have vanished with these bytes, then places that hold others now, with the time of the change.
_EARLIER = f"""SELECT {rows.PLACE}, vanished_at, locations.id, 0 FROM locations
        JOIN roots ON roots.id = locations.root JOIN readings ON readings.id = locations.reading
        WHERE readings.asset = ?1 AND vanished_at IS NOT NULL
    UNION SELECT {rows.PLACE}, ledger.at, locations.id, 1 FROM former_states
        JOIN readings ON readings.id = former_states.reading JOIN locations ON locations.id = former_states.location
        JOIN roots ON roots.id = locations.root JOIN readings AS newer ON newer.id = locations.reading
        JOIN ledger ON ledger.seq = former_states.entry
        WHERE readings.asset = ?1 AND newer.asset IS NOT ?1
    ORDER BY 1, 2"""  # noqa: S608 - names of our own


@dataclass(frozen=True, slots=True)
class EarlierPlace:
    """A place where a content was."""

    location: Location
    gone_at: str
    """When it was found to be gone, or replaced: UTC, ISO 8601."""
    is_replaced: bool
    """Whether other content is there, or was last."""


@dataclass(frozen=True, slots=True)
class Milestone:
    """The end of a run: what came later is counted from there."""

    entry: int
    """Of the ledger; 0 is before everything."""
    at: str | None
    """UTC, ISO 8601."""
    payload: bytes | None = None
    """What the run left for the next; None when it left nothing."""


BEGINNING = Milestone(0, None)


@dataclass(frozen=True, slots=True)
class PlaceChange:
    """A place about which something was recorded."""

    location: Location
    before: str | None
    """Digest of the content then; None when nothing was there, empty for a file that could not be read."""
    now: str | None
    """Likewise now."""
    origin: Origin
    """Of the content now, or last."""
    is_reread: bool = False
    """Whether what is known of it is another reading than then, whatever it holds."""


class Changes:
    """Reads the history that the ledger and the former states keep."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sql = session.db.conn.execute

    def find_milestone(self, kind: str, outcome: str) -> Milestone:
        """The end of the newest run of a kind with this outcome; the beginning when there is none."""
        with translate_errors(self._session.path):
            row = self._sql(_LAST, (kind, outcome)).fetchone()
        if row is None:
            return BEGINNING
        return Milestone(*row)

    def list_since(self, entry: int) -> Iterator[PlaceChange]:
        """Places about which something was recorded after an entry, in order of root and true name."""
        with translate_errors(self._session.path):
            stored = self._sql(_CHANGED, (entry,))
        for *place, vanished_at, digest, origin, deed, former, former_vanished, former_digest in stored:
            location = self._session.unpack(rows.unpack_location, *place)
            now = None if vanished_at else digest or ""
            before: str | None = None
            # Of what had vanished by then, the evidence alone may have been derived again.
            was_there = deed != "new" and not former_vanished
            if was_there:
                before = (former_digest if former else digest) or ""
            yield PlaceChange(location, before, now, Origin(origin), is_reread=was_there and former is not None)

    def list_earlier_places(self, digest: str) -> list[EarlierPlace]:
        """Places where these bytes were and are not any more, in order of root and true name."""
        with translate_errors(self._session.path):
            asset = self._sql("SELECT id FROM assets WHERE digest = ?", (digest,)).fetchone()
            stored = self._sql(_EARLIER, asset).fetchall() if asset else []
        places = []
        for *place, gone_at, _, is_replaced in stored:
            location = self._session.unpack(rows.unpack_location, *place)
            places.append(EarlierPlace(location, gone_at, bool(is_replaced)))
        return places

    def is_known_as_generated(self, digest: str, entry: int) -> bool:
        """Whether a reading of these bytes, recorded by an entry, shows that they are generated."""
        with translate_errors(self._session.path):
            return self._sql(_GENERATED_BY, (digest, entry)).fetchone() is not None

    def find_first_read(self, digest: str) -> str:
        """When these bytes were read for the first time, wherever that was; empty when they never were."""
        with translate_errors(self._session.path):
            (first,) = self._sql(_FIRST_READ, (digest,)).fetchone()
        return first or ""

    def list_searched_since(self, entry: int) -> list[str]:
        """Digests of the contents that were searched after an entry."""
        with translate_errors(self._session.path):
            return [digest for (digest,) in self._sql(_SEARCHED, (entry,))]

    def list_ended(self, kind: str, outcome: str, limit: int) -> Iterator[tuple[str, bytes | None]]:
        """Begin of the newest runs of a kind with this outcome, newest first, and what each left; None for nothing."""
        with translate_errors(self._session.path):
            # Row by row: the newest is mostly all that is needed.
            for began_at, payload in self._sql(_NIGHTS, (kind, outcome, limit)):
                yield str(began_at), payload

    def record_night(self, run: int, payload: bytes, now: str) -> None:
        """Keep what a finished night leaves for the next one, and commit it."""
        with self._session.change():
            row = self._session.insert("nights", run=run, payload=payload)
            self._session.ledger.record("night", row, "kept", now)

"""The catalogue as flat tables, for programs that are not this one: which there are, and their rows one at a time.

Nothing is written. All tables of one reader show the same moment of the catalogue, also while a run goes on. Rows are
in the order of what identifies them, so the same catalogue gives the same rows in the same order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from provenance.catalogue import rows, session
from provenance.catalogue.approvals import Approvals
from provenance.catalogue.codec import from_json
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.entries import Entries
from provenance.catalogue.runs import Runs
from provenance.model.asset import Asset, Location
from provenance.model.evidence import Evidence, Trouble
from provenance.model.flat_table import ColumnKind, FlatCell, FlatColumn, FlatTable
from provenance.model.match import Match, Span
from provenance.model.vocabulary import AI_ORIGINS

Row = tuple[FlatCell, ...]


def _text(name: str, meaning: str) -> FlatColumn:
    return FlatColumn(name, ColumnKind.TEXT, meaning)


def _integer(name: str, meaning: str) -> FlatColumn:
    return FlatColumn(name, ColumnKind.INTEGER, meaning)


def _number(name: str, meaning: str) -> FlatColumn:
    return FlatColumn(name, ColumnKind.NUMBER, meaning)


_DIGEST = _text("digest", "the content: `sha256:` and 64 hexadecimal digits; it joins the tables")

TABLES = (
    FlatTable(
        "assets",
        "One row for each content that was ever read to its end, whether it is still anywhere or not.",
        (
            _DIGEST,
            _text("xxh128", "a second digest, XXH3 with 128 bits"),
            _integer("bytes", "its size"),
            _text("media_type", "detected from the content"),
            _text("origin", "what its own marks say: `generated`, `captured`, `unknown` …"),
            _integer("width", "pixels"),
            _integer("height", "pixels"),
            _number("duration", "seconds"),
            _text("frame_rate", "frames a second, exactly: `24000/1001`"),
            _text("start_timecode", "timecode of the first frame"),
            _text("writer", "the program or device that wrote it, as named in it"),
            _integer("present_places", "number of places where it is now"),
        ),
    ),
    FlatTable(
        "evidence",
        "One row for each piece of evidence in a content. Every content has that of the reading in `assets`.",
        (
            _DIGEST,
            _integer("number", "counts the evidence of one content from 1"),
            _text("signal", "what understood it"),
            _text("carrier", "what read it"),
            _text("where_found", "the exact place in the file"),
            _text("origin", "what it says of the origin"),
            _text("standing", "how far it can be believed: `trusted`, `signed`, `declared`, `trace` …"),
            _text("tool", "generator or camera, as written in the file"),
            _text("detail", "one sentence for a person"),
            _text("model", "the model that it was generated with"),
            _text("prompt", "the prompt that it was generated with"),
            _text("seed", "the seed that it was generated with"),
        ),
    ),
    FlatTable(
        "matches",
        "One row for each piece of known material that the newest search of a content found in it.",
        (
            _DIGEST,
            _integer("number", "counts the matches of one content from 1"),
            _text("known_digest", "the known material"),
            _text("known_path", "where that was seen"),
            _text("known_origin", "its origin when it was found"),
            _text("method", "`picture`, `video` or `audio`"),
            _text("verdict", "`confirmed-copy` or `shares-content`"),
            _number("time_in", "seconds from the first frame"),
            _number("time_out", "seconds, exclusive"),
            _text("timecode_in", "the same as timecode of the file"),
            _text("timecode_out", "exclusive"),
            _number("known_time_in", "seconds in the known material"),
            _number("known_time_out", "seconds, exclusive"),
            _integer("frame_in", "first frame of a sequence in which it was found"),
            _integer("frame_out", "last frame of a sequence in which it was found"),
            _number("score", "0 to 1"),
            _text("detail", "how it was found"),
        ),
    ),
    FlatTable(
        "places",
        "One row for each place where a content was ever seen, present or vanished.",
        (
            _text("root", "the folder that was named"),
            _text("path", "from there, as shown: always valid text, unique within the root"),
            _text("zone", "`editorial`, `temp`, `archive`, `reference`, `deliverable`"),
            _text("digest", "the content that is there now or was last; empty where it could not be read to its end"),
            _text("origin", "of that content by its reading here"),
            _integer("bytes", "its size"),
            _text("parent", "path of the file that it was found in"),
            _integer("frame_first", "first number of a frame sequence"),
            _integer("frame_last", "last number of a frame sequence"),
            _integer("frames_missing", "numbers between them for which there is no file"),
            _text("first_seen", "begin of the run that saw it first, UTC"),
            _text("changed_at", "when its present content or reading was recorded, UTC"),
            _text("vanished_at", "when it was found to be gone, UTC; empty while it is there"),
        ),
    ),
    FlatTable(
        "troubles",
        "One row for each reason why something that is there now could not be looked at.",
        (
            _text("root", "as in `places`"),
            _text("path", "as in `places`"),
            _text("digest", "the content; empty where it could not be read to its end"),
            _text("found_by", "`reading` or `search`"),
            _text("stage", "where it happened"),
            _text("cause", "`unreadable`, `malformed`, `oversized`, `slow`, `crashed`, `unsupported` …"),
            _text("detail", "one sentence for a person"),
        ),
    ),
    FlatTable(
        "runs",
        "One row for each run that wrote to the catalogue.",
        (
            _integer("run", "its number"),
            _text("kind", "`ingest`, `scan`, `nightly` …"),
            _text("detail", "what it was about"),
            _text("started_at", "UTC"),
            _text("ended_at", "UTC; empty while it is at work, or when it was killed"),
            _text("outcome", "`done` or `interrupted`"),
        ),
    ),
    FlatTable(
        "register",
        "One row for each value of each event in the life of an entry of the register.",
        (
            _text("kind", "`tool`, `use`, `approval`, `consent`, `right`, `watch`"),
            _text("id", "of the entry"),
            _integer("event_number", "counts the events of one entry from 1"),
            _text("event", "`added`, `replaced` or `withdrawn`"),
            _integer("counts", "1 in the last event of an entry that was not withdrawn, else 0"),
            _text("entered_at", "UTC"),
            _text("entered_by", "the system account"),
            _text("who", "who withdrew it"),
            _text("reason", "why"),
            _text("field", "name of the field"),
            _text("value", "one value of it; a list has several rows"),
        ),
    ),
)
"""Every table, in the order in which they are written."""

_AI = ", ".join(f"'{origin}'" for origin in sorted(AI_ORIGINS))
# The reading that counts: as `Queries.find_reading` chooses it.
_BEST_READING = f"""SELECT best.id FROM readings best WHERE best.asset = assets.id
    ORDER BY EXISTS (SELECT 1 FROM locations WHERE locations.reading = best.id) DESC,
    best.origin IN ({_AI}) DESC, best.id DESC LIMIT 1"""  # noqa: S608 - words of our own
_ASSETS = f"""SELECT {rows.READING}, (SELECT count(*) FROM readings every JOIN locations ON locations.reading = every.id
    WHERE every.asset = assets.id AND vanished_at IS NULL)
    FROM assets JOIN readings ON readings.id = ({_BEST_READING}) ORDER BY assets.digest"""  # noqa: S608 - likewise
_MATCHES = """SELECT assets.digest, matches.payload FROM assets
    JOIN matches ON matches.look = (SELECT max(id) FROM looks WHERE looks.asset = assets.id)
    ORDER BY assets.digest, matches.id"""
# CROSS JOIN makes SQLite take the roots first, so that rows come in the order of its index and nothing is sorted.
_PLACES = f"""SELECT {rows.PLACE}, assets.digest, readings.origin, assets.size, runs.started_at, locations.at,
    locations.vanished_at FROM roots CROSS JOIN locations ON locations.root = roots.id
    JOIN readings ON readings.id = locations.reading LEFT JOIN assets ON assets.id = readings.asset
    JOIN runs ON runs.id = locations.first_run ORDER BY roots.path, locations.path"""  # noqa: S608 - likewise
_READ_PLACES = f"""SELECT {rows.PLACE}, readings.asset, {rows.READING}
    FROM roots CROSS JOIN locations ON locations.root = roots.id JOIN readings ON readings.id = locations.reading
    LEFT JOIN assets ON assets.id = readings.asset
    WHERE vanished_at IS NULL ORDER BY roots.path, locations.path"""  # noqa: S608 - likewise
_SEARCH_TROUBLES = """SELECT payload FROM search_troubles
    WHERE look = (SELECT max(id) FROM looks WHERE asset = ?) ORDER BY id"""


_EVIDENCE_KEY, _TROUBLES_KEY = b'"evidence":', b'"troubles":'
"""How the JSON of a reading begins what only some readings have. Inside a text the quotes would have a backslash."""


@dataclass(frozen=True, slots=True)
class _AssetPart:
    """The part of a stored reading that `assets` needs: decoding all of it takes several times as long."""

    asset: Asset


@dataclass(frozen=True, slots=True)
class _EvidencePart:
    """The same for `evidence`."""

    asset: Asset
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class _TroublesPart:
    """The same for `troubles`."""

    troubles: tuple[Trouble, ...] = ()


class TableReader:
    """Reads the tables. Use as a context manager."""

    def __init__(self, open_session: session.Session) -> None:
        self._session = open_session
        self._sql = open_session.db.conn.execute
        self._readers: dict[str, Callable[[], Iterator[Row]]] = {
            "assets": self._read_assets,
            "evidence": self._read_evidence,
            "matches": self._read_matches,
            "places": self._read_places,
            "troubles": self._read_troubles,
            "runs": self._read_runs,
            "register": self._read_register,
        }
        open_session.hold_still()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a catalogue that is there. Raises as `Catalogue.open`."""
        with contextlib.ExitStack() as undo:
            opened = session.open_reader(path)
            undo.callback(opened.close)
            reader = cls(opened)
            undo.pop_all()
        return reader

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def read(self, table: FlatTable) -> Iterator[Row]:
        """The rows of one table, with a cell for each of its columns. Memory does not grow with their number.

        Raises `CatalogueDamaged` at a row that is not the one that was recorded.
        """
        with translate_errors(self._session.path):
            yield from self._readers[table.name]()

    def _read_texts(self) -> Iterator[tuple[bytes, str, int]]:
        """Of each content the reading that counts, as JSON; its origin, and the number of places where it is."""
        for *cells, places in self._sql(_ASSETS):
            yield self._session.unpack(rows.unpack_reading_text, *cells), cells[1], places

    def _read_assets(self) -> Iterator[Row]:
        for text, origin, places in self._read_texts():
            asset = self._session.unpack(from_json, _AssetPart, text).asset
            what = (asset.digest, asset.xxh128, asset.size, asset.media_type, origin)
            extent = (asset.width, asset.height, asset.duration, asset.frame_rate, asset.start_timecode)
            yield (*what, *extent, asset.writer, places)

    def _read_evidence(self) -> Iterator[Row]:
        for text, _, _ in self._read_texts():
            # Most contents have none, and finding that out costs far less than decoding the others' words.
            if _EVIDENCE_KEY not in text:
                continue
            part = self._session.unpack(from_json, _EvidencePart, text)
            for number, found in enumerate(part.evidence, 1):
                made_with: Row = (None, None, None)
                if found.used:
                    made_with = (found.used.model, found.used.prompt, found.used.seed)
                where = (found.signal, found.carrier, found.where, found.origin, found.standing)
                yield (part.asset.digest, number, *where, found.tool, found.detail, *made_with)

    def _read_matches(self) -> Iterator[Row]:
        before, number = "", 0
        for digest, payload in self._sql(_MATCHES):
            number = number + 1 if digest == before else 1
            before = digest
            match = self._session.unpack(from_json, Match, payload)
            known = match.known
            what = (known.digest, known.path, known.origin, match.method, match.verdict)
            frames = match.frames or (None, None)
            spans = (*_list_times(match.time), *_list_times(match.known_time)[:2])
            yield (digest, number, *what, *spans, *frames, match.score, match.detail)

    def _read_places(self) -> Iterator[Row]:
        for root, path, zone, extras, digest, origin, size, first_seen, changed_at, vanished_at in self._sql(_PLACES):
            location = self._session.unpack(rows.unpack_location, root, path, zone, extras)
            frames: tuple[int | None, int | None] = location.frames or (None, None)
            missing = len(location.missing) if location.frames else None
            what = (*_name_place(location), zone, digest, origin, size, location.parent)
            yield (*what, *frames, missing, first_seen, changed_at, vanished_at)

    def _read_troubles(self) -> Iterator[Row]:
        for root, path, zone, extras, asset, *cells in self._sql(_READ_PLACES):
            found: list[tuple[str, Trouble]] = []
            text = self._session.unpack(rows.unpack_reading_text, *cells)
            # As with evidence: most have none.
            if _TROUBLES_KEY in text:
                part = self._session.unpack(from_json, _TroublesPart, text)
                found.extend(("reading", trouble) for trouble in part.troubles)
            for (stored,) in self._sql(_SEARCH_TROUBLES, (asset,)):
                found.append(("search", self._session.unpack(from_json, Trouble, stored)))
            if found:
                location = self._session.unpack(rows.unpack_location, root, path, zone, extras)
                place = (*_name_place(location), cells[0])
                for found_by, trouble in found:
                    yield (*place, found_by, trouble.stage, trouble.cause, trouble.detail)

    def _read_runs(self) -> Iterator[Row]:
        for run in reversed(Runs(self._session).list_all()):
            yield (run.id, run.kind, run.detail, run.started_at, run.ended_at, run.outcome)

    def _read_register(self) -> Iterator[Row]:
        for registered in Entries(self._session, Approvals(self._session)).load():
            newest = len(registered.events)
            for number, event in enumerate(registered.events, 1):
                counts = int(number == newest and not registered.is_withdrawn)
                entry = event.entry
                what = (entry.kind, entry.id, number, event.event, counts)
                who = (event.entered_at, event.entered_by, event.who or None, event.reason or None)
                for field, values in entry.values:
                    for value in values:
                        yield (*what, *who, field, value)


def _name_place(location: Location) -> tuple[str, str]:
    """Root and path as valid text: a folder may have a name that is none."""
    return location.root.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"), location.path


def _list_times(span: Span | None) -> tuple[float | None, float | None, str | None, str | None]:
    if span is None:
        return None, None, None, None
    return span.start, span.end, span.timecode_in, span.timecode_out

"""What must be read again, and what need not: versions compared, and evidence derived from stored statements.

A run begins with it. Where nothing of the program and of its settings has changed since the last run, that costs two
short queries. Otherwise
1. the names under which files were read are compared: which of them still stand for what would read the file today;
2. if a signal has changed, the evidence of every reading is derived again from its statements, without a file: of what
   is there, of what is inside files, and of what has vanished, which may be the source of a shot in a master;
3. where the statements are not enough, the change key of the file is emptied, so that it is read with the others.
"""

from __future__ import annotations

import dataclasses
import logging
import os
from collections import deque
from collections.abc import Iterator, Mapping

from provenance.catalogue.store import Catalogue
from provenance.catalogue.versions import StoredReading
from provenance.intake.collect import split_change_key
from provenance.intake.engines.interface import Engine
from provenance.intake.jobs import DeriveEvidence, EvidenceDerived, Job, Thumbnails
from provenance.intake.levels import raise_level
from provenance.intake.versions import (
    EVERYTHING,
    ReaderState,
    ReadingConditions,
    ReadingScope,
    ReadingVersions,
    decode_scope,
    decode_state,
    list_signals,
    make_stamp,
)
from provenance.media.types import Kind, find_type
from provenance.model.asset import FingerprintLevel, Location, Reading, with_path
from provenance.model.vocabulary import SUSPECT
from provenance.origin import decide_origin
from provenance.workflows.run import RunContext

_log = logging.getLogger(__name__)

_READINGS_PER_JOB = 32
"""Readings whose evidence one job derives: handing one out costs as much as deriving a few."""
_MOST_CHARACTERS = 1_000_000
"""Characters of statements in such a job, beyond which it has no further reading."""


def prepare_versions(
    context: RunContext, catalogue: Catalogue, engine: Engine, conditions: ReadingConditions
) -> tuple[ReadingVersions, set[bytes]]:
    """The versions of this run, and the absolute path of every place whose evidence is another one now."""
    stamp = make_stamp(conditions)
    versions = ReadingVersions(conditions, stamp=stamp)
    names = catalogue.versions.load_names()
    state = _load_state(catalogue)
    if state and stamp and state.stamp == stamp:
        versions.current.update(state.current, list(names)[state.known :])
        return versions, set()
    versions.compare(names)
    # The run that is at work is one of them.
    is_used = len(catalogue.list_runs()) > 1
    is_derived = not is_used
    if state:
        is_derived = state.signals == list_signals()
    elif is_used:
        is_derived = versions.adopt()
    changed: set[bytes] = set()
    if not is_derived:
        context.announce("signals have changed: evidence is derived again from stored statements")
        derivation = _Derivation(context, catalogue, engine, _decode_scopes(names))
        changed = derivation.run()
        if not derivation.is_done:
            # The time of the run is over. What was derived stays; the next run begins with it again, whoever makes it:
            # names of this run must not be taken for those of the state before.
            unfinished = ReaderState("", state.signals if state else {})
            catalogue.versions.record_state(unfinished.encode(), context.timestamp)
            return versions, changed
    record_names(catalogue, versions, context.timestamp)
    known = len(catalogue.versions.load_names())
    state = ReaderState(stamp, list_signals(), tuple(sorted(versions.current)), known)
    catalogue.versions.record_state(state.encode(), context.timestamp)
    return versions, changed


def record_names(catalogue: Catalogue, versions: ReadingVersions, now: str) -> None:
    """Record the names that were made since the last call. Call it before the rows that have them are added."""
    for name, payload in versions.unrecorded.items():
        catalogue.versions.record_name(name, payload, now)
    versions.unrecorded.clear()


def _load_state(catalogue: Catalogue) -> ReaderState | None:
    text = catalogue.versions.load_state()
    if text is None:
        return None
    try:
        return decode_state(text)
    except ValueError:
        # A newer version has written it: then nothing is taken for granted.
        return ReaderState("", {})


def _decode_scopes(names: Mapping[str, str]) -> dict[str, ReadingScope]:
    scopes = {}
    for name, payload in names.items():
        scope = decode_scope(payload)
        # One that cannot be decoded is of a newer version, and holds no longer: its files are read again.
        if scope is not None:
            scopes[name] = scope
    return scopes


@dataclasses.dataclass(slots=True)
class _Derivation:
    """Derives the evidence of everything in the catalogue."""

    context: RunContext
    catalogue: Catalogue
    engine: Engine
    scopes: Mapping[str, ReadingScope]
    _pending: dict[bytes, list[StoredReading]] = dataclasses.field(default_factory=dict)
    """By the path of its job: what was handed out."""
    _again: deque[Job] = dataclasses.field(default_factory=deque)
    """Single readings of a job that failed as a whole."""
    _changed: set[bytes] = dataclasses.field(default_factory=set)
    _is_handed_out: bool = False

    @property
    def is_done(self) -> bool:
        """Whether everything was derived: a run may end by the clock before that."""
        return self._is_handed_out and not self._pending and not self._again

    def run(self) -> set[bytes]:
        """Derive, record what is another one now, and return the places of it."""
        for job, outcome in self.engine.run(self._jobs(), self._again):
            stored = self._pending.pop(job.path)
            if isinstance(outcome, EvidenceDerived):
                for row, reading in zip(stored, outcome.readings, strict=True):
                    self._take(row, with_path(reading, row.location.path))
            elif len(stored) > 1:
                # One of them has cost the worker its life; the others must not suffer.
                self._again.extend(self._make_job([row]) for row in stored)
            else:
                _log.warning("the evidence of %r cannot be derived; it is read again", stored[0].location.path)
                self._require_reading(stored[0].location)
        self.catalogue.flush()
        _log.info("evidence derived again: another one at %d places", len(self._changed))
        return self._changed

    def _jobs(self) -> Iterator[Job]:
        batch: list[StoredReading] = []
        characters = 0
        for row in self.catalogue.versions.list_readings():
            if not self._keeps_statements(row):
                self._require_reading(row.location)
            if not row.reading.statements and not row.reading.evidence:
                continue
            batch.append(row)
            characters += sum(len(statement.value) for statement in row.reading.statements)
            if len(batch) == _READINGS_PER_JOB or characters > _MOST_CHARACTERS:
                yield self._make_job(batch)
                batch, characters = [], 0
        if batch:
            yield self._make_job(batch)
        self._is_handed_out = True

    def _make_job(self, batch: list[StoredReading]) -> Job:
        readings = tuple(dataclasses.replace(row.reading, thumbnail=None) for row in batch)
        path = batch[0].location.absolute
        self._pending[path] = batch
        return DeriveEvidence(path, readings)

    def _keeps_statements(self, row: StoredReading) -> bool:
        """Whether all that the file says is stored."""
        scope = self.scopes.get(_find_name(row.change_key))
        if scope is None:
            return True  # It is read again anyway: nothing of today has this name.
        if scope != EVERYTHING:
            return scope.keeps_statements
        # An older version did not note it. Of a sequence one frame is kept, and texts in a container are no rows.
        kind = find_type(row.reading.asset.media_type).kind
        return row.location.frames is None and kind not in (Kind.TEXT, Kind.OTHER)

    def _take(self, row: StoredReading, derived: Reading) -> None:
        reading = dataclasses.replace(derived, thumbnail=row.reading.thumbnail)
        if reading == row.reading and decide_origin(reading.evidence) == row.origin:
            return
        self.catalogue.versions.replace_reading(row, reading, self.context.timestamp)
        if row.is_present:
            self._changed.add(row.location.absolute)
        # What belongs together in numbered files is decided by what they say.
        is_numbered = row.location.frames is not None or row.location.sequence is not None
        if is_numbered or _needs_file(row, reading):
            self._require_reading(row.location)

    def _require_reading(self, location: Location) -> None:
        """Have a file read again, or the file or sequence that it is part of."""
        path, _, _ = location.path_bytes.partition(b"\0")
        if location.sequence is not None:
            name = os.fsencode(location.sequence.rsplit("/", 1)[-1])
            path = os.path.join(os.path.dirname(path), name)
        self.catalogue.versions.empty_change_key(location.root, path, self.context.timestamp)


def _find_name(change_key: str) -> str:
    terms = split_change_key(change_key)
    return terms.name if terms else ""


def _needs_file(row: StoredReading, reading: Reading) -> bool:
    """Whether more is kept of what turns out to be generated: what it takes to find it again, and a picture of it."""
    terms = split_change_key(row.change_key)
    is_news = decide_origin(reading.evidence) in SUSPECT and row.origin not in SUSPECT
    if terms is None or not is_news:
        return False
    media_type = find_type(reading.asset.media_type)
    shows = media_type.shows_picture or media_type.is_moving
    is_kept_fully = raise_level(row.reading.evidence, terms.level) is FingerprintLevel.FULL
    wants_more = terms.level is not FingerprintLevel.NONE and not is_kept_fully
    return (wants_more and (shows or media_type.has_sound)) or (shows and terms.thumbnails is Thumbnails.FLAGGED)

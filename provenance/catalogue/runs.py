"""Runs: when the catalogue was written to, by which process, how the run ended and which locations it visited."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provenance.catalogue.engine import translate_errors
from provenance.catalogue.row_bitmap import RowBitmap
from provenance.catalogue.session import Session


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run that wrote to the catalogue. Without an end it is still at work, or its process was killed."""

    id: int
    kind: str
    detail: str
    pid: int
    started_at: str
    ended_at: str | None
    outcome: str | None


class Runs:
    """The table of runs; for runs of this process the locations they visited are kept in memory until the end."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._visited: dict[int, RowBitmap] = {}

    def begin(self, kind: str, now: str, detail: str) -> int:
        """Insert a run and commit it."""
        with self._session.change():
            run = self._session.insert(
                "runs", kind=escape_invalid(kind), detail=escape_invalid(detail), pid=os.getpid(), started_at=now
            )
            self._session.ledger.record("run", run, "begun", now)
        # At once, so that a killed run leaves a trace.
        self._session.flush()
        self._visited[run] = RowBitmap()
        return run

    def end(self, run: int, now: str, outcome: str) -> None:
        """Record the end of a run and commit it."""
        with self._session.change():
            packed = self.load_bitmap(run).pack()
            self._session.update("runs", run, ended_at=now, outcome=escape_invalid(outcome), seen=packed)
            self._session.ledger.record("run", run, "ended", now)
        self._session.flush()

    def add_visit(self, run: int, location: int) -> None:
        """Remember that a run visited a location."""
        self._visited[run].add(location)

    def take_over(self, run: int, other: int) -> None:
        """Remember that a run visited what another one did. Raises `ValueError` as `load_bitmap`."""
        self._visited[run].update(self.load_bitmap(other))

    def add_visits(self, run: int, locations: Iterable[int]) -> None:
        """Remember that a run visited locations."""
        self._visited[run].add_all(locations)

    def add_visited_ranges(self, run: int, ranges: Sequence[int]) -> None:
        """The same of ranges of rows: first and last of each."""
        visited = self._visited[run]
        for first, last in zip(ranges[::2], ranges[1::2], strict=True):
            visited.add_range(first, last)

    def load_bitmap(self, run: int) -> RowBitmap:
        """The locations that a run visited. Raises `ValueError` unless it has ended or is at work in this process."""
        if run in self._visited:
            return self._visited[run]
        with translate_errors(self._session.path):
            row = self._session.db.execute("SELECT seen FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None or row[0] is None:
            raise ValueError(f"run {run} has not ended, and another process began it")
        return self._session.unpack(RowBitmap.unpack, row[0])

    def list_all(self) -> list[RunRecord]:
        """All runs, newest first."""
        with translate_errors(self._session.path):
            rows = self._session.db.execute(
                "SELECT id, kind, detail, pid, started_at, ended_at, outcome FROM runs ORDER BY id DESC"
            )
            return [RunRecord(*row) for row in rows]


def escape_invalid(text: str) -> str:
    """The text with everything that is not valid Unicode replaced by an escape, as SQLite requires of text."""
    return text.encode("utf-8", "backslashreplace").decode()

"""Runs: when the catalogue was written to, by which process, how it ended and what it came by."""

from __future__ import annotations

import os
from dataclasses import dataclass

from provenance.catalogue.engine import translate_errors
from provenance.catalogue.row_bitmap import RowBitmap
from provenance.catalogue.session import Session


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run that writes. Without an end it is at work, or its process was killed."""

    id: int
    kind: str
    detail: str
    pid: int
    started_at: str
    ended_at: str | None
    outcome: str | None


class Runs:
    """The table of runs, and in memory what the present ones came by."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._seen: dict[int, RowBitmap] = {}

    def begin(self, kind: str, now: str, detail: str) -> int:
        """Insert a run and commit it."""
        with self._session.change():
            run = self._session.insert(
                "runs", kind=escape_invalid(kind), detail=escape_invalid(detail), pid=os.getpid(), started_at=now
            )
            self._session.ledger.record("run", run, "begun", now)
        self._session.flush()
        self._seen[run] = RowBitmap()
        return run

    def end(self, run: int, now: str, outcome: str) -> None:
        """Give a run its end and commit it."""
        with self._session.change():
            packed = self.bitmap_of(run).pack()
            self._session.update("runs", run, ended_at=now, outcome=escape_invalid(outcome), seen=packed)
            self._session.ledger.record("run", run, "ended", now)
        self._session.flush()

    def saw(self, run: int, location: int) -> None:
        """Remember that a run came by a location."""
        self._seen[run].add(location)

    def bitmap_of(self, run: int) -> RowBitmap:
        """What a run came by: one at work in this process, or one that ended. `ValueError` for any other."""
        if run in self._seen:
            return self._seen[run]
        with translate_errors(self._session.path):
            row = self._session.db.execute("SELECT seen FROM runs WHERE id = ?", (run,)).fetchone()
        if row is None or row[0] is None:
            raise ValueError(f"run {run} did not begin here and has not ended")
        return self._session.value(RowBitmap.unpack, row[0])

    def all(self) -> list[RunRecord]:
        """All runs, newest first."""
        with translate_errors(self._session.path):
            rows = self._session.db.execute(
                "SELECT id, kind, detail, pid, started_at, ended_at, outcome FROM runs ORDER BY id DESC"
            )
            return [RunRecord(*row) for row in rows]


def escape_invalid(text: str) -> str:
    """Text that any table can hold: what is not valid Unicode stands in it as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()

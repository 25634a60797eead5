"""Does the file still say what was written? Reads only; repairs nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from provenance.catalogue import engine, session
from provenance.catalogue.ledger import STATES, TABLES, hash_entry, hash_schema, hash_state
from provenance.catalogue.migrations import read_version
from provenance.errors import CatalogueDamaged

_MOST = 100
"""Problems told one by one; of more only the number is."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found. Sound when there are no problems."""

    problems: tuple[str, ...]
    entries: int
    """Entries in the ledger."""
    head: str
    """As `Catalogue.head`: note it elsewhere, and hold the next verification against it."""
    first_bad: int | None
    """Number of the first ledger entry that is wrong or that a row contradicts."""
    rows: int
    """Rows held against the ledger."""

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify(path: Path, expected_head: str | None = None) -> Verification:
    """Hold structure, schema, ledger and every row of a catalogue against each other, in one snapshot.

    Names every edited, deleted, inserted or reordered row and entry, with the number of the ledger entry. Cutting the
    newest entries off together with their rows, putting back an older copy of the whole file, and computing a new chain
    from the start contradict nothing inside the file: only `expected_head`, a head noted elsewhere (in a report, a
    letter), shows them. Raises `UsageError` when there is no catalogue to verify; damage is reported as problems.
    """
    work = _Findings()
    try:
        with engine.translate_errors(path), contextlib.closing(session.connect(path)) as db:
            db.execute("BEGIN")
            for step in (_structure, _schema, _chain, _rows, _orphans):
                _run_step(path, work, step, db)
            if expected_head:
                _run_step(path, work, lambda db, work: _expect(db, work, expected_head), db)
    except CatalogueDamaged as damage:
        work.problem(damage.message)
    return work.result()


@dataclass(slots=True)
class _Findings:
    """What has been found so far."""

    problems: list[str] = field(default_factory=list)
    more: int = 0
    entries: int = 0
    head: str = ""
    first_bad: int | None = None
    rows: int = 0

    def problem(self, text: str, seq: int | None = None) -> None:
        if len(self.problems) < _MOST:
            self.problems.append(text)
        else:
            self.more += 1
        if seq is not None and (self.first_bad is None or seq < self.first_bad):
            self.first_bad = seq

    def result(self) -> Verification:
        more = (f"and {self.more} more",) if self.more else ()
        return Verification((*self.problems, *more), self.entries, self.head, self.first_bad, self.rows)


def _run_step(path: Path, work: _Findings, step: Callable[[Database, _Findings], None], db: Database) -> None:
    """Run one step; damage that stops it is a problem, and the next step still runs."""
    try:
        with engine.translate_errors(path):
            step(db, work)
    except CatalogueDamaged as damage:
        work.problem(damage.message)


def _structure(db: Database, work: _Findings) -> None:
    for (text,) in db.execute("PRAGMA integrity_check(20)"):
        if text != "ok":
            work.problem(f"SQLite: {' '.join(text.split())}")


def _schema(db: Database, work: _Findings) -> None:
    newest = db.execute(
        "SELECT seq, row, digest FROM ledger WHERE subject = 'schema' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if newest is None:
        work.problem("ledger: no entry tells the schema", 1)
    elif (newest[1], newest[2]) != (read_version(db), hash_schema(db)):
        work.problem(f"the schema (tables, indexes, triggers) is not the one of ledger entry {newest[0]}", newest[0])


def _chain(db: Database, work: _Findings) -> None:
    previous, expected = b"", 1
    entries = db.execute("SELECT seq, at, subject, row, deed, digest, hash FROM ledger ORDER BY seq")
    for seq, at, subject, row, deed, digest, link in entries:
        if seq != expected:
            work.problem(f"ledger: entries {expected} to {seq - 1} are missing", expected)
        elif hash_entry(seq, at, subject, row, deed, digest, previous) != link:
            work.problem(f"ledger: entry {seq} does not follow from what stands before it", seq)
        previous, expected = link, seq + 1
        work.entries += 1
    work.head = f"{expected - 1}:{previous.hex()}"


def _rows(db: Database, work: _Findings) -> None:
    for subject in STATES:
        _told_rows(db, work, subject)
        table = TABLES[subject]
        entered = "SELECT row, max(seq) FROM ledger WHERE subject = ?"
        gone = f"{entered} AND row NOT IN (SELECT id FROM {table}) GROUP BY row"  # noqa: S608 - names of our own
        for row, seq in db.execute(gone, (subject,)):
            work.problem(f"{table}: row {row} of ledger entry {seq} is gone", seq)


def _told_rows(db: Database, work: _Findings, subject: str) -> None:
    """Hold every row of one table against its newest entry."""
    for state in db.execute(STATES[subject]):
        work.rows += 1
        newest = db.execute(
            "SELECT seq, digest FROM ledger WHERE subject = ? AND row = ? ORDER BY seq DESC LIMIT 1",
            (subject, state[0]),
        ).fetchone()
        if newest is None:
            work.problem(f"{TABLES[subject]}: row {state[0]} was never entered in the ledger")
        elif hash_state(state) != newest[1]:
            work.problem(f"{TABLES[subject]}: row {state[0]} is not as ledger entry {newest[0]} recorded it", newest[0])


def _orphans(db: Database, work: _Findings) -> None:
    """Rows that only stand behind others must be stood on."""
    for table, column, holders in (("assets", "asset", "readings"), ("roots", "root", "locations")):
        held = f"SELECT {column} FROM {holders} WHERE {column} NOT NULL"  # noqa: S608 - names of our own
        for (row,) in db.execute(f"SELECT id FROM {table} WHERE id NOT IN ({held})"):  # noqa: S608 - likewise
            work.problem(f"{table}: row {row} belongs to nothing")


def _expect(db: Database, work: _Findings, head: str) -> None:
    number, _, link = head.partition(":")
    found = db.execute("SELECT hash FROM ledger WHERE seq = ?", (int(number) if number.isdigit() else -1,)).fetchone()
    if head != "0:" and (found is None or found[0].hex() != link):
        work.problem(f"ledger: the noted head {head} does not stand in it: entries were cut off or computed anew", None)

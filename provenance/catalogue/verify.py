"""Verification that a catalogue still contains what was written. It only reads, and repairs nothing."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provenance import merkle
from provenance.catalogue import engine, session
from provenance.catalogue.engine import Database
from provenance.catalogue.ledger import (
    BLOCK,
    READ_TOGETHER,
    STATES,
    TABLES,
    BatchReader,
    encode_entry,
    hash_schema,
    hash_state,
)
from provenance.catalogue.migrations import read_version
from provenance.catalogue.reading_sets import Questions, find_contradictions
from provenance.errors import CatalogueDamaged
from provenance.merkle import CompactRange

NO_QUESTIONS: Questions = {}
_SHORTENED_BATCHES = f"""SELECT * FROM
    (SELECT id, first_{{subject}} AS first, length(digests) / {READ_TOGETHER} AS files FROM batches)
    WHERE files > (SELECT count(*) FROM {{table}} WHERE {{table}}.id >= first AND {{table}}.id < first + files)"""  # noqa: S608 - names of our own
"""Batches of which a row is not there any more."""
_MAX_PROBLEMS = 100
"""Problems listed one by one; of further ones only the number is reported."""


@dataclass(frozen=True, slots=True)
class PastState:
    """The ledger as it was when it had fewer entries."""

    head: str
    """As `Catalogue.head` was."""
    root: bytes
    """Root of the Merkle tree over its entries."""


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a verification."""

    problems: tuple[str, ...]
    entries: int
    """Entries in the ledger."""
    head: str
    """As `Catalogue.head`: note it elsewhere, and give it to the next verification."""
    first_bad: int | None
    """Number of the first ledger entry that is wrong or that a row contradicts."""
    rows: int
    """Rows compared with the ledger."""
    identity: str = ""
    """As `Ledger.find_identity`."""
    root: bytes = merkle.EMPTY_ROOT
    """Root of the Merkle tree over all entries."""
    past: Mapping[int, PastState] = field(default_factory=dict)
    """By number of entries: the ledger as it was, for the sizes that were asked for and that it had."""

    @property
    def is_sound(self) -> bool:
        """Whether there are no problems."""
        return not self.problems


def verify(
    path: Path, expected_head: str | None = None, sizes: Collection[int] = (), questions: Questions = NO_QUESTIONS
) -> Verification:
    """Compare structure, schema, ledger and every row of a catalogue with each other, in one snapshot.

    Names every edited, deleted, inserted or reordered row and entry, with the number of the ledger entry. Three changes
    contradict nothing inside the file: cutting the newest entries off together with their rows, replacing the whole
    file by an older copy, and computing a new chain from the start. Only what was noted elsewhere (in a report, a
    letter, a checkpoint) shows them: `expected_head`, or the states at `sizes`, for the caller to compare. Raises
    `UsageError` when there is no catalogue; damage is reported as problems.
    """
    state = _VerificationState(sizes=sizes)
    if 0 in sizes:
        state.past[0] = PastState("0:", merkle.EMPTY_ROOT)
    try:
        with engine.translate_errors(path), contextlib.closing(session.connect(path)) as db:
            # One snapshot for all steps: a writer at work must not look like damage.
            db.execute("BEGIN")
            (page_size,) = db.execute("PRAGMA page_size").fetchone()
            if path.stat().st_size % page_size:
                # SQLite takes what is missing of the last page for zeros, which is right where it ended in zeros.
                state.add_problem("the file is cut off in the middle of a page")
            for step in (_check_structure, _check_schema, _check_chain, _check_blocks, _check_rows, _check_orphans):
                _run_step(path, state, step, db)
            _run_step(path, state, lambda db, state: _check_sets(db, state, questions), db)
            if expected_head:
                _run_step(path, state, lambda db, state: _check_head(db, state, expected_head), db)
    except CatalogueDamaged as damage:
        state.add_problem(damage.message)
    return state.make_result()


@dataclass(slots=True)
class _VerificationState:
    """Problems and counts so far."""

    sizes: Collection[int] = ()
    problems: list[str] = field(default_factory=list)
    unlisted: int = 0
    """Problems beyond `_MAX_PROBLEMS`."""
    entries: int = 0
    head: str = ""
    first_bad: int | None = None
    rows: int = 0
    identity: str = ""
    tree: CompactRange = field(default_factory=CompactRange)
    block: CompactRange = field(default_factory=CompactRange)
    """The entries of the block that is not complete."""
    blocks: list[bytes] = field(default_factory=list)
    """Roots of the complete blocks, computed from the entries."""
    past: dict[int, PastState] = field(default_factory=dict)

    def add_leaf(self, seq: int, leaf: bytes, link: bytes) -> None:
        """Take in the next entry."""
        self.tree.append(leaf)
        self.block.append(leaf)
        if self.block.size == BLOCK:
            self.blocks.append(self.block.compute_root())
            self.block = CompactRange()
        if seq in self.sizes:
            self.past[seq] = PastState(f"{seq}:{link.hex()}", self.tree.compute_root())

    def add_problem(self, text: str, seq: int | None = None) -> None:
        """Add a sentence; `seq` is the number of the ledger entry that is wrong or contradicted."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(text)
        else:
            self.unlisted += 1
        if seq is not None and (self.first_bad is None or seq < self.first_bad):
            self.first_bad = seq

    def make_result(self) -> Verification:
        problems = list(self.problems)
        if self.unlisted:
            problems.append(f"and {self.unlisted} more")
        return Verification(
            tuple(problems),
            self.entries,
            self.head,
            self.first_bad,
            self.rows,
            self.identity,
            self.tree.compute_root(),
            self.past,
        )


def _run_step(
    path: Path, state: _VerificationState, step: Callable[[Database, _VerificationState], None], db: Database
) -> None:
    # Damage that stops one step is one more problem. The next step still runs, because it may say where the damage is.
    try:
        with engine.translate_errors(path):
            step(db, state)
    except CatalogueDamaged as damage:
        state.add_problem(damage.message)


def _check_structure(db: Database, state: _VerificationState) -> None:
    for (text,) in db.execute("PRAGMA integrity_check(20)"):
        if text != "ok":
            state.add_problem(f"SQLite: {' '.join(text.split())}")


def _check_schema(db: Database, state: _VerificationState) -> None:
    newest = db.execute(
        "SELECT seq, row, digest FROM ledger WHERE subject = 'schema' ORDER BY seq DESC LIMIT 1"
    ).fetchone()
    if newest is None:
        state.add_problem("ledger: no entry records the schema", 1)
        return
    seq, version, digest = newest
    if (version, digest) != (read_version(db), hash_schema(db)):
        state.add_problem(f"the schema (tables, indexes, triggers) is not the one of ledger entry {seq}", seq)


def _check_chain(db: Database, state: _VerificationState) -> None:
    previous = b""
    expected = 1
    entries = db.execute("SELECT seq, at, subject, row, deed, digest, hash FROM ledger ORDER BY seq")
    for seq, at, subject, row, deed, digest, link in entries:
        if seq != expected:
            state.add_problem(f"ledger: entries {expected} to {seq - 1} are missing", expected)
        if not isinstance(digest, bytes) or not isinstance(link, bytes):
            # A damaged file gives cells that its schema does not allow.
            state.add_problem(f"ledger: entry {seq} cannot be read", seq)
            continue
        encoded = encode_entry(seq, at, subject, row, deed, digest, previous)
        if seq == expected and hashlib.sha256(encoded).digest() != link:
            state.add_problem(f"ledger: entry {seq} does not follow from the entry before it", seq)
        if not state.identity and subject != "schema":
            state.identity = link.hex()
        state.add_leaf(seq, merkle.hash_leaf(encoded), link)
        # Go on from the stored hash: one altered entry is one problem, not one for each entry after it.
        previous = link
        expected = seq + 1
        state.entries += 1
    state.head = f"{expected - 1}:{previous.hex()}"


def _check_blocks(db: Database, state: _VerificationState) -> None:
    # They follow from the entries; a changed one would let a checkpoint or a proof be made that nobody can verify.
    kept = dict(db.execute("SELECT id, root FROM ledger_blocks").fetchall())
    for number, root in enumerate(state.blocks):
        if kept.pop(number, b"") != root:
            last = (number + 1) * BLOCK
            state.add_problem(f"ledger_blocks: row {number} is not the root over entries {last - BLOCK + 1} to {last}")
    for number in kept:
        state.add_problem(f"ledger_blocks: row {number} is of entries that the ledger does not have")


def _check_rows(db: Database, state: _VerificationState) -> None:
    for subject in STATES:
        _compare_rows(db, state, subject)
        _find_deleted_rows(db, state, subject)


def _compare_rows(db: Database, state: _VerificationState, subject: str) -> None:
    """Compare every row of one table with its newest ledger entry, which may be that of the batch it came in."""
    table = TABLES[subject]
    batches = BatchReader(db)
    for row_state in db.execute(STATES[subject]):
        state.rows += 1
        row = row_state[0]
        newest = db.execute(
            "SELECT seq, digest FROM ledger WHERE subject = ? AND row = ? ORDER BY seq DESC LIMIT 1", (subject, row)
        ).fetchone()
        newest = newest or batches.find(subject, row)
        if newest is None:
            state.add_problem(f"{table}: row {row} was never entered in the ledger")
            continue
        seq, digest = newest
        if hash_state(row_state) != digest:
            state.add_problem(f"{table}: row {row} is not as ledger entry {seq} recorded it", seq)


def _find_deleted_rows(db: Database, state: _VerificationState, subject: str) -> None:
    table = TABLES[subject]
    entered = "SELECT row, max(seq) FROM ledger WHERE subject = ?"
    deleted = f"{entered} AND row NOT IN (SELECT id FROM {table}) GROUP BY row"  # noqa: S608 - names of our own
    for row, seq in db.execute(deleted, (subject,)):
        state.add_problem(f"{table}: row {row} of ledger entry {seq} was deleted", seq)
    if subject not in ("reading", "location"):
        return
    for seq, first, count in db.execute(_SHORTENED_BATCHES.format(subject=subject, table=table)).fetchall():
        still_there = f"SELECT id FROM {table} WHERE id >= ? AND id < ?"  # noqa: S608 - likewise
        kept = {row for (row,) in db.execute(still_there, (first, first + count))}
        for row in range(first, first + count):
            if row not in kept:
                state.add_problem(f"{table}: row {row} of ledger entry {seq} was deleted", seq)


def _check_orphans(db: Database, state: _VerificationState) -> None:
    # Assets and roots have no ledger entries of their own: the state of the rows that refer to them includes their
    # content. One that nothing refers to was inserted from outside, or its rows were deleted.
    for table, column, referring in (("assets", "asset", "readings"), ("roots", "root", "locations")):
        used = f"SELECT {column} FROM {referring} WHERE {column} NOT NULL"  # noqa: S608 - names of our own
        if table == "assets":
            # What is known from a list alone was never read.
            used += " UNION SELECT asset FROM listed_items"
        for (row,) in db.execute(f"SELECT id FROM {table} WHERE id NOT IN ({used})"):  # noqa: S608 - likewise
            state.add_problem(f"{table}: no row of {referring} refers to row {row}")


def _check_sets(db: Database, state: _VerificationState, questions: Questions) -> None:
    # They follow from the readings; a wrong one would let a night pass by what it has to judge.
    try:
        problems = find_contradictions(db, questions)
    except ValueError as error:
        problems = [f"reading_sets: {error}"]
    for text in problems:
        state.add_problem(text)


def _check_head(db: Database, state: _VerificationState, head: str) -> None:
    if head == "0:":
        # The head of an empty ledger, which every ledger continues.
        return
    number, _, link = head.partition(":")
    seq = -1
    if number.isdigit():
        seq = int(number)
    entry = db.execute("SELECT hash FROM ledger WHERE seq = ?", (seq,)).fetchone()
    if entry is None or entry[0].hex() != link:
        state.add_problem(
            f"ledger: the noted head {head} is not in it: entries were cut off, or the chain was computed anew"
        )

"""An open catalogue file: its lock, its connection, and changes grouped into commits."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from provenance.catalogue import engine
from provenance.catalogue.engine import Database
from provenance.catalogue.foreign import refuse_foreign
from provenance.catalogue.ledger import TABLES, Cell, Ledger, hash_state
from provenance.catalogue.lock import WriterLock, refuse_network
from provenance.catalogue.migrations import migrate, read_version, recognise
from provenance.errors import UsageError

SqlValue = TypeVar("SqlValue")

_NEWEST_ENTRY = "SELECT digest FROM ledger WHERE subject = ? AND row = ? ORDER BY seq DESC LIMIT 1"

_MIN_FILE_SIZE = 512
"""Bytes of the smallest SQLite file: one page. SQLite takes a shorter file for an empty one and overwrites it."""

# A commit comes after so many changes or so much time, whichever is first: a sync for each file would cost hours.
_MAX_CHANGES = 500
"""Changes in one commit."""
_MAX_SECONDS = 0.25
"""Seconds after which an open transaction is committed with the next change."""

_LARGE = 128 * 1024 * 1024
"""Bytes of a file whose structure is not checked with every opening: a check takes 0.3 s for so many."""
_RUNS_UNCHECKED = 8
"""Of so many runs one checks the structure of a large file: about once a week where every night has one."""

_MAX_REASON = 300
"""Characters of SQLite's own messages in an error."""


class Session:
    """Owns the connection, and makes each change atomic: after a kill or an error all of it is there, or nothing."""

    def __init__(self, path: Path, db: Database, lock: WriterLock | None, *, is_new: bool = False) -> None:
        self.path = path
        self.is_new = is_new
        self.db = db
        self.ledger = Ledger(db)
        self.on_rollback: list[Callable[[], None]] = []
        self._lock = lock
        self._changes = 0
        self._began_at = 0.0

    @property
    def is_writable(self) -> bool:
        """Whether this session holds the lock."""
        return self._lock is not None

    def change(self) -> AbstractContextManager[None]:
        """One change of any number of rows, committed soon. When it fails, everything not yet committed is undone."""
        return _Change(self)

    @property
    def is_in_change(self) -> bool:
        """Whether something is written that is not committed yet."""
        return bool(self.db.conn.in_transaction)

    def begin_change(self) -> None:
        """Begin to write."""
        # IMMEDIATE takes the write lock now, so that a change cannot fail halfway because of another writer.
        self.db.conn.execute("BEGIN IMMEDIATE")
        self._changes = 0
        self._began_at = time.monotonic()

    def count_change(self) -> bool:
        """Count a change that is whole. Returns whether there are enough of them for a commit."""
        self._changes += 1
        return self._changes >= _MAX_CHANGES or time.monotonic() - self._began_at >= _MAX_SECONDS

    def commit(self) -> None:
        """Commit what was changed."""
        self.db.conn.execute("COMMIT")

    def flush(self) -> None:
        """Commit now. Every change so far outlives a kill and a power cut."""
        is_done = False
        try:
            with engine.translate_errors(self.path):
                if self.db.conn.in_transaction:
                    self.db.conn.execute("COMMIT")
            is_done = True
        finally:
            # `finally` and not `except`: an interrupt must undo the change like any error.
            if not is_done:
                self.roll_back()

    def roll_back(self) -> None:
        """Undo everything that is not committed yet."""
        with engine.translate_errors(self.path):
            if self.db.conn.in_transaction:
                self.db.conn.execute("ROLLBACK")
            # The head in memory may belong to an entry that was just undone.
            self.ledger.reload()
        for forget in self.on_rollback:
            forget()

    def hold_still(self) -> None:
        """Begin to read one moment of the file: until it is closed, this connection sees no later commit."""
        with engine.translate_errors(self.path):
            self.db.execute("BEGIN")
            # The first query fixes the moment; the head must be the one of that moment.
            self.ledger.reload()

    def insert(self, table: str, **cells: Cell) -> int:
        """Insert one row and return its id."""
        return self.db.conn.execute(_write_insert(table, *cells), tuple(cells.values())).lastrowid or 0

    def update(self, table: str, row: int, **cells: Cell) -> None:
        """Change cells of one row."""
        sql = f"UPDATE {table} SET {' = ?, '.join(cells)} = ? WHERE id = ?"  # noqa: S608 - names of our own
        self.db.conn.execute(sql, (*cells.values(), row))

    def unpack(self, make: Callable[..., SqlValue], *cells: object) -> SqlValue:
        """Call `make` with stored cells. Raises `CatalogueDamaged` where it raises `ValueError`."""
        try:
            return make(*cells)
        except ValueError as error:
            raise engine.make_damage_error(self.path, str(error)) from error

    def require_ledger_state(self, subject: str, state: Sequence[Cell]) -> None:
        """Raise `CatalogueDamaged` for a row that is not as the ledger has it.

        `verify` compares every row. What lets material through the gate is compared with every use.
        """
        row = state[0]
        entry = self.db.execute(_NEWEST_ENTRY, (subject, row)).fetchone()
        if entry is None or entry[0] != hash_state(state):
            raise engine.make_damage_error(self.path, f"{subject} {row!r} is not the one that was registered")

    def require_all(self, subject: str) -> None:
        """Raise `CatalogueDamaged` when a row was deleted that the ledger has."""
        table = TABLES[subject]
        lost = f"SELECT row FROM ledger WHERE subject = ? AND row NOT IN (SELECT id FROM {table})"  # noqa: S608 - names of our own
        if row := self.db.execute(lost, (subject,)).fetchone():
            raise engine.make_damage_error(self.path, f"{table}: row {row[0]}, which was registered, was deleted")

    def copy_to(self, place: Path) -> None:
        """Write a consistent copy of the catalogue as one file, also while another process writes.

        Raises `ProvenanceError` when the disk is full. `place` must not exist.
        """
        with engine.translate_errors(place):
            engine.copy_to(self.db, place)

    def close(self) -> None:
        """Commit, copy the write-ahead log into the file, release the lock."""
        try:
            if self.is_writable:
                self.flush()
                with engine.translate_errors(self.path):
                    # One file at rest: a copy of it is a complete backup.
                    self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self.db.close()
            if self._lock:
                self._lock.release()


class _Change:
    """The block of `Session.change`. A class: it is entered for every file, where generators cost as much as SQL."""

    __slots__ = ("_session", "_translation")

    def __init__(self, session: Session) -> None:
        self._session = session
        self._translation = engine.translate_errors(session.path)

    def __enter__(self) -> None:
        if not self._session.is_in_change:
            self._run(self._session.begin_change)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            if self._session.count_change():
                self._run(self._session.commit)
            return
        # Whatever it is: an interrupt must undo the change like any error.
        self._session.roll_back()
        self._translation.__exit__(kind, error, trace)

    def _run(self, step: Callable[[], None]) -> None:
        is_done = False
        try:
            with self._translation:
                step()
            is_done = True
        finally:
            if not is_done:
                self._session.roll_back()


@functools.cache
def _write_insert(table: str, *columns: str) -> str:
    placeholders = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({placeholders})"  # noqa: S608 - names of our own


def open_writer(path: Path) -> Session:
    """Open to write, with the lock; creates folders, file and schema as needed.

    Raises `CatalogueBusy`, `CatalogueDamaged`, `UsageError`, or `ProvenanceError` for the disk.
    """
    refuse_foreign(path)
    lock = WriterLock(path)
    is_new = not path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        refuse_network(path)
        lock.acquire()
    except OSError as fault:
        raise UsageError(
            f"{path}: a catalogue cannot be kept there: {fault.strerror}", "name another file with --catalogue"
        ) from fault
    with contextlib.ExitStack() as undo:
        undo.callback(lock.release)
        with engine.translate_errors(path):
            if path.exists():
                _check_size(path)
            db = engine.connect_writer(path)
            undo.callback(db.close)
            # Before anything is changed: the file may belong to another program.
            had_clean_end = not engine.has_pending_wal(path)
            is_current = recognise(db, path)
            engine.prepare_writer(db, path)
            if not is_current:
                migrate(db)
            if _needs_check(db, path, had_clean_end=had_clean_end):
                check_structure(db, path)
            session = Session(path, db, lock, is_new=is_new)
        # From here on `Session.close` closes the connection and releases the lock.
        undo.pop_all()
    return session


def open_reader(path: Path) -> Session:
    """Open to read, beside a writer if there is one.

    Raises as `open_writer`, and `UsageError` when there is no such file.
    """
    with contextlib.ExitStack() as undo, engine.translate_errors(path):
        had_clean_end = not engine.has_pending_wal(path)
        db = connect(path)
        undo.callback(db.close)
        if _needs_check(db, path, had_clean_end=had_clean_end):
            check_structure(db, path)
        session = Session(path, db, None)
        undo.pop_all()
    return session


def connect(path: Path) -> Database:
    """A read-only connection to a catalogue with the newest schema. Raises as `open_reader`."""
    refuse_foreign(path)
    try:
        size = _check_size(path)
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise UsageError(f"{path}: there is no catalogue ({reason})", "create one with `provenance ingest`") from fault
    refuse_network(path)
    if size == 0:
        # A run that is killed before its first commit leaves an empty file.
        return _make_empty()
    with contextlib.ExitStack() as undo:
        db = engine.connect_reader(path)
        undo.callback(db.close)
        if not recognise(db, path):
            if read_version(db):
                raise UsageError(
                    f"{path}: an older version of provenance wrote it", "run any `provenance ingest` to update it"
                )
            return _make_empty()
        undo.pop_all()
    return db


def _check_size(path: Path) -> int:
    size = path.stat().st_size
    if 0 < size < _MIN_FILE_SIZE:
        raise engine.make_damage_error(path, f"only {size} bytes of it are left")
    return size


def _make_empty() -> Database:
    # Readers never write to the file, so an empty catalogue is made in memory.
    db = engine.open_in_memory()
    migrate(db)
    return db


def _needs_check(db: Database, path: Path, *, had_clean_end: bool) -> bool:
    """Whether the structure of the file is checked now: always, but for a large one that ended cleanly.

    That one is checked once in so many runs. What is damaged in between is met when it is read: every row is compared
    with its digest, and every error of SQLite is reported as damage.
    """
    if not path.exists() or path.stat().st_size < _LARGE or not had_clean_end:
        return True
    (size,) = db.execute("SELECT page_size * page_count FROM pragma_page_size, pragma_page_count").fetchone()
    if path.stat().st_size != size:
        return True
    (runs,) = db.execute("SELECT coalesce(max(id), 0) FROM runs").fetchone()
    return bool(runs % _RUNS_UNCHECKED == 0)


def check_structure(db: Database, path: Path) -> None:
    """SQLite's quick check of the file's structure (about 0.5 s for a million rows). Raises `CatalogueDamaged`."""
    messages = [text for (text,) in db.execute("PRAGMA quick_check(3)")]
    if messages == ["ok"]:
        return
    # SQLite breaks its messages over lines; an error of ours is one line.
    lines = [" ".join(text.split()) for text in messages]
    raise engine.make_damage_error(path, "; ".join(lines)[:_MAX_REASON])

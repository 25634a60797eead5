"""An open catalogue file: its lock, its connection, and changes gathered into commits."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from sqlite_utils import Database

from provenance.catalogue import engine
from provenance.catalogue.ledger import Cell, Ledger
from provenance.catalogue.lock import WriterLock, refuse_network
from provenance.catalogue.migrations import migrate, read_version, recognise
from provenance.errors import UsageError

SqlValue = TypeVar("SqlValue")

_SMALLEST = 512
"""Bytes of the smallest SQLite file. A shorter one SQLite takes for empty, and would write over."""

_CHANGES = 500
_SECONDS = 0.25
"""A commit after this many changes or seconds, whichever comes first: a sync for each file would cost a night."""


class Session:
    """Gives the connection, and makes each change whole: a kill or an error leaves all of it or nothing."""

    def __init__(self, path: Path, db: Database, lock: WriterLock | None) -> None:
        self.path, self.db, self._lock = path, db, lock
        self.ledger = Ledger(db)
        self.on_rollback: Callable[[], None] = lambda: None
        self._changes, self._since = 0, 0.0

    @property
    def writable(self) -> bool:
        """Whether this session holds the lock."""
        return self._lock is not None

    @contextlib.contextmanager
    def change(self) -> Iterator[None]:
        """One change of any number of rows, committed soon. When it fails, all that was not committed is undone."""
        with self._or_nothing():
            if not self.db.conn.in_transaction:
                self.db.conn.execute("BEGIN IMMEDIATE")
                self._changes, self._since = 0, time.monotonic()
            yield
            self._changes += 1
            if self._changes >= _CHANGES or time.monotonic() - self._since >= _SECONDS:
                self.db.conn.execute("COMMIT")

    def flush(self) -> None:
        """Commit now. What was changed before outlives a kill and a power cut."""
        with self._or_nothing():
            if self.db.conn.in_transaction:
                self.db.conn.execute("COMMIT")

    @contextlib.contextmanager
    def _or_nothing(self) -> Iterator[None]:
        done = False
        try:
            with engine.translate_errors(self.path):
                yield
            done = True
        finally:  # whatever stopped it, an interrupt included
            if not done:
                self._roll_back()

    def _roll_back(self) -> None:
        with engine.translate_errors(self.path):
            if self.db.conn.in_transaction:
                self.db.conn.execute("ROLLBACK")
            self.ledger.reload()
        self.on_rollback()

    def insert(self, table: str, **cells: Cell) -> int:
        """Insert one row and give its id."""
        columns, places = ", ".join(cells), ", ".join("?" * len(cells))
        sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608 - names of our own
        return self.db.conn.execute(sql, tuple(cells.values())).lastrowid or 0

    def update(self, table: str, row: int, **cells: Cell) -> None:
        """Change cells of one row."""
        sql = f"UPDATE {table} SET {' = ?, '.join(cells)} = ? WHERE id = ?"  # noqa: S608 - names of our own
        self.db.conn.execute(sql, (*cells.values(), row))

    def value(self, make: Callable[..., SqlValue], *cells: object) -> SqlValue:
        """What `make` makes of stored cells; cells that it cannot take (`ValueError`) are damage."""
        try:
            return make(*cells)
        except ValueError as error:
            raise engine.make_damage_error(self.path, str(error)) from error

    def close(self) -> None:
        """Commit, fold the write-ahead log into the file, let go of the lock."""
        try:
            if self.writable:
                self.flush()
                with engine.translate_errors(self.path):
                    self.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            self.db.close()
            if self._lock:
                self._lock.release()


def open_writer(path: Path) -> Session:
    """Open to write, with the lock; makes folders, file and schema as needed.

    Raises `CatalogueBusy`, `CatalogueDamaged`, `UsageError`, or `ProvenanceError` for the disk.
    """
    lock = WriterLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        refuse_network(path)
        lock.acquire()
    except OSError as fault:
        raise UsageError(
            f"{path}: no catalogue can be kept there: {fault.strerror}", "name another with --catalogue"
        ) from fault
    with contextlib.ExitStack() as undo:
        undo.callback(lock.release)
        with engine.translate_errors(path):
            if path.exists():
                _check_size(path)
            db = engine.connect_writer(path)
            undo.callback(db.close)
            known = recognise(db, path)
            engine.prepare_writer(db, path)
            if not known:
                migrate(db)
            check_structure(db, path)
            session = Session(path, db, lock)
        undo.pop_all()
    return session


def open_reader(path: Path) -> Session:
    """Open to read, beside a writer if there is one. Raises as `open_writer`; `UsageError` when nothing is there."""
    with contextlib.ExitStack() as undo, engine.translate_errors(path):
        db = connect(path)
        undo.callback(db.close)
        check_structure(db, path)
        session = Session(path, db, None)
        undo.pop_all()
    return session


def connect(path: Path) -> Database:
    """A reading connection that knows the schema. An empty file, as a kill may leave it, is an empty catalogue."""
    try:
        size = _check_size(path)
    except OSError as fault:
        why = fault.strerror or str(fault)
        raise UsageError(f"{path}: no catalogue there ({why})", "make one with `provenance ingest`") from fault
    refuse_network(path)
    if size == 0:
        return _make_empty()
    with contextlib.ExitStack() as undo:
        db = engine.connect_reader(path)
        undo.callback(db.close)
        if not recognise(db, path):
            if read_version(db):
                raise UsageError(f"{path}: written by an older version", "any `provenance ingest` brings it up to date")
            return _make_empty()
        undo.pop_all()
    return db


def _check_size(path: Path) -> int:
    size = path.stat().st_size
    if 0 < size < _SMALLEST:
        raise engine.make_damage_error(path, f"only {size} bytes are left of it")
    return size


def _make_empty() -> Database:
    db = Database(memory=True, execute_plugins=False)
    db.conn.isolation_level = None
    migrate(db)
    return db


def check_structure(db: Database, path: Path) -> None:
    """SQLite's quick check of the file's structure (about 0.5 s for a million rows). Raises `CatalogueDamaged`."""
    said = [text for (text,) in db.execute("PRAGMA quick_check(3)")]
    if said != ["ok"]:
        raise engine.make_damage_error(path, "; ".join(" ".join(text.split()) for text in said)[:300])

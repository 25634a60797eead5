"""The SQLite library in use, how a catalogue file is opened with it, and its errors translated for people."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from provenance.errors import CatalogueBusy, CatalogueDamaged, ProvenanceError, UsageError

try:
    import pysqlite3 as sqlite
except ImportError:
    # Where there is none for the platform, the standard one has to do: `describe_sqlite` says how sound it is.
    import sqlite3 as sqlite

_BUSY_TIMEOUT = 30.0
"""Seconds to wait for another connection before it is reported as busy."""

_WAL_SIZE_LIMIT = 64 * 1024 * 1024
"""Bytes that the write-ahead log keeps on disk after a checkpoint."""

_WAL_PAGES = 8192
"""Pages, 32 MiB, after which the write-ahead log is copied into the file: one that many rows change is copied once."""

_KEPT_STATEMENTS = 512
"""Statements that stay prepared: more than there are. With the module's own 100 the steps of a new schema take the
place, and every statement of a run is prepared anew each time, which takes longer than to execute it."""

_FIRST_WITH_WAL_BUG = (3, 7, 0)
_FIRST_WITHOUT_WAL_BUG = (3, 51, 3)

# SQLite's primary result codes, from https://www.sqlite.org/rescode.html.
_BUSY = 5
_LOCKED = 6
_READONLY = 8
_IOERR = 10
_FULL = 13
_CANTOPEN = 14
_TOOBIG = 18


@dataclass(frozen=True, slots=True)
class SqliteLibrary:
    """The SQLite in use."""

    module: str
    """Python module that contains it: `pysqlite3` or `sqlite3`."""
    version: str
    wal_reset_bug: bool
    """SQLite 3.7.0 to 3.51.2 can damage a WAL file when two connections write or checkpoint at once (sqlite.org,
    release 3.51.3). A catalogue has one writer and its readers never checkpoint, so it is not exposed even then."""


@dataclass(frozen=True, slots=True)
class Database:
    """One connection, and nothing else: every statement is written out where it is used."""

    conn: Any
    """Of either module."""

    def execute(self, sql: str, arguments: Sequence[object] = ()) -> Any:  # noqa: ANN401 - a cursor of either module
        """The cursor of one statement."""
        return self.conn.execute(sql, arguments)

    def close(self) -> None:
        """Close the connection."""
        self.conn.close()


def describe_sqlite() -> SqliteLibrary:
    """Name, version and soundness of the SQLite that catalogues are written with."""
    version = tuple(map(int, sqlite.sqlite_version.split(".")))
    has_bug = _FIRST_WITH_WAL_BUG <= version < _FIRST_WITHOUT_WAL_BUG
    return SqliteLibrary(sqlite.__name__, sqlite.sqlite_version, has_bug)


def connect_writer(path: Path) -> Database:
    """Open a catalogue file to write, creating it if it does not exist; nothing in it is changed yet."""
    return _connect(path, "mode=rwc")


def prepare_writer(db: Database, path: Path) -> None:
    """Switch to the write-ahead log. Raises `UsageError` where the disk does not allow one."""
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise UsageError(
            f"{path}: SQLite cannot keep a write-ahead log on this disk (it uses {mode!r})",
            "keep the catalogue on a local disk (--catalogue FILE)",
        )
    # FULL syncs every commit: a fact that a report quotes must outlive a power cut. Adds are batched (`Session`), so
    # a sync costs a few milliseconds four times a second.
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA journal_size_limit = {_WAL_SIZE_LIMIT}")
    db.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
    db.execute("PRAGMA foreign_keys = ON")


def connect_reader(path: Path) -> Database:
    """Open a catalogue file to read, also while a writer is at work and after one was killed."""
    # Read-only is enough for most files. After a killed writer SQLite first has to roll back what it left, and that
    # needs a writable connection. In a folder that nobody may write to, only `immutable` works.
    modes = ["mode=ro", "mode=rw"]
    if not has_pending_wal(path):
        # Immutable ignores the write-ahead log, so it may only be used when nothing is waiting there.
        modes.append("mode=ro&immutable=1")
    for mode in modes:
        db = _connect(path, mode)
        try:
            db.execute("PRAGMA query_only = ON")
            # SQLite opens the file only with the first real query.
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            return db
        except sqlite.OperationalError as error:
            db.close()
            if mode == modes[-1] or _get_result_code(error) not in (_READONLY, _CANTOPEN):
                raise
    raise AssertionError("unreachable")


def open_in_memory() -> Database:
    """An empty database that is in no file."""
    return Database(sqlite.connect(":memory:", isolation_level=None))


def copy_to(db: Database, place: Path) -> None:
    """Write one moment of an open database to a new file, also while another process writes to it."""
    with contextlib.closing(sqlite.connect(os.fspath(place))) as copy:
        db.conn.backup(copy)


def has_pending_wal(path: Path) -> bool:
    """Whether a write-ahead log waits: the last writer did not close the file, or is still at work."""
    with contextlib.suppress(OSError):
        return os.stat(f"{path}-wal").st_size > 0
    return False


def _connect(path: Path, mode: str) -> Database:
    uri = f"{path.absolute().as_uri()}?{mode}"
    # isolation_level None: transactions begin where the code says so and nowhere else.
    connection = sqlite.connect(
        uri, uri=True, timeout=_BUSY_TIMEOUT, isolation_level=None, cached_statements=_KEPT_STATEMENTS
    )
    db = Database(connection)
    # Both guard against a file that somebody else prepared: functions called from its schema, and malformed cells.
    db.execute("PRAGMA trusted_schema = OFF")
    db.execute("PRAGMA cell_size_check = ON")
    return db


class _ErrorTranslation:
    """Raises errors for people in place of those of SQLite. A class: a generator would cost more than most queries."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A mistake in this program, not in the file, must not be reported as damage.
        if error is None or isinstance(error, sqlite.ProgrammingError):
            return
        if isinstance(error, UnicodeDecodeError):
            # Python fails to decode SQLite's own message when that quotes damaged names.
            raise make_damage_error(self._path, "it contains names that are not valid text") from error
        if isinstance(error, sqlite.DatabaseError):
            raise _explain_error(error, self._path) from error


def translate_errors(path: Path) -> AbstractContextManager[None]:
    """Turn every error that SQLite raises into one with a hint.

    Raises `CatalogueBusy`, `CatalogueDamaged` or, for the disk under the file, `ProvenanceError`.
    """
    return _ErrorTranslation(path)


def _get_result_code(error: Exception) -> int:
    """SQLite's primary result code; 0 when the module gives none."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    # An extended result code keeps the primary one in its lowest byte.
    return int(code) & 0xFF


def _explain_error(error: Exception, path: Path) -> ProvenanceError:
    code = _get_result_code(error)
    if code in (_BUSY, _LOCKED):
        return CatalogueBusy(f"{path}: another program is using it ({error})", "wait until it ends, then start again")
    if code == _FULL:
        return ProvenanceError(
            f"{path}: the disk is full", "free some space and start again; everything recorded so far is kept"
        )
    if code in (_READONLY, _CANTOPEN):
        return ProvenanceError(
            f"{path}: cannot be written ({error})", "check the permissions of the file and of its folder"
        )
    if code == _IOERR:
        return ProvenanceError(
            f"{path}: the disk under it is failing or full ({error})", "check the disk, then run `provenance verify`"
        )
    if code == _TOOBIG:
        return ProvenanceError(f"{path}: a row is too large for the catalogue", "leave the file out with --exclude")
    # Every other code (SQLITE_CORRUPT, SQLITE_NOTADB, a failed constraint) contradicts what this program writes.
    return make_damage_error(path, str(error))


def make_damage_error(path: Path, reason: str) -> CatalogueDamaged:
    """The error for a file whose content is not what was written."""
    return CatalogueDamaged(
        f"{path}: the catalogue is damaged: {reason}",
        "restore it from a backup; or move it away and ingest again (approvals must then be registered again)",
    )

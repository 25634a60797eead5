"""Which SQLite is in use, how a catalogue file is opened with it, and what its errors mean to a person."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlite_utils.utils
from sqlite_utils import Database

from provenance.errors import CatalogueBusy, CatalogueDamaged, ProvenanceError, UsageError

sqlite = sqlite_utils.utils.sqlite3  # type: ignore[attr-defined]  # pysqlite3 where it is installed, else the standard one

_PATIENCE = 30.0
"""Seconds to wait for another connection before it is told as busy."""
_FIRST_WITH_BUG, _FIRST_WITHOUT = (3, 7, 0), (3, 51, 3)


@dataclass(frozen=True, slots=True)
class SqliteLibrary:
    """The SQLite in use."""

    module: str
    """Python module that carries it: `pysqlite3` or `sqlite3`."""
    version: str
    wal_reset_bug: bool
    """SQLite 3.7.0 to 3.51.2 can damage a WAL file when two connections write or checkpoint at once (sqlite.org,
    release 3.51.3). A catalogue has one writer and its readers never checkpoint, so it is not exposed even then."""


def describe_sqlite() -> SqliteLibrary:
    """Name, version and soundness of the SQLite that catalogues are written with."""
    version = tuple(int(part) for part in sqlite.sqlite_version.split("."))
    return SqliteLibrary(sqlite.__name__, sqlite.sqlite_version, _FIRST_WITH_BUG <= version < _FIRST_WITHOUT)


def connect_writer(path: Path) -> Database:
    """Open a catalogue file to write, creating it when it is not there; nothing in it is changed yet."""
    return _connect(path, "mode=rwc")


def prepare_writer(db: Database, path: Path) -> None:
    """Switch to the write-ahead log.

    Commits are synced (`FULL`): what a report quotes must outlive a power cut, and adds are batched, so a sync costs
    a few milliseconds four times a second. Raises `UsageError` where no such log is possible.
    """
    mode = db.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    if mode != "wal":
        raise UsageError(f"{path}: no write-ahead log is possible here (SQLite says {mode})", "use a local disk")
    for pragma in ("synchronous = FULL", f"journal_size_limit = {64 * 1024 * 1024}", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}")


def connect_reader(path: Path) -> Database:
    """Open a catalogue file to read, also while a writer is at work and after one was killed.

    Read-only where that is enough. What a killed writer left may have to be rolled back first, which needs a writable
    connection; and in a folder that cannot be written a catalogue at rest is read as immutable.
    """
    ways = ["mode=ro", "mode=rw"]
    if not _waiting_in_wal(path):
        ways.append("mode=ro&immutable=1")
    for way in ways:
        db = _connect(path, way)
        try:
            db.execute("PRAGMA query_only = ON")
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            return db
        except sqlite.OperationalError as error:
            db.close()
            if way == ways[-1] or _code(error) not in (_READONLY, _CANTOPEN):
                raise
    raise AssertionError("unreachable")


def _waiting_in_wal(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return os.stat(f"{path}-wal").st_size > 0
    return False


def _connect(path: Path, how: str) -> Database:
    # isolation_level None: transactions begin where the code says so and nowhere else
    connection = sqlite.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=_PATIENCE, isolation_level=None)
    db = Database(connection, execute_plugins=False)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON"):
        db.execute(f"PRAGMA {pragma}")
    return db


_BUSY, _LOCKED, _READONLY, _IOERR, _FULL, _CANTOPEN, _TOOBIG = 5, 6, 8, 10, 13, 14, 18


@contextlib.contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Turn whatever SQLite raises into an error with a hint.

    Raises `CatalogueBusy`, `CatalogueDamaged` or, for the disk under the file, `ProvenanceError`.
    """
    try:
        yield
    except sqlite.ProgrammingError:
        raise  # a mistake of ours, not of the file
    except UnicodeDecodeError as error:  # of SQLite's own message, when it quotes what is damaged
        raise make_damage_error(path, "it holds names that are no text") from error
    except sqlite.DatabaseError as error:
        raise _explain_error(error, path) from error


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 when the module gives none."""
    return int(getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _explain_error(error: Exception, path: Path) -> ProvenanceError:
    code = _code(error)
    if code in (_BUSY, _LOCKED):
        return CatalogueBusy(f"{path}: held by another program ({error})", "wait until it ends, then start again")
    if code == _FULL:
        return ProvenanceError(f"{path}: the disk is full", "free some space and start again; nothing recorded is lost")
    if code in (_READONLY, _CANTOPEN):
        return ProvenanceError(f"{path}: cannot be written ({error})", "check the rights of the file and of its folder")
    if code == _IOERR:
        return ProvenanceError(
            f"{path}: its disk fails or is full ({error})", "check the disk, then `provenance verify`"
        )
    if code == _TOOBIG:
        return ProvenanceError(f"{path}: a row is too large for the catalogue", "leave the file out with --exclude")
    return make_damage_error(path, str(error))


def make_damage_error(path: Path, what: str) -> CatalogueDamaged:
    """The error for a file whose content is not what was written."""
    return CatalogueDamaged(
        f"{path}: the catalogue is damaged: {what}",
        "restore it from a backup; or move it away and ingest again (approvals must then be registered again)",
    )

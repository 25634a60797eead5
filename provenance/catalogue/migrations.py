"""The schema, as ordered steps, each with its own entry in the ledger. All that are due run in one transaction.

A released step is never edited, not even its white space: the ledger holds a hash of the SQL. A change is a new step
at the end. Everything that is known about content refers to `assets.id`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from provenance.catalogue.engine import Database, make_damage_error
from provenance.catalogue.ledger import BLOCK, Ledger
from provenance.errors import UsageError

APPLICATION_ID = 0x50524F56
"""`PROV` in ASCII, in the header of the file: it distinguishes a catalogue from any other SQLite file."""

Step = Callable[[Database], None]


def _create_core_tables(db: Database) -> None:
    tables = (
        """runs (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, detail TEXT NOT NULL, pid INTEGER NOT NULL,
            started_at TEXT NOT NULL, ended_at TEXT, outcome TEXT, seen BLOB) STRICT""",
        "roots (id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE) STRICT",
        "assets (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, size INTEGER NOT NULL) STRICT",
        """readings (
            id INTEGER PRIMARY KEY, asset INTEGER REFERENCES assets, origin TEXT NOT NULL, digest BLOB NOT NULL,
            payload BLOB NOT NULL, thumbnail BLOB) STRICT""",
        """locations (
            id INTEGER PRIMARY KEY, root INTEGER NOT NULL REFERENCES roots, path BLOB NOT NULL, zone TEXT NOT NULL,
            rest TEXT, holder TEXT, mark TEXT NOT NULL, reading INTEGER NOT NULL REFERENCES readings,
            first_run INTEGER NOT NULL REFERENCES runs, at TEXT NOT NULL, vanished_at TEXT,
            UNIQUE (root, path)) STRICT""",
        """approvals (
            id INTEGER PRIMARY KEY, digest TEXT NOT NULL, who TEXT NOT NULL, reason TEXT NOT NULL,
            reference TEXT NOT NULL, expires TEXT NOT NULL, added_at TEXT NOT NULL,
            withdrawn_at TEXT, withdrawn_by TEXT, withdrawn_because TEXT) STRICT""",
        """ledger (
            seq INTEGER PRIMARY KEY, at TEXT NOT NULL, subject TEXT NOT NULL, row INTEGER NOT NULL, deed TEXT NOT NULL,
            digest BLOB NOT NULL, hash BLOB NOT NULL) STRICT""",
    )
    for table in tables:
        db.execute(f"CREATE TABLE {table}")
    indexes = (
        "readings_of ON readings (asset)",
        "locations_of ON locations (reading)",
        "locations_held ON locations (root, holder) WHERE holder IS NOT NULL",
        "approvals_of ON approvals (digest)",
        "ledger_of ON ledger (subject, row)",
    )
    for index in indexes:
        db.execute(f"CREATE INDEX {index}")
    # The ledger promises a history without gaps, so no row is ever deleted. Runs end, locations vanish and approvals
    # are withdrawn: only these three tables may be updated.
    for table in ("runs", "roots", "assets", "readings", "locations", "approvals", "ledger"):
        _forbid(db, "DELETE", table)
    for table in ("roots", "assets", "readings", "ledger"):
        _forbid(db, "UPDATE", table)


def _forbid(db: Database, operation: str, table: str) -> None:
    """Make SQLite itself refuse `DELETE` or `UPDATE` on a table, also to other programs."""
    db.execute(
        f"CREATE TRIGGER {table}_no_{operation.lower()} BEFORE {operation} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} are never changed by {operation}'); END"
    )


def _create_fingerprints(db: Database) -> None:
    db.execute(
        """CREATE TABLE fingerprints (
            id INTEGER PRIMARY KEY, asset INTEGER NOT NULL REFERENCES assets, method TEXT NOT NULL,
            version INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX fingerprints_of ON fingerprints (asset, method, digest)")
    _forbid(db, "DELETE", "fingerprints")
    _forbid(db, "UPDATE", "fingerprints")


def _create_searches(db: Database) -> None:
    # A row of `looks` is one search of an asset for known material; `looked_for` is the digest of the search index.
    db.execute(
        """CREATE TABLE looks (
            id INTEGER PRIMARY KEY, asset INTEGER NOT NULL REFERENCES assets, looked_for BLOB NOT NULL,
            digest BLOB NOT NULL) STRICT"""
    )
    db.execute(
        """CREATE TABLE matches (
            id INTEGER PRIMARY KEY, look INTEGER NOT NULL REFERENCES looks, known TEXT NOT NULL, payload BLOB NOT NULL,
            known_picture BLOB, found_picture BLOB) STRICT"""
    )
    for index in ("looks_at ON looks (asset)", "matches_in ON matches (look)", "matches_of ON matches (known)"):
        db.execute(f"CREATE INDEX {index}")
    for table in ("looks", "matches"):
        _forbid(db, "DELETE", table)
        _forbid(db, "UPDATE", table)


def _create_search_troubles(db: Database) -> None:
    # Troubles of a search refer to the search, as its matches do: a new search replaces both.
    db.execute(
        """CREATE TABLE search_troubles (
            id INTEGER PRIMARY KEY, look INTEGER NOT NULL REFERENCES looks, payload TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX search_troubles_in ON search_troubles (look)")
    _forbid(db, "DELETE", "search_troubles")
    _forbid(db, "UPDATE", "search_troubles")


def _create_bindings(db: Database) -> None:
    # What an approval covers, kept once with the approval and never changed: JSON of a `Binding`.
    db.execute(
        """CREATE TABLE bindings (
            id INTEGER PRIMARY KEY, approval INTEGER NOT NULL REFERENCES approvals, payload TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX bindings_of ON bindings (approval)")
    _forbid(db, "DELETE", "bindings")
    _forbid(db, "UPDATE", "bindings")


def _create_entries(db: Database) -> None:
    # Every event in the life of an entry of the register is a row; `name` is its id. Payload: JSON of an `EntryEvent`.
    db.execute(
        """CREATE TABLE entries (
            id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, payload TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX entries_of ON entries (kind, name)")
    _forbid(db, "DELETE", "entries")
    _forbid(db, "UPDATE", "entries")


def _create_attachments(db: Database) -> None:
    # Bytes that belong to a content and are kept as they were found: its C2PA manifest stores, and the digests of the
    # frames of a sequence.
    db.execute(
        """CREATE TABLE attachments (
            id INTEGER PRIMARY KEY, asset INTEGER NOT NULL REFERENCES assets, kind TEXT NOT NULL,
            digest BLOB NOT NULL, data BLOB NOT NULL) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX attachments_of ON attachments (asset, kind, digest)")
    _forbid(db, "DELETE", "attachments")
    _forbid(db, "UPDATE", "attachments")


def _create_ledger_blocks(db: Database) -> None:
    # Roots of the complete blocks of the ledger, numbered from 0: all of them follow from the ledger.
    db.execute("CREATE TABLE ledger_blocks (id INTEGER PRIMARY KEY, root BLOB NOT NULL) STRICT")
    ledger = Ledger(db)
    for number in range(ledger.size // BLOCK):
        root = ledger.compute_block(number)
        db.execute("INSERT INTO ledger_blocks (id, root) VALUES (?, ?)", (number, root))
    _forbid(db, "DELETE", "ledger_blocks")
    _forbid(db, "UPDATE", "ledger_blocks")


def _create_history(db: Database) -> None:
    # What a place held before the change that `entry` of the ledger records.
    db.execute(
        """CREATE TABLE former_states (
            id INTEGER PRIMARY KEY, entry INTEGER NOT NULL, location INTEGER NOT NULL REFERENCES locations,
            reading INTEGER NOT NULL REFERENCES readings, vanished_at TEXT) STRICT"""
    )
    db.execute("CREATE INDEX former_states_of ON former_states (location, entry)")
    # What a finished night leaves for the next one to compare with: JSON.
    db.execute(
        """CREATE TABLE nights (
            id INTEGER PRIMARY KEY, run INTEGER NOT NULL REFERENCES runs, payload BLOB NOT NULL) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX nights_of ON nights (run)")
    for table in ("former_states", "nights"):
        _forbid(db, "DELETE", table)
        _forbid(db, "UPDATE", table)


def _create_reading_versions(db: Database) -> None:
    # Names of what takes part in a reading, with its versions: they stand in the change keys of locations. Payload of
    # both: JSON.
    db.execute(
        """CREATE TABLE reading_versions (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, payload TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE TABLE reader_states (id INTEGER PRIMARY KEY, payload TEXT NOT NULL) STRICT")
    for table in ("reading_versions", "reader_states"):
        _forbid(db, "DELETE", table)
        _forbid(db, "UPDATE", table)


def _create_known_lists(db: Database) -> None:
    # Lists of known material from elsewhere: a row for each time that one is imported or removed, and one for each item
    # of an imported one. Payload: JSON of a `ListEvent`, of a `ListedItem`.
    db.execute("CREATE TABLE known_lists (id INTEGER PRIMARY KEY, title TEXT NOT NULL, payload TEXT NOT NULL) STRICT")
    db.execute(
        """CREATE TABLE listed_items (
            id INTEGER PRIMARY KEY, list INTEGER NOT NULL REFERENCES known_lists,
            asset INTEGER NOT NULL REFERENCES assets, payload TEXT NOT NULL) STRICT"""
    )
    db.execute("CREATE INDEX listed_items_of ON listed_items (list, asset)")
    for table in ("known_lists", "listed_items"):
        _forbid(db, "DELETE", table)
        _forbid(db, "UPDATE", table)


def _create_reading_sets(db: Database) -> None:
    # Which readings have something in common: a bit for each reading from `first` to `last`, counted from row 0.
    db.execute(
        """CREATE TABLE reading_sets (
            id INTEGER PRIMARY KEY, name TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
            bits BLOB NOT NULL) STRICT"""
    )
    for operation in ("DELETE", "UPDATE"):
        _forbid(db, operation, "reading_sets")
    # What is known material is asked for every night. Most readings show no origin, and few places lie in that zone.
    db.execute("CREATE INDEX readings_with_origin ON readings (origin, asset) WHERE origin != 'unknown'")
    db.execute("CREATE INDEX locations_of_reference ON locations (reading) WHERE zone = 'reference'")


def _create_folder_states(db: Database) -> None:
    # Folders as they were when nothing in them had to be read. Payload: JSON of a `FolderState`.
    db.execute(
        """CREATE TABLE folder_states (
            id INTEGER PRIMARY KEY, folder BLOB NOT NULL UNIQUE, digest BLOB NOT NULL, payload TEXT NOT NULL) STRICT"""
    )
    _forbid(db, "DELETE", "folder_states")


def _create_batches(db: Database) -> None:
    # Files that were new in every way and were recorded together. `id`: the ledger entry that stands for all of them.
    # Digests: of the state of each reading and location, in turn, 32 bytes each.
    db.execute(
        """CREATE TABLE batches (
            id INTEGER PRIMARY KEY, first_reading INTEGER NOT NULL, first_location INTEGER NOT NULL,
            digests BLOB NOT NULL) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX batches_of_readings ON batches (first_reading)")
    db.execute("CREATE UNIQUE INDEX batches_of_locations ON batches (first_location)")
    for operation in ("DELETE", "UPDATE"):
        _forbid(db, operation, "batches")


MIGRATIONS: tuple[Step, ...] = (
    _create_core_tables,
    _create_fingerprints,
    _create_searches,
    _create_search_troubles,
    _create_bindings,
    _create_entries,
    _create_attachments,
    _create_ledger_blocks,
    _create_history,
    _create_reading_versions,
    _create_known_lists,
    _create_reading_sets,
    _create_folder_states,
    _create_batches,
)


def read_version(db: Database) -> int:
    """Number of the newest step that was applied to the file; 0 for an empty one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: Database, steps: Sequence[Step] = MIGRATIONS) -> None:
    """Bring an empty or older catalogue up to the newest step, in one transaction: a kill leaves none half way."""
    first = read_version(db) + 1
    if first > len(steps):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for number in range(first, len(steps) + 1):
            steps[number - 1](db)
            db.execute(f"PRAGMA user_version = {number}")
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            Ledger(db).record_schema(number)
        db.execute("COMMIT")
    finally:
        # Still in the transaction means that a step failed, whatever the reason.
        if db.conn.in_transaction:
            db.execute("ROLLBACK")


def recognise(db: Database, path: Path, steps: Sequence[Step] = MIGRATIONS) -> bool:
    """Whether the file is a catalogue of this version (True) or one that is empty or older (False).

    Raises `UsageError` for another program's file and for a newer catalogue, `CatalogueDamaged` when the header
    contradicts the content.
    """
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    version = read_version(db)
    application = db.execute("PRAGMA application_id").fetchone()[0]
    if not tables and not version:
        # A run that was killed before its first commit leaves a file without a schema.
        return False
    is_header_ours = application == APPLICATION_ID and version >= 1
    # Only a catalogue has these tables: with another header the file is a catalogue that somebody altered.
    if tables >= {"ledger", "locations", "readings"} and not is_header_ours:
        raise make_damage_error(path, "its header was altered")
    if application != APPLICATION_ID:
        raise UsageError(
            f"{path} is not a catalogue, but an SQLite file of another program; it was left as it is",
            "name the file that an earlier `provenance ingest` or `scan` made, or one that is not there yet",
        )
    if version > len(steps):
        raise UsageError(
            f"{path}: a newer version of provenance wrote it (schema {version}; this version reads up to {len(steps)})",
            "update provenance, or use another catalogue",
        )
    return version == len(steps)

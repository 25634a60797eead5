"""The ledger: an append-only hash chain of everything that was recorded, with its time and its state.

An entry names a row and the SHA-256 of its state. It is hashed together with the hash of the entry before, in the same
transaction as the change it records. An edit of any row or entry, a deletion and a reordering break the chain or
contradict it. A chain kept in the same file cannot show that its newest entries were cut off together with their rows,
or that all of it was computed anew. A head (`Ledger.head`) that was noted elsewhere, as in a report, shows both.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable

from sqlite_utils import Database

from provenance.catalogue.codec import encode_compact

Cell = str | int | float | bytes | None

STATES = {
    "run": "SELECT this.id, kind, detail, pid, started_at, ended_at, outcome, seen FROM runs this",
    "reading": """SELECT this.id, assets.digest, assets.size, this.origin, this.digest, this.payload, this.thumbnail
        FROM readings this LEFT JOIN assets ON assets.id = this.asset""",
    "location": """SELECT this.id, roots.path, this.path, this.zone, this.rest, this.holder, this.mark, readings.digest,
        this.first_run, this.at, this.vanished_at
        FROM locations this LEFT JOIN roots ON roots.id = this.root LEFT JOIN readings ON readings.id = this.reading""",
    "fingerprint": """SELECT this.id, assets.digest, method, version, this.digest, this.data
        FROM fingerprints this JOIN assets ON assets.id = this.asset""",
    "look": """SELECT this.id, assets.digest, looked_for, this.digest
        FROM looks this JOIN assets ON assets.id = this.asset""",
    "search_trouble": "SELECT this.id, look, payload FROM search_troubles this",
    "match": "SELECT this.id, look, known, payload, known_picture, found_picture FROM matches this",
    "approval": """SELECT this.id, digest, who, reason, reference, expires, added_at, withdrawn_at, withdrawn_by,
        withdrawn_because FROM approvals this""",
    "binding": "SELECT this.id, approval, payload FROM bindings this",
    "entry": "SELECT this.id, kind, name, payload FROM entries this",
}
"""The query for the state of a row, by subject: its content with every reference followed, so that swapped ids show."""

TABLES = {subject: f"{subject}s" for subject in STATES} | {"match": "matches", "entry": "entries"}
"""The table that contains the rows of a subject."""


class Ledger:
    """Appends to the chain. The head is held in memory and must be reloaded after a rollback."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.reload()

    def reload(self) -> None:
        """Read the head from the file again."""
        newest = self._db.execute("SELECT seq, hash FROM ledger ORDER BY seq DESC LIMIT 1").fetchone()
        self._seq: int
        self._hash: bytes
        self._seq, self._hash = newest or (0, b"")

    @property
    def head(self) -> str:
        """`<number of entries>:<hash of the newest, hex>`, to be noted elsewhere; `0:` for an empty ledger."""
        return f"{self._seq}:{self._hash.hex()}"

    def record(self, subject: str, row: int, deed: str, at: str) -> None:
        """Append the present state of a row. Call it in the transaction that changed the row."""
        # Read back from the table: the ledger records the bytes that SQLite stored, not the ones it was given.
        state = self._db.conn.execute(f"{STATES[subject]} WHERE this.id = ?", (row,)).fetchone()
        self._append(at, subject, row, deed, hash_state(state))

    def record_schema(self, version: int) -> None:
        """Append the present schema."""
        # Without a time: times come from the caller of a change, and nobody calls for a migration.
        self._append("", "schema", version, "migrated", hash_schema(self._db))

    def _append(self, at: str, subject: str, row: int, deed: str, digest: bytes) -> None:
        seq = self._seq + 1
        link = hash_entry(seq, at, subject, row, deed, digest, self._hash)
        self._db.conn.execute(
            "INSERT INTO ledger (seq, at, subject, row, deed, digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (seq, at, subject, row, deed, digest, link),
        )
        self._seq, self._hash = seq, link


def hash_state(state: Iterable[Cell]) -> bytes:
    """SHA-256 of the compact JSON of a row, in which every blob is replaced by its own SHA-256."""
    cells: list[Cell | dict[str, str]] = []
    for cell in state:
        if isinstance(cell, bytes):
            cells.append({"sha256": hashlib.sha256(cell).hexdigest()})
        else:
            cells.append(cell)
    return hashlib.sha256(encode_compact(cells).encode()).digest()


def hash_entry(seq: int, at: str, subject: str, row: int, deed: str, digest: bytes, previous: bytes) -> bytes:
    """SHA-256 of an entry chained to the one before (`b""` before the first)."""
    entry = encode_compact([seq, at, subject, row, deed, digest.hex(), previous.hex()])
    return hashlib.sha256(entry.encode()).digest()


def hash_schema(db: Database) -> bytes:
    """SHA-256 of everything that defines the schema, so that a dropped or added trigger shows."""
    # Names that start with `sqlite_` belong to SQLite itself, such as its automatic indexes.
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
    )
    return hash_state(itertools.chain.from_iterable(rows))

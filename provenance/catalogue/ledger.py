"""The ledger: an append-only hash chain of everything that was recorded, with its time and its state.

An entry names a row and the SHA-256 of its state. It is hashed together with the hash of the entry before, in the same
transaction as the change it records. What was new in every way and was recorded together has one entry: it names a row
that has the digest of each of them. An edit of any row or entry, a deletion and a reordering break the chain or
contradict it. A chain kept in the same file cannot show that its newest entries were cut off together with their rows,
or that all of it was computed anew. A head (`Ledger.head`) that was noted elsewhere, as in a report, shows both.

The same entries are the leaves of a Merkle tree (RFC 6962). Its root says the same as the head, and it also allows to
prove that one entry is in the ledger without showing any other. The roots of all complete blocks of entries are kept,
so that the root follows from them and from the entries of the last block.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from provenance import merkle
from provenance.catalogue.codec import encode_compact, encode_text
from provenance.catalogue.engine import Database
from provenance.merkle import CompactRange

Cell = str | int | float | bytes | None

STATES = {
    "run": "SELECT this.id, kind, detail, pid, started_at, ended_at, outcome, seen FROM runs this",
    "reading": """SELECT this.id, assets.digest, assets.size, this.origin, this.digest, this.payload, this.thumbnail
        FROM readings this LEFT JOIN assets ON assets.id = this.asset""",
    "location": """SELECT this.id, roots.path, this.path, this.zone, this.rest, this.holder, this.mark, readings.digest,
        this.first_run, this.at, this.vanished_at
        FROM locations this LEFT JOIN roots ON roots.id = this.root LEFT JOIN readings ON readings.id = this.reading""",
    "fingerprint": """SELECT this.id, assets.digest, method, version, this.digest, this.data
        FROM fingerprints this LEFT JOIN assets ON assets.id = this.asset""",
    "look": """SELECT this.id, assets.digest, looked_for, this.digest
        FROM looks this LEFT JOIN assets ON assets.id = this.asset""",
    "search_trouble": "SELECT this.id, look, payload FROM search_troubles this",
    "match": "SELECT this.id, look, known, payload, known_picture, found_picture FROM matches this",
    "approval": """SELECT this.id, digest, who, reason, reference, expires, added_at, withdrawn_at, withdrawn_by,
        withdrawn_because FROM approvals this""",
    "attachment": """SELECT this.id, assets.digest, kind, this.digest, data
        FROM attachments this LEFT JOIN assets ON assets.id = this.asset""",
    "binding": "SELECT this.id, approval, payload FROM bindings this",
    "entry": "SELECT this.id, kind, name, payload FROM entries this",
    "former_state": """SELECT this.id, entry, location, readings.digest, this.vanished_at
        FROM former_states this JOIN readings ON readings.id = this.reading""",
    "night": "SELECT this.id, run, payload FROM nights this",
    "reading_version": "SELECT this.id, name, payload FROM reading_versions this",
    "known_list": "SELECT this.id, title, payload FROM known_lists this",
    "listed_item": """SELECT this.id, list, assets.digest, payload
        FROM listed_items this LEFT JOIN assets ON assets.id = this.asset""",
    "reader_state": "SELECT this.id, payload FROM reader_states this",
    "reading_set": "SELECT this.id, name, first, last, bits FROM reading_sets this",
    "folder_state": "SELECT this.id, folder, digest, payload FROM folder_states this",
    "batch": "SELECT this.id, first_reading, first_location, digests FROM batches this",
}
"""The query for the state of a row, by subject: its content with every reference followed, so that swapped ids show.

Every join is a left one: a row whose reference leads nowhere must not vanish from the comparison.
"""

BLOCK = 1024
"""Entries of a block, a power of two: the root of a block is then a subtree of the whole tree."""
READ_TOGETHER = 2 * hashlib.sha256().digest_size
"""Bytes of a batch for each file: the digests of its reading and of its location."""
ENTRY_OF_READING = """coalesce((SELECT seq FROM ledger WHERE subject = 'reading' AND row = readings.id),
    (SELECT id FROM batches WHERE first_reading <= readings.id ORDER BY first_reading DESC LIMIT 1))"""
"""The number of the entry that recorded a row of `readings`: its own, or else that of the batch in which it lies."""
BATCHED_LOCATIONS = f"""batches CROSS JOIN locations ON locations.id >= first_location
    AND locations.id < first_location + length(digests) / {READ_TOGETHER}"""
"""Tables: each batch with its locations, the batches first, which are few."""
_BATCHES = {
    subject: f"""SELECT id, first_{subject}, digests FROM batches WHERE first_{subject} <= ?
        ORDER BY first_{subject} DESC LIMIT 1"""  # noqa: S608 - names of our own
    for subject in ("reading", "location")
}
_INSERT_BATCH = "INSERT INTO batches (id, first_reading, first_location, digests) VALUES (?, ?, ?, ?)"
_INSERT_ENTRY = "INSERT INTO ledger (seq, at, subject, row, deed, digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?)"
_ENTRIES = "SELECT seq, at, subject, row, deed, digest, hash FROM ledger WHERE seq > ? AND seq <= ? ORDER BY seq"

TABLES = {subject: f"{subject}s" for subject in STATES} | {"match": "matches", "entry": "entries", "batch": "batches"}
"""The table that contains the rows of a subject."""


class Entry(NamedTuple):
    """One entry, in the order of the columns."""

    seq: int
    at: str
    subject: str
    row: int
    deed: str
    digest: bytes
    """SHA-256 of the state of the row."""
    hash: bytes
    """SHA-256 of the entry, its link in the chain."""


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
        # The leaves of the last block are read with the first entry that is appended: readers append none.
        self._last_block: list[bytes] | None = None
        # A catalogue that is about to be migrated has no table of blocks yet; the step that makes it fills it.
        self._has_blocks = has_blocks(self._db)

    @property
    def size(self) -> int:
        """Number of entries."""
        return self._seq

    @property
    def head(self) -> str:
        """`<number of entries>:<hash of the newest, hex>`, to be noted elsewhere; `0:` for an empty ledger."""
        return f"{self._seq}:{self._hash.hex()}"

    def record(self, subject: str, row: int, deed: str, at: str, state: Iterable[Cell] | None = None) -> None:
        """Append the present state of a row. Call it in the transaction that changed the row.

        `state`: the cells that were just inserted, in the order of `STATES`, where the caller has all of them.
        """
        if state is None:
            state = self._db.conn.execute(f"{STATES[subject]} WHERE this.id = ?", (row,)).fetchone()
        # The tables are STRICT: they store the very cells that they are given, or refuse them.
        self._append(at, subject, row, deed, hash_state(state))

    def record_batch(self, first_reading: int, first_location: int, digests: bytes, at: str) -> None:
        """Append one entry for readings and locations that were just inserted together, of files one after the other.

        `digests`: for each file that of the state of its reading, then that of its location.
        """
        number = self._seq + 1
        state = (number, first_reading, first_location, digests)
        self._db.conn.execute(_INSERT_BATCH, state)
        self.record("batch", number, "read", at, state)

    def record_schema(self, version: int) -> None:
        """Append the present schema."""
        # Without a time: times come from the caller of a change, and nobody calls for a migration.
        self._append("", "schema", version, "migrated", hash_schema(self._db))

    def _append(self, at: str, subject: str, row: int, deed: str, digest: bytes) -> None:
        seq = self._seq + 1
        encoded = encode_entry(seq, at, subject, row, deed, digest, self._hash)
        link = hashlib.sha256(encoded).digest()
        self._db.conn.execute(_INSERT_ENTRY, (seq, at, subject, row, deed, digest, link))
        self._add_leaf(merkle.hash_leaf(encoded))
        self._seq, self._hash = seq, link

    def _add_leaf(self, leaf: bytes) -> None:
        """Add the leaf of the entry after the last one to its block, and keep the root of a block that is complete."""
        if not self._has_blocks:
            return
        if self._last_block is None:
            self._last_block = list(self._hash_leaves(self._seq - self._seq % BLOCK, self._seq))
        self._last_block.append(leaf)
        if len(self._last_block) == BLOCK:
            number = self._seq // BLOCK
            root = merkle.compute_perfect_root(self._last_block)
            self._db.conn.execute("INSERT INTO ledger_blocks (id, root) VALUES (?, ?)", (number, root))
            self._last_block = []

    def compute_root(self, size: int) -> bytes:
        """Root of the Merkle tree over the first `size` entries."""
        return self.compute_subtree(0, size)

    def compute_subtree(self, start: int, end: int) -> bytes:
        """Root of the Merkle tree over the entries numbered `start + 1` to `end`: one that a proof asks for."""
        blocks = CompactRange()
        # A subtree that does not begin with a block lies inside of one.
        rest_start = start
        if start % BLOCK == 0:
            rest_start = end - end % BLOCK
            query = "SELECT root FROM ledger_blocks WHERE id >= ? AND id < ? ORDER BY id"
            for (root,) in self._db.execute(query, (start // BLOCK, end // BLOCK)):
                blocks.append(root)
        rest = CompactRange()
        for digest in self._hash_leaves(rest_start, end):
            rest.append(digest)
        return blocks.compute_root(rest.peaks)

    def compute_block(self, number: int) -> bytes:
        """Root over the entries of one block, from the entries themselves."""
        block = CompactRange()
        for digest in self._hash_leaves(number * BLOCK, (number + 1) * BLOCK):
            block.append(digest)
        return block.compute_root()

    def list_proof(self, seq: int, size: int) -> list[bytes]:
        """The inclusion proof of an entry in the tree over the first `size` entries."""
        return merkle.list_proof(seq - 1, size, self.compute_subtree)

    def list_entries(self, start: int, end: int) -> Iterator[Entry]:
        """The entries numbered `start + 1` to `end`."""
        return map(Entry._make, self._db.execute(_ENTRIES, (start, end)))

    def find_hash(self, seq: int) -> bytes | None:
        """The link of an entry; None when there is no such entry."""
        found = self._db.execute("SELECT hash FROM ledger WHERE seq = ?", (seq,)).fetchone()
        return found and bytes(found[0])

    def find_identity(self) -> str:
        """A name for this ledger that no other has: the hash of its first entry that is not about the schema.

        Empty while there is none. Entries about the schema are the same in every catalogue.
        """
        query = "SELECT hash FROM ledger WHERE subject != 'schema' ORDER BY seq LIMIT 1"
        found = self._db.execute(query).fetchone()
        return found[0].hex() if found else ""

    def _hash_leaves(self, start: int, end: int) -> Iterator[bytes]:
        previous = self.find_hash(start) or b""
        for entry in self.list_entries(start, end):
            yield merkle.hash_leaf(encode_entry(*entry[:-1], previous))
            previous = entry.hash


class BatchReader:
    """Finds rows that were recorded in batches. Rows that are asked for in order cost one query for each batch."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._last: dict[str, tuple[int, int, bytes]] = {}
        """By subject: entry, first row and digests of the batch that was found last."""

    def find(self, subject: str, row: int) -> tuple[int, bytes] | None:
        """Number of the entry that recorded a row in a batch, and the digest of its state then; None without one."""
        if subject not in _BATCHES:
            return None
        seq, first, digests = self._last.get(subject, (0, 0, b""))
        if not 0 <= row - first < len(digests) // READ_TOGETHER:
            found = self._db.execute(_BATCHES[subject], (row,)).fetchone()
            if found is None:
                return None
            seq, first, digests = self._last[subject] = found
        start = (row - first) * READ_TOGETHER
        middle = start + READ_TOGETHER // 2
        both = digests[start:middle], digests[middle : start + READ_TOGETHER]
        digest = both[subject == "location"]
        return (seq, digest) if digest else None


def has_blocks(db: Database) -> bool:
    """Whether the catalogue keeps the roots of blocks: older ones do not."""
    return bool(db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'ledger_blocks'").fetchone())


class EncodedCell(str):
    """A cell as `encode_state` writes it: for one that stands in the states of many rows, or in two of one file."""

    __slots__ = ()


def hash_state(state: Iterable[Cell]) -> bytes:
    """SHA-256 of the compact JSON of a row, in which every blob is replaced by its own SHA-256."""
    return hashlib.sha256(encode_state(state)).digest()


def encode_state(state: Iterable[Cell]) -> bytes:
    """The compact JSON of a row that is digested."""
    # Joined by hand: this runs three times for every file, and an encoder made for each row costs more than its cells.
    return f"[{','.join([_ENCODERS[type(cell)](cell) for cell in state])}]".encode()


def encode_cell(cell: Cell) -> EncodedCell:
    """One cell of that JSON."""
    return EncodedCell(_ENCODERS[type(cell)](cell))


def _encode_blob(blob: bytes) -> str:
    return f'{{"sha256":"{hashlib.sha256(blob).hexdigest()}"}}'


def _encode_null(_: None) -> str:
    return "null"


class _Encoders(dict[type, Callable[[Any], str]]):
    """By class of a cell: the function that writes it."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        """Words of the model are texts, and truth values are numbers."""
        for base in (bytes, str, int):
            if issubclass(kind, base):
                self[kind] = self[base]
                return self[kind]
        return encode_compact


_ENCODERS = _Encoders(
    {bytes: _encode_blob, str: encode_text, int: str, type(None): _encode_null, EncodedCell: str.__str__}
)


def encode_entry(seq: int, at: str, subject: str, row: int, deed: str, digest: bytes, previous: bytes) -> bytes:
    """An entry as it is hashed, chained to the one before (`b""` before the first): compact JSON, a leaf."""
    texts = f"{encode_text(at)},{encode_text(subject)},{row},{encode_text(deed)}"
    return f'[{seq},{texts},"{digest.hex()}","{previous.hex()}"]'.encode()


def hash_entry(seq: int, at: str, subject: str, row: int, deed: str, digest: bytes, previous: bytes) -> bytes:
    """SHA-256 of an entry: its link in the chain."""
    return hashlib.sha256(encode_entry(seq, at, subject, row, deed, digest, previous)).digest()


def hash_schema(db: Database) -> bytes:
    """SHA-256 of everything that defines the schema, so that a dropped or added trigger shows."""
    # Names that start with `sqlite_` belong to SQLite itself, such as its automatic indexes.
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY type, name"
    )
    return hash_state(itertools.chain.from_iterable(rows))

"""Folders as they were when nothing in them had to be read: one comparison proves that of all their files.

A state holds as long as no row of its folder changes. Every change of a row has an entry in the ledger, so the entries
that came in since say which states are void; whoever changes a row need not think of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

from provenance.catalogue.codec import encode_compact
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.ledger import BATCHED_LOCATIONS
from provenance.catalogue.runs import Runs
from provenance.catalogue.session import Session

_STORED = "SELECT this.id, folder, digest, payload FROM folder_states this WHERE folder = ?"
# The sign before `subject` and CROSS JOIN make SQLite begin with the newest entries, and not with all about locations.
_CHANGED = f"""SELECT roots.path, locations.path, ledger.seq FROM ledger
    CROSS JOIN locations ON locations.id = ledger.row JOIN roots ON roots.id = locations.root
    WHERE ledger.seq > ?1 AND +ledger.subject = 'location'
    UNION ALL SELECT roots.path, locations.path, batches.id FROM {BATCHED_LOCATIONS}
    JOIN roots ON roots.id = locations.root WHERE batches.id > ?1 ORDER BY 3"""  # noqa: S608 - names of our own
_KEPT_BY = "SELECT max(seq) FROM ledger WHERE subject = 'folder_state' AND row = ?"
_LOOKED_THROUGH = b""
"""In place of a folder: the row whose payload says up to which entry the ledger was looked through."""
_VOID = b""
"""In place of a digest: that of no folder."""
_MOST_AGAIN = 1000
"""Entries that are looked through again by the next run rather than that a quiet one writes something."""


class FolderState(NamedTuple):
    """What a run has to know of a folder that it passes by."""

    zone: str
    """That of all its rows."""
    terms: Sequence[str]
    """What stands before sizes and times in the change keys: each text once."""
    ranges: Sequence[int]
    """Ids of its rows, of what is inside files too: first and last of each range."""
    files: int
    junk: int
    """Entries that were passed by as junk."""
    skipped: int
    """Entries that are neither files nor folders."""

    @classmethod
    def make(
        cls, zone: str, terms: Iterable[str], rows: Iterable[int], files: int, junk: int = 0, skipped: int = 0
    ) -> Self:
        """The state of a folder with these rows."""
        return cls(zone, sorted(terms), _find_ranges(rows), files, junk, skipped)


class FolderStates:
    """The table of them."""

    def __init__(self, session: Session, runs: Runs) -> None:
        self._session = session
        self._runs = runs
        self._sql = session.db.conn.execute
        self._seen: int | None = None
        """Entry of the ledger up to which changed rows were looked for."""
        self._seen_stored: int | None = None
        """The same as it is stored; None while nothing is."""
        session.on_rollback.append(self._forget)

    def find(self, folder: bytes, digest: bytes, now: str) -> FolderState | None:
        """The state of a folder, if it was kept with this digest and none of its rows has changed since.

        `folder`: absolute path. Raises `CatalogueDamaged`: what a night need not look at is decided by it, so each one
        that is used is compared with the ledger.
        """
        self._void_changed(now)
        with translate_errors(self._session.path):
            stored = self._find(_normalise(folder))
        if stored is None or stored[2] != digest:
            return None
        self._session.require_ledger_state("folder_state", stored)
        return FolderState(*self._session.unpack(json.loads, stored[3]))

    def visit(self, run: int, state: FolderState) -> None:
        """Record that the places of a folder are unchanged, with everything inside them."""
        self._runs.add_visited_ranges(run, state.ranges)

    def keep(self, folder: bytes, digest: bytes, state: FolderState, now: str) -> None:
        """Keep the state that a folder has now, in which nothing had to be read."""
        self._void_changed(now)
        if self._seen_stored is None:
            # Before the first state there was nothing to make void.
            self._store_seen(now)
        with self._session.change():
            self._store(_normalise(folder), digest, encode_compact(state), now)

    def _void_changed(self, now: str) -> None:
        """Make void the states of all folders of which a row has changed since the ledger was looked through last."""
        if self._seen == self._session.ledger.size:
            return
        with translate_errors(self._session.path):
            if self._seen is None:
                self._load_seen()
            size = self._session.ledger.size
            changed = self._list_changed() if self._seen != size else {}
        for folder, entry in changed.items():
            self._make_void(folder, entry, now)
        self._seen = size
        if self._seen_stored is not None and size - self._seen_stored > _MOST_AGAIN:
            self._store_seen(now)

    def _make_void(self, folder: bytes, entry: int, now: str) -> None:
        """Make a state void, unless it was kept after this entry of the ledger was written."""
        with translate_errors(self._session.path):
            stored = self._find(folder)
            if stored is None or stored[2] == _VOID:
                return
            (kept_by,) = self._sql(_KEPT_BY, stored[:1]).fetchone()
        if kept_by is None or kept_by < entry:
            with self._session.change():
                self._store(folder, _VOID, "[]", now, deed="void")

    def _forget(self) -> None:
        # Entries that were undone have numbers that the next ones will have again.
        self._seen = self._seen_stored = None

    def _load_seen(self) -> None:
        stored = self._find(_LOOKED_THROUGH)
        if stored is None:
            self._seen = self._session.ledger.size
            return
        self._session.require_ledger_state("folder_state", stored)
        self._seen = self._seen_stored = int(stored[3])

    def _store_seen(self, now: str) -> None:
        self._seen_stored = self._seen
        with self._session.change():
            self._store(_LOOKED_THROUGH, _VOID, str(self._seen), now)

    def _list_changed(self) -> dict[bytes, int]:
        """Folders of which a row was recorded in another state since, with the newest entry about one."""
        changed = self._sql(_CHANGED, (self._seen,))
        return {_find_folder(root, path): entry for root, path, entry in changed}

    def _find(self, folder: bytes) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._sql(_STORED, (folder,)).fetchone()
        return found

    def _store(self, folder: bytes, digest: bytes, payload: str, now: str, deed: str = "kept") -> None:
        """Write a row that is not so already."""
        stored = self._find(folder)
        if stored is None:
            row = self._session.insert("folder_states", folder=folder, digest=digest, payload=payload)
        elif stored[2:] == (digest, payload):
            return
        else:
            row = stored[0]
            self._session.update("folder_states", row, digest=digest, payload=payload)
        self._session.ledger.record("folder_state", row, deed, now)


def _normalise(folder: bytes) -> bytes:
    """As the folder of a file is written: without a slash at the end."""
    return folder.rstrip(b"/") or b"/"


def _find_folder(root: bytes, path: bytes) -> bytes:
    """The folder in which a row is. What is inside a file comes behind its name and a null byte."""
    file, _, _ = path.partition(b"\0")
    return _normalise(os.path.dirname(os.path.join(root, file)))


def _find_ranges(rows: Iterable[int]) -> list[int]:
    """First and last of each range of row ids: mostly a folder was read in one go."""
    ranges: list[int] = []
    for row in sorted(rows):
        if ranges and ranges[-1] == row - 1:
            ranges[-1] = row
        else:
            ranges += (row, row)
    return ranges

"""Proof that one entry is in the ledger, with the row that it records and nothing of any other."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from provenance.catalogue.engine import translate_errors
from provenance.catalogue.ledger import STATES, Cell, Entry, encode_entry, encode_state
from provenance.catalogue.runs import escape_invalid
from provenance.catalogue.session import Session
from provenance.errors import UsageError

_NUMBER = re.compile(r"[1-9][0-9]*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_WITHDRAWAL = 3
"""Cells at the end of an approval that are empty until it is withdrawn."""


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """One entry of the ledger, and the way from it to the root over the first `size` entries."""

    number: int
    leaf: bytes
    """The entry as it is hashed: compact JSON."""
    state: bytes | None
    """The row that it records, as it was then, as compact JSON: the entry has its SHA-256. None when the row has
    changed since, or when the entry is about the schema."""
    size: int
    path: tuple[bytes, ...]
    root: bytes


def prove(session: Session, what: str, size: int | None) -> ProvenEntry:
    """The proof of an entry in the ledger as it was at `size` entries, or is now.

    `what`: its number, `KIND:ID` of an entry of the register, or the digest of an approved content; of several events
    the newest is meant. Raises `UsageError` when there is no such entry, or it is newer than `size`.
    """
    ledger = session.ledger
    with translate_errors(session.path):
        number = _find_number(session, what)
        size = ledger.size if size is None else size
        if size > ledger.size:
            raise UsageError(
                f"the ledger has {ledger.size} entries, and not {size}", "name a checkpoint of this ledger"
            )
        entry = next(iter(ledger.list_entries(number - 1, min(number, size))), None)
        if entry is None:
            raise UsageError(
                f"{what}: there is no such entry among the first {size}", "name a newer checkpoint, or none"
            )
        previous = ledger.find_hash(number - 1) or b""
        leaf = encode_entry(*entry[:-1], previous)
        path = ledger.list_proof(number, size)
        return ProvenEntry(number, leaf, _find_state(session, entry), size, tuple(path), ledger.compute_root(size))


def _find_number(session: Session, what: str) -> int:
    if _NUMBER.fullmatch(what):
        return int(what)
    if _DIGEST.fullmatch(what):
        query = (
            "SELECT max(seq) FROM ledger WHERE subject = 'approval' AND row IN"
            " (SELECT id FROM approvals WHERE digest = ?)"
        )
        names: tuple[str, ...] = (what,)
    else:
        kind, _, name = what.partition(":")
        query = (
            "SELECT max(seq) FROM ledger WHERE subject = 'entry' AND row IN"
            " (SELECT id FROM entries WHERE kind = ? AND name = ?)"
        )
        names = (escape_invalid(kind), escape_invalid(name))
    (number,) = session.db.execute(query, names).fetchone()
    if number is None:
        raise UsageError(
            f"{what!r} is not an entry of this ledger",
            "give its number, KIND:ID as `provenance register list` shows it, or the digest of an approved content",
        )
    return int(number)


def _find_state(session: Session, entry: Entry) -> bytes | None:
    """The row that an entry recorded, as it was then."""
    if entry.subject not in STATES:
        return None
    found = session.db.execute(f"{STATES[entry.subject]} WHERE this.id = ?", (entry.row,)).fetchone()
    state: tuple[Cell, ...] = tuple(found or ())
    candidates = [state]
    if entry.subject == "approval":
        # What withdrawing one changed is known, so it can be undone to show what was approved.
        candidates.append((*state[:-_WITHDRAWAL], *[None] * _WITHDRAWAL))
    for candidate in candidates:
        text = encode_state(candidate)
        if hashlib.sha256(text).digest() == entry.digest:
            return text
    return None

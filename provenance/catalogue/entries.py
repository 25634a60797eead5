"""Entries of the register: every event in their lives is a row of its own, and none is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from provenance.catalogue.approvals import Approvals
from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.ledger import STATES
from provenance.catalogue.runs import escape_invalid
from provenance.catalogue.session import Session
from provenance.model.declaration import EntryEvent, RegisteredEntry
from provenance.model.finding import Approval, Binding


@dataclass(frozen=True, slots=True)
class EntryChange:
    """One event, with the approvals that it ends and those that it begins."""

    event: EntryEvent
    withdrawn: tuple[int, ...] = ()
    """Rows of approvals: `StoredApproval.row`."""
    approvals: tuple[tuple[Approval, Binding], ...] = ()


class Entries:
    """The table of events."""

    def __init__(self, session: Session, approvals: Approvals) -> None:
        self._session = session
        self._approvals = approvals

    def record(self, changes: Sequence[EntryChange]) -> None:
        """Record and commit events, all or none."""
        with self._session.change():
            for change in changes:
                self._record(change)
        self._session.flush()

    def _record(self, change: EntryChange) -> None:
        event = change.event
        now = event.entered_at
        row = self._session.insert(
            "entries", kind=event.entry.kind, name=escape_invalid(event.entry.id), payload=to_json(event)
        )
        self._session.ledger.record("entry", row, event.event.value, now)
        for approval_row in change.withdrawn:
            who, reason = event.who or event.entered_by, event.reason or "replaced"
            self._approvals.withdraw_row(approval_row, who, reason, now)
        for approval, binding in change.approvals:
            self._approvals.insert(approval, binding, now)

    def load(self) -> list[RegisteredEntry]:
        """Every entry with its history, by kind and id.

        Raises `CatalogueDamaged` for an event that contradicts the ledger, or that is missing.
        """
        events: dict[tuple[str, str], list[EntryEvent]] = {}
        with translate_errors(self._session.path):
            self._session.require_all("entry")
            for state in self._session.db.execute(f"{STATES['entry']} ORDER BY this.id").fetchall():
                self._session.require_ledger_state("entry", state)
                _, kind, name, payload = state
                event = self._session.unpack(from_json, EntryEvent, payload)
                events.setdefault((kind, name), []).append(event)
        return [RegisteredEntry(tuple(rows)) for _, rows in sorted(events.items())]

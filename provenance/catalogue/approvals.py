"""Approvals: written permissions for one content. Withdrawn ones are kept, with who withdrew them and why."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

from provenance.catalogue.codec import from_json, to_json
from provenance.catalogue.engine import translate_errors
from provenance.catalogue.ledger import STATES
from provenance.catalogue.runs import escape_invalid
from provenance.catalogue.session import Session
from provenance.errors import UsageError
from provenance.model.finding import Approval, Binding

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class StoredApproval:
    """An approval as it is kept."""

    approval: Approval
    binding: Binding | None
    """None for one that an older version of the program kept: it did not say what it covers."""
    entry: int
    """Number of the ledger entry that recorded it. What was known then has smaller numbers."""
    row: int = 0
    """Its row in the file."""


class Approvals:
    """The tables of approvals and of what they cover."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, approval: Approval, binding: Binding, now: str) -> None:
        """Record and commit an approval and what it covers. Raises `UsageError` for an incomplete one."""
        with self._session.change():
            self.insert(approval, binding, now)
        self._session.flush()

    def insert(self, approval: Approval, binding: Binding, now: str) -> None:
        """Record an approval and what it covers, within a change. Raises `UsageError` for an incomplete one."""
        _require_complete(approval)
        row = self._session.insert(
            "approvals",
            digest=approval.digest,
            who=escape_invalid(approval.who),
            reason=escape_invalid(approval.reason),
            reference=escape_invalid(approval.reference),
            expires=approval.expires,
            added_at=now,
        )
        self._session.ledger.record("approval", row, "added", now)
        bound = self._session.insert("bindings", approval=row, payload=to_json(binding))
        self._session.ledger.record("binding", bound, "bound", now)

    def list_active(self) -> list[StoredApproval]:
        """All that were not withdrawn, expired ones included, in the order they were added.

        Raises `CatalogueDamaged` for an approval that contradicts the ledger.
        """
        active = []
        with translate_errors(self._session.path):
            bindings = self._load_bindings()
            for state in self._session.db.execute(f"{STATES['approval']} ORDER BY this.id").fetchall():
                # Checked with every use and not only by `verify`: an approval lets material through the gate, so it
                # must be the one that was registered.
                row, *fields, withdrawn_at, _withdrawn_by, _withdrawn_because = state
                self._session.require_ledger_state("approval", state)
                if withdrawn_at is None:
                    (entry,) = self._session.db.execute(
                        "SELECT min(seq) FROM ledger WHERE subject = 'approval' AND row = ?", (row,)
                    ).fetchone()
                    active.append(StoredApproval(Approval(*fields), bindings.get(row), entry, row))
        return active

    def _load_bindings(self) -> dict[int, Binding]:
        """What approvals cover, by their rows. Raises as `list_active`."""
        # An approval without its binding would count as one of an older version, and cover something else.
        self._session.require_all("binding")
        bindings = {}
        for state in self._session.db.execute(STATES["binding"]).fetchall():
            self._session.require_ledger_state("binding", state)
            _, approval, payload = state
            bindings[approval] = self._session.unpack(from_json, Binding, payload)
        return bindings

    def withdraw(self, digest: str, who: str, reason: str, now: str) -> list[Approval]:
        """Withdraw all approvals of a digest, commit, and return them. Raises `UsageError` when there is none."""
        withdrawn = [row.approval for row in self.list_active() if row.approval.digest == digest]
        if not withdrawn:
            raise UsageError(
                f"there is no approval of {digest} to withdraw", "`provenance register list` shows all approvals"
            )
        with self._session.change():
            rows = self._session.db.execute(
                "SELECT id FROM approvals WHERE digest = ? AND withdrawn_at IS NULL", (digest,)
            ).fetchall()
            for (row,) in rows:
                self.withdraw_row(row, who, reason, now)
        self._session.flush()
        return withdrawn

    def withdraw_row(self, row: int, who: str, reason: str, now: str) -> None:
        """Withdraw one approval, within a change."""
        self._session.update(
            "approvals",
            row,
            withdrawn_at=now,
            withdrawn_by=escape_invalid(who),
            withdrawn_because=escape_invalid(reason),
        )
        self._session.ledger.record("approval", row, "withdrawn", now)


def _require_complete(approval: Approval) -> None:
    if not _DIGEST.fullmatch(approval.digest):
        raise UsageError(
            f"{approval.digest!r} is not a digest",
            "give it as sha256:<64 hex digits>; `provenance show FILE` prints it",
        )
    for name in ("who", "reason", "reference"):
        if not getattr(approval, name).strip():
            raise UsageError(f"the approval has no {name}, so nobody can check it", f"give it with --{name}")
    try:
        # `strptime` and not `fromisoformat`: the latter also takes week numbers and compact dates.
        datetime.datetime.strptime(approval.expires, "%Y-%m-%d").replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise UsageError(
            f"{approval.expires!r} is not a date", "give the last day of the approval as YYYY-MM-DD"
        ) from error

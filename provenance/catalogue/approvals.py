"""Approvals: written permissions for one content. Withdrawn ones are kept, with who withdrew them and why."""

from __future__ import annotations

import datetime
import re

from provenance.catalogue.engine import make_damage_error, translate_errors
from provenance.catalogue.ledger import STATES, hash_state
from provenance.catalogue.runs import escape_invalid
from provenance.catalogue.session import Session
from provenance.errors import UsageError
from provenance.model.finding import Approval

_NEWEST_ENTRY = "SELECT digest FROM ledger WHERE subject = 'approval' AND row = ? ORDER BY seq DESC LIMIT 1"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Approvals:
    """The table of approvals."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, approval: Approval, now: str) -> None:
        """Record and commit an approval. Raises `UsageError` for an incomplete one."""
        _require_complete(approval)
        with self._session.change():
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
        self._session.flush()

    def list_active(self) -> list[Approval]:
        """All that were not withdrawn, expired ones included, in the order they were added.

        Raises `CatalogueDamaged` for an approval that contradicts the ledger.
        """
        active = []
        with translate_errors(self._session.path):
            for state in self._session.db.execute(f"{STATES['approval']} ORDER BY this.id").fetchall():
                # Checked with every use and not only by `verify`: an approval lets material through the gate, so it
                # must be the one that was registered.
                row, *fields, withdrawn_at, _withdrawn_by, _withdrawn_because = state
                entry = self._session.db.execute(_NEWEST_ENTRY, (row,)).fetchone()
                if entry is None or entry[0] != hash_state(state):
                    raise make_damage_error(self._session.path, f"approval {row} is not the one that was registered")
                if withdrawn_at is None:
                    active.append(Approval(*fields))
        return active

    def withdraw(self, digest: str, who: str, reason: str, now: str) -> list[Approval]:
        """Withdraw all approvals of a digest, commit, and return them. Raises `UsageError` when there is none."""
        withdrawn = [approval for approval in self.list_active() if approval.digest == digest]
        if not withdrawn:
            raise UsageError(
                f"there is no approval of {digest} to withdraw", "`provenance register list` shows all approvals"
            )
        with self._session.change():
            rows = self._session.db.execute(
                "SELECT id FROM approvals WHERE digest = ? AND withdrawn_at IS NULL", (digest,)
            ).fetchall()
            for (row,) in rows:
                self._session.update(
                    "approvals",
                    row,
                    withdrawn_at=now,
                    withdrawn_by=escape_invalid(who),
                    withdrawn_because=escape_invalid(reason),
                )
                self._session.ledger.record("approval", row, "withdrawn", now)
        self._session.flush()
        return withdrawn


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

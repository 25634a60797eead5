"""Approvals: somebody's written word for one content. Withdrawn ones stay, with who withdrew them and why."""

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
        """Record and commit. Raises `UsageError` for one that says too little."""
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

    def standing(self) -> list[Approval]:
        """All that were not withdrawn, expired ones included, in the order they were added.

        Each is held against the ledger: what lets material through must be what was registered. Raises
        `CatalogueDamaged` for one that is not.
        """
        with translate_errors(self._session.path):
            rows = self._session.db.execute(f"{STATES['approval']} ORDER BY this.id").fetchall()
            for state in rows:
                entry = self._session.db.execute(_NEWEST_ENTRY, state[:1]).fetchone()
                if entry is None or entry[0] != hash_state(state):
                    raise make_damage_error(self._session.path, f"approval {state[0]} is not what was registered")
        return [Approval(*state[1:7]) for state in rows if state[7] is None]

    def withdraw(self, digest: str, who: str, reason: str, now: str) -> list[Approval]:
        """Withdraw all that stand for a digest and commit; gives them. Raises `UsageError` when there is none."""
        withdrawn = [approval for approval in self.standing() if approval.digest == digest]
        if not withdrawn:
            raise UsageError(f"no approval stands for {digest}", "`provenance register list` shows those that do")
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
            f"{approval.digest!r} is no digest", "give it as sha256:<64 hex digits>; `provenance show` tells it"
        )
    for name in ("who", "reason", "reference"):
        if not getattr(approval, name).strip():
            raise UsageError(f"an approval without {name!r} cannot be checked by anybody", f"say {name} with it")
    try:
        datetime.datetime.strptime(approval.expires, "%Y-%m-%d").replace(tzinfo=datetime.UTC)
    except ValueError as error:
        raise UsageError(f"{approval.expires!r} is no day", "give the last day it counts as YYYY-MM-DD") from error

"""What of the register a report quotes: the entries about its material."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from provenance.model.cut import Use
from provenance.model.finding import Approval, BoundApproval, Case
from provenance.model.report import RegisterEntry
from provenance.policy.approvals import is_in_force


def list_declared(approvals: Iterable[BoundApproval], today: date) -> list[RegisterEntry]:
    """Every entry of the register, with whether it counts on that day."""
    entries = []
    for bound in approvals:
        state = "counts" if is_in_force(bound.approval, today) else "expired"
        entries.append(_build_entry(bound.approval, state))
    return entries


def select_declared(
    entries: Iterable[RegisterEntry], cases: Iterable[Case], uses: Iterable[Use]
) -> Sequence[RegisterEntry]:
    """Entries about the judged material and about known material that it shows. Others are nobody else's business."""
    digests: set[str | None] = {use.digest for use in uses}
    for case in cases:
        if case.is_judged:
            digests.add(case.reading.asset.digest)
            digests.update(match.known.digest for match in case.matches)
    return [entry for entry in entries if not digests.isdisjoint(entry.list("content"))]


def _build_entry(approval: Approval, state: str) -> RegisterEntry:
    values = {
        "content": approval.digest,
        "approved_by": approval.who,
        "reason": approval.reason,
        "reference": approval.reference,
        "until": approval.expires,
    }
    named = tuple((field, (text,)) for field, text in values.items())
    return RegisterEntry("approval", approval.reference, named, state, approval.added_at)

"""What of the register a report quotes: the entries about its material."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from provenance.model.cut import Use
from provenance.model.declaration import RegisteredEntry
from provenance.model.finding import Approval, BoundApproval, Case
from provenance.model.report import RegisterEntry
from provenance.policy.approvals import is_in_force
from provenance.policy.register_rows import load_kinds


def list_declared(
    registered: Iterable[RegisteredEntry], approvals: Iterable[BoundApproval], today: date
) -> list[RegisterEntry]:
    """Every entry of the register, with whether it counts on that day; approvals of older versions last."""
    entries = []
    for row in registered:
        entry, first = row.entry, row.events[0]
        state = describe_state(row, today)
        entries.append(RegisterEntry(entry.kind, entry.id, entry.values, state, first.entered_at, first.entered_by))
    for bound in approvals:
        if not bound.approval.entry:
            state = "counts" if is_in_force(bound.approval, today) else "expired"
            entries.append(_build_entry(bound.approval, state))
    return entries


def describe_state(registered: RegisteredEntry, today: date) -> str:
    """`counts`, `begins later`, `expired` or `withdrawn`."""
    entry = registered.entry
    if registered.is_withdrawn:
        return "withdrawn"
    if not load_kinds()[entry.kind].is_permission:
        return "counts"
    # Days as ISO 8601 compare as texts.
    if entry.get("until") and entry.get("until") < str(today):
        return "expired"
    if entry.get("from") > str(today):
        return "begins later"
    return "counts"


def select_declared(
    entries: Iterable[RegisterEntry], cases: Iterable[Case], uses: Iterable[Use]
) -> Sequence[RegisterEntry]:
    """Entries about the judged material and about known material that it shows, and the tools of their uses.

    Others are nobody else's business.
    """
    digests: set[str | None] = {use.digest for use in uses}
    for case in cases:
        if case.is_judged:
            digests.add(case.reading.asset.digest)
            digests.update(match.known.digest for match in case.matches)
    entries = list(entries)
    tools = set()
    for entry in entries:
        if not digests.isdisjoint(entry.list("content")):
            tools.add(entry.get("tool"))
    selected = []
    for entry in entries:
        is_tool = entry.kind == "tool" and entry.id in tools
        if is_tool or not digests.isdisjoint(entry.list("content")):
            selected.append(entry)
    return selected


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

"""The extract of the register in a report: what is declared about its material, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model.report import RegisterEntry, Report
from provenance.reports.language import translatable, translate

KINDS = {
    "tool": translatable("tools"),
    "use": translatable("intended uses"),
    "approval": translatable("approvals"),
    "consent": translatable("consents"),
    "right": translatable("rights"),
    "watch": translatable("words to watch for"),
}
"""Kinds of entry, in words, in the order of the extract."""
STATES = {
    "counts": translatable("counts"),
    "begins later": translatable("begins later"),
    "expired": translatable("expired"),
    "withdrawn": translatable("withdrawn"),
}
MOST_ENTRIES = 300
"""Entries in a document for people; `register list` and the JSON report have all of them."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry for a page. All of it is text that somebody typed."""

    id: str
    state: str
    text: str
    """Its fields and values."""
    entered: str
    """When, and by which account."""


@dataclass(frozen=True, slots=True)
class EntryGroup:
    """The entries of one kind."""

    title: str
    rows: list[EntryRow]


def build_groups(report: Report) -> list[EntryGroup]:
    """The first `MOST_ENTRIES` entries by kind; kinds without any are left out."""
    shown = report.register[:MOST_ENTRIES]
    groups = []
    for kind, title in KINDS.items():
        rows = [_build_row(entry) for entry in shown if entry.kind == kind]
        if rows:
            groups.append(EntryGroup(translate(title), rows))
    return groups


def describe_left_out(report: Report) -> str:
    """How many entries a page leaves out, and where they are; empty when it has all."""
    hidden = len(report.register) - MOST_ENTRIES
    if hidden <= 0:
        return ""
    return translate("{number} more entries are in the JSON report and in the register itself.", number=hidden)


def _build_row(entry: RegisterEntry) -> EntryRow:
    entered = translate("entered {time}", time=entry.entered_at) if entry.entered_at else ""
    if entry.entered_by:
        entered += f" ({entry.entered_by})"
    return EntryRow(entry.id, translate(STATES.get(entry.state, entry.state)), "; ".join(_list_values(entry)), entered)


def _list_values(entry: RegisterEntry) -> Iterator[str]:
    for field, values in entry.values:
        yield f"{_name_field(field)}: {', '.join(values)}"


FIELDS = {
    "approved_by": translatable("approved by"),
    "reason": translatable("reason"),
    "reference": translatable("reference"),
    "from": translatable("from"),
    "until": translatable("until"),
    "content": translatable("content"),
    "territory": translatable("territory"),
    "deliverable": translatable("deliverable"),
    "second": translatable("second person"),
    "use": translatable("use"),
    "tool": translatable("tool"),
    "name": translatable("name"),
    "vendor": translatable("vendor"),
    "licence": translatable("licence"),
    "terms_date": translatable("terms of"),
    "keeps_inputs": translatable("keeps inputs"),
    "trains_on_inputs": translatable("trains on inputs"),
    "enterprise_secured": translatable("secured for enterprises"),
    "version": translatable("version"),
    "found_as": translatable("found as"),
    "allowed_inputs": translatable("allowed inputs"),
    "note": translatable("note"),
    "who": translatable("who"),
    "purpose": translatable("purpose"),
    "description": translatable("description"),
    "told_to": translatable("told to"),
    "told_on": translatable("told on"),
    "prominence": translatable("prominence"),
    "presented_as_real": translatable("presented as real"),
    "disclosure": translatable("disclosure"),
    "performer": translatable("performer"),
    "scope": translatable("scope"),
    "signed_on": translatable("signed on"),
    "processed_from": translatable("processed from"),
    "represented_by": translatable("represented by"),
    "production": translatable("production"),
    "source": translatable("source"),
    "holder": translatable("holder"),
    "alteration": translatable("alteration"),
    "words": translatable("words"),
    "kind": translatable("kind"),
}
"""Fields of entries in words; one that is not among them stands as it is."""


def _name_field(field: str) -> str:
    return translate(FIELDS[field]) if field in FIELDS else field.replace("_", " ")

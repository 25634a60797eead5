"""Entries of the register in words for a terminal, and as JSON. All texts of entries are escaped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass

from provenance.model.declaration import Entry, EntryEvent, Event, RegisteredEntry
from provenance.model.finding import Covered
from provenance.reports.approval_note import describe_covered
from provenance.reports.document import dump
from provenance.reports.escape import make_visible

SCHEMA = "provenance-register/1"
_WIDTH = 18
"""Characters of a column of names."""


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry with its state of today."""

    registered: RegisteredEntry
    state: str
    """`counts`, `begins later`, `expired` or `withdrawn`."""
    covers: tuple[Covered, ...] = ()
    """What an approval covers."""


def describe_entry(row: ListedEntry) -> Iterator[str]:
    """Yield an entry: its state, its fields, what it covers, its history."""
    entry = row.registered.entry
    until = f" until {entry.get('until')}" if entry.get("until") else ""
    yield make_visible(f"{entry.called}: {row.state}{until}")
    for name, values in entry.values:
        yield make_visible(f"  {name:<{_WIDTH}}{'; '.join(values)}")
    for line in describe_covered(row.covers):
        yield f"  {'covers':<{_WIDTH}}{line}"
    for event in row.registered.events:
        yield make_visible(f"  {_describe_event(event)}")
    yield ""


def _describe_event(event: EntryEvent) -> str:
    text = f"{event.event} {event.entered_at}"
    if event.entered_by:
        text += f" by the account {event.entered_by}"
    if event.event is Event.WITHDRAWN:
        text += f": {event.who}, {event.reason}"
    return text


def dump_entries(rows: Collection[ListedEntry], lists: Mapping[str, Collection[str]]) -> str:
    """The JSON document. `lists`: by kind, the fields that are lists."""
    entries = []
    for row in rows:
        events = row.registered.events
        entry = {
            **_build_values(row.registered.entry, lists),
            "state": row.state,
            "entered_at": events[0].entered_at,
            "entered_by": events[0].entered_by,
            "covers": [asdict(fact) for fact in row.covers],
            "history": [_build_event(event, lists) for event in events],
        }
        entries.append(entry)
    return dump({"schema": SCHEMA, "entries": entries})


def _build_values(entry: Entry, lists: Mapping[str, Collection[str]]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, texts in entry.values:
        values[name] = list(texts) if name in lists.get(entry.kind, ()) else texts[0]
    return {"kind": entry.kind, "id": entry.id, "fields": values}


def _build_event(event: EntryEvent, lists: Mapping[str, Collection[str]]) -> dict[str, object]:
    return {
        "event": event.event.value,
        "entered_at": event.entered_at,
        "entered_by": event.entered_by,
        "who": event.who,
        "reason": event.reason,
        "fields": _build_values(event.entry, lists)["fields"],
    }

"""Entries of the register are events: all are kept, and one that was altered or deleted stops everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.catalogue import session
from provenance.catalogue.entries import EntryChange
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.errors import CatalogueDamaged
from provenance.model.declaration import Entry, EntryEvent, Event
from provenance.model.finding import Approval, Binding

DIGEST = "sha256:" + "ab" * 32


def change(event: Event, name: str, value: str = "x", *approvals: Approval, ended: tuple[int, ...] = ()) -> EntryChange:
    entry = Entry("approval", name, (("reason", (value,)), ("content", (DIGEST,))))
    made = EntryEvent(event, entry, "2026-11-22T10:00:00Z", "jo", "Dana", "recut")
    return EntryChange(made, ended, tuple((row, Binding(entry=name, paths=("a.png",))) for row in approvals))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "c.db"
    with Catalogue.open(place, write=True) as catalogue:
        approval = Approval(DIGEST, "Dana", "cleared", "CLR-1", "2030-01-01")
        catalogue.record_entries([change(Event.ADDED, "a1", "x", approval), change(Event.ADDED, "a2")])
        catalogue.record_entries([change(Event.REPLACED, "a2", "ä\udcff")])
        [stored] = catalogue.list_approvals()
        catalogue.record_entries([change(Event.WITHDRAWN, "a1", ended=(stored.row,))])
    return place


def test_every_event_is_kept_in_order(path: Path) -> None:
    with Catalogue.open(path, write=False) as catalogue:
        first, second = catalogue.load_entries()
        assert catalogue.list_approvals() == []
    assert (first.is_withdrawn, second.is_withdrawn) == (True, False)
    assert [row.entry.get("reason") for row in second.events] == ["x", "ä\udcff"]
    assert first.events[-1].who == "Dana"
    assert verify(path).is_sound


@pytest.mark.parametrize(
    "edit",
    [
        "DELETE FROM entries WHERE id = 4",
        "UPDATE entries SET payload = replace(payload, 'withdrawn', 'replaced')",
        "UPDATE entries SET name = 'a3' WHERE id = 4",
        "INSERT INTO entries (kind, name, payload) SELECT kind, name, payload FROM entries WHERE id = 1",
    ],
)
def test_an_altered_event_is_damage_for_every_command(path: Path, edit: str) -> None:
    opened = session.open_writer(path)
    opened.db.execute("DROP TRIGGER entries_no_delete")
    opened.db.execute("DROP TRIGGER entries_no_update")
    opened.db.execute(edit)
    opened.close()
    with Catalogue.open(path, write=False) as catalogue, pytest.raises(CatalogueDamaged):
        catalogue.load_entries()
    assert not verify(path).is_sound


def test_all_events_or_none(path: Path) -> None:
    bad = Approval("no digest", "Dana", "cleared", "CLR-1", "2030-01-01")
    with Catalogue.open(path, write=True) as catalogue:
        head = catalogue.head
        with pytest.raises(Exception, match="not a digest"):
            catalogue.record_entries([change(Event.ADDED, "a5"), change(Event.ADDED, "a6", "x", bad)])
        assert (len(catalogue.load_entries()), catalogue.head) == (2, head)

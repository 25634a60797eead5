"""A catalogue in which every table has rows: places present and vanished, matches, troubles, a register."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from provenance.catalogue.entries import EntryChange
from provenance.catalogue.store import Catalogue
from provenance.model.declaration import Entry, EntryEvent, Event
from provenance.model.evidence import Trouble, Used
from provenance.model.match import Known, Match, Span
from provenance.model.vocabulary import Cause, Origin, Zone
from tests.catalogue.make import LATER, LATEST, NOON, ROOT, digest, evidence, location, reading

FORMULA = '=HYPERLINK("http://example.invalid")'
"""What a spreadsheet would compute; the name of a file and a prompt are so."""


def make_catalogue(path: Path) -> None:
    """1 is generated and 2 shows it, 3 is damaged, 4 has vanished, 5 is at two places, 6 could not be read at all."""
    used = Used(prompt=f"{FORMULA} a harbour\udcff", model="m", seed="7")
    generated = dataclasses.replace(reading(1, words=20), evidence=(dataclasses.replace(evidence(), used=used),))
    unread = Trouble("", "png", Cause.MALFORMED, "a chunk is cut off")
    damaged = dataclasses.replace(reading(3), troubles=(unread,))
    failed = dataclasses.replace(reading(6), asset=dataclasses.replace(reading(6).asset, digest=""), troubles=(unread,))
    places = (
        (location(FORMULA + ".png"), generated),
        (location("out/master.mov", zone=Zone.DELIVERABLE), reading(2, words=20)),
        (location("b/plain.png"), damaged),
        (location("b/gone.png"), reading(4)),
        (location("b/one.png"), reading(5)),
        (location(b"b/tw\xf6.png"), reading(5)),
        (location("a.[1-9].exr", frames=(1, 9), missing=(4, 5)), reading(7)),
        (location("c/failed.png"), failed),
    )
    with Catalogue.open(path, write=True) as catalogue:
        with catalogue.run("ingest", NOON, "first") as run:
            for place, read in places:
                catalogue.add(place, "key", read, run, NOON)
        with catalogue.run("nightly", LATER, "second") as run:
            for place, _ in places:
                if place.path != "b/gone.png":
                    catalogue.touch(ROOT, place.path_bytes, run)
            catalogue.record_disappearances(ROOT, run, LATER)
            known = Known(digest(1), FORMULA + ".png", Origin.GENERATED)
            time = Span(4.0, 8.0, "01:00:04:00", "01:00:08:00")
            match = Match(known, "picture", "confirmed-copy", time, None, 0.5, "fills the frame")
            slow = Trouble("", "picture", Cause.SLOW, "the rest was not searched")
            catalogue.record_search(digest(2), b"i" * 32, [match], [slow], LATER)
        tool = Entry("tool", "t1", (("name", ("Generator",)), ("found_as", ("gen", "gen 2"))))
        added = EntryEvent(Event.ADDED, tool, LATER, "jo")
        gone = EntryEvent(Event.WITHDRAWN, Entry("tool", "t2", (("name", ("Old",)),)), LATEST, "jo", "Dana", "not used")
        catalogue.record_entries([EntryChange(added), EntryChange(dataclasses.replace(gone, event=Event.ADDED))])
        catalogue.record_entries([EntryChange(gone)])

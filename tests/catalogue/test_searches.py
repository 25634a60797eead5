"""What was found in a content stays known of the content, within the ledger's promises."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path

import pytest

from provenance.catalogue import searches
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.catalogue.writer import Change
from provenance.model.asset import Reading
from provenance.model.evidence import Trouble
from provenance.model.match import Known, Match, Span
from provenance.model.vocabulary import Cause, Origin
from tests.catalogue import make
from tests.catalogue.make import LATER, NOON, ROOT

SHELF, OTHER = b"s" * 32, b"o" * 32
STILL, REEL = 1, 2


def match(known: int, start: float = 4.0, verdict: str = "confirmed-copy", **more: object) -> Match:
    there = Known(make.digest(known), f"temp/{known}.png", Origin.GENERATED)
    span = Span(start, start + 4, "01:00:04:00", "01:00:08:00")
    found = Match(there, "picture", verdict, span, None, 0.9, "mirrored", (b"known", b"found"))
    return dataclasses.replace(found, **more)  # type: ignore[arg-type]  # test shorthand


def reel(*matches: Match, number: int = REEL) -> Reading:
    return dataclasses.replace(make.reading(number), matches=matches)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "c.db"


@pytest.fixture
def catalogue(path: Path) -> Catalogue:
    opened = Catalogue.open(path, write=True)
    run = opened.begin_run("ingest", NOON)
    opened.add(make.location(f"temp/{STILL}.png"), "m", make.reading(STILL, origin=Origin.GENERATED), run, NOON)
    return opened


def look(catalogue: Catalogue, reading: Reading, looked_for: bytes = SHELF, name: str = "ep101.mov") -> Change:
    run = catalogue.begin_run("scan", LATER)
    recorded = catalogue.add(make.location(name), "m", dataclasses.replace(reading, matches=()), run, LATER)
    if looked_for:
        catalogue.record_search(reading.asset.digest, looked_for, reading.matches, (), LATER)
    return recorded


def of_reel(catalogue: Catalogue) -> tuple[Match, ...]:
    (case,) = catalogue.find_by_path(f"{ROOT}/ep101.mov".encode())
    return case.matches


def test_matches_come_back_with_pictures_and_with_the_mark_that_the_known_had(catalogue: Catalogue) -> None:
    with catalogue:
        look(catalogue, reel(match(STILL)))
        (found,) = of_reel(catalogue)
        assert found.known.mark == make.evidence()
        bare = dataclasses.replace(found, known=dataclasses.replace(found.known, mark=None))
        assert bare == match(STILL)
        assert catalogue.matches(make.digest(REEL), Origin.UNKNOWN) == (found,)


def test_a_file_read_again_without_being_looked_through_loses_nothing(catalogue: Catalogue) -> None:
    with catalogue:
        look(catalogue, reel(match(STILL)))
        look(catalogue, reel(), looked_for=b"")
        assert len(of_reel(catalogue)) == 1
        look(catalogue, reel(), looked_for=OTHER)
        assert of_reel(catalogue) == (), "the newest look counts"


def test_what_was_looked_for_is_known_of_the_place(catalogue: Catalogue) -> None:
    with catalogue:
        assert catalogue.find_index_digest(ROOT, b"ep101.mov") is None
        look(catalogue, reel())
        assert catalogue.find_index_digest(ROOT, b"ep101.mov") == SHELF
        look(catalogue, reel(number=7))
        assert catalogue.find_index_digest(ROOT, b"ep101.mov") == SHELF
        look(catalogue, reel(number=8), looked_for=b"")
        assert catalogue.find_index_digest(ROOT, b"ep101.mov") is None, "other bytes were never looked through"


def find_matched(catalogue: Catalogue) -> set[str]:
    return {found.known.digest for found in catalogue.matches(make.digest(REEL), Origin.UNKNOWN)}


def test_what_the_newest_search_found_before_is_known_by_digest(catalogue: Catalogue) -> None:
    with catalogue:
        assert find_matched(catalogue) == set()
        look(catalogue, reel(match(STILL), match(STILL, 9.0)))
        assert find_matched(catalogue) == {make.digest(STILL)}
        look(catalogue, reel(match(5)), OTHER)
        assert find_matched(catalogue) == {make.digest(5)}


def test_what_stood_in_the_way_of_a_search_is_told_with_the_asset(catalogue: Catalogue, path: Path) -> None:
    slow = Trouble("", "picture", Cause.SLOW, "0:00 to 1:00: not done after 30 s, twice")
    with catalogue:
        look(catalogue, reel())
        catalogue.record_search(make.digest(REEL), SHELF, (), (slow,), LATER)
        (case,) = catalogue.find_by_path(f"{ROOT}/ep101.mov".encode())
        assert case.reading.troubles == (dataclasses.replace(slow, path="ep101.mov"),)
        catalogue.record_search(make.digest(REEL), OTHER, (), (), LATER)
        (case,) = catalogue.find_by_path(f"{ROOT}/ep101.mov".encode())
        assert case.reading.troubles == (), "the newest search counts"
    assert verify(path).is_sound


def test_where_a_known_asset_stands(catalogue: Catalogue) -> None:
    with catalogue:
        look(catalogue, reel(match(STILL), match(5)))
        look(catalogue, reel(match(STILL), number=3), name="old.mov")
        look(catalogue, reel(number=3), OTHER, name="old.mov")
        (seen,) = catalogue.find_appearances(make.digest(STILL))
        assert (seen.location.path, seen.match.time, seen.vanished_at) == ("ep101.mov", match(STILL).time, None)
        run = catalogue.begin_run("nightly", LATER)
        catalogue.record_disappearances(ROOT, run, LATER)
        (seen,) = catalogue.find_appearances(make.digest(STILL))
        assert seen.vanished_at == LATER


def test_the_same_bytes_without_their_mark_are_known_material(catalogue: Catalogue) -> None:
    with catalogue:
        run = catalogue.begin_run("scan", LATER)
        catalogue.add(make.location("stripped.png"), "m", make.reading(STILL), run, LATER)
        (case,) = catalogue.find_by_path(f"{ROOT}/stripped.png".encode())
        (found,) = case.matches
        assert (found.method, found.verdict, found.time) == ("same-bytes", "confirmed-copy", None)
        assert (found.known.path, found.known.origin) == ("temp/1.png", Origin.GENERATED)
        (marked,) = catalogue.find_by_path(f"{ROOT}/temp/1.png".encode())
        assert marked.matches == (), "it says so itself"


def test_the_very_same_look_is_stored_once(catalogue: Catalogue) -> None:
    with catalogue:
        for _ in range(3):
            look(catalogue, reel(match(STILL)))
        catalogue.flush()
        with sqlite3.connect(catalogue._session.path) as db:
            assert [db.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("looks", "matches")] == [
                (1,), (1,),
            ]  # fmt: skip


def test_pictures_are_bounded_and_copies_come_first(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "_MAX_PICTURE_PAIRS", 1)
    with catalogue:
        huge = match(STILL, 1.0, pictures=(b"k", b"f" * 50_000))
        look(catalogue, reel(huge, match(STILL, 9.0, "shares-content")))
        assert [found.pictures for found in of_reel(catalogue)] == [None, None]
        look(catalogue, reel(match(STILL, 1.0, "shares-content"), match(STILL, 9.0)), OTHER)
        assert [found.pictures is not None for found in of_reel(catalogue)] == [False, True]


@pytest.mark.parametrize("change", [
    "UPDATE matches SET payload = x'7b7d'",
    "UPDATE matches SET found_picture = x'00'",
    "UPDATE looks SET looked_for = x'00'",
    "UPDATE looks SET asset = 999",
    "DELETE FROM matches",
])  # fmt: skip
def test_an_edit_contradicts_the_ledger(catalogue: Catalogue, path: Path, change: str) -> None:
    with catalogue:
        look(catalogue, reel(match(STILL)))
    assert verify(path).is_sound
    with sqlite3.connect(path) as db:
        with pytest.raises(sqlite3.DatabaseError, match="never changed"):
            db.execute(change)
        table, deed = ("matches" if "matches" in change else "looks"), change.split()[0].lower()
        trigger = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (f"{table}_no_{deed}",)).fetchone()[0]
        db.execute(f"DROP TRIGGER {table}_no_{deed}")
        db.execute(change)
        db.execute(trigger)
    assert any(problem.startswith(table) for problem in verify(path).problems)

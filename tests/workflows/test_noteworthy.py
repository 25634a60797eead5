"""A night judges what may have a finding and plans the searches that are due, as if it had looked at everything."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.errors import CatalogueDamaged
from provenance.intake.search_pass import SearchTarget
from provenance.intake.sequences import group_by_number
from provenance.model.finding import Case
from provenance.model.vocabulary import Zone
from provenance.policy import packs
from provenance.settings import Storage
from provenance.workflows import judge, nightly
from provenance.workflows.judge import Judgement
from provenance.workflows.night_delta import list_stored_places
from provenance.workflows.reading_questions import PLAIN, list_questions
from provenance.workflows.run import RunContext
from provenance.workflows.search_plan import SearchPlanner
from tests.policy.test_register_rows import GOOD
from tests.workflows.edits import edit, make
from tests.workflows.show import Show

_NIGHTS = 5
_EDITS = 8

CONDITIONS = """
name = "mine"
version = "1"
title = "Mine"
source = "nobody"
about = "a test"
[[rule]]
id = ["possibly-generated", "not-looked-at", "known-generated"]
zone = "deliverable"
severity = "block"
clause = "C"
says = "So it is."
[[rule]]
id = ["generated-in-deliverable", "undeclared-use"]
purpose = "background"
severity = "note"
clause = "C"
says = "So it is."
[[rule]]
id = ["undeclared-use", "generated-in-deliverable"]
severity = "review"
clause = "C"
says = "So it is."
"""


class Compared:
    """Judges and plans twice: what the night would, and everything."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left_out = 0
        self.judged = 0
        self.folders = 0
        self.planned = 0
        judge_cases, targets = judge.judge_cases, SearchPlanner.targets

        def judge_both(
            context: RunContext, catalogue: Catalogue, asked: Any, store: Any, cases: Any, **more: Any
        ) -> Judgement:
            quick = judge_cases(context, catalogue, asked, store, list(cases), **more)
            whole = [row.folder for row in list_stored_places(context.settings) if row.zone is Zone.DELIVERABLE]
            everything = itertools.chain(
                catalogue.cases(under=whole), nightly._find_copies_of_works(context.settings, catalogue)
            )
            exact = judge_cases(context, catalogue, asked, store, list(everything), **more)
            self.compare(quick, exact)
            return quick

        def plan_both(planner: SearchPlanner) -> Iterator[SearchTarget]:
            other = SearchPlanner(planner.catalogue, planner.run, planner.stored_digest, planner.walks)
            exact = list(plan_everything(other))
            quick = list(targets(planner))
            assert quick == exact
            self.planned += len(quick)
            return iter(quick)

        monkeypatch.setattr(nightly, "judge_cases", judge_both)
        monkeypatch.setattr(SearchPlanner, "targets", plan_both)

    def compare(self, quick: Judgement, exact: Judgement) -> None:
        """What is left out has nothing to say, and all else is the same in the same order."""
        assert quick.by_pack == exact.by_pack
        kept = {case.location.absolute for case in quick.cases}
        for case in exact.cases:
            if case.location.absolute not in kept:
                self.left_out += 1
                assert not case.is_suspect
                assert not case.reading.troubles
                assert not case.matches
        assert quick.cases == [case for case in exact.cases if case.location.absolute in kept]
        self.judged += len(quick.cases)


def plan_everything(planner: SearchPlanner) -> Iterator[SearchTarget]:
    """Every folder walked, every file asked about."""
    for walk in planner.walks:
        for folder in walk.again().folders():
            for item in group_by_number(folder):
                yield from planner._plan(item)


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Compared:
    return Compared(monkeypatch)


def add_works(show: Show, folder: Path) -> None:
    """A third storage, with works of others."""
    works = folder / "works"
    works.mkdir()
    show.change(storages=(*show.settings.storages, Storage("works", str(works), Zone.REFERENCE)))


@pytest.mark.parametrize("seed", range(3))
def test_it_is_as_if_everything_was_looked_at(show: Show, compared: Compared, tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    pack = tmp_path / "mine.toml"
    pack.write_text(CONDITIONS)
    show.policies = [*packs.list_packs(), str(pack)]
    add_works(show, tmp_path)
    for name in ("a.png", "b.txt", "deep/c.txt", "inside/c.zip"):
        make(show.out / name, draw)
    make(show.edit / "made.png", draw)
    show.night()
    show.declare("approval", [show.out / "b.txt"], approved_by="Dana", reason="seen", reference="1", until="2027-01-01")
    for kind in ("tool", "consent", "watch"):
        show.declare(kind, [], **GOOD[kind])
    show.declare("use", [show.edit / "made.png"], **GOOD["use"])
    show.declare("use", [show.out / "deep" / "c.txt"], **{**GOOD["use"], "id": "u2", "purpose": "talent"})
    for night in range(_NIGHTS):
        for _ in range(_EDITS):
            edit(show, draw)
        if night == 2:
            make(tmp_path / "works" / "poster.png", draw)
            (show.out / "b.txt").parent.mkdir(exist_ok=True)
            (show.out / "b.txt").write_text("another one")
        show.night()
    show.night()
    assert compared.left_out
    assert compared.judged
    assert compared.planned
    assert verify(show.catalogue, questions=list_questions()).is_sound


def test_a_plain_deliverable_is_decoded_once(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        make(show.out / f"{number}.txt", random.Random(number))
    show.night()
    seen: list[Case] = []
    judge_cases = judge.judge_cases

    def judge_and_note(
        context: Any, catalogue: Any, asked: Any, store: Any, cases: Iterable[Case], **more: Any
    ) -> Judgement:
        seen.extend(listed := list(cases))
        return judge_cases(context, catalogue, asked, store, listed, **more)

    monkeypatch.setattr(nightly, "judge_cases", judge_and_note)
    show.night()
    assert seen == []
    make(show.out / "3.txt", random.Random(9))
    show.night()
    assert [case.location.path for case in seen] == ["3.txt"], "news is shown as it was judged"


def test_a_new_content_at_an_approved_place_is_seen_every_night(show: Show) -> None:
    place = show.out / "caf\udce9" / "a.txt"
    make(place, random.Random(1))
    show.night()
    show.declare("approval", [place], approved_by="Dana", reason="seen", reference="1", until="2027-01-01")
    make(place, random.Random(2))
    show.night()
    for _ in range(2):
        show.night()
        assert [row.rule for row in show.report.findings] == ["changed-content"]


def test_nothing_is_written_for_a_search_that_is_not_due(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    make(show.out / "a.png", random.Random(1))
    make(show.edit / "b.png", random.Random(2))
    show.night()
    show.night()

    def refuse(*_: object) -> None:
        raise AssertionError("an index was written")

    monkeypatch.setattr("provenance.matching.write_index.write_beside", refuse)
    show.night()
    assert show.engine.searched == []


def test_each_reading_is_asked_about_once(show: Show) -> None:
    make(show.out / "a.txt", random.Random(1))
    show.night()
    make(show.out / "b.txt", random.Random(2))
    show.night()
    asked: list[int] = []

    def answer(_: object) -> bool:
        asked.append(1)
        return len(asked) == 2

    with Catalogue.open(show.catalogue, write=True) as catalogue:
        found = catalogue.reading_sets.extend({"mine 1": answer}, "2026-11-22T00:00:00Z")["mine 1"]
        assert (len(asked), found.last, found.readings.count()) == (2, 2, 1)
        catalogue.reading_sets.extend({"mine 1": answer}, "2026-11-22T00:00:00Z")
        assert len(asked) == 2
        plain = catalogue.reading_sets.load(PLAIN)
        assert (plain.last, plain.readings.count()) == (2, 2)
        # Somebody who wants a night to pass something by says that it is plain.
        bits = plain.readings.pack()
        catalogue._session.db.execute(
            "INSERT INTO reading_sets (name, first, last, bits) VALUES (?, 3, 9, ?)", (PLAIN, bits)
        )
        with pytest.raises(CatalogueDamaged):
            catalogue.reading_sets.load(PLAIN)


def test_verify_asks_again(show: Show) -> None:
    make(show.out / "a.png", random.Random(1))
    show.night()
    assert verify(show.catalogue, questions=list_questions()).is_sound
    wrong = {PLAIN: lambda _: os.altsep == "never"} | dict.fromkeys(["unknown 1"], lambda _: True)
    make(show.out / "b.txt", random.Random(1))
    show.night()
    problems = verify(show.catalogue, questions=wrong).problems
    assert problems == (f"reading_sets: {PLAIN!r} is wrong about row 2 of readings",)

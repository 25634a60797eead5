"""When what was read is recorded: many files together, and never later than the next row."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import pytest

from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify
from provenance.intake.jobs import Job, Outcome
from provenance.workflows import read
from tests.workflows.show import Engine, Show

_FILES = 75
"""More than two batches, and a part of a third."""


def _fill(show: Show, count: int) -> None:
    for number in range(count):
        (show.edit / f"note {number:03} a.txt").write_text(f"note {number}")


def test_what_was_read_before_an_interrupt_is_not_read_again(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(show, _FILES)
    run = Engine.run

    def break_off(
        engine: Engine, jobs: Iterable[Job], follow_ups: deque[Job] | None = None
    ) -> Iterator[tuple[Job, Outcome]]:
        for number, done in enumerate(run(engine, jobs, follow_ups)):
            if number == _FILES - 5:
                raise KeyboardInterrupt
            yield done

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "run", break_off)
        with pytest.raises(KeyboardInterrupt):
            show.night()
    with show.open() as catalogue:
        assert len(list(catalogue.cases())) == _FILES - 5
        assert catalogue.list_runs()[0].outcome == "interrupted"
    delta = show.night()
    assert len(show.engine.read) == 5
    assert len(delta.new) == _FILES
    assert verify(show.catalogue).is_sound


def test_a_row_that_came_long_ago_is_committed_with_the_next(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(show, 10)
    monkeypatch.setattr(read, "_LONGEST_UNRECORDED", 0.0)
    seen = []
    run = Engine.run

    def look(
        engine: Engine, jobs: Iterable[Job], follow_ups: deque[Job] | None = None
    ) -> Iterator[tuple[Job, Outcome]]:
        for done in run(engine, jobs, follow_ups):
            yield done
            with Catalogue.open(show.catalogue, write=False) as catalogue:
                seen.append(len(list(catalogue.cases())))

    monkeypatch.setattr(Engine, "run", look)
    show.night()
    assert seen == list(range(1, 11))


def test_a_few_files_are_recorded_together(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(show, _FILES)
    sizes = []
    add_all = Catalogue.add_all

    def count(catalogue: Catalogue, batch: list[object], *more: object, **options: object) -> None:
        sizes.append(len(batch))
        add_all(catalogue, batch, *more, **options)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr(read, "_LONGEST_UNRECORDED", 3600.0)
    monkeypatch.setattr(Catalogue, "add_all", count)
    show.night()
    assert sizes == [64, 11]

"""Runs that spare others: an end by the clock, a rate, the lowest priority."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from provenance import settings
from provenance.reports.document import build_head
from provenance.workflows.nightly import nightly
from provenance.workflows.run import RunContext, find_end
from tests.cli.conftest import Provenance
from tests.cli.test_nights import Show
from tests.cli.test_scan import PARAMETERS, still


@pytest.fixture
def show(tmp_path: Path, provenance: Provenance) -> Show:
    return Show(tmp_path, provenance)


class WallClock:
    """Shows the end of the night after it was looked at so many times."""

    def __init__(self, looks: int) -> None:
        self._left = looks

    def __call__(self) -> float:
        self._left -= 1
        return END.timestamp() - self._left


NAMES = [f"{first}{second}.png" for first in "abc" for second in "stuvwxyz"]
"""Without numbers, so that nothing is taken for a sequence."""
END = datetime(2026, 11, 23, 6, tzinfo=UTC)


def cut_short(show: Show, looks: int) -> tuple[dict[str, Any], int]:
    """A night that ends after so many looks at the clock: coverage, first sentence and delta, and its code."""
    chosen = settings.load(str(show.config), environment={})
    now = datetime.now(UTC).replace(microsecond=0)
    verdict = nightly(chosen.policies, RunContext(chosen, now, until=END, time_of_day=WallClock(looks)))
    head: dict[str, Any] = build_head(verdict.report)
    return {**head["coverage"], "verdict": head["verdicts"][0]["verdict"], "delta": head["delta"]}, verdict.exit_code


def test_what_a_night_leaves_comes_the_next(show: Show) -> None:
    for name in NAMES:
        still(show.edit / name, "words")
    said = show.night().report
    assert said["coverage"].get("left_for_next_night") is None
    os.rename(show.edit / NAMES[0], show.out / NAMES[0])
    (show.edit / NAMES[1]).unlink()
    for name in NAMES[2:]:
        still(show.edit / name, "other words")
    # The time is over before anything was handed out.
    coverage, code = cut_short(show, 0)
    assert (coverage["left_for_next_night"], coverage["looked_at"], code) == (23, 0, 0)
    assert coverage["verdict"].startswith(
        "No findings so far: the time of the night was over, and 23 files are left for the next one."
    )
    # What is gone is told by a night that has seen everything: the file may be at a place that was not read.
    assert (coverage["delta"]["vanished"], coverage["delta"]["moved"]) == ([], [])
    told = show.ask("report", "--format", "json").report["troubles"]
    assert any("was interrupted" in trouble["detail"] for trouble in told)
    # Then in the middle of it.
    coverage, code = cut_short(show, 4)
    assert 0 < coverage["left_for_next_night"] < 23
    assert coverage["left_for_next_night"] + coverage["looked_at"] + coverage["left_alone"] == 23
    assert code == 0
    # The next one goes on from there, and tells everything since the last that came to its end.
    last = show.night()
    delta = last.report["delta"]
    assert delta["since"] == said["made_at"]
    assert delta["moved"] == [{"from": f"edit: {NAMES[0]}", "to": f"out: {NAMES[0]}"}]
    assert delta["vanished"] == [f"edit: {NAMES[1]}"]
    assert delta["changed"] == [f"edit: {name}" for name in NAMES[2:]]
    assert delta["new"] == []
    assert show.delta() == {}
    assert show.ask("verify").code == 0


def test_what_was_read_and_not_searched_is_left(show: Show) -> None:
    still(show.edit / "made.png", PARAMETERS)
    still(show.out / "master.png", "words")
    show.night()
    # New generated material, for which the deliverable has to be searched anew; the time ends after it was read.
    still(show.edit / "more.png", PARAMETERS + ", Hires upscale: 2")
    left: list[int] = []
    for looks in range(3, 30):
        coverage, code = cut_short(show, looks)
        assert code == 0 or left
        left.append(coverage["left_for_next_night"])
        if not left[-1]:
            break
    assert left[-1] == 0, "it comes to its end at last"
    assert 1 in left
    assert show.delta() == {}, "the last one has told everything"


def test_findings_outweigh_the_end(show: Show) -> None:
    still(show.out / "made.png", PARAMETERS)
    assert show.night().code == 1
    still(show.edit / "new.png", "words")
    coverage, code = cut_short(show, 0)
    assert (coverage["left_for_next_night"], code) == (1, 1)
    assert coverage["verdict"].startswith("1 finding must be resolved before delivery.")


def test_the_end_is_the_next_time_the_clock_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    from time import tzset

    tzset()
    try:
        evening = datetime(2026, 3, 28, 21, tzinfo=UTC)  # 22:00 there, before the night that loses an hour
        assert find_end(evening, time(6)) == datetime(2026, 3, 29, 4, tzinfo=UTC)
        assert find_end(evening, time(22)) == datetime(2026, 3, 29, 20, tzinfo=UTC)
        assert find_end(evening, time(22, 1)) == evening + timedelta(minutes=1)
    finally:
        monkeypatch.undo()
        tzset()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--until", "6:00"), "--until '6:00' is not a time of day such as 06:00"),
        (("--until", "25:00"), "is not a time of day"),
        (("--max-read-rate", "200"), "--max-read-rate '200' is not a rate such as 200MB/s"),
    ],
)
def test_what_is_no_time_and_no_rate(show: Show, options: tuple[str, ...], says: str) -> None:
    said = show.night(*options)
    assert said.code == 2
    assert says in said.err


def test_the_same_is_found_at_any_rate(show: Show) -> None:
    still(show.out / "made.png", PARAMETERS)
    assert show.night("--max-read-rate", "1kB/s", "--drop-cache", "--until", "00:00").code == 1


def test_everything_that_runs_has_the_lowest_priority(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    still(folder / "a.png", "words")
    process = subprocess.Popen(
        [sys.executable, "-c", _WATCHED, str(folder), str(tmp_path / "c.db")], stdout=subprocess.PIPE, text=True
    )
    out, _ = process.communicate(timeout=120)
    code, *priorities = map(int, out.split())
    assert code == 0
    assert len(priorities) >= 2
    assert set(priorities) == {19}


_WATCHED = """
import os, sys
from provenance_cli.main import run
from provenance_cli.progress import ProgressLine

seen = []
def list_priorities(progress, path, size):
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
            if name.isdigit() and int(fields[2]) == os.getpgrp():
                seen.append(os.getpriority(os.PRIO_PROCESS, int(name)))
        except OSError:
            pass

ProgressLine.show_reading = list_priorities
os.setpgrp()
code = run(["ingest", sys.argv[1], "--nice", "--jobs", "1", "--catalogue", sys.argv[2], "--quiet"])
print(code, *seen)
"""

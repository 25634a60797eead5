"""The line on stderr that says how far a run is."""

from __future__ import annotations

import pytest
from provenance_cli.progress import Line, clock, time_told


def test_a_movie_counts_once_and_its_stretches_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance_cli.progress._EVERY", 0.0)
    monkeypatch.setenv("COLUMNS", "200")
    with Line(wanted=True) as line:
        line.expect(2, 300)
        line("still.png", 100)
        line("cut/reel.mov", 100, (60.0, 120.0))
        assert (line.files, line.size) == (1, 200)
        assert capsys.readouterr().err.rstrip("\x1b[K").endswith("reel.mov  1:00 of 2:00")
        line("cut/reel.mov", 100, (120.0, 120.0))
        assert (line.files, line.size) == (2, 300)
    assert "2 of 2 files  100%" in capsys.readouterr().err


def test_nothing_is_said_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with Line(wanted=False) as line:
        line("still.png", 100)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("seconds", "told"), [(0, "0:00"), (270.4, "4:30"), (3599.6, "1:00:00"), (3870, "1:04:30")])
def test_places_in_a_reel(seconds: float, told: str) -> None:
    assert clock(seconds) == told


@pytest.mark.parametrize(("seconds", "told"), [(45, "45 s"), (240, "4 min"), (12000, "3 h 20 min")])
def test_times(seconds: float, told: str) -> None:
    assert time_told(seconds) == told

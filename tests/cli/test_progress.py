"""The line on stderr that says how far a run is."""

from __future__ import annotations

import pytest
from provenance_cli.progress import ProgressLine


def test_reading_and_searching_are_counted_apart_and_a_movie_once(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("provenance_cli.progress._REDRAW_SECONDS", 0.0)
    monkeypatch.setenv("COLUMNS", "200")
    with ProgressLine(wanted=True) as line:
        line.expect(2, 300)
        line.show_reading("still.png", 100)
        line.show_reading("cut/master.mov", 200)
        assert (line.files, line.size) == (2, 300)
        assert "2 of 2 files  100%" in capsys.readouterr().err
        line.show_search("cut/master.mov", 100, (60.0, 120.0))
        assert (line.files, line.size) == (0, 100)
        shown = capsys.readouterr().err.rstrip("\x1b[K")
        assert "0 files searched" in shown
        assert shown.endswith("master.mov  1:00 of 2:00")
        line.show_search("cut/master.mov", 100, (120.0, 120.0))
        assert (line.files, line.size) == (1, 200)


def test_nothing_is_said_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressLine(wanted=False) as line:
        line.show_reading("still.png", 100)
    assert capsys.readouterr().err == ""

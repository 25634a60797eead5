"""Avid logs."""

from __future__ import annotations

from fractions import Fraction

import pytest

from provenance.model.evidence import Trouble
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions
from provenance.timeline.readers import ale as ale_reader
from tests.timeline.build import ale, read_cut, read_rows

ROW = "A001C001\tA001\t01:00:00:00\t01:00:02:00\tA001C001.mov"


def test_a_row_stands_at_its_own_timecode() -> None:
    cut = read_cut(ale(ROW, "b\t\t\t\t"), "log.ale")
    assert (cut.name, cut.rate_from, len(cut.events)) == ("log", "file", 2)
    first, second = cut.events
    assert (first.record_in, first.record_out) == (86_400, 86_448)
    assert (first.source.shown, first.source.reels, first.source.file_names) == (
        "A001C001",
        ("A001",),
        ("A001C001.mov",),
    )
    assert (second.record_in, second.record_out, second.used) == (0, 0, None)


@pytest.mark.parametrize(
    ("fps", "rate"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("25", Fraction(25)),
        ("59.94", Fraction(60000, 1001)),
    ],
)
def test_the_rate_is_in_the_heading(fps: str, rate: Fraction) -> None:
    assert read_cut(ale(ROW, fps=fps), "log.ale").clock == Clock(rate)


@pytest.mark.parametrize("fps", ["", "nan", "inf", "-24", "0", "1e9", "film"])
def test_a_log_without_a_rate_says_so(fps: str) -> None:
    assert read_cut(ale(ROW, fps=fps), "log.ale").rate_from == "least"
    cut = read_cut(ale(ROW, fps=fps), "log.ale", CutOptions(Fraction(50)))
    assert (cut.rate_from, cut.clock) == ("option", Clock(Fraction(50)))


def test_drop_frame_labels() -> None:
    cut = read_cut(ale("a\tT\t01:00:00;02\t01:00:02;00", fps="29.97"), "log.ale")
    used = cut.events[0].used
    assert used
    assert used.clock.drop


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_line_ends_and_encodings(ends: str, coding: str) -> None:
    data = ale(ROW.replace("A001C001\t", "Größe\t")).replace("\n", ends).encode(coding)
    assert read_cut(data, "log.ale").events[0].source.shown == "Größe"


@pytest.mark.parametrize("column", ["Tape", "TAPE", "Reel", "Source Tape", "Camroll"])
def test_reels_stand_in_columns_of_many_names(column: str) -> None:
    cut = read_cut(ale("a\tA001", columns=f"Name\t{column}"), "log.ale")
    assert cut.events[0].source.reels == ("A001",)


@pytest.mark.parametrize(
    ("column", "value", "paths", "file_names"),
    [
        ("Source File", "a.mov", (), ("a.mov",)),
        ("Source File", "/Volumes/x/a.mov", ("/Volumes/x/a.mov",), ("a.mov",)),
        ("Source File Path", r"C:\x\a.mov", ("C:/x/a.mov",), ("a.mov",)),
        ("Filename", "file:///x/a%20b.mov", ("/x/a b.mov",), ("a b.mov",)),
    ],
)
def test_files(column: str, value: str, paths: tuple[str, ...], file_names: tuple[str, ...]) -> None:
    source = read_cut(ale(f"a\t{value}", columns=f"Name\t{column}"), "log.ale").events[0].source
    assert (source.paths, source.file_names) == (paths, file_names)


@pytest.mark.parametrize("row", ["", "a", "\t\t\t\t\t\t\t\t", "a\tT\t99:99:99:99\t1", "a\tT\t01:00:02:00\t01:00:00:00"])
def test_odd_rows(row: str) -> None:
    cut = read_cut(ale(row, ROW), "log.ale")
    assert cut.events[-1].used
    assert all(event.used is None for event in cut.events[:-1])


def test_rows_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ale_reader, "_MOST_ROWS", 10)
    cut = read_cut(ale(*[ROW] * 15), "log.ale")
    assert (len(cut.events), cut.not_read) == (10, {"row beyond the limit": 5})


@pytest.mark.parametrize("text", ["", "Heading\nFPS\t24\n", "Heading\n\nData\na\tb\n", "nothing"])
def test_a_log_without_a_table_is_a_trouble(text: str) -> None:
    [row] = read_rows(text, "log.ale")
    assert isinstance(row, Trouble)


def test_a_log_is_known_by_its_first_word() -> None:
    assert isinstance(read_rows(ale(ROW), "log.txt")[0], Cut)

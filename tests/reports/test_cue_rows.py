"""The cue sheet: what stands on it, with which extent, approval, rights and disclosure."""

from __future__ import annotations

import csv
import dataclasses
import io

import pytest

from provenance.model.cut import Timeline
from provenance.model.match import Span
from provenance.model.report import RegisterEntry, Report
from provenance.model.vocabulary import Origin, Severity
from provenance.reports import cover_page, cue_rows
from provenance.reports.cue_rows import build_rows
from provenance.reports.extent import measure_frame_share, measure_seconds
from provenance.reports.interface import Format
from tests.reports.golden.report import APPROVAL, DAWN, PLATE, USE, digest


def find_row(report: Report, where: str, asset: str) -> cue_rows.CueRow:
    [row] = [row for row in build_rows(report) if (row["where"], row["asset"]) == (where, asset)]
    return row


@pytest.mark.parametrize(
    ("detail", "share"),
    [
        ("mirrored, fills the frame; 45 points and 88% of 60 blocks agree", 100),
        ("fills 12% of the frame, top left, scaled to 30% of the frame's width; 45 points agree", 12),
        ("byte for byte", 100),
        ("63 of 63 frames agree", None),
        ("fills 900% of the frame", 100),
    ],
)
def test_the_share_of_the_frame_comes_from_the_geometry(detail: str, share: int | None) -> None:
    assert measure_frame_share(dataclasses.replace(DAWN, detail=detail)) == share


def test_sound_takes_no_share_of_the_frame() -> None:
    assert measure_frame_share(dataclasses.replace(DAWN, method="audio", detail="fills the frame")) is None


@pytest.mark.parametrize("span", [None, Span(5, 2), Span(0, float("inf")), Span(float("nan"), 2)])
def test_a_length_that_cannot_be_is_not_printed(span: Span | None) -> None:
    assert measure_seconds(span) is None


def test_what_is_found_and_what_says_it_itself_are_rows(golden: Report) -> None:
    row = find_row(golden, "video/ep101.mov", "temp/GEN_harbour_dawn_v4.png")
    assert (row["timecode_in"], row["seconds"], row["percent_of_frame"]) == ("01:00:04:00", 4.0, 100)
    row = find_row(golden, "artwork/poster_v3.png", "artwork/poster_v3.png")
    assert (row["extent"], row["percent_of_frame"]) == ("the whole file", 100)
    row = find_row(golden, "artwork/fill.jpg", "artwork/fill.jpg")
    assert str(row["extent"]).startswith("a part of the file")
    assert "percent_of_frame" not in row
    row = find_row(golden, "plates/AB_010.[1001-1020].exr", "temp/GEN_harbour_dawn_v4.png")
    assert (row["frames"], str(row["extent"])[:17]) == (6, "frames 1004-1009:")
    found = {row["asset"] for row in build_rows(golden)}
    assert "archive/harbour_plate.mov" not in found, "it is not generated"


def test_each_place_is_one_row_however_many_rules_object(golden: Report) -> None:
    twice = dataclasses.replace(
        golden, findings=(*golden.findings, *(dataclasses.replace(row, rule="again") for row in golden.findings))
    )
    assert list(build_rows(twice)) == list(build_rows(golden))


def test_an_approval_stands_only_where_nothing_is_open(golden: Report) -> None:
    assert find_row(golden, "artwork/sign.png", "artwork/sign.png")["approved_by"] == "Dana Legal"
    assert "approved_by" not in find_row(golden, "artwork/poster_v3.png", "artwork/poster_v3.png")
    [waived] = [row for row in golden.findings if row.waived_by]
    again = dataclasses.replace(waived, rule="other", waived_by=None)
    opened = dataclasses.replace(golden, findings=(*golden.findings, again))
    assert "approved_by" not in find_row(opened, "artwork/sign.png", "artwork/sign.png")
    note = dataclasses.replace(again, severity=Severity.NOTE)
    noted = dataclasses.replace(golden, findings=(*golden.findings, note))
    assert find_row(noted, "artwork/sign.png", "artwork/sign.png")["approved_by"] == "Dana Legal"


def test_an_approval_of_the_file_is_none_of_what_is_found_in_it(golden: Report) -> None:
    """A movie whose own marks are approved may show other generated material."""
    [found] = [row for row in golden.findings if row.path == "video/trailer.mov"]
    mark = next(row for row in golden.findings if row.waived_by).because[0]
    own = dataclasses.replace(found, because=(mark,), waived_by=APPROVAL)
    report = dataclasses.replace(golden, findings=(own, found))
    assert "approved_by" not in find_row(report, "video/trailer.mov", "temp/runway_gen4_0231.mp4")


def test_rights_and_disclosure_come_from_the_register(golden: Report) -> None:
    right = RegisterEntry(
        "right",
        "r1",
        (
            ("content", (digest("a"),)),
            ("source", ("stock",)),
            ("holder", ("A Library",)),
            ("licence", ("RF-12",)),
            ("alteration", ("no",)),
        ),
    )
    gone = dataclasses.replace(right, id="r2", state="withdrawn")
    use = RegisterEntry("use", "u1", (("content", (digest("a"),)), ("disclosure", ("opening titles",))))
    row = find_row(
        dataclasses.replace(golden, register=(right, gone, use)), "artwork/poster_v3.png", "artwork/poster_v3.png"
    )
    assert row["rights"] == "stock, A Library, RF-12; alteration: no"
    assert row["disclosure"] == "opening titles"


def test_a_use_in_a_cut_has_the_length_that_it_takes_there(golden: Report) -> None:
    cut = Timeline(USE.timeline, "/d", digest("c"), "edl", "lock", "24", "file", None, "01:00:00:00", 1440, ("V1",), 1)
    placed = dataclasses.replace(DAWN, time=Span(0, 1, "01:00:13:00", "01:00:14:00"))
    use = dataclasses.replace(USE, origin=Origin.GENERATED, contains=(placed, PLATE))
    first, second = list(build_rows(dataclasses.replace(golden, uses=(use,), timelines=(cut,), cases=())))
    assert (first["frames"], first["seconds"], first["track"]) == (60, 2.5, "V1")
    assert (second["timecode_in"], second["track"], second["asset"]) == ("01:00:13:00", "V1", DAWN.known.path)
    off = dataclasses.replace(use, enabled=False)
    assert list(build_rows(dataclasses.replace(golden, uses=(off,), timelines=(cut,), cases=()))) == []


def test_a_long_sheet_is_cut_on_pages_and_whole_as_a_file(
    golden: Report, known_formats: dict[str, Format], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cue_rows, "MOST_ON_PAGES", 3)
    rows = len(list(build_rows(golden)))
    page = cover_page.build_cover(golden)
    assert len(page.cues) == 3
    assert page.cues_left_out == f"{rows - 3} more rows are in the cue sheet: --output cue-sheet=FILE."
    sheet = b"".join(known_formats["cue_sheet"].render(golden)).decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(sheet)))) == rows
    assert page.cues_left_out in b"".join(known_formats["html"].render(golden)).decode()

from __future__ import annotations

import csv
import io
import re

from provenance.model.report import Report
from provenance.reports.interface import Format


def table(report: Report, known_formats: dict[str, Format]) -> list[dict[str, str]]:
    text = b"".join(known_formats["csv"].render(report)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_findings_stand_first_and_every_asset_has_a_row(golden: Report, known_formats: dict[str, Format]) -> None:
    rows = table(golden, known_formats)
    severities = [row["severity"] for row in rows]
    assert severities == ["block"] * 8 + ["review"] * 5 + ["note"] + [""] * 3
    assert {row["sha256"] for row in rows if row["sha256"]} == {
        digest.removeprefix("sha256:")
        for digest in [
            *(case.reading.asset.digest for case in golden.cases),
            *(finding.digest for finding in golden.findings),
        ]
    }
    assert rows[-1]["path"] == "gone.wav"
    assert rows[-1]["could_not_be_looked_at"].startswith("unreadable: ")


def test_a_finding_brings_time_frame_and_approval(golden: Report, known_formats: dict[str, Format]) -> None:
    rows = {row["path"]: row for row in table(golden, known_formats)}
    assert rows["video/trailer.mov"]["time_in"] == "01:00:12:12"
    assert rows["plates/AB_010.1007.exr"]["frame"] == "1007"
    assert rows["artwork/sign.png"]["waived"].startswith("waived: Dana Legal")
    assert rows["artwork/fill.jpg"]["waived"].startswith("EXPIRED: Dana Legal")
    assert rows["plates/AB_010.[1001-1020].exr"]["missing_frames"] == "1004, 1010-1012"


def test_a_lost_mark_and_what_no_rule_minds_are_in_it(golden: Report, known_formats: dict[str, Format]) -> None:
    rows = [row for row in table(golden, known_formats) if row["path"] == "video/ep101.mov"]
    (minded,) = [row for row in rows if row["severity"]]
    assert "GEN_harbour_dawn_v4.png" in minded["mark_lost"]
    (listed,) = [row for row in rows if not row["severity"]]
    assert "archive/harbour_plate.mov" in listed["because"]
    assert listed["time_in"] == "01:00:08:00"


def test_what_was_used_has_columns(golden: Report, known_formats: dict[str, Format]) -> None:
    [row] = [row for row in table(golden, known_formats) if row["model"]]
    assert (row["model"], row["inputs"]) == ("flux1-dev", "scout_031.jpg")
    assert row["prompt"].startswith("a castle poster")


def test_no_cell_acts(golden: Report, known_formats: dict[str, Format]) -> None:
    for row in table(golden, known_formats):
        for cell in row.values():
            assert not re.search("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]", cell)
            assert not re.match(r"\s*[=+\-@]", cell)

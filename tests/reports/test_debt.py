"""Generated material in deliverables as every format prints it, and its trend as a drawing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from provenance.model.debt import Debt, DebtItem, DebtNight, DebtState
from provenance.model.report import Report
from provenance.model.vocabulary import Origin
from provenance.reports.debt import MOST_ROWS, describe_debt, draw_trend, list_groups, list_rows
from provenance.reports.interface import Format
from provenance.reports.language import use_language
from tests.reports import pdf_text
from tests.reports.golden.report import HOSTILE

OLD = DebtItem(
    "sha256:01",
    "edit: vfx/GEN.png",
    Origin.GENERATED,
    DebtState.OPEN,
    ("out: reel 1.mov", "out: reel 2.mov"),
    "2026-09-01",
    "2026-10-12",
    41,
    "VFX",
    "Midjourney v6",
    "Midjourney, Inc.",
)
NEW = replace(OLD, digest="sha256:02", path=HOSTILE, days=0, since="2026-11-22", owner="", tool=HOSTILE, vendor="")
APPROVED = replace(OLD, digest="sha256:03", path="edit: ok.png", state=DebtState.APPROVED, days=90)
ALLOWED = replace(OLD, digest="sha256:04", path="edit: may.png", state=DebtState.ALLOWED)


def list_nights(*figures: int | None) -> tuple[DebtNight, ...]:
    days = [date(2026, 11, 1) + timedelta(number) for number in range(len(figures))]
    return tuple(DebtNight(f"{day}T02:00:00Z", figure) for day, figure in zip(days, figures, strict=True))


DEBT = Debt((OLD, NEW, APPROVED, ALLOWED), list_nights(3, 5, None, None, 4, None, 2))


def render(report: Report, known: dict[str, Format], name: str, debt: Debt = DEBT) -> str:
    return b"".join(known[name].render(replace(report, debt=debt))).decode()


def test_only_what_waits_is_counted_and_grouped() -> None:
    assert describe_debt(DEBT) == (
        "2 pieces of material in deliverables are or may be generated and must be replaced or approved. "
        "The oldest has been there for 41 days. 1 piece is approved. No rule of the policy objects to 1 piece."
    )
    groups = dict(list_groups(DEBT))
    assert groups["By age"] == [
        ("up to 7 days", 1),
        ("8 to 30 days", 0),
        ("31 to 90 days", 1),
        ("more than 90 days", 0),
    ]
    assert groups["By owner"] == [("VFX", 1), ("no owner named", 1)]
    assert ("Midjourney, Inc.", 1) in groups["By vendor"]
    nothing = Debt((APPROVED,))
    assert describe_debt(nothing).startswith("In deliverables, no generated material is known that must be replaced")
    assert list_groups(nothing) == []
    assert [row.path for row in list_rows(Debt((APPROVED, OLD)))] == ["edit: vfx/GEN.png", "edit: ok.png"]
    assert len(list_rows(Debt((OLD,) * (MOST_ROWS + 7)))) == MOST_ROWS


def test_what_no_night_counted_has_no_age() -> None:
    seen = replace(OLD, since="", days=82)
    assert "The oldest" not in describe_debt(Debt((seen,)))
    (row,) = list_rows(Debt((seen,)))
    assert (row.since, row.days, row.first_seen) == ("", "", "2026-09-01")


def test_nights_that_did_not_count_break_the_line() -> None:
    drawn = draw_trend(DEBT)
    assert drawn is not None
    assert [len(line.split()) for line in drawn.lines] == [2]
    assert [gap.label for gap in drawn.gaps] == ["2 nights did not count", "1 night did not count"]
    assert len(drawn.points) == 4
    assert drawn.points[0].x < drawn.points[1].x < drawn.points[2].x
    assert drawn.points[1].y < drawn.points[0].y < drawn.points[3].y, "more is higher"
    assert [level for _, level in drawn.levels] == ["0", "3", "6"]
    assert "3 on 2026-11-01, 2 on 2026-11-07, at most 5" in drawn.label


def test_one_night_is_no_trend_and_a_year_has_a_line_without_points() -> None:
    assert draw_trend(Debt((), list_nights(None, 3, None))) is None
    year = draw_trend(Debt((), list_nights(*([7] * 300), None, 9, None)))
    assert year is not None
    assert [point.label[:10] for point in year.points] == ["2027-08-29"]
    backwards = replace(DEBT, nights=DEBT.nights[::-1])
    turned = draw_trend(backwards)
    assert turned is not None
    assert all(44 <= point.x <= 704 for point in turned.points)


def test_the_page_has_a_picture_without_script(golden: Report, known_formats: dict[str, Format]) -> None:
    page = render(golden, known_formats, "html")
    (drawing,) = re.findall(r'<svg class="trend".*?</svg>', page, re.DOTALL)
    assert drawing.count("<circle") == 4
    assert drawing.count('<rect class="gap"') == 2
    assert "<script" not in drawing
    assert "style=" not in drawing, "the policy of the page forbids it"
    assert "<script>alert(1)" not in page
    assert page.count("<script") == 1
    without = b"".join(known_formats["html"].render(golden)).decode()
    assert "trend" not in without.split("</style>")[1]


def test_every_format_says_the_same(golden: Report, known_formats: dict[str, Format]) -> None:
    text = render(golden, known_formats, "text")
    assert "out: reel 2.mov" in text
    assert "\x1b" not in text
    document = json.loads(render(golden, known_formats, "json"))["debt"]
    assert (document["open"], document["approved"], document["allowed"]) == (2, 1, 1)
    assert document["by_owner"] == {"VFX": 1, "": 1}
    assert document["items"][0]["places"] == ["out: reel 1.mov", "out: reel 2.mov"]
    assert document["nights"][2] == {"at": "2026-11-03T02:00:00Z", "open": None, "approved": None, "allowed": None}
    assert "debt" not in json.loads(b"".join(known_formats["json"].render(golden)))
    with use_language("de"):
        german = render(golden, known_formats, "text")
    assert "2 Stücke Material in Auslieferungen" in german
    assert "Nach Zuständigen: VFX 1, niemand benannt 1" in german
    assert json.loads(render(golden, known_formats, "json"))["debt"] == document


def test_the_pdf_has_the_table(golden: Report, known_formats: dict[str, Format]) -> None:
    pytest.importorskip("typst")
    pages = pdf_text.extract_pages(b"".join(known_formats["pdf"].render(replace(golden, debt=DEBT))))
    printed = " ".join("\n".join(pages).replace("\u200b", "").split())
    assert "must be replaced or approved" in printed
    assert "out: reel 2.mov" in printed

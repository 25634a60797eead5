"""What counts as news of a night, and how it is printed."""

from __future__ import annotations

from dataclasses import replace

from provenance.model.evidence import Trouble
from provenance.model.report import Absence, Delta, OpenFinding, Report
from provenance.model.vocabulary import Cause, Severity
from provenance.reports.news import MOST_PATHS, format_news, has_news, list_facts, list_items
from tests.reports.golden.report import HOSTILE

SINCE = "2026-11-21T02:00:00Z"
QUIET = Delta(since=SINCE, is_since_night=True, newly_open=(), newly_unchecked=(), moved=(), newly_approved=())


def test_a_night_like_the_one_before_prints_no_line(golden: Report) -> None:
    assert golden.findings
    report = replace(golden, delta=QUIET)
    assert not has_news(report)
    assert list(format_news(report)) == []


def test_where_nobody_knows_how_it_was_all_of_it_is_news(golden: Report) -> None:
    older = replace(golden, delta=replace(QUIET, newly_open=None, newly_unchecked=None))
    assert has_news(older)
    text = "\n".join(format_news(older))
    assert "Since the night of 2026-11-21T02:00:00Z: nothing changed." in text
    assert "kept no findings to compare with" in text
    clean = replace(older, findings=(), cases=(), troubles=())
    assert not has_news(clean)


def test_what_is_new_is_printed_and_what_is_not_is_left_out(golden: Report) -> None:
    finding = OpenFinding(f"out: {HOSTILE}", "generated-in-deliverable", Severity.BLOCK, "Generative AI made it.")
    trouble = Trouble("edit: b.mov", "read", Cause.SLOW, "it took 60 seconds")
    many = tuple(f"edit: {number}" for number in range(MOST_PATHS + 3))
    absent = (Absence("temp", "the storage is not there"),)
    delta = replace(QUIET, new=many, newly_open=(finding,), newly_unchecked=(trouble,), absent=absent)
    report = replace(golden, delta=delta)
    text = "\n".join(format_news(report))
    assert "\x1b" not in text
    assert "  edit: b.mov: slow, it took 60 seconds" in text
    assert "  temp: the storage is not there" in text
    assert "  and 3 more" in text
    assert f"edit: {MOST_PATHS}" not in text
    assert "vanished" not in text.lower()
    facts = list_facts(report)
    assert facts[-1] == (
        "Since the night of 2026-11-21T02:00:00Z: 503 new, 1 newly open, 1 newly not checkable, 1 not looked at."
    )
    items = list(list_items(report))
    assert len(items) == MOST_PATHS + 6
    assert [item.split(":")[0] for item in items[:4]] == ["newly open", "newly not checkable", "not looked at", "new"]

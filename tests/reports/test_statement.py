"""The statement on the cover: one of three, derived from the evidence alone."""

from __future__ import annotations

import dataclasses

import pytest

from provenance.model.cut import Timeline, Use
from provenance.model.finding import Case
from provenance.model.match import Known, Match
from provenance.model.report import Coverage, Inputs, PolicyName, Report
from provenance.model.vocabulary import Origin
from provenance.reports.compose import compose
from provenance.reports.statement import (
    Kind,
    derive_statement,
    describe_statement,
    list_statement_limits,
    name_statement,
)
from tests.reports.golden.report import DAWN, PLATE, USE, case


def report_of(*cases: Case, could_not: int = 0, **more: object) -> Report:
    coverage = Coverage(seen=len(cases) + could_not, looked_at=len(cases), could_not=could_not)
    inputs = Inputs(("/d",), PolicyName("p", "0" * 64))
    return compose(made_at="2026-11-22T16:40:00Z", version="0", inputs=inputs, coverage=coverage, cases=cases, **more)  # type: ignore[arg-type]


def showing(match: Match, origin: Origin = Origin.UNKNOWN) -> Case:
    return dataclasses.replace(case("a.mov", "a", origin), matches=(match,))


def known_as(origin: Origin) -> Match:
    return dataclasses.replace(PLATE, known=Known("sha256:" + "7" * 64, "a.mov", origin))


@pytest.mark.parametrize(
    ("made", "kind", "is_certain"),
    [
        (case("a.png", "a", Origin.UNKNOWN), Kind.NOTHING, False),
        (case("a.png", "a", Origin.CAPTURED), Kind.NOTHING, False),
        (case("a.png", "a", Origin.ENHANCED), Kind.ASSISTIVE, False),
        (case("a.png", "a", Origin.POSSIBLY_GENERATED), Kind.GENERATIVE, False),
        (case("a.png", "a", Origin.PARTLY_GENERATED), Kind.GENERATIVE, True),
        (case("a.png", "a", Origin.GENERATED), Kind.GENERATIVE, True),
        (showing(known_as(Origin.UNKNOWN)), Kind.NOTHING, False),
        (showing(known_as(Origin.ENHANCED)), Kind.ASSISTIVE, False),
        (showing(known_as(Origin.POSSIBLY_GENERATED)), Kind.GENERATIVE, False),
        (showing(DAWN, Origin.CAPTURED), Kind.GENERATIVE, True),
    ],
)
def test_the_gravest_that_was_found_decides(made: Case, kind: Kind, *, is_certain: bool) -> None:
    statement = derive_statement(report_of(made, case("b.png", "b", Origin.UNKNOWN)))
    assert (statement.kind, statement.is_certain) == (kind, is_certain)


def test_material_that_was_not_judged_is_not_in_the_work() -> None:
    outside = dataclasses.replace(case("a.png", "a", Origin.GENERATED), is_judged=False)
    assert derive_statement(report_of(outside, case("b.png", "b", Origin.UNKNOWN))).kind is Kind.NOTHING
    alone = derive_statement(report_of(outside))
    assert alone.kind is None
    assert name_statement(alone) == "No statement: this report judges no deliverable"


def test_a_use_in_a_cut_counts_unless_it_is_disabled() -> None:
    cut = Timeline("c.edl", "/d", "sha256:" + "c" * 64, "edl", "c", "24", "file", None, None, 100, ("V1",), 1)
    used = dataclasses.replace(USE, origin=Origin.GENERATED)
    shown = dataclasses.replace(USE, contains=(DAWN,))
    for use in (used, shown):
        assert derive_statement(report_of(timelines=[cut], uses=[use])).is_certain
    off = dataclasses.replace(used, enabled=False)
    assert derive_statement(report_of(timelines=[cut], uses=[off])).kind is Kind.NOTHING
    lost = derive_statement(report_of(timelines=[cut], uses=[dataclasses.replace(USE, resolved_by="missing")]))
    assert (lost.kind, lost.unresolved) == (Kind.NOTHING, 1)


def test_one_cut_in_two_formats_uses_its_material_once() -> None:
    cut = Timeline("c.edl", "/d", "sha256:" + "c" * 64, "edl", "EP101", "24", "file", None, None, 100, ("V1",), 1)
    other = dataclasses.replace(cut, path="c.fcpxml", name="ep101 ", digest="sha256:" + "d" * 64)
    used = dataclasses.replace(USE, timeline="c.edl", origin=Origin.GENERATED)
    again = dataclasses.replace(used, timeline="c.fcpxml")
    later = dataclasses.replace(again, record_in="01:00:50:00", record_out="01:00:52:00")

    def count(*uses: Use, second: Timeline = other) -> int:
        return derive_statement(report_of(timelines=[cut, second], uses=uses)).uses.generated

    assert count(used, again) == 1
    assert count(used, again, later) == 2
    # Twice in one list is two uses, and so are those of two cuts.
    assert count(used, used) == 2
    assert count(used, again, second=dataclasses.replace(other, name="EP102")) == 2


def test_an_approval_changes_nothing(golden: Report) -> None:
    sign = next(row for row in golden.cases if row.location.path == "artwork/sign.png")
    waived = [found for found in golden.findings if found.waived_by]
    assert derive_statement(report_of(sign, findings=waived)).kind is Kind.GENERATIVE


def test_it_never_says_that_no_ai_was_used_and_its_limits_stand_beside_it() -> None:
    reports = [
        report_of(),
        report_of(case("a.png", "a", Origin.UNKNOWN), could_not=3),
        report_of(case("a.png", "a", Origin.ENHANCED)),
        report_of(case("a.png", "a", Origin.POSSIBLY_GENERATED)),
        report_of(case("a.png", "a", Origin.GENERATED)),
    ]
    for report in reports:
        statement = derive_statement(report)
        limits = list_statement_limits(report, statement)
        text = " ".join([name_statement(statement), describe_statement(statement), *limits]).lower()
        assert "no ai" not in text
        assert "without ai" not in text
        assert "does not replace a declaration by the producer" in text
        if not statement.is_certain:
            assert "it is not proof that nothing was generated" in text
    assert "3 assets could not be checked" in " ".join(list_statement_limits(reports[1], derive_statement(reports[1])))

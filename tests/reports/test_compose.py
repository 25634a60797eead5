from __future__ import annotations

import dataclasses
import random
from typing import TypeVar

from provenance.model.report import Report
from provenance.model.vocabulary import Origin, Severity
from provenance.reports.compose import compose, group_findings, list_troubles_without_finding, summarize
from tests.reports.golden.report import BROKEN, REMOTE, golden_report

T = TypeVar("T")


def shuffled(report: Report, seed: int) -> Report:
    chance = random.Random(seed)

    def mixed(rows: tuple[T, ...]) -> list[T]:
        return chance.sample(rows, len(rows))

    assert report.delta
    delta = dataclasses.replace(report.delta, newly_generated=tuple(mixed(report.delta.newly_generated)))
    return compose(
        made_at=report.made_at,
        version=report.version,
        inputs=report.inputs,
        coverage=report.coverage,
        cases=mixed(report.cases),
        findings=mixed(report.findings),
        uses=mixed(report.uses),
        timelines=report.timelines,
        troubles=mixed(report.troubles),
        delta=delta,
        cover=report.cover,
        register=mixed(report.register),
        extra=report.extra,
    )


def test_the_order_of_arrival_does_not_show(golden: Report) -> None:
    assert all(shuffled(golden, seed) == golden for seed in range(5))


def test_assets_by_path_bytes_and_findings_gravest_first(golden: Report) -> None:
    places = [(case.location.root, case.location.path_bytes) for case in golden.cases]
    assert places == sorted(places)
    ranks = [finding.severity.rank for finding in golden.findings]
    assert ranks == sorted(ranks)
    blocked = [finding.path for finding in golden.findings if finding.severity is Severity.BLOCK]
    assert blocked == sorted(blocked)


def test_summary_counts_each_byte_once_and_waived_findings_apart(golden: Report) -> None:
    figures = summarize(golden)
    assert figures.assets == 12
    alone = [case for case in golden.cases if not case.location.sequence and not case.location.parent]
    assert len(alone) == 10
    assert figures.bytes == sum(case.reading.asset.size for case in alone)
    assert figures.findings == {Severity.BLOCK: 7, Severity.REVIEW: 5, Severity.NOTE: 1}
    assert figures.waived == {Severity.BLOCK: 1, Severity.REVIEW: 0, Severity.NOTE: 0}
    assert figures.origins[Origin.GENERATED] == 5
    assert set(figures.origins) == set(Origin)
    assert figures.troubles == 3


def test_a_trouble_that_a_finding_rests_on_is_told_once(golden: Report) -> None:
    left = list_troubles_without_finding(golden)
    assert BROKEN in left
    assert REMOTE not in left


def test_the_same_claim_is_kept_once() -> None:
    report = golden_report()
    twice = dataclasses.replace(report, findings=report.findings * 2)
    assert group_findings(twice) == group_findings(report)

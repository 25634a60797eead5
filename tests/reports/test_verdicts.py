"""One set of evidence, several policies: every format gives each verdict and the findings behind it."""

from __future__ import annotations

import dataclasses
import json

import pytest

from provenance.model.finding import Finding
from provenance.model.report import OtherVerdict, PolicyName, Report, RuleName
from provenance.model.vocabulary import Severity
from provenance.registry import load_members
from provenance.reports import formats, sentences
from provenance.reports.interface import Format
from provenance.reports.terminal import format_summary
from provenance.reports.verdicts import list_reports, list_verdicts
from tests.reports.as_read import read_all, squeeze

HOUSE = PolicyName("house", "6" * 64, "2026.1", "House rules", "A memo", not_asked=(RuleName("enhanced", "Enhanced"),))


@pytest.fixture(scope="module")
def note(golden: Report) -> Finding:
    return dataclasses.replace(
        golden.findings[0], severity=Severity.NOTE, message="Only the house minds this.", clause="H-9: Mind."
    )


@pytest.fixture(scope="module")
def report(golden: Report, note: Finding) -> Report:
    return dataclasses.replace(golden, others=(OtherVerdict(HOUSE, (note,)),))


def test_each_policy_has_a_verdict_on_the_first_screen(golden: Report, report: Report) -> None:
    netflix, house = list_verdicts(report)
    assert netflix == f"netflix: {sentences.describe_verdict(golden)}"
    assert house.startswith("house: ")
    assert "no rule of the policy house objects" in house
    screen = squeeze("\n".join(format_summary(report)))
    for words in (netflix, house, "not asked by house: Enhanced", "house 2026.1, not shipped"):
        assert squeeze(words) in screen


def test_one_policy_reads_as_before(golden: Report) -> None:
    assert list_verdicts(golden) == [sentences.describe_verdict(golden)]
    assert list_reports(golden) == [golden]


def test_every_format_has_the_findings_of_every_policy(report: Report, golden: Report) -> None:
    before = read_all(golden)
    for name, text in read_all(report).items():
        for words in ("Only the house minds this.", "H-9: Mind."):
            assert squeeze(words) in text, name
            assert squeeze(words) not in before[name], name


def test_the_document_keeps_the_first_verdict_where_it_was(report: Report, golden: Report) -> None:
    json_format: Format = load_members(formats, Format)["json"]
    told, before = (json.loads(b"".join(json_format.render(row))) for row in (report, golden))
    for part in ("findings", "summary", "inputs", "unopposed"):
        assert told[part] == before[part]
    assert [row["policy"]["name"] for row in told["verdicts"]] == ["netflix", "house"]
    assert told["verdicts"][0]["findings"] == told["summary"]["findings"]
    assert told["verdicts"][1]["findings"] == {"block": 0, "review": 0, "note": 1}
    assert [(row["policy"], row["rule"]) for row in told["other_findings"]] == [("house", golden.findings[0].rule)]
    assert before["other_findings"] == []


def test_lines_name_the_policy_and_know_timelines(report: Report) -> None:
    lines = [json.loads(line) for line in b"".join(load_members(formats, Format)["jsonl"].render(report)).splitlines()]
    assert [row["other_finding"]["policy"] for row in lines if "other_finding" in row] == ["house"]
    assert sum("timeline" in row for row in lines) == len(report.timelines)


def test_every_rule_that_is_not_asked_is_named_however_many_there_are(report: Report) -> None:
    rules = tuple(RuleName(f"rule-{number}", f"A rule with the number {number}") for number in range(40))
    found = RuleName("generated-in-deliverable", "Generated material in a deliverable", finds_generated=True)
    policy = dataclasses.replace(HOUSE, not_asked=(*rules, found))
    other = dataclasses.replace(policy, name="other")
    many = dataclasses.replace(
        report, inputs=dataclasses.replace(report.inputs, policy=policy), others=(OtherVerdict(other, ()),)
    )
    for name, text in read_all(many).items():
        for rule in (rules[0], rules[-1], found):
            assert squeeze(rule.rule) in text, name
    # What would have found generated material is on the first screen.
    screen = squeeze("\n".join(format_summary(many)))
    assert squeeze("not asked by house: Generated material in a deliverable; A rule with the number 0") in screen
    assert squeeze("and 32 more, listed below") in screen

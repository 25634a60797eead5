"""One set of evidence judged by several policies: the verdict of each, and what the further ones find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from provenance.model.finding import Finding
from provenance.model.report import OtherVerdict, Report
from provenance.reports import sentences
from provenance.reports.compose import list_unopposed
from provenance.reports.content import describe_both
from provenance.reports.finding_texts import describe_message
from provenance.reports.language import translate
from provenance.reports.reasons import describe_reason


@dataclass(frozen=True, slots=True)
class FindingLine:
    """A finding of a further policy, without the pictures that the first one shows already."""

    word: str
    """Its severity, or `waived`."""
    path: str
    at: str
    message: str
    rule: str
    clause: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicySection:
    """What a report says by a further policy."""

    name: str
    verdict: str
    policy: str
    """Name, version and whose pack it is, with the digest of its text."""
    guidance: str
    not_asked: tuple[str, ...]
    undeclared: str
    unopposed: tuple[tuple[str, str], ...]
    """Path, and own marks and found content in words, of assets to which no rule of it objects."""
    findings: tuple[FindingLine, ...]


def list_reports(report: Report) -> list[Report]:
    """The report as each of its policies judges it; the first one comes first."""
    return [replace(report, others=()), *(judge_by(report, other) for other in report.others)]


def judge_by(report: Report, other: OtherVerdict) -> Report:
    """The same evidence with the policy and the findings of another verdict."""
    inputs = replace(report.inputs, policy=other.policy)
    return replace(report, inputs=inputs, findings=other.findings, others=())


def list_verdicts(report: Report) -> list[str]:
    """The first sentences of a report; with several policies one text for each, which begins with its name."""
    if not report.others:
        return [sentences.describe_verdict(report)]
    return [f"{each.inputs.policy.name}: {sentences.describe_verdict(each)}" for each in list_reports(report)]


def list_not_asked(report: Report) -> list[tuple[str, str]]:
    """Which policy leaves out which rules, for those that leave out any: `this policy`, or its name among several."""
    rows = []
    for each in list_reports(report):
        name = each.inputs.policy.name if report.others else translate("this policy")
        if text := sentences.describe_not_asked_briefly(each.inputs.policy):
            rows.append((name, text))
    return rows


def build_sections(report: Report) -> list[PolicySection]:
    """A section for each policy after the first."""
    return [_build_section(each) for each in list_reports(report)[1:]]


def _build_section(report: Report) -> PolicySection:
    policy = report.inputs.policy
    unopposed = [(case.location.path, describe_both(case)) for case in list_unopposed(report)]
    return PolicySection(
        name=policy.name,
        verdict=sentences.describe_verdict(report),
        policy=f"{sentences.describe_policy(policy)}, sha256 {policy.sha256}",
        guidance=sentences.describe_guidance(policy),
        not_asked=tuple(sentences.list_not_asked(policy)),
        undeclared=sentences.capitalize(sentences.describe_undeclared(report)),
        unopposed=tuple(unopposed),
        findings=tuple(_list_lines(report)),
    )


def _list_lines(report: Report) -> Iterator[FindingLine]:
    for finding in dict.fromkeys(report.findings):
        yield FindingLine(
            word=_name_word(finding),
            path=finding.path,
            at=sentences.describe_place(finding),
            message=describe_message(finding),
            rule=finding.rule,
            clause=sentences.capitalize(sentences.describe_clause(finding)),
            reasons=tuple(describe_reason(reason).text for reason in finding.because),
        )


def _name_word(finding: Finding) -> str:
    if finding.waived_by:
        return "waived"
    return str(finding.severity)

"""Cases, findings and troubles joined into one `Report`, in an order that does not depend on who finished first."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping

from provenance.model.asset import Location
from provenance.model.evidence import Trouble
from provenance.model.finding import Case, Finding, Use
from provenance.model.match import Match
from provenance.model.report import Coverage, Delta, Inputs, Report
from provenance.model.vocabulary import Origin, Severity


def compose(
    *,
    made_at: str,
    version: str,
    inputs: Inputs,
    coverage: Coverage,
    cases: Iterable[Case] = (),
    findings: Iterable[Finding] = (),
    uses: Iterable[Use] = (),
    troubles: Iterable[Trouble] = (),
    delta: Delta | None = None,
    extra: Mapping[str, str] | None = None,
    tool: str = "provenance",
) -> Report:
    """One report out of rows in any order. `made_at` is UTC, ISO 8601, ending in `Z`.

    Assets stand by root and path bytes, findings by severity, path and rule, uses by their place in the cut. Evidence
    keeps the order in which the file says it. `troubles` are those that belong to no case.
    """
    return Report(
        made_at=made_at,
        tool=tool,
        version=version,
        inputs=inputs,
        coverage=coverage,
        cases=tuple(sorted((_with_sorted_matches(case) for case in cases), key=lambda case: _place(case.location))),
        findings=tuple(sorted(findings, key=_gravest_first)),
        uses=tuple(sorted(uses, key=_in_the_cut)),
        troubles=tuple(
            sorted(troubles, key=lambda trouble: (trouble.path, trouble.stage, trouble.cause, trouble.detail))
        ),
        delta=delta and _sorted_delta(delta),
        extra=dict(sorted((extra or {}).items())),
    )


def findings_of(report: Report) -> dict[tuple[str, str], list[Finding]]:
    """Findings by (path, digest) of the asset they are about, gravest first. The same claim is kept once."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in dict.fromkeys(report.findings):
        found.setdefault((finding.path, finding.digest), []).append(finding)
    return found


def untold_troubles(report: Report) -> list[Trouble]:
    """Troubles that no finding rests on, so that a reader is told each of them once."""
    told = {reason for finding in report.findings for reason in finding.because if isinstance(reason, Trouble)}
    return [trouble for trouble in report.all_troubles if trouble not in told]


@dataclasses.dataclass(frozen=True, slots=True)
class ReportSummary:
    """The figures of a report. Mappings hold every origin and severity, zeros included."""

    assets: int
    bytes: int
    """Bytes on the storage: a frame is counted with its sequence, a child with its container."""
    origins: Mapping[Origin, int]
    findings: Mapping[Severity, int]
    """Without those that are waived."""
    waived: Mapping[Severity, int]
    troubles: int


def summary(report: Report) -> ReportSummary:
    """Count what a report holds."""
    origins = Counter(case.origin for case in report.cases)
    open_, waived = Counter[Severity](), Counter[Severity]()
    for finding in report.findings:
        (waived if finding.waived_by else open_)[finding.severity] += 1
    return ReportSummary(
        assets=len(report.cases),
        bytes=sum(case.reading.asset.size for case in report.cases if _stands_alone(case.location)),
        origins={origin: origins[origin] for origin in Origin},
        findings={severity: open_[severity] for severity in Severity},
        waived={severity: waived[severity] for severity in Severity},
        troubles=len(report.all_troubles),
    )


def _stands_alone(location: Location) -> bool:
    return location.sequence is None and location.parent is None


def _place(location: Location) -> tuple[str, bytes, str]:
    return location.root, location.path_bytes, location.path


def _gravest_first(finding: Finding) -> tuple[int, str, str, int, float, str, str]:
    start = finding.time.start if finding.time else -1.0
    frame = -1 if finding.frame is None else finding.frame
    return finding.severity.rank, finding.path, finding.rule, frame, start, finding.digest, finding.message


def _in_the_cut(use: Use) -> tuple[str, ...]:
    return use.timeline, use.track, use.record_in, use.record_out, use.source, use.source_in, use.digest or ""


def _with_sorted_matches(case: Case) -> Case:
    return dataclasses.replace(case, matches=tuple(sorted(case.matches, key=_in_time))) if case.matches else case


def _in_time(match: Match) -> tuple[float, str, str, str, float]:
    start = match.time.start if match.time else -1.0
    return start, match.known.path, match.known.digest, match.method, -match.score


def _sorted_delta(delta: Delta) -> Delta:
    return Delta(*(tuple(sorted(getattr(delta, field.name))) for field in dataclasses.fields(delta)))

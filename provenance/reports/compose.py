"""Joins cases, findings and troubles into one `Report`, in an order that does not depend on who finished first."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeVar

from provenance.model.asset import Location
from provenance.model.cut import Timeline, Use
from provenance.model.debt import Debt
from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import Match
from provenance.model.report import (
    Absence,
    Cover,
    Coverage,
    Delta,
    Inputs,
    Move,
    OpenFinding,
    OtherVerdict,
    RegisterEntry,
    Report,
)
from provenance.model.vocabulary import SUSPECT, Origin, Severity

Reason = TypeVar("Reason", bound=Because)
Word = TypeVar("Word", Origin, Severity)


def compose(
    *,
    made_at: str,
    version: str,
    inputs: Inputs,
    coverage: Coverage,
    cases: Iterable[Case] = (),
    findings: Iterable[Finding] = (),
    uses: Iterable[Use] = (),
    timelines: Iterable[Timeline] = (),
    troubles: Iterable[Trouble] = (),
    delta: Delta | None = None,
    others: Iterable[OtherVerdict] = (),
    cover: Cover | None = None,
    register: Iterable[RegisterEntry] = (),
    debt: Debt | None = None,
    extra: Mapping[str, str] | None = None,
    tool: str = "provenance",
) -> Report:
    """One report from rows in any order. `made_at` is UTC, ISO 8601, ending in `Z`.

    It sorts assets by root and path bytes, findings by severity, path and rule, uses by their place in the cut.
    Evidence keeps the order in which the file gives it. `troubles` are those that belong to no case.
    """
    # workers finish in any order; a report must not depend on it, because the same inputs give the same bytes
    sorted_cases = sorted(map(_sort_matches, cases), key=lambda case: _order_by_path(case.location))
    sorted_troubles = sorted(troubles, key=_order_troubles)
    return Report(
        made_at=made_at,
        tool=tool,
        version=version,
        inputs=inputs,
        coverage=coverage,
        cases=tuple(sorted_cases),
        findings=tuple(sorted(findings, key=_order_by_severity)),
        uses=tuple(sorted(uses, key=_order_by_place_in_cut)),
        timelines=tuple(sorted(timelines, key=lambda timeline: (timeline.root, timeline.path))),
        troubles=tuple(sorted_troubles),
        delta=delta and _sort_delta(delta),
        others=tuple(_sort_findings(other) for other in others),
        cover=cover or Cover(),
        register=tuple(sorted(register, key=lambda entry: (entry.kind, entry.id, entry.entered_at, entry.values))),
        debt=debt,
        extra=dict(sorted((extra or {}).items())),
    )


def group_findings(report: Report) -> dict[tuple[str, str], list[Finding]]:
    """Findings by (path, digest) of the asset they are about, gravest first; of two equal ones it keeps one."""
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in dict.fromkeys(report.findings):
        groups.setdefault((finding.path, finding.digest), []).append(finding)
    return groups


def list_unopposed(report: Report) -> list[Case]:
    """Judged assets that are or may be generated, or show such material, and that no rule of the policy objects to.

    To object is a finding for review or graver that rests on that evidence; an approval of it changes nothing.
    """
    opposed = set()
    for finding in report.findings:
        if finding.severity is not Severity.NOTE and any(map(_is_suspect, finding.because)):
            opposed.add((finding.path, finding.digest))
    unopposed = []
    for case in report.cases:
        is_opposed = (case.location.path, case.reading.asset.digest) in opposed
        if case.is_judged and case.is_suspect and not is_opposed:
            unopposed.append(case)
    return unopposed


def _is_suspect(reason: Because) -> bool:
    if isinstance(reason, Evidence):
        return reason.origin in SUSPECT
    return isinstance(reason, Match) and reason.known.origin in SUSPECT


def list_troubles_without_finding(report: Report) -> list[Trouble]:
    """Troubles on which no finding rests, so that a report shows each trouble once."""
    reported = collect_reasons(report, Trouble)
    return [trouble for trouble in report.all_troubles if trouble not in reported]


def collect_reasons(report: Report, kind: type[Reason]) -> set[Reason]:
    """All reasons of one kind on which any finding rests."""
    reasons: set[Reason] = set()
    for finding in report.findings:
        for reason in finding.because:
            if isinstance(reason, kind):
                reasons.add(reason)
    return reasons


@dataclasses.dataclass(frozen=True, slots=True)
class ReportSummary:
    """The figures of a report. The mappings hold every origin and severity, zeros included."""

    assets: int
    bytes: int
    """Bytes on the storage: a frame counts with its sequence, an embedded file with its container."""
    origins: Mapping[Origin, int]
    findings: Mapping[Severity, int]
    """Without those that are waived."""
    waived: Mapping[Severity, int]
    troubles: int
    unopposed: int
    """Assets that are or may be generated, or show such material, to which no rule of the policy objects."""


def summarize(report: Report) -> ReportSummary:
    """Count what a report holds."""
    origins = Counter[Origin]()
    size = 0
    for case in report.cases:
        origins[case.origin] += 1
        # a frame's bytes are in its sequence already, an embedded file's bytes in its container
        if _is_file_of_its_own(case.location):
            size += case.reading.asset.size

    open_, waived = Counter[Severity](), Counter[Severity]()
    for finding in report.findings:
        counter = waived if finding.waived_by else open_
        counter[finding.severity] += 1
    return ReportSummary(
        assets=len(report.cases),
        bytes=size,
        origins=_count_each(Origin, origins),
        findings=_count_each(Severity, open_),
        waived=_count_each(Severity, waived),
        troubles=len(report.all_troubles),
        unopposed=len(list_unopposed(report)),
    )


def _count_each(words: Iterable[Word], counter: Counter[Word]) -> dict[Word, int]:
    # scripts look up every word, so a word that does not occur must be there as a zero
    return {word: counter[word] for word in words}


def _is_file_of_its_own(location: Location) -> bool:
    return location.sequence is None and location.parent is None


def _sort_matches(case: Case) -> Case:
    if not case.matches:
        return case
    return dataclasses.replace(case, matches=tuple(sorted(case.matches, key=_order_by_time)))


def _sort_findings(other: OtherVerdict) -> OtherVerdict:
    return dataclasses.replace(other, findings=tuple(sorted(other.findings, key=_order_by_severity)))


def _sort_delta(delta: Delta) -> Delta:
    moved = delta.moved and tuple(sorted(delta.moved, key=_order_moves))
    return dataclasses.replace(
        delta,
        new=tuple(sorted(delta.new)),
        changed=tuple(sorted(delta.changed)),
        vanished=tuple(sorted(delta.vanished)),
        moved=moved,
        newly_generated=tuple(sorted(delta.newly_generated)),
        newly_found=tuple(sorted(delta.newly_found)),
        newly_approved=delta.newly_approved and tuple(sorted(delta.newly_approved)),
        resolved=delta.resolved and tuple(sorted(delta.resolved)),
        absent=delta.absent and tuple(sorted(delta.absent, key=_order_absences)),
        newly_open=delta.newly_open and tuple(sorted(delta.newly_open, key=_order_open_findings)),
        newly_unchecked=delta.newly_unchecked and tuple(sorted(delta.newly_unchecked, key=_order_troubles)),
    )


# Sort keys. Rows arrive in the order in which workers finish, so each key goes on to fields that tell equal rows apart.
# None cannot be compared with a number: a missing time or frame becomes -1 and comes first.


def _order_by_path(location: Location) -> tuple[str, bytes, str]:
    return location.root, location.path_bytes, location.path


def _order_absences(absence: Absence) -> tuple[str, str]:
    return absence.storage, absence.why


def _order_open_findings(row: OpenFinding) -> tuple[int, str, str, str]:
    return row.severity.rank, row.path, row.rule, row.message


def _order_troubles(row: Trouble) -> tuple[str, str, str, str]:
    return row.path, row.stage, row.cause, row.detail


def _order_moves(move: Move) -> tuple[str, str]:
    return move.old, move.new


_FIRST = {"altered-archive": 0, "altered_archive_in_cut": 0, "reference-in-generated": 1}
"""Rules whose findings come before all others of their severity: what passes for archive and is not deceives, and a
copy of somebody's work weighs more than that it was generated."""


def order_by_gravity(finding: Finding) -> tuple[int, int]:
    """A sort key: by severity, and within one by whether its rule comes first."""
    return finding.severity.rank, _FIRST.get(finding.rule, len(_FIRST))


def _order_by_severity(finding: Finding) -> tuple[int, int, str, str, int, float, str, str]:
    start = finding.time.start if finding.time else -1.0
    frame = -1 if finding.frame is None else finding.frame
    return *order_by_gravity(finding), finding.path, finding.rule, frame, start, finding.digest, finding.message


def _order_by_place_in_cut(use: Use) -> tuple[str, int, str, int, str, str]:
    first, after = use.record_frames
    return use.timeline, first, use.track, after, use.source, use.digest or ""


def _order_by_time(match: Match) -> tuple[float, str, str, str, float]:
    start = match.time.start if match.time else -1.0
    return start, match.known.path, match.known.digest, match.method, -match.score

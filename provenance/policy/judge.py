"""Cases -> Findings: applies the rules of a pack, its severities and clauses, and the approvals in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from provenance.model.declared import NOTHING_DECLARED, Declarations
from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, BoundApproval, Case, Finding
from provenance.model.match import COPY, Match
from provenance.model.vocabulary import Severity
from provenance.policy.approvals import covers, select_expired, select_in_force
from provenance.policy.interface import Rule, Violation
from provenance.policy.packs import Pack, load_rules
from provenance.policy.rules.not_looked_at import NotLookedAt
from provenance.policy.weigh import Weighed, list_subjects, weigh

CLEAN = 0
"""Exit code: no finding that counts, and everything was checked."""
FOUND = 1
"""Exit code: a finding at or above the severity that fails."""
INCOMPLETE = 3
"""Exit code: no finding that counts, but something could not be checked."""


def judge(
    cases: Iterable[Case],
    pack: Pack,
    approvals: Iterable[BoundApproval],
    now: date,
    declarations: Declarations = NOTHING_DECLARED,
) -> Iterator[Finding]:
    """Yield every finding of the pack's rules, in the order of the cases and of the pack.

    It judges every case as part of a deliverable: leave out the others. An approved finding stays and names its
    approval: one of the content itself that covers this very finding, or one of the known material that was found in
    it. `now` must not be earlier than the last day the catalogue knows, because a clock turned back would revive
    expired approvals.
    """
    rules, by_rule = load_rules(), pack.by_rule
    # read twice below, and an iterator can be read only once
    all_approvals = list(approvals)
    in_force, expired = select_in_force(all_approvals, now), select_expired(all_approvals, now)
    for case in cases:
        for name, rulings in by_rule.items():
            rule = rules.get(name)
            if rule is None:
                continue  # A rule about cuts.
            for violation in rule.judge(case):
                subjects = list_subjects(case.reading.asset.digest, violation.because)
                weighed = weigh(rulings, (case.location.zone,), subjects, declarations)
                if weighed is None:
                    continue  # The pack asks it under other conditions.
                finding = _build_finding(case, weighed, rule, violation)
                # an approved finding stays in the report, with its approval: legal must see what somebody approved
                if rule.waivable:
                    finding = _apply_approval(finding, case, violation, in_force, expired)
                yield finding


Approvals = Mapping[str, Sequence[BoundApproval]]
"""By digest, the best first."""


def _apply_approval(
    finding: Finding, case: Case, violation: Violation, in_force: Approvals, expired: Approvals
) -> Finding:
    """The finding with the approval that waives it, else with those that do not: why it is not waived."""
    approval = _find_approval(finding.rule, case, violation, in_force)
    if approval:
        return replace(finding, waived_by=approval)
    return replace(
        finding,
        expired_approval=_find_approval(finding.rule, case, violation, expired),
        uncovered_by=_find_uncovering(case, violation, in_force),
    )


def _find_approval(rule: str, case: Case, violation: Violation, approvals: Approvals) -> Approval | None:
    """The approval of the content, or of the known material when the violation rests on copies of it alone."""
    for row in approvals.get(case.reading.asset.digest, ()):
        if covers(row, rule, violation.because):
            return row.approval
    first: Approval | None = None
    for digest in _list_copied(violation):
        approved = [row.approval for row in approvals.get(digest, ()) if row.covers_copies]
        if not approved:
            return None
        first = first or approved[0]
    return first


def _find_uncovering(case: Case, violation: Violation, approvals: Approvals) -> Approval | None:
    """An approval of the content, or of what was copied into it, that does not cover the violation."""
    for digest in [case.reading.asset.digest, *_list_copied(violation)]:
        for row in approvals.get(digest, ()):
            return row.approval
    return None


def _list_copied(violation: Violation) -> list[str]:
    """The digests of the known material, when the violation rests on nothing but copies of it."""
    digests = []
    for reason in violation.because:
        # Material that only shares content with approved material may be another take of it, which nobody approved.
        if not isinstance(reason, Match) or reason.verdict != COPY:
            return []
        digests.append(reason.known.digest)
    return digests


def judge_troubles(troubles: Iterable[Trouble], pack: Pack) -> Iterator[Finding]:
    """Yield findings for troubles that belong to no asset, such as a folder that could not be listed.

    They have no digest, so no approval can name them, and no zone. Yields none when the pack leaves the rule out.
    """
    rule = NotLookedAt()
    weighed = weigh(pack.by_rule.get(rule.id, ()), (), (), NOTHING_DECLARED)
    if weighed is None:
        return
    for trouble in troubles:
        violation = rule.build_violation([trouble])
        yield Finding(
            rule=rule.id,
            severity=weighed.ruling.severity,
            path=trouble.path,
            digest="",
            message=violation.message,
            remedy=rule.remedy_of_search if trouble.is_about_search else rule.remedy,
            because=violation.because,
            clause=weighed.ruling.clause,
            clause_is_quoted=weighed.ruling.is_quoted,
        )


def gate(findings: Iterable[Finding], troubles: Iterable[Trouble], fail_on: Severity) -> int:
    """The exit code: 1 for any finding at or above `fail_on` that is not waived, else 3 for any trouble, else 0."""
    for finding in findings:
        if finding.waived_by is None and finding.severity.rank <= fail_on.rank:
            return FOUND
    # without findings, but also without having checked everything: not a pass
    for _ in troubles:
        return INCOMPLETE
    return CLEAN


def _build_finding(case: Case, weighed: Weighed, rule: Rule, violation: Violation) -> Finding:
    location, ruling = case.location, weighed.ruling
    # a frame that differs from its sequence has a row of its own, whose location names the frame
    frame = location.frame if violation.frame is None else violation.frame
    message = violation.message
    if frame is not None:
        message = f"Frame {frame}: {message}"
    return Finding(
        rule=rule.id,
        severity=ruling.severity,
        path=location.path,
        digest=case.reading.asset.digest,
        message=message,
        remedy=rule.remedy,
        because=violation.because,
        time=violation.time,
        frame=frame,
        clause=ruling.clause,
        clause_is_quoted=ruling.is_quoted,
        root=location.root,
        conditions=ruling.conditions.describe(),
        not_declared=weighed.not_declared,
        is_about_register=rule.is_about_register,
    )

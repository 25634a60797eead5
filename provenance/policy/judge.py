"""Cases -> Findings: the rules of a pack, its severities and clauses, and the approvals that let something stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from provenance.model.evidence import Trouble
from provenance.model.finding import Approval, Case, Finding
from provenance.model.match import COPY, Match
from provenance.model.vocabulary import Severity
from provenance.policy.approvals import ended, in_force
from provenance.policy.interface import Breach, Rule
from provenance.policy.packs import Pack, Ruling, known_rules
from provenance.policy.rules.not_looked_at import NotLookedAt

CLEAN, FOUND, INCOMPLETE = 0, 1, 3


def judge(cases: Iterable[Case], pack: Pack, approvals: Iterable[Approval], now: date) -> Iterator[Finding]:
    """Every finding of the pack's rules, in the order of the cases and of the pack.

    Every case given is judged as part of a deliverable: leave out what is not. An approved finding stays and names its
    approval: one of the content itself, or one of the known material that was found in it. `now` must not be earlier
    than the last day the catalogue knows: a clock turned back revives approvals.
    """
    known = known_rules()
    rulings = [(ruling, known[ruling.rule]) for ruling in pack.rulings]
    given = list(approvals)
    approved, expired = in_force(given, now), ended(given, now)
    for case in cases:
        for ruling, rule in rulings:
            for breach in rule.judge(case):
                finding = _finding(case, ruling, rule, breach)
                if not rule.waivable:
                    yield finding
                elif by := _approval(case, breach, approved):
                    yield replace(finding, waived_by=by)
                else:
                    yield replace(finding, expired_approval=_approval(case, breach, expired))


def _approval(case: Case, breach: Breach, approved: Mapping[str, Approval]) -> Approval | None:
    """What lets a breach stand: an approval of the content, or of the known material that all of it is a copy of.

    What only shares content with approved material may be another take of it, which nobody approved.
    """
    if own := approved.get(case.reading.asset.digest):
        return own
    copies = [row for row in breach.because if isinstance(row, Match) and row.verdict == COPY]
    granted = [approved.get(row.known.digest) for row in copies]
    return granted[0] if len(copies) == len(breach.because) and all(granted) else None


def judge_troubles(troubles: Iterable[Trouble], pack: Pack) -> Iterator[Finding]:
    """Findings for troubles that belong to no asset, such as a folder that could not be listed.

    They have no digest, so no approval can name them. None when the pack leaves the rule out.
    """
    rule = NotLookedAt()
    for ruling in pack.rulings:
        if ruling.rule == rule.id:
            for trouble in troubles:
                breach = rule.breach([trouble])
                yield Finding(
                    rule=rule.id,
                    severity=ruling.severity,
                    path=trouble.path,
                    digest="",
                    message=breach.message,
                    remedy=rule.remedy,
                    because=breach.because,
                    clause=ruling.clause,
                )


def gate(findings: Iterable[Finding], troubles: Iterable[Trouble], fail_on: Severity) -> int:
    """The exit code: 1 for any finding at or above `fail_on` that is not waived, else 3 for any trouble, else 0."""
    if any(row.waived_by is None and row.severity.rank <= fail_on.rank for row in findings):
        return FOUND
    return INCOMPLETE if any(True for _ in troubles) else CLEAN


def _finding(case: Case, ruling: Ruling, rule: Rule, breach: Breach) -> Finding:
    place = case.location
    frame = place.frame if breach.frame is None else breach.frame
    return Finding(
        rule=rule.id,
        severity=ruling.severity,
        path=place.path,
        digest=case.reading.asset.digest,
        message=breach.message if frame is None else f"Frame {frame}: {breach.message}",
        remedy=rule.remedy,
        because=breach.because,
        time=breach.time,
        frame=frame,
        clause=ruling.clause,
        root=place.root,
    )

"""Which approvals are in force, and what they cover.

An approval names one content by its digest, who approved it, why, where the letter is kept, and its last day. It covers
what its approver could know: the rules that were violated then, and the marks and known material that they rested on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Approval, Because, BoundApproval, Case, Covered
from provenance.model.match import Match, Span
from provenance.model.vocabulary import SUSPECT
from provenance.policy.fields import parse_day
from provenance.policy.packs import load_rules

SPAN_TOLERANCE = 0.5
"""Seconds by which an end of a span may lie outside of the span that was approved. Pictures are compared every half
second, and the ends between two of them are measured: within a frame as a rule (docs/matching.md), but an end that
cannot be measured lies at the next picture that was compared. More known material or a newer program may move it that
far, although the same bytes still show the same material."""
FRAME_TOLERANCE = 12
"""The same in frames, for a sequence whose files name no rate; it is searched as if it had 24 a second."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def find_flaw(approval: Approval) -> str | None:
    """Why this approval can never count, as a sentence for a person; None when it is well-formed.

    It holds for one content only: no pattern, no path, no part of a digest. Nothing about it may stay open.
    """
    if not _DIGEST.fullmatch(approval.digest):
        return "an approval must name one content by its whole digest: sha256: and 64 hexadecimal digits"
    for field in ("who", "reason", "reference"):
        # a dash or a dot in place of a name would approve something for nobody
        if not any(character.isalnum() for character in getattr(approval, field)):
            return f"an approval must give its {field}"
    if parse_day(approval.expires) is None:
        return "an approval must have a last day, written YYYY-MM-DD"
    return None


def is_in_force(approval: Approval, today: date) -> bool:
    """Whether the approval is well-formed, has begun and has not expired; it is still in force on its last day."""
    first_day = parse_day(approval.begins)
    has_begun = not approval.begins or (first_day is not None and first_day <= today)
    return has_begun and find_flaw(approval) is None and not is_over(approval, today)


def is_over(approval: Approval, today: date) -> bool:
    """Whether the last day of an approval is past, or is none."""
    last_day = parse_day(approval.expires)
    return last_day is None or last_day < today


def select_in_force(approvals: Iterable[BoundApproval], today: date) -> dict[str, list[BoundApproval]]:
    """The approvals in force, by digest; of several for one content the one that lasts longest comes first."""
    return _group(row for row in approvals if is_in_force(row.approval, today))


def select_expired(approvals: Iterable[BoundApproval], today: date) -> dict[str, list[BoundApproval]]:
    """The well-formed approvals that have expired, by digest; of several for one content the newest comes first."""
    well_formed = [row for row in approvals if find_flaw(row.approval) is None]
    return _group(row for row in well_formed if is_over(row.approval, today))


def _group(approvals: Iterable[BoundApproval]) -> dict[str, list[BoundApproval]]:
    def get_order(row: BoundApproval) -> tuple[str, ...]:
        approval = row.approval
        return approval.expires, approval.added_at, approval.who, approval.reference

    # The order must not depend on the order of rows in the catalogue: two reports on the same state must be the same.
    groups: dict[str, list[BoundApproval]] = {}
    for row in sorted(approvals, key=get_order, reverse=True):
        groups.setdefault(row.approval.digest, []).append(row)
    return groups


def list_covered(cases: Iterable[Case]) -> tuple[Covered, ...]:
    """Everything that an approval of the content of these cases covers: all that they violate, whatever the pack.

    Severities are the client's and may change: they do not count. Standing, place and wording of a mark do not count
    either, because a trust list or a newer program changes them without saying anything new about the content.
    """
    rules = [rule for rule in load_rules().values() if rule.waivable]
    covered: dict[Covered, None] = {}
    for case in cases:
        for rule in rules:
            for violation in rule.judge(case):
                covered.update(dict.fromkeys(_describe(rule.id, reason) for reason in violation.because))
    return tuple(covered)


def covers(approval: BoundApproval, rule: str, because: Iterable[Because]) -> bool:
    """Whether the approver knew that this rule was violated, and every reason for it."""
    return all(_covers_reason(approval.covers, _describe(rule, reason)) for reason in because)


def covers_marks(covered: Sequence[Covered], evidence: Iterable[Evidence]) -> bool:
    """Whether an approver knew every one of these marks that says that content is or may be generated."""
    known = {(row.signal, row.origin, row.tool) for row in covered}
    suspect = [row for row in evidence if row.origin in SUSPECT]
    return all((row.signal, row.origin, row.tool) in known for row in suspect)


def _describe(rule: str, reason: Because) -> Covered:
    if isinstance(reason, Evidence):
        return Covered(rule, reason.origin, reason.signal, reason.tool)
    if isinstance(reason, Match):
        known, time = reason.known, reason.time
        start, end = (time.start, time.end) if isinstance(time, Span) else (None, None)
        return Covered(
            rule,
            known.origin,
            known=known.digest,
            path=known.path,
            method=reason.method,
            verdict=reason.verdict,
            start=start,
            end=end,
            frames=reason.frames if time is None else None,
        )
    if isinstance(reason, Trouble):
        return Covered(rule, cause=f"{reason.stage}: {reason.cause}")
    return Covered(rule, cause=f"{reason.timeline} {reason.track} {reason.record_in} {reason.source}")


def _covers_reason(covered: Sequence[Covered], reason: Covered) -> bool:
    alike = [row for row in covered if _identify(row) == _identify(reason)]
    wanted = _get_span(reason)
    spans = [span for span in map(_get_span, alike) if span]
    if wanted is None:
        return len(spans) < len(alike)
    tolerance = FRAME_TOLERANCE if reason.frames else SPAN_TOLERANCE
    return any(start <= wanted[0] and wanted[1] <= end for start, end in _merge_spans(spans, tolerance))


def _identify(row: Covered) -> tuple[object, ...]:
    return row.rule, row.origin, row.signal, row.tool, row.known, row.method, row.verdict, row.cause, bool(row.frames)


def _get_span(row: Covered) -> tuple[float, float] | None:
    """Seconds, or numbers of frames; None for a fact about the whole asset."""
    if row.frames:
        return row.frames
    if row.start is None or row.end is None:
        return None
    return row.start, row.end


def _merge_spans(spans: Iterable[tuple[float, float]], tolerance: float) -> Iterator[tuple[float, float]]:
    """The spans, widened by the tolerance, each joined with those that it overlaps."""
    # What was found as two spans with a gap that no measurement can tell may be found as one the next time.
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        first, last = start - tolerance, end + tolerance
        if merged and first <= merged[-1][1]:
            first, last = merged[-1][0], max(last, merged[-1][1])
            merged.pop()
        merged.append((first, last))
    yield from merged

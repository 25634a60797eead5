"""Uses in cuts -> Findings, by the rules about cuts that the pack asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from provenance.model.cut import Timeline, Use
from provenance.model.finding import Approval, Finding
from provenance.model.match import Span
from provenance.model.vocabulary import Severity
from provenance.policy.interface import CutRule, Violation
from provenance.policy.packs import Pack, load_cut_rules


def judge_cuts(
    timelines: Iterable[Timeline], uses: Iterable[Use], pack: Pack, in_force: Mapping[str, Approval]
) -> Iterator[Finding]:
    """Yield the findings about every cut. `in_force`: by digest, the approvals that let content be used elsewhere."""
    by_path = {timeline.path: timeline for timeline in timelines}
    for group in _group(uses):
        yield from _judge_group(by_path[group[0].timeline], group, pack, in_force)


def _group(uses: Iterable[Use]) -> list[list[Use]]:
    """The uses of one source at one time: on tracks of picture and sound it is one finding."""
    groups: dict[tuple[object, ...], list[Use]] = {}
    for use in uses:
        key = (use.timeline, use.digest or use.source, use.record_frames, use.resolved_by, use.enabled)
        groups.setdefault(key, []).append(use)
    return list(groups.values())


def _judge_group(
    timeline: Timeline, group: list[Use], pack: Pack, in_force: Mapping[str, Approval]
) -> Iterator[Finding]:
    rules = load_cut_rules()
    severities = {ruling.rule: ruling.severity for ruling in pack.rulings}
    for ruling in pack.rulings:
        rule = rules.get(ruling.rule)
        if rule is None:
            continue  # A rule about assets.
        severity = _choose_severity(rule, group[0], ruling.severity, severities)
        if severity is None:
            continue
        for violation in rule.judge(group[0]):
            finding = _build_finding(timeline, group, rule, violation, severity, ruling.clause)
            approval = in_force.get(finding.digest) if rule.waivable else None
            yield replace(finding, waived_by=approval)


def _choose_severity(rule: CutRule, use: Use, own: Severity, severities: Mapping[str, Severity]) -> Severity | None:
    """The pack's severity for what the source is; None when the pack does not ask that rule."""
    other = rule.severity_of.get(use.origin)
    return own if other is None else severities.get(other)


def _build_finding(
    timeline: Timeline, group: list[Use], rule: CutRule, violation: Violation, severity: Severity, clause: str
) -> Finding:
    use = group[0]
    return Finding(
        rule=rule.id,
        severity=severity,
        path=timeline.path,
        digest=use.digest or timeline.digest,
        message=violation.message,
        remedy=rule.remedy,
        because=tuple(dict.fromkeys([*group, *violation.because])),
        time=violation.time or _make_span(timeline, use),
        clause=clause,
        root=timeline.root,
    )


def _make_span(timeline: Timeline, use: Use) -> Span:
    """Record time of a use: seconds from the first frame of the cut, and timecode."""
    first, after = (frame - timeline.start_frame for frame in use.record_frames)
    rate = timeline.frames_a_second
    return Span(first / rate, after / rate, use.record_in, use.record_out)

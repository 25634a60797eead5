"""Uses in cuts -> Findings, by the rules about cuts that the pack asks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from provenance.model.cut import Timeline, Use
from provenance.model.declared import NOTHING_DECLARED, Declarations
from provenance.model.finding import Approval, Finding
from provenance.model.match import Match, Span
from provenance.model.vocabulary import Zone
from provenance.policy.interface import CutRule, Violation
from provenance.policy.packs import Pack, Ruling, load_cut_rules
from provenance.policy.weigh import Weighed, weigh


def judge_cuts(
    timelines: Iterable[Timeline],
    uses: Iterable[Use],
    pack: Pack,
    in_force: Mapping[str, Approval],
    declarations: Declarations = NOTHING_DECLARED,
) -> Iterator[Finding]:
    """Yield the findings about every cut. `in_force`: by digest, the approvals that let content be used elsewhere."""
    by_path = {timeline.path: timeline for timeline in timelines}
    for group in _group(uses):
        yield from _judge_group(by_path[group[0].timeline], group, pack.by_rule, in_force, declarations)


def _group(uses: Iterable[Use]) -> list[list[Use]]:
    """The uses of one source at one time: on tracks of picture and sound it is one finding."""
    groups: dict[tuple[object, ...], list[Use]] = {}
    for use in uses:
        key = (use.timeline, use.digest or use.source, use.record_frames, use.resolved_by, use.enabled)
        groups.setdefault(key, []).append(use)
    return list(groups.values())


def _judge_group(
    timeline: Timeline,
    group: list[Use],
    by_rule: Mapping[str, tuple[Ruling, ...]],
    in_force: Mapping[str, Approval],
    declarations: Declarations,
) -> Iterator[Finding]:
    use, rules = group[0], load_cut_rules()
    for name, rulings in by_rule.items():
        rule = rules.get(name)
        if rule is None:
            continue  # A rule about assets.
        for violation in rule.judge(use):
            weighed = _weigh(rule, use, violation, rulings, by_rule, declarations)
            if weighed is None:
                continue
            finding = _build_finding(timeline, group, rule, violation, weighed)
            approval = in_force.get(finding.digest) if rule.waivable else None
            yield replace(finding, waived_by=approval)


def _weigh(
    rule: CutRule,
    use: Use,
    violation: Violation,
    rulings: tuple[Ruling, ...],
    by_rule: Mapping[str, tuple[Ruling, ...]],
    declarations: Declarations,
) -> Weighed | None:
    """The rule's own entry, with the severity that the pack gives to such a source; None when it does not ask that."""
    zones = (Zone.ARCHIVE,) if use.is_archive else ()
    shown = [reason.known.digest for reason in violation.because if isinstance(reason, Match)]
    subjects = shown or [use.digest or ""]
    own = weigh(rulings, zones, subjects, declarations)
    other = rule.severity_of.get(use.origin)
    if other is None or own is None:
        return own
    weighed = weigh(by_rule.get(other, ()), zones, subjects, declarations)
    if weighed is None:
        return None
    return replace(own, ruling=replace(own.ruling, severity=weighed.ruling.severity))


def _build_finding(
    timeline: Timeline, group: list[Use], rule: CutRule, violation: Violation, weighed: Weighed
) -> Finding:
    use = group[0]
    return Finding(
        rule=rule.id,
        severity=weighed.ruling.severity,
        path=timeline.path,
        digest=use.digest or timeline.digest,
        message=violation.message,
        remedy=rule.remedy,
        because=tuple(dict.fromkeys([*group, *violation.because])),
        time=violation.time or _make_span(timeline, use),
        clause=weighed.ruling.clause,
        clause_is_quoted=weighed.ruling.is_quoted,
        root=timeline.root,
        conditions=weighed.ruling.conditions.describe(),
        not_declared=weighed.not_declared,
    )


def _make_span(timeline: Timeline, use: Use) -> Span:
    """Record time of a use: seconds from the first frame of the cut, and timecode."""
    first, after = (frame - timeline.start_frame for frame in use.record_frames)
    rate = timeline.frames_a_second
    return Span(first / rate, after / rate, use.record_in, use.record_out)

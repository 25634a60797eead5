"""Cuts for tests of reports, at 24 frames a second from 01:00:00:00."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from provenance.model.asset import Asset, Location, Reading
from provenance.model.cut import Share, Timeline, Use
from provenance.model.evidence import Evidence
from provenance.model.finding import Case, Finding
from provenance.model.match import COPY, Known, Match, Span
from provenance.model.report import Coverage, Inputs, PolicyName, Report
from provenance.model.vocabulary import SUSPECT, Origin, Severity, Standing, Zone
from provenance.reports.compose import compose
from provenance.timecode import Clock

ROOT = "/deliveries/EP101"
CLOCK = Clock(Fraction(24))
START = 86_400
MARK = Evidence("comfyui", "png", "tEXt chunk", Origin.GENERATED, Standing.TRACE, "ComfyUI", "A graph that generates.")

KINDS: dict[str, dict[str, object]] = {
    "generated": {"digest": "g", "resolved_by": "umid", "origin": Origin.GENERATED},
    "partly-generated": {"digest": "p", "resolved_by": "umid", "origin": Origin.PARTLY_GENERATED},
    "possibly-generated": {"digest": "m", "resolved_by": "umid", "origin": Origin.POSSIBLY_GENERATED},
    "altered-archive": {"digest": "r", "resolved_by": "umid", "is_archive": True, "doubts": (MARK,)},
    "never-ingested": {"is_never_ingested": True},
    "missing": {},
    "ambiguous": {"resolved_by": "ambiguous", "candidates": ("a", "b")},
    "placeholder": {"is_placeholder": True},
    "known": {"digest": "k", "resolved_by": "umid"},
    "plain": {"resolved_by": "made-here"},
}
"""A use of every kind by which a cut is drawn, as far as it is not an ordinary missing one."""


def use(kind: str, first: int, after: int, source: str = "", **more: object) -> Use:
    """A use of a kind at frames from the start of the cut."""
    facts: dict[str, object] = {"digest": None, "resolved_by": "missing", **KINDS[kind], **more}
    track = str(facts.pop("track", "V1"))
    frames = (START + first, START + after)
    begin, end = map(CLOCK.format, frames)
    return Use("lock.edl", track, None, begin, end, frames, source or f"{kind}.mov", None, None, **facts)  # type: ignore[arg-type]


def timeline(uses: Sequence[Use], frames: int = 480, **more: object) -> Timeline:
    """The cut that holds the uses, with the figures that they give when none overlap."""
    totals: dict[str, int] = {}
    for each in uses:
        if each.kind and each.enabled:
            totals[each.kind] = totals.get(each.kind, 0) + each.record_frames[1] - each.record_frames[0]
    shares = {kind: Share(count, count / 24, round(100 * count / frames, 2)) for kind, count in totals.items()}
    cut = Timeline(
        path="lock.edl",
        root=ROOT,
        digest="sha256:cut",
        format="cmx3600",
        name="LOCK",
        rate="24",
        rate_from="file",
        drop=False,
        start="01:00:00:00",
        frames=frames,
        tracks=("V1",),
        events=len(uses),
        start_frame=START,
        totals=shares,
    )
    return replace(cut, **more)  # type: ignore[arg-type]


def finding(each: Use, rule: str = "generated_in_cut", **more: object) -> Finding:
    """A finding about a use."""
    first, after = (frame - START for frame in each.record_frames)
    span = Span(first / 24, after / 24, each.record_in, each.record_out)
    severity = Severity.BLOCK if each.origin in SUSPECT else Severity.REVIEW
    found = Finding(
        rule, severity, "lock.edl", each.digest or "sha256:cut", "It is in the cut.", "Replace it.", (each,), span
    )
    return replace(found, root=ROOT, **more)  # type: ignore[arg-type]


def master(*matches: Match, path: str = "master.mov", seconds: float = 40.0, **more: object) -> Case:
    """A movie that can be the picture of the cut."""
    asset = Asset(f"sha256:{path}", "x", 1_000, "video/quicktime", 640, 360, seconds)
    asset = replace(asset, **{"frame_rate": "24", "start_timecode": "01:00:00:00", **more})  # type: ignore[arg-type]
    place = Location(ROOT, path, path.encode(), Zone.DELIVERABLE)
    return Case(place, Reading(asset), Origin.UNKNOWN, matches)


def match(first: int, after: int, path: str = "dawn.png", method: str = "picture") -> Match:
    """Generated material found at frames from the start of the master."""
    span = Span(first / 24, after / 24, CLOCK.format(START + first), CLOCK.format(START + after))
    pictures = (b"known", b"found") if method == "picture" else None
    return Match(
        Known(f"sha256:{path}", path, Origin.GENERATED, MARK), method, COPY, span, None, 0.9, "40 points", pictures
    )


def report(
    timelines: Sequence[Timeline], uses: Sequence[Use], findings: Sequence[Finding] = (), cases: Sequence[Case] = ()
) -> Report:
    """A report about cuts."""
    return compose(
        made_at="2026-11-22T16:00:00Z",
        version="0",
        inputs=Inputs((ROOT,), PolicyName("p", "0" * 64)),
        coverage=Coverage(seen=len(cases), looked_at=len(cases)),
        cases=cases,
        findings=findings,
        uses=uses,
        timelines=timelines,
    )

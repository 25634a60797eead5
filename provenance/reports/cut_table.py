"""Cuts for a terminal: for each cut its figures, then what stands where, by record timecode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.model.cut import Timeline, Use
from provenance.model.vocabulary import SUSPECT
from provenance.reports.escape import make_visible, shorten

_RATE_SOURCES = {
    "file": "as the file says",
    "option": "as --timeline-rate says",
    "sources": "as its sources have it",
    "least": "the slowest that has its frame numbers; say --timeline-rate if it is another",
}
_RESOLUTIONS = {
    "missing": "not known: no asset has this name",
    "outside": "not known: outside all folders",
    "ambiguous": "not clear which",
    "made-here": "made in the editing system",
}
KINDS = {
    "generated": "generated",
    "partly-generated": "partly generated",
    "possibly-generated": "possibly generated",
    "missing": "not known",
    "ambiguous": "ambiguous",
    "never-ingested": "never ingested",
    "placeholder": "placeholders",
}
"""What a cut is counted by, in words."""
_LONGEST_SOURCE = 60


def format_cuts(timelines: Sequence[Timeline], uses: Sequence[Use], *, is_whole: bool) -> Iterator[str]:
    """Lines for every cut; with `is_whole` every use, else only those that a person has to look at."""
    for timeline in timelines:
        own = [use for use in uses if use.timeline == timeline.path]
        yield from _format_cut(timeline, own, is_whole)


def _format_cut(timeline: Timeline, uses: Sequence[Use], is_whole: bool) -> Iterator[str]:
    name = make_visible(timeline.name) or "without a name"
    yield f"{make_visible(timeline.path)}: {name} ({timeline.format})"
    length = "" if timeline.frames is None else f", {timeline.frames:,} frames"
    start = f" from {timeline.start}" if timeline.start else ""
    drop = " drop-frame" if timeline.drop else ""
    source = _RATE_SOURCES[timeline.rate_from]
    yield f"  {timeline.events:,} events{start}{length}, {timeline.rate} frames a second{drop} ({source})"
    for what, count in timeline.not_read.items():
        yield f"  not read: {count:,} x {what}"
    for kind, share in timeline.totals.items():
        yield f"  {KINDS.get(kind, kind)}: {share.frames:,} frames, {share.seconds:,.1f} s, {share.percent:g} %"
    shown = [use for use in uses if is_whole or needs_look(use)]
    for use in shown:
        yield f"  {_format_use(use)}"
    yield ""


def needs_look(use: Use) -> bool:
    """Whether a person has to look at a use."""
    return use.origin in SUSPECT or use.is_placeholder or use.resolved_by in ("missing", "outside", "ambiguous")


def _format_use(use: Use) -> str:
    source = shorten(make_visible(use.source) or "(without a name)", _LONGEST_SOURCE)
    parts = [f"{use.track:<4}{use.record_in} {use.record_out}  {source}"]
    if use.via:
        parts.append(f"in {' > '.join(make_visible(name) for name in use.via)}")
    if not use.enabled:
        parts.append("disabled")
    parts.append(describe_asset(use))
    return "  ".join(part for part in parts if part)


def describe_asset(use: Use) -> str:
    """What the source of a use is known to be, and how it was recognised."""
    if use.resolved_by == "ambiguous":
        return f"{_RESOLUTIONS['ambiguous']}: {len(use.candidates)} assets fit"
    if use.digest is None:
        return _RESOLUTIONS.get(use.resolved_by, use.resolved_by)
    return f"{str(use.origin).upper()}: {make_visible(use.known_as)}, by {use.resolved_by}"

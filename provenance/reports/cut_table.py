"""Cuts for a terminal: for each cut its figures, then what stands where, by record timecode."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provenance.model.cut import Timeline, Use
from provenance.model.vocabulary import SUSPECT
from provenance.reports.cut_kinds import (
    RANKS,
    Approvals,
    describe_approval,
    describe_asset,
    describe_origin,
    describe_total,
    needs_look,
)
from provenance.reports.escape import make_visible, shorten
from provenance.reports.language import (
    format_count,
    format_number,
    localize_digits,
    translatable,
    translate,
    translate_count,
)
from provenance.reports.layout import Layout, wrap
from provenance.units import format_short_clock

_RATE_SOURCES = {
    "file": translatable("as the file says"),
    "option": translatable("as --timeline-rate says"),
    "sources": translatable("as its sources have it"),
    "least": translatable("the slowest that has its frame numbers; say --timeline-rate if it is another"),
}
_INSIDE = translatable("found inside others")
"""Words for generated material that was found by content in sources that are not generated as a whole."""
_LONGEST_SOURCE = 60
_WIDEST_ORIGIN = 26
"""Columns of the words for what a source is; longer ones push the others to the right."""


@dataclass(frozen=True, slots=True)
class TotalRow:
    """How much of a cut one kind of source takes."""

    words: str
    seconds: float
    percent: float
    frames: int
    events: int
    approval: str
    """`2.0 s of it approved`; empty for what needs no approval, and where nothing was judged."""


def list_totals(timeline: Timeline, uses: Iterable[Use], approvals: Approvals) -> list[TotalRow]:
    """The figures of a cut, gravest kind first, each frame counted once; only tracks of pictures count."""
    events = Counter[str]()
    judged: dict[str, list[Use]] = {}
    inside: list[tuple[int, int]] = []
    for use in uses:
        if use.enabled and use.track.startswith("V"):
            events[use.kind] += 1
            if use in approvals:
                judged.setdefault(use.kind, []).append(use)
            if use.origin not in SUSPECT and use.contains:
                events[_INSIDE] += 1
                inside += list_found_ranges(timeline, use)
    rows = []
    for kind, share in sorted(timeline.totals.items(), key=lambda entry: RANKS.get(entry[0], len(RANKS))):
        approval = ""
        if kind in judged:
            approved = count_frames(use.record_frames for use in judged[kind] if approvals[use])
            approval = _describe_approved(approved, share.frames, timeline)
        words = describe_total(kind)
        rows.append(TotalRow(words, share.seconds, share.percent, share.frames, events[kind], approval))
    if inside:
        frames = count_frames(inside)
        percent = 100 * frames / timeline.frames if timeline.frames else 0.0
        rows.append(
            TotalRow(translate(_INSIDE), frames / timeline.frames_a_second, percent, frames, events[_INSIDE], "")
        )
    return rows


def list_found_ranges(timeline: Timeline, use: Use) -> list[tuple[int, int]]:
    """The record frames at which known material was found in a source of a cut."""
    rate = timeline.frames_a_second
    ranges = []
    for match in use.contains:
        if match.time:
            first = timeline.start_frame + round(match.time.start * rate)
            ranges.append((first, timeline.start_frame + round(match.time.end * rate)))
    return ranges


def _describe_approved(frames: int, all_frames: int, timeline: Timeline) -> str:
    if not frames:
        return translate("not approved")
    if frames == all_frames:
        return translate("approved")
    return translate("{seconds} s of it approved", seconds=format_number(frames / timeline.frames_a_second, ",.1f"))


def count_frames(ranges: Iterable[tuple[int, int]]) -> int:
    """How many frames the ranges take, overlaps counted once."""
    total, reached = 0, 0
    for first, after in sorted(ranges):
        total += max(0, after - max(first, reached))
        reached = max(reached, after)
    return total


def describe_timeline(timeline: Timeline) -> str:
    """`EP101 LOCKED, 3 events, 0:12 from 01:00:00:00 at 24 frames a second`."""
    words = {"cut": describe_briefly(timeline), "rate": timeline.clock.describe()}
    if timeline.start:
        return translate("{cut} from {start} at {rate} frames a second", start=timeline.start, **words)
    return translate("{cut} at {rate} frames a second", **words)


def describe_briefly(timeline: Timeline) -> str:
    """`EP101 LOCKED, 3 events, 0:12`."""
    parts = [timeline.name] if timeline.name else []
    parts.append(format_count(timeline.events, "event", "events"))
    if timeline.frames is not None:
        parts.append(format_short_clock(timeline.frames / timeline.frames_a_second))
    return ", ".join(parts)


def describe_compared(timeline: Timeline) -> str:
    """With which movies the picture of a cut was compared; empty where there was nothing to compare."""
    if timeline.compared_with is None:
        return ""
    if not timeline.compared_with:
        return translate("no movie here is its picture")
    movies = ", ".join(dict.fromkeys(timeline.compared_with))
    return translate("compared with the picture of {movies}", movies=movies)


def format_cuts(
    timelines: Sequence[Timeline], uses: Sequence[Use], approvals: Approvals, layout: Layout, *, is_whole: bool
) -> Iterator[str]:
    """Lines for every cut; with `is_whole` every use, else only those that a person has to look at."""
    groups: dict[str, list[Use]] = {}
    for use in uses:
        groups.setdefault(use.timeline, []).append(use)
    printed: dict[tuple[str, ...], str] = {}
    for number, timeline in enumerate(timelines):
        if number:
            yield ""
        yield from _format_head(timeline, layout)
        own = groups.get(timeline.path, [])
        totals = list(format_totals(list_totals(timeline, own, approvals)))
        shown = [use for use in own if is_whole or needs_look(use)]
        lines = (*totals, *([""] if shown else []), *_format_uses(shown, approvals, layout))
        # the same cut is often there in two formats
        same = printed.setdefault(lines, timeline.path)
        if lines and same != timeline.path:
            yield from wrap(translate("the same as in {path}", path=same), "  ", layout)
        else:
            yield from lines


def _format_head(timeline: Timeline, layout: Layout) -> Iterator[str]:
    yield layout.style("path", make_visible(timeline.path))
    source = translate(_RATE_SOURCES.get(timeline.rate_from, timeline.rate_from))
    yield from wrap(f"{describe_timeline(timeline)} ({source}); {timeline.format}", "  ", layout, role="faint")
    if compared := describe_compared(timeline):
        yield from wrap(compared, "  ", layout, role="faint")
    for what, count in timeline.not_read.items():
        yield from wrap(translate("not read: {number} × {what}", number=count, what=what), "  ", layout)


def format_totals(rows: Sequence[TotalRow]) -> Iterator[str]:
    """The figures of a cut in columns."""
    width = max((len(row.words) for row in rows), default=0)
    for row in rows:
        events = format_count(row.events, "event", "events")
        frames = f"{format_number(row.frames):>9} {translate_count('frame', 'frames', 2)}"
        share = localize_digits(f"{row.seconds:>9,.1f} s {row.percent:>6.2f} %")
        figures = f"{share} {frames}  {events:<11} {row.approval}"
        yield f"  {make_visible(row.words):<{width}}{figures}".rstrip()


def _format_uses(uses: Sequence[Use], approvals: Approvals, layout: Layout) -> Iterator[str]:
    """Uses in columns; what is known of the sources stands beside them where there is room for all, else below."""
    width = min(max(map(len, map(describe_origin, uses)), default=0), _WIDEST_ORIGIN)
    rows = []
    widest, longest = 0, 0
    for use in uses:
        head = f"  {make_visible(use.track):<4} {use.record_in} – {use.record_out}  {describe_origin(use):<{width}}  "
        source = shorten(make_visible(use.source) or translate("(without a name)"), _LONGEST_SOURCE)
        rest = make_visible(_describe_rest(use, approvals))
        widest, longest = max(widest, len(source)), max(longest, len(head) + len(rest))
        rows.append((head, source, rest))
    has_room = longest + widest + 2 <= layout.width
    for head, source, rest in rows:
        if has_room:
            yield f"{head}{source:<{widest}}  {layout.style('faint', rest)}"
        else:
            yield f"{head}{source}"
            yield from wrap(rest, " " * len(head), layout, role="faint")


def _describe_rest(use: Use, approvals: Approvals) -> str:
    parts = [describe_asset(use), describe_approval(use, approvals)]
    if use.via:
        parts.insert(0, translate("in {folder}", folder=" > ".join(use.via)))
    if not use.enabled:
        parts.append(translate("disabled"))
    return "; ".join(filter(None, parts))

"""Each cut as a drawing by record time, for pages: what stands where, and what was found there by content."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provenance.cut_picture import list_found
from provenance.model.cut import Timeline, Use
from provenance.model.finding import Because, Case, Finding
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.reports import sentences
from provenance.reports.cut_drawing import AXIS, ROW, Place, Scale, Tick, TrackRow, build_row, list_ticks
from provenance.reports.cut_kinds import (
    BY_NAME,
    Approvals,
    Kind,
    describe_approval,
    describe_asset,
    find_kind,
    map_approvals,
    needs_look,
)
from provenance.reports.cut_table import TotalRow, list_found_ranges, list_totals
from provenance.reports.language import translate, translate_count

_MOST_TRACKS = 24
_MOST_FOUND_TRACKS = 8
_MOST_STRIPS = 20
"""Cuts that are drawn; of the others there are the figures and the table."""
_MOST_ROWS = 500
"""Rows of a table under a drawing."""

Anchors = Mapping[tuple[str, str, Because], str]
"""(path, digest, reason) of a finding -> where the page shows it; for uses in cuts without the digest."""


@dataclass(frozen=True, slots=True)
class UseRow:
    """One use that somebody has to look at."""

    use: Use
    kind: Kind
    anchor: str
    """Its name on the page."""
    what: str
    approval: str
    word: str
    """Severity of its gravest finding, or `waived`; empty without one."""
    link: str
    """Name of the place of its finding; empty without one."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """Generated material that was found by content at a place of a cut."""

    track: str
    """`found 1`, seen in the first movie that is the picture of the cut; `heard 1`; `inside`, in a source."""
    frames: tuple[int, int]
    record: tuple[str, str]
    kind: Kind
    anchor: str
    where: str
    """The movie, or the source in the cut."""
    what: str
    link: str
    """Name of the place of its pictures and its finding; empty without one."""
    is_inside: bool
    """Whether it was found in a source of the cut."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One cut."""

    number: int
    timeline: Timeline
    rows: list[TrackRow]
    """Empty where the page has enough drawings."""
    ticks: list[Tick]
    height: int
    totals: list[TotalRow]
    legend: list[Kind]
    uses: list[UseRow]
    """Those that somebody has to look at, by record time."""
    found: list[FoundRow]
    notes: list[str]
    """What is neither drawn nor listed, in words."""


def build_strips(report: Report, anchors: Anchors) -> list[Strip]:
    """One strip for each cut of the report, in its order."""
    approvals = map_approvals(report.findings)
    groups: dict[str, list[Use]] = {}
    for use in report.uses:
        groups.setdefault(use.timeline, []).append(use)
    words = _map_words(report.findings)
    strips = []
    for number, timeline in enumerate(report.timelines, 1):
        uses = sorted(groups.get(timeline.path, ()), key=lambda use: use.record_frames)
        found = list(_list_found(number, timeline, uses, report.cases, anchors))
        strips.append(_build_strip(number, timeline, uses, found, words, approvals, anchors))
    return strips


def _build_strip(
    number: int,
    timeline: Timeline,
    uses: Sequence[Use],
    found: list[FoundRow],
    words: Mapping[Use, str],
    approvals: Approvals,
    anchors: Anchors,
) -> Strip:
    shown = [use for use in uses if needs_look(use)]
    listed: list[UseRow] = []
    links: dict[Use, str] = {}
    for place, use in enumerate(shown[:_MOST_ROWS], 1):
        row = UseRow(
            use=use,
            kind=find_kind(use),
            anchor=f"use-{number}-{place}",
            what=describe_asset(use),
            approval=describe_approval(use, approvals),
            word=words.get(use, ""),
            link=anchors.get((use.timeline, "", use), ""),
        )
        listed.append(row)
        links[use] = row.anchor
    scale = _make_scale(timeline, uses)
    rows: list[TrackRow] = []
    if number <= _MOST_STRIPS:
        rows += _draw_tracks(uses, scale, links, f"uses-{number}")
        rows += _draw_found(found, scale, len(rows))
    drawn: set[str] = set()
    for line in rows:
        drawn.update(block.kind.name for block in line.blocks)
    return Strip(
        number=number,
        timeline=timeline,
        rows=rows,
        ticks=list(list_ticks(scale, timeline.clock)),
        height=AXIS + max(1, len(rows)) * ROW,
        totals=list_totals(timeline, uses, approvals),
        legend=[kind for kind in BY_NAME.values() if kind.name in drawn],
        uses=listed,
        found=found[:_MOST_ROWS],
        notes=list(_describe_rest(uses, shown, rows)),
    )


def _map_words(findings: Iterable[Finding]) -> dict[Use, str]:
    """The severity of the gravest finding about each use; `waived` where all are."""
    words: dict[Use, str] = {}
    for finding in sorted(findings, key=lambda finding: (finding.waived_by is not None, finding.severity.rank)):
        for reason in finding.because:
            if isinstance(reason, Use):
                words.setdefault(reason, "waived" if finding.waived_by else str(finding.severity))
    return words


def _make_scale(timeline: Timeline, uses: Sequence[Use]) -> Scale:
    if timeline.frames:
        return Scale(timeline.start_frame, timeline.start_frame + timeline.frames)
    # a log has no running time: its clips are drawn from the first to the last
    edges: list[int] = []
    for use in uses:
        edges += use.record_frames
    return Scale(min(edges, default=0), max(edges, default=1))


def _draw_tracks(uses: Sequence[Use], scale: Scale, links: Mapping[Use, str], rest: str) -> Iterator[TrackRow]:
    """Yield one row for each track. `links`: where the table has a use; `rest` is the table itself."""
    tracks: dict[str, list[Use]] = {}
    for use in uses:
        if use.enabled:
            tracks.setdefault(use.track, []).append(use)
    # what somebody has to look at is drawn, however many tracks there are
    gravest = sorted(tracks, key=lambda name: (not any(map(needs_look, tracks[name])), _order_track(name)))
    for number, name in enumerate(sorted(gravest[:_MOST_TRACKS], key=_order_track)):
        places = [_make_place(use, links, rest) for use in tracks[name]]
        yield build_row(name, number, places, scale)


def _order_track(name: str) -> tuple[int, int, str]:
    """Pictures above sounds, the upper tracks of pictures first, as an editing system draws them."""
    letter, number = name[:1], name[1:]
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0
    return (0, -place, name) if letter == "V" else (1, place, name)


def _make_place(use: Use, links: Mapping[Use, str], rest: str) -> Place:
    kind, label, link = find_kind(use), "", ""
    if needs_look(use):
        label = f"{kind.words}: {use.source or translate('without a name')}, {describe_asset(use)}"
        link = links.get(use, rest)
    return Place(use.record_frames, (use.record_in, use.record_out), kind, label, link)


def _draw_found(found: Iterable[FoundRow], scale: Scale, above: int) -> Iterator[TrackRow]:
    """Yield one row for each movie in which something was found, and one for sources. `above`: number of tracks."""
    tracks: dict[str, list[Place]] = {}
    for row in found:
        label = translate("{what}, in {place}", what=row.what, place=row.where)
        place = Place(row.frames, row.record, row.kind, label, row.link or row.anchor)
        tracks.setdefault(row.track, []).append(place)
    for number, (name, places) in enumerate(list(tracks.items())[:_MOST_FOUND_TRACKS], above):
        yield build_row(name, number, places, scale)


def _list_found(
    number: int, timeline: Timeline, uses: Sequence[Use], cases: Iterable[Case], anchors: Anchors
) -> Iterator[FoundRow]:
    """Yield all that was found by content in pictures of the cut and in its sources, as far as the cut shows it."""
    scale = _make_scale(timeline, uses)
    places: list[tuple[str, tuple[int, int], Match, str, str]] = []
    inside = translate("inside")
    movies: dict[str, int] = {}
    for found in list_found(timeline, cases):
        location, match = found.case.location, found.match
        link = anchors.get((location.path, found.case.reading.asset.digest, match), "")
        number_of_movie = str(movies.setdefault(location.path, len(movies) + 1))
        track = translate("found {movie}", movie=number_of_movie)
        if match.is_sound:
            track = translate("heard {movie}", movie=number_of_movie)
        places.append((track, found.record_frames, match, location.path, link))
    for use in filter(needs_look, uses):
        link = anchors.get((use.timeline, "", use), "")
        matches = filter(lambda match: match.time, use.contains)
        for match, frames in zip(matches, list_found_ranges(timeline, use), strict=True):
            places.append((inside, frames, match, use.source, link))
    for place, (track, frames, match, where, link) in enumerate(places, 1):
        first, after = max(frames[0], scale.first), min(frames[1], scale.after)
        if first < after:
            yield FoundRow(
                track=track,
                frames=(first, after),
                record=(timeline.clock.format(first), timeline.clock.format(after)),
                kind=BY_NAME.get(str(match.known.origin), BY_NAME["possibly-generated"]),
                anchor=f"found-{number}-{place}",
                where=where,
                what=sentences.describe_match_briefly(match),
                link=link,
                is_inside=track == inside,
            )


def _describe_rest(uses: Sequence[Use], shown: Sequence[Use], rows: Sequence[TrackRow]) -> Iterator[str]:
    disabled, names = 0, set()
    for use in uses:
        if use.enabled:
            names.add(use.track)
        else:
            disabled += 1
    if others := len(uses) - len(shown) - disabled:
        yield translate_count(
            "{number} other event: known without an AI mark, or made in the editing system.",
            "{number} other events: known without an AI mark, or made in the editing system.",
            others,
        )
    if disabled:
        yield translate_count(
            "{number} disabled clip: not in the picture, neither drawn nor counted.",
            "{number} disabled clips: not in the picture, neither drawn nor counted.",
            disabled,
        )
    if len(shown) > _MOST_ROWS:
        yield translate(
            "The table ends after {most} of {number} events; the JSON report has all of them.",
            most=_MOST_ROWS,
            number=len(shown),
        )
    if rows and len(names) > _MOST_TRACKS:
        yield translate_count(
            "{number} more track not drawn.", "{number} more tracks not drawn.", len(names) - _MOST_TRACKS
        )
    if not rows and uses:
        yield translate("Not drawn: this page has reached its limit for drawings.")

"""Each cut as a strip by record time, for pages: what is generated, not known, missing, and where."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provenance.model.cut import Timeline, Use
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT
from provenance.reports.cut_table import KINDS, describe_asset, needs_look

WIDTH = 1000
"""Units of the drawing across."""
ROW = 22
"""Units from one track to the next."""
_MOST_TRACKS = 24
_LEAST_WIDTH = 1.5
"""Units; a shot of one frame must still be seen."""


@dataclass(frozen=True, slots=True)
class Block:
    """One use, or a run of uses of the same kind that nobody has to look at."""

    x: float
    width: float
    kind: str
    """A kind of `cut_table.KINDS`; `known` or `plain` for what nobody has to look at."""
    label: str
    """What a person reads when they point at it or reach it with the keyboard."""
    needs_look: bool


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One track of the strip."""

    name: str
    y: int
    blocks: list[Block]


@dataclass(frozen=True, slots=True)
class Strip:
    """One cut."""

    timeline: Timeline
    rows: list[TrackRow]
    height: int
    totals: list[tuple[str, str]]
    """Kind in words, and its share."""
    uses: list[Use]
    """Those that somebody has to look at, by record time."""
    others: int
    """How many more there are."""


def build_strips(report: Report) -> list[Strip]:
    """One strip for each cut of the report, in its order."""
    return [_build_strip(timeline, _select(report.uses, timeline)) for timeline in report.timelines]


def _select(uses: Sequence[Use], timeline: Timeline) -> list[Use]:
    return [use for use in uses if use.timeline == timeline.path]


def _build_strip(timeline: Timeline, uses: list[Use]) -> Strip:
    names = sorted({use.track for use in uses}, key=_order_track)[:_MOST_TRACKS]
    scale = WIDTH / max(1, timeline.frames or 1)
    rows = []
    for number, name in enumerate(names):
        own = [use for use in uses if use.track == name]
        rows.append(TrackRow(name, number * ROW, list(_merge(_make_blocks(own, timeline.start_frame, scale)))))
    shown = [use for use in uses if needs_look(use)]
    totals = [
        (KINDS.get(kind, kind), f"{share.frames:,} frames, {share.seconds:,.1f} s, {share.percent:g} %")
        for kind, share in timeline.totals.items()
    ]
    return Strip(timeline, rows, max(1, len(rows)) * ROW, totals, shown, len(uses) - len(shown))


def _order_track(name: str) -> tuple[int, int, str]:
    """Pictures above sounds, the upper tracks of pictures first, as an editing system draws them."""
    letter, number = name[:1], name[1:]
    place = int(number) if number.lstrip("-").isdigit() else 0
    return (0, -place, name) if letter == "V" else (1, place, name)


def _make_blocks(uses: Sequence[Use], start: int, scale: float) -> Iterator[Block]:
    for use in uses:
        first, after = (frame - start for frame in use.record_frames)
        width = max(_LEAST_WIDTH, (after - first) * scale)
        label = f"{use.record_in} to {use.record_out}: {use.source}, {describe_asset(use)}"
        yield Block(round(first * scale, 2), round(width, 2), find_kind(use), label, needs_look(use))


def _merge(blocks: Iterator[Block]) -> Iterator[Block]:
    """Neighbours of one kind that nobody has to look at as one block: a long cut must not make a heavy page."""
    waiting: Block | None = None
    for block in blocks:
        if waiting and not block.needs_look and block.kind == waiting.kind:
            end = max(waiting.x + waiting.width, block.x + block.width)
            waiting = Block(waiting.x, round(end - waiting.x, 2), waiting.kind, "", needs_look=False)
            continue
        if waiting:
            yield waiting
        waiting = None if block.needs_look else block
        if block.needs_look:
            yield block
    if waiting:
        yield waiting


def find_kind(use: Use) -> str:
    """The kind by which a use is drawn."""
    if use.is_placeholder:
        return "placeholder"
    if use.origin in SUSPECT:
        return str(use.origin)
    if use.resolved_by in ("missing", "outside"):
        return "missing"
    if use.resolved_by == "ambiguous":
        return "ambiguous"
    return "known" if use.digest else "plain"

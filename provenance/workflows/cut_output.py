"""What the command line prints of cuts: all that stands in one, and what differs between two."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT
from provenance.reports import cut_table, document, escape
from provenance.reports.layout import WIDTH, Layout, Style, keep_plain
from provenance.units import choose_form, format_count
from provenance.workflows.cut_diff import CutChange, CutDiff, CutPair


def cut_lines(report: Report, style: Style | None = None, width: int = WIDTH) -> Iterator[str]:
    """Every cut of the report with all that stands in it, for a terminal of so many columns."""
    layout = Layout(style or keep_plain, width)
    return cut_table.format_cuts(report.timelines, report.uses, {}, layout, is_whole=True)


def cut_diff_document(found: CutDiff) -> str:
    """The differences between two cuts as JSON."""
    cuts: list[dict[str, object]] = []
    changes: list[dict[str, object]] = []
    for pair in found.pairs:
        paths = {"old": pair.old and pair.old.path, "new": pair.new and pair.new.path}
        cuts.append({**paths, "changes": len(pair.changes)})
        changes.extend(map(dataclasses.asdict, pair.changes))
    return document.dump({"schema": "provenance-cut-diff/1", "cuts": cuts, "changes": changes})


def cut_diff_lines(found: CutDiff) -> Iterator[str]:
    """The differences between two files, cut by cut: what happened to generated material, then every change."""
    for pair in found.pairs:
        yield from _format_pair(pair, is_only_one=len(found.pairs) == 1)


def _format_pair(pair: CutPair, *, is_only_one: bool) -> Iterator[str]:
    either = pair.new or pair.old
    assert either is not None
    if not is_only_one:
        yield f"{escape.make_visible(either.path)}: {escape.make_visible(either.name) or 'without a name'}"
    if pair.old is None:
        yield "The old file has no cut of this name."
    if pair.new is None:
        yield "The new file has no cut of this name."
    if pair.old and pair.new and Fraction(pair.old.rate or 0) != Fraction(pair.new.rate or 0):
        yield f"The old cut counts {pair.old.rate} frames a second and the new one {pair.new.rate}."
    if not pair.changes:
        yield "The cuts show the same, at the same times."
        return
    yield _describe_generated(pair.changes)
    for change in pair.changes:
        yield _format_change(change)


def _describe_generated(changes: Sequence[CutChange]) -> str:
    """Say how many changes there are, and what became of generated material."""
    counts = Counter(change.change for change in changes if change.origin in SUSPECT)
    altered = counts["trimmed"] + counts["moved"]
    total = format_count(len(changes), "change")
    verb = choose_form(altered, "was", "were")
    return (
        f"{total}. Generated material: {counts['added']:,} came in, {counts['removed']:,} went, "
        f"{altered:,} {verb} trimmed or moved."
    )


def _format_change(change: CutChange) -> str:
    use = change.new or change.old
    assert use is not None
    what = change.change
    if change.frames and change.change in ("trimmed", "moved", "shifted"):
        what += f" by {change.frames:+,} frames"
    if change.count > 1:
        what += f", {change.count:,} clips from here on"
    line = f"{use.record_in} {use.track:<4}{escape.make_visible(change.source)}: {what}"
    if change.origin in SUSPECT:
        line += f"  {str(change.origin).upper()}"
    return line

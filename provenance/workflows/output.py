"""What the command line prints: report formats by name, and the sentences of a report for a terminal."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from provenance import registry
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT, Origin
from provenance.reports import cut_table, document, escape, sentences, terminal
from provenance.reports import formats as report_formats
from provenance.reports.approval_note import describe_covered
from provenance.reports.escape import make_encodable
from provenance.reports.formats.text import Text
from provenance.reports.interface import Format
from provenance.reports.layout import Style, keep_plain
from provenance.workflows.cut import CutChange, CutDiff
from provenance.workflows.markers import load_marker_formats
from provenance.workflows.run import RunStats

__all__ = ["Format", "Style", "describe_covered"]


def formats() -> dict[str, Format]:
    """Every report format, by name; those for people first, then marker lists."""
    own = registry.load_members(report_formats, Format)
    return {name.replace("_", "-"): member for name, member in own.items()} | load_marker_formats()


def summary_format() -> Format:
    """The text report cut down to its first screen."""
    return Text(is_summary=True)


def text_lines(
    report: Report, style: Style | None, width: int, encoding: str = "utf-8", *, is_summary: bool = False
) -> Iterator[str]:
    """The report for a terminal of so many columns, its words styled by `style`, if any.

    Signs that the terminal's `encoding` lacks are written in those that it has. `is_summary`: the first screen alone.
    """
    format_lines = terminal.format_summary if is_summary else terminal.format_lines
    for line in format_lines(report, style or keep_plain, width):
        yield make_encodable(line, encoding)


def cut_lines(report: Report) -> Iterator[str]:
    """Every cut of the report with all that stands in it, for a terminal."""
    return cut_table.format_cuts(report.timelines, report.uses, is_whole=True)


def cut_diff_document(found: CutDiff) -> str:
    """The differences between two cuts as JSON."""
    changes = [dataclasses.asdict(change) for change in found.changes]
    return document.dump({"schema": "provenance-cut-diff/1", "changes": changes})


def cut_diff_lines(found: CutDiff) -> Iterator[str]:
    """The differences between two cuts, one line each."""
    if not found.changes:
        yield "The cuts show the same, at the same times."
    for change in found.changes:
        yield _format_change(change)


def _format_change(change: CutChange) -> str:
    use = change.new or change.old
    assert use is not None
    what = change.change
    if change.frames and change.change in ("trimmed", "moved", "shifted"):
        what += f" by {change.frames:+,} frames"
    if change.count > 1:
        what += f", {change.count:,} clips from here on"
    origin = f"  {str(change.origin).upper()}" if change.origin in SUSPECT else ""
    return f"{use.record_in} {use.track:<4}{escape.make_visible(change.source)}: {what}{origin}"


def coverage_line(report: Report) -> str:
    """How many assets were checked, and how many could not be."""
    return sentences.describe_coverage(report)


def stats_line(stats: RunStats) -> str:
    """`16 assets: 9 generated, 7 unknown; 0 could not be checked`."""
    assets = stats.looked_at + stats.could_not
    counts = [f"{stats.origins[origin]:,} {origin}" for origin in Origin if stats.origins[origin]]
    noun = "asset" if assets == 1 else "assets"
    return f"{assets:,} {noun}: {', '.join(counts) or 'nothing'}; {stats.could_not:,} could not be checked"

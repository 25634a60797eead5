"""What the command line prints: report formats by name, and the sentences of a report for a terminal."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from provenance import registry
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT, Origin
from provenance.number_ranges import format_ranges
from provenance.reports import cut_table, document, escape, sentences
from provenance.reports import formats as report_formats
from provenance.reports.approval_note import describe_covered
from provenance.reports.escape import make_encodable, make_visible
from provenance.reports.formats.text import Text
from provenance.reports.interface import Format
from provenance.reports.language import LANGUAGES, use_language
from provenance.reports.layout import WIDTH, Layout, Style, keep_plain
from provenance.reports.text_parts import TextPart
from provenance.units import choose_form, format_count
from provenance.workflows.cut_diff import CutChange, CutDiff, CutPair
from provenance.workflows.markers import list_marker_formats, load_marker_format
from provenance.workflows.merge import MergeResult
from provenance.workflows.run import RunStats

__all__ = ["LANGUAGES", "Format", "Style", "TextPart", "describe_covered", "make_visible", "use_language"]


class Formats(Mapping[str, Format]):
    """Every report format, by name; those for people first, then marker lists. One is imported when it is asked for."""

    def __init__(self) -> None:
        self._own = {name.replace("_", "-"): name for name in registry.list_names(report_formats)}
        self._markers = list_marker_formats()

    def __getitem__(self, name: str) -> Format:
        if name in self._own:
            return registry.load_own_member(report_formats, Format, self._own[name])
        return load_marker_format(self._markers[name])

    def __iter__(self) -> Iterator[str]:
        return iter([*self._own, *self._markers])

    def __len__(self) -> int:
        return len(self._own) + len(self._markers)


def text_format(part: TextPart) -> Format:
    """The text report cut down to a part."""
    return Text(part)


def text_lines(
    report: Report, style: Style | None, width: int, encoding: str = "utf-8", part: TextPart = TextPart.WHOLE
) -> Iterator[str]:
    """The report for a terminal of so many columns, its words styled by `style`, if any.

    Signs that the terminal's `encoding` lacks are written in those that it has.
    """
    for line in part.format_lines(report, style or keep_plain, width):
        yield make_encodable(line, encoding)


def with_cover(report: Report, given: Mapping[str, str | None]) -> Report:
    """The report with what the user gives for its cover; what he leaves out stays as the settings have it."""
    values = {field: value for field, value in given.items() if value}
    return dataclasses.replace(report, cover=dataclasses.replace(report.cover, **values))


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


def coverage_line(report: Report) -> str:
    """How many assets were checked, and how many could not be."""
    return sentences.describe_coverage(report)


def describe_comparison(stats: RunStats) -> str:
    """Whether generated material was searched for the works of others; empty where there are none."""
    if not stats.reference_works:
        return ""
    works = format_count(stats.reference_works, "reference work")
    them = choose_form(stats.reference_works, "it", "them")
    text = f"the catalogue has {works}; generated material read here was searched for {them}"
    if stats.not_compared:
        missed = format_count(stats.not_compared, "generated asset")
        text += f"; {missed} elsewhere not yet: ingest the folders that hold them again, or run nightly"
    return text


def describe_merge(result: MergeResult) -> Iterator[str]:
    """Which shards are in and which are missing, and what that means."""
    plan = f"plan {result.plan}"
    if result.taken:
        yield f"took in {_name_shards(result.taken)} of {result.shards} of {plan}"
    if result.known:
        verb = choose_form(len(result.known), "was", "were")
        yield f"{_name_shards(result.known)} {verb} in already"
    if result.could_not_before:
        yield f"{result.could_not_before:,} of what was in already could not be checked"
    if result.missing:
        yield f"missing: {_name_shards(result.missing)} of {result.shards}; read with: ingest --plan PLAN --shard K/N"
    elif not result.is_finished:
        yield "all shards are in; name the --plan as well, so that what has vanished is noted"
    if result.kept_newer:
        yield f"{format_count(result.kept_newer, 'place')} read again since the plan was made stayed as they are"
    if result.not_compared:
        assets = format_count(result.not_compared, "generated asset")
        yield f"{assets} of this plan not compared with the reference works: merge with --plan, or run nightly"


def _name_shards(numbers: Sequence[int]) -> str:
    return f"{choose_form(len(numbers), 'shard', 'shards')} {format_ranges(numbers)}"


def stats_line(stats: RunStats) -> str:
    """`16 assets: 9 generated, 7 unknown; 0 could not be checked`."""
    assets = stats.looked_at + stats.could_not
    counts = [f"{stats.origins[origin]:,} {origin}" for origin in Origin if stats.origins[origin]]
    origins = ", ".join(counts) or "nothing"
    return f"{format_count(assets, 'asset')}: {origins}; {stats.could_not:,} could not be checked"

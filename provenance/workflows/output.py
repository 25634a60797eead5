"""What the command line prints: report formats by name, and the sentences of a report for a terminal."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from provenance import registry
from provenance.model.report import Report
from provenance.model.vocabulary import Origin
from provenance.reports import formats as report_formats
from provenance.reports import sentences
from provenance.reports.approval_note import describe_covered
from provenance.reports.escape import make_encodable, make_visible
from provenance.reports.formats.text import Text
from provenance.reports.interface import Format
from provenance.reports.language import LANGUAGES, use_language
from provenance.reports.layout import Style, keep_plain
from provenance.reports.text_parts import TextPart
from provenance.units import choose_form, format_count
from provenance.workflows.markers import list_marker_formats, load_marker_format
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


def stats_line(stats: RunStats) -> str:
    """`16 assets: 9 generated, 7 unknown; 0 could not be checked`."""
    assets = stats.looked_at + stats.could_not
    counts = [f"{stats.origins[origin]:,} {origin}" for origin in Origin if stats.origins[origin]]
    origins = ", ".join(counts) or "nothing"
    return f"{format_count(assets, 'asset')}: {origins}; {stats.could_not:,} could not be checked"

"""The parts of the text report that somebody can ask for."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from provenance.model.report import Report
from provenance.reports import news, terminal
from provenance.reports.layout import WIDTH, Style, keep_plain


class TextPart(enum.Enum):
    """How much of the text report is printed."""

    WHOLE = "whole"
    SUMMARY = "summary"
    """The first screen alone."""
    NEWS = "news"
    """What the night before had not; no line where that is nothing."""

    def format_lines(self, report: Report, style: Style = keep_plain, width: int = WIDTH) -> Iterator[str]:
        """Yield it line by line, without line ends."""
        if self is TextPart.SUMMARY:
            yield from terminal.format_summary(report, style, width)
        elif self is TextPart.NEWS:
            yield from news.format_news(report, style, width)
        else:
            yield from terminal.format_lines(report, style, width)

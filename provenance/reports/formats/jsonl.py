"""JSON Lines, for pipelines that read while a report is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import document
from provenance.reports.interface import Format

_LINES = {
    "assets": "asset",
    "findings": "finding",
    "mark_lost": "mark_lost",
    "unopposed": "unopposed",
    "timelines": "timeline",
    "changed_since_read": "changed_since_read",
    "uses": "use",
    "register": "register_entry",
    "troubles": "trouble",
    "other_findings": "other_finding",
}


class JsonLines(Format):
    """One asset, finding, use or trouble on a line; the last line is the summary, with the inputs it depends on."""

    name: ClassVar[str] = "jsonl"
    title: ClassVar[str] = "one row a line, for pipelines"
    suffix: ClassVar[str] = ".jsonl"

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        for name, rows in document.build_lists(report).items():
            for row in rows:
                yield _format_line({_LINES[name]: row})
        # the summary repeats everything that the rows depend on, so that the last line stands for the whole report
        head = document.build_head(report)
        del head["summary"]
        yield _format_line({"summary": {**document.build_summary(report), **head}})


def _format_line(value: object) -> bytes:
    return document.dump(value).encode() + b"\n"

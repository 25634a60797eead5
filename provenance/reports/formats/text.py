"""The report as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import terminal
from provenance.reports.interface import Format


class Text(Format):
    """The report in plain words, without colours. A terminal shows the same lines with coloured severities."""

    name: ClassVar[str] = "text"
    title: ClassVar[str] = "plain text for the terminal"
    suffix: ClassVar[str] = ".txt"

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        for line in terminal.format_lines(report):
            yield f"{line}\n".encode()

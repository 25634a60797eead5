"""The note for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import terminal
from provenance.reports.interface import Format


class Text(Format):
    """A note in plain words, without colours; `note.lines` gives the same lines with the words of severity painted."""

    name: ClassVar[str] = "text"
    title: ClassVar[str] = "a note for the terminal"
    suffix: ClassVar[str] = ".txt"

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        for line in terminal.lines(report):
            yield f"{line}\n".encode()

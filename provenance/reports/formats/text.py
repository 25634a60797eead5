"""The report as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports.interface import Format
from provenance.reports.text_parts import TextPart


class Text(Format):
    """The report in plain words, without colours. A terminal shows the same lines with coloured severities.

    The first screen has the verdict, what was checked and compared, movies and sequences with one line for each shot,
    and all other findings in groups; then each finding with its evidence. `--summary` prints the first screen alone,
    `nightly --only-changes` only what is new.
    """

    name: ClassVar[str] = "text"
    title: ClassVar[str] = "plain text for the terminal"
    suffix: ClassVar[str] = ".txt"

    def __init__(self, part: TextPart = TextPart.WHOLE) -> None:
        self.part = part

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield one line at a time."""
        for line in self.part.format_lines(report):
            yield f"{line}\n".encode()

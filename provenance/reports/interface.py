"""What a report format is. Adding one: a new file in `formats/` and a line in the golden test; nothing else changes."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report


class Format(abc.ABC):
    """Prints one report. A format decides nothing: what it prints was joined, sorted and judged before."""

    name: ClassVar[str]
    title: ClassVar[str]
    """For the reference: who reads it, in a few words."""
    suffix: ClassVar[str]
    """What a file of this format is called, with the dot."""
    binary: ClassVar[bool] = False
    """Whether a terminal must be spared."""
    needs_thumbnails: ClassVar[bool] = False
    """Whether readings should carry thumbnails for it."""

    @abc.abstractmethod
    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the bytes of the report, piece by piece; the same report gives the same bytes.

        Raises `UsageError` when an optional part that it prints with is not installed.
        """

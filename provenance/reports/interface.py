"""The interface of a report format. To add one, write a new file in `formats/`; the contract tests find it."""

from __future__ import annotations

import abc
from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report


class Format(abc.ABC):
    """Prints one report. A format decides nothing: the report is joined, sorted and judged already."""

    name: ClassVar[str]
    title: ClassVar[str]
    """What it is and who reads it, in a few words; for the reference."""
    suffix: ClassVar[str]
    """The suffix of its files, with the dot."""
    binary: ClassVar[bool] = False
    """Whether it must not be printed on a terminal."""
    is_whole: ClassVar[bool] = True
    """Whether it prints all that the report says, and not a list for one purpose."""
    needs_thumbnails: ClassVar[bool] = False
    """Whether readings should carry thumbnails for it."""

    @abc.abstractmethod
    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the bytes of the report, piece by piece; the same report gives the same bytes.

        Raises `UsageError` when an optional library that it needs is not installed.
        """

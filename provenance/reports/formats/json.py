"""One JSON document, for scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import document
from provenance.reports.interface import Format


class Json(Format):
    """The document `provenance-report/1` in ASCII, so that no terminal acts on it; each row of a list is one line."""

    name: ClassVar[str] = "json"
    title: ClassVar[str] = "one document for scripts, schema provenance-report/1"
    suffix: ClassVar[str] = ".json"

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the document row by row."""
        yield from document.render_document(report)

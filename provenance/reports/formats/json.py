"""One JSON document, for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
        """Yield the document row by row, so that memory never holds all of it."""
        fields = [f'"{name}": {document.dump(value)}' for name, value in document.build_head(report).items()]
        yield ("{" + ",\n ".join(fields)).encode()
        # a report on a large storage has millions of rows: each is built, written and dropped
        for name, rows in document.build_lists(report).items():
            yield f',\n "{name}": ['.encode()
            yield from _join_rows(map(document.dump, rows))
            yield b"]"
        yield b"}\n"


def _join_rows(rows: Iterable[str]) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        separator = ",\n  " if number else "\n  "
        yield f"{separator}{row}".encode()

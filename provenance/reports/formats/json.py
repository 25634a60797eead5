"""One JSON document, for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from provenance.model.report import Report
from provenance.reports import document
from provenance.reports.interface import Format


class Json(Format):
    """The document `provenance-report/1`: one row of a list on each line, ASCII, so that no terminal acts on it."""

    name: ClassVar[str] = "json"
    title: ClassVar[str] = "one document for scripts, schema provenance-report/1"
    suffix: ClassVar[str] = ".json"

    def render(self, report: Report) -> Iterator[bytes]:
        """Yield the document row by row; it is never held whole."""
        fields = [f'"{name}": {document.dump(value)}' for name, value in document.head(report).items()]
        yield ("{" + ",\n ".join(fields)).encode()
        for name, rows in document.lists(report).items():
            yield f',\n "{name}": ['.encode()
            yield from _joined(map(document.dump, rows))
            yield b"]"
        yield b"}\n"


def _joined(rows: Iterable[str]) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        yield ((",\n  " if number else "\n  ") + row).encode()

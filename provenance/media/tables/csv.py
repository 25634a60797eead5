"""CSV (RFC 4180) as spreadsheets write it: UTF-8, comma, semicolon or tab, a header row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import ClassVar

from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.source import Source
from provenance.media.table_interface import TableReader
from provenance.model.declaration import Cell, Flaw, Sheet, TableRow

_DELIMITERS = ",;\t"
"""Excel writes the list separator of the system's language: a semicolon in German. Others write tabs."""
_BYTES_OF_NO_TEXT = range(0xDC80, 0xDD00)
"""Code points that stand for bytes that are not UTF-8: see PEP 383."""


class Csv(TableReader):
    """One table; its name is that of the file."""

    name = "csv"
    suffixes: ClassVar[tuple[str, ...]] = (".csv", ".tsv")

    def read(self, source: Source) -> Iterator[Sheet]:
        """Yield the one table. A row that is not UTF-8 or longer than the header is a flaw of its own."""
        raw = source.at(0, source.size).removeprefix(b"\xef\xbb\xbf")
        # Bytes that are not UTF-8 survive as what they are, so that the row can be named that has them.
        text = raw.decode("utf-8", "surrogateescape")
        rows = _read_rows(text, source)
        header: Sequence[str] = next(rows, [])
        if len(header) > source.limits.table_columns:
            raise OversizedContainer(f"more than {source.limits.table_columns} columns")
        kept: list[TableRow] = []
        flaws: list[Flaw] = []
        for number, values in enumerate(rows, 2):
            if number > source.limits.table_rows:
                raise OversizedContainer(f"more than {source.limits.table_rows:,} rows")
            label = f"row {number}"
            if problem := _find_flaw(label, header, values):
                flaws.append(problem)
            elif any(value.strip() for value in values):
                cells = [(column, Cell((value,))) for column, value in zip(header, values, strict=False)]
                kept.append(TableRow(label, tuple(cells)))
        if problem := _find_flaw("row 1", header, header):
            flaws.insert(0, problem)
        name = source.name.rsplit(".", 1)[0]
        yield Sheet(name, tuple(kept), tuple(header), flaws=tuple(flaws))


def _read_rows(text: str, source: Source) -> Iterator[list[str]]:
    head = text.splitlines()[:1]
    delimiter = max(_DELIMITERS, key=head[0].count) if head else ","
    number = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            yield row
    except csv.Error as fault:
        raise MalformedContainer(f"row {number + 1} of {source.name} is not CSV: {fault}") from None


def _find_flaw(label: str, header: Sequence[str], values: Sequence[str]) -> Flaw | None:
    """What is wrong with a row, whatever its fields mean."""
    for number, value in enumerate(values):
        if any(ord(character) in _BYTES_OF_NO_TEXT for character in value):
            field = header[number] if number < len(header) else f"column {number + 1}"
            return Flaw(label, field, "is not UTF-8", "save the file as CSV UTF-8")
    if any(value.strip() for value in values[len(header) :]):
        problem = f"has {len(values)} values, and the header names {len(header)} columns"
        return Flaw(label, "", problem, "put text that contains the separator in quotes, or name the column")
    return None

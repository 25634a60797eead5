"""Flat tables as CSV and as Parquet: rows -> bytes, a piece at a time. The same rows give the same bytes."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from provenance.errors import UsageError
from provenance.model.flat_table import ColumnKind, FlatCell, FlatTable
from provenance.reports.escape import make_valid
from provenance.reports.formats.csv import BYTE_ORDER_MARK, format_line

if TYPE_CHECKING:
    import pyarrow as pa

Rows = Iterable[Sequence[FlatCell]]

_ROW_GROUP = 20_000
"""Rows of a row group of Parquet, all of which are in memory at once: some 10 MB of an ordinary catalogue."""
_LINES = 500
"""Lines of CSV that are given on together."""


@dataclass(frozen=True, slots=True)
class FlatFormat:
    """One way to write a table."""

    suffix: str
    render: Callable[[FlatTable, Rows], Iterator[bytes]]


def render_csv(table: FlatTable, rows: Rows) -> Iterator[bytes]:
    """A header and the rows, as in the csv report: no cell is a formula, none has hidden characters, None is empty."""
    names = [column.name for column in table.columns]
    yield BYTE_ORDER_MARK + format_line(names)
    lines = map(_format_row, rows)
    while piece := b"".join(itertools.islice(lines, _LINES)):
        yield piece


def _format_row(row: Sequence[FlatCell]) -> bytes:
    return format_line("" if cell is None else cell for cell in row)


def render_parquet(table: FlatTable, rows: Rows) -> Iterator[bytes]:
    """The rows with their types and the meaning of every column. Raises `UsageError` where pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet
    except ImportError:
        raise UsageError(
            "Parquet needs pyarrow, which is not installed",
            "pip install 'provenance[parquet]', or write --format csv",
        ) from None
    schema = _make_schema(table)
    buffer = _Drain()
    supply = iter(rows)
    with pyarrow.parquet.ParquetWriter(buffer, schema, compression="zstd") as writer:
        while group := list(itertools.islice(supply, _ROW_GROUP)):
            columns = zip(*group, strict=True)
            arrays = [
                pa.array(map(_make_plain, cells), field.type) for cells, field in zip(columns, schema, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=_ROW_GROUP)
            yield buffer.take()
    yield buffer.take()


def _make_schema(table: FlatTable) -> pa.Schema:
    import pyarrow as pa

    types = {ColumnKind.TEXT: pa.string(), ColumnKind.INTEGER: pa.int64(), ColumnKind.NUMBER: pa.float64()}
    fields = []
    for column in table.columns:
        meaning = {"description": column.meaning}
        fields.append(pa.field(column.name, types[column.kind], metadata=meaning))
    return pa.schema(fields, metadata={"description": table.meaning})


def _make_plain(cell: FlatCell) -> FlatCell:
    # text out of a file may hold lone surrogates, which no reader of UTF-8 takes
    return make_valid(str(cell)) if isinstance(cell, str) else cell


class _Drain(io.RawIOBase):
    """A file that is written to at its end, and whose bytes are taken out on the way."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # pyarrow gives bytes
        self._pieces.append(bytes(data))
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def take(self) -> bytes:
        """What was written since the last call."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


FORMATS = {"csv": FlatFormat(".csv", render_csv), "parquet": FlatFormat(".parquet", render_parquet)}
"""By the name that `--format` takes."""

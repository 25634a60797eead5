"""A note on one approval, in plain words: what it covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.model.finding import Covered
from provenance.model.match import COPY
from provenance.reports.escape import make_visible
from provenance.units import format_clock

_MOST_LINES = 20
"""Facts that a note lists; a reel may contain thousands of known shots."""


def describe_covered(covers: Iterable[Covered]) -> Iterator[str]:
    """Yield what an approval covers, a line for each fact. All text from files is escaped."""
    lines = list(dict.fromkeys(make_visible(f"{row.rule}: {_describe_fact(row)}") for row in covers))
    yield from lines[:_MOST_LINES]
    if len(lines) > _MOST_LINES:
        yield f"and {len(lines) - _MOST_LINES:,} more"


def _describe_fact(row: Covered) -> str:
    if row.cause:
        return row.cause
    if not row.known:
        by = f" by {row.tool}" if row.tool else ""
        return f"marked as {row.origin}{by} ({row.signal})"
    kind = "a copy of" if row.verdict == COPY else "content shared with"
    text = f"{kind} {row.path} ({row.origin}, {row.known[:19]}), found by {row.method}"
    if row.start is not None and row.end is not None:
        text += f", {format_clock(row.start)} to {format_clock(row.end)}"
    if row.frames:
        text += f", frames {row.frames[0]} to {row.frames[1]}"
    return text

"""One mark that two carriers read is one piece of evidence.

FFmpeg gives the tags of a movie or a sound by name, and the carriers of the containers read the same bytes with their
exact place. Both are kept as statements; of evidence that rests on the same bytes only the one with the place is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.evidence.text.parse_text import strip_padding
from provenance.model.evidence import Evidence, Statement

VERSION = 1
"""Raised when other evidence is left out than before: it is then derived again from the stored statements."""

_BY_NAME = "tags"
"""The carrier that gets tags from FFmpeg, by name and without a place in the file."""
_BY_PLACE = frozenset({"isobmff", "id3", "riff"})
"""Carriers that read the same tags where they stand."""

_Mark = tuple[object, ...]


def drop_double_readings(evidence: Iterable[Evidence], statements: Iterable[Statement]) -> Iterator[Evidence]:
    """Yield the evidence without that which rests on a text that another carrier read at its exact place.

    Two texts are the same bytes if they are equal and mean the same to the same signal. Where one of the two readings
    is shortened or decoded in another way, both stay.
    """
    rows = list(evidence)
    if all(row.carrier != _BY_NAME for row in rows):
        yield from rows
        return
    texts: dict[tuple[str, str], set[str]] = {}
    for statement in statements:
        texts.setdefault((statement.carrier, statement.where), set()).add(strip_padding(statement.value))
    placed: set[_Mark] = set()
    for row in rows:
        if row.carrier in _BY_PLACE:
            placed.update(_list_marks(row, texts))
    for row in rows:
        is_double = row.carrier == _BY_NAME and any(mark in placed for mark in _list_marks(row, texts))
        if not is_double:
            yield row


def _list_marks(row: Evidence, texts: dict[tuple[str, str], set[str]]) -> Iterator[_Mark]:
    """List what identifies the mark behind a piece of evidence: its text, and what that means to the signal."""
    for text in texts.get((row.carrier, row.where), ()):
        yield row.signal, row.origin, row.standing, row.tool, row.used, text

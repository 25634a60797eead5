"""What is asked of each reading once, so that a night need not decode what has nothing to say."""

from __future__ import annotations

import functools
import hashlib

from provenance import plain
from provenance.catalogue.reading_sets import Questions
from provenance.intake.search_pass import is_searchable
from provenance.media import types
from provenance.plain import ReadingPart

PLAIN = f"plain {plain.VERSION}"
"""Readings to which no rule can object by itself."""
_NAME_DIGITS = 16


@functools.cache
def name_searchable() -> str:
    """The name of the set of what shows or sounds: another one whenever that is said of another type."""
    rows = [(row.name, row.shows_picture, row.is_moving, row.has_sound) for row in types.MEDIA_TYPES]
    return f"searchable {hashlib.sha256(repr(sorted(rows)).encode()).hexdigest()[:_NAME_DIGITS]}"


def list_questions() -> Questions:
    """Every question of today."""
    return {PLAIN: plain.is_plain, name_searchable(): shows_or_sounds}


def shows_or_sounds(reading: ReadingPart) -> bool:
    """Whether known material could be found in it."""
    return is_searchable(reading.asset)

"""From evidence to one origin. Trust is asymmetric and absence is never proof.

A mark of generation counts at any standing. A claim that the asset was captured or made by hand clears it only when the
claim is trusted and made for the asset itself. Without evidence the origin is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

from provenance.model.evidence import Evidence
from provenance.model.vocabulary import Origin, Standing

VERSION = 1
"""Raised when the same evidence gives another origin: it is then decided again for every file, without opening any."""

_GENERATION_MARKS = (Origin.GENERATED, Origin.PARTLY_GENERATED, Origin.POSSIBLY_GENERATED)
"""Origins that count at any standing, gravest first."""
_CLEARING = (Origin.CAPTURED, Origin.CREATED)
"""Origins that count only when trusted, in order of precedence."""
_STANDINGS = list(Standing)
"""Strongest first."""


def decide_origin(evidence: Iterable[Evidence]) -> Origin:
    """The gravest origin that the evidence carries.

    Marks of generation first, then trusted capture or creation, then enhancement, else unknown. Enhancement does not
    clear and is not cleared: a trusted camera picture that was only enhanced is `enhanced`.
    """
    rows = list(evidence)
    if not rows:
        # Most files of a storage say nothing of their origin.
        return Origin.UNKNOWN
    origins = {row.origin for row in rows}
    for origin in _GENERATION_MARKS:
        if origin in origins:
            return origin
    if Origin.ENHANCED in origins:
        return Origin.ENHANCED
    trusted_origins = {row.origin for row in rows if row.standing is Standing.TRUSTED}
    for origin in _CLEARING:
        if origin in trusted_origins:
            return origin
    # Absence is never proof: no evidence is not the same as clean.
    return Origin.UNKNOWN


def find_strongest_mark(evidence: Iterable[Evidence]) -> Evidence | None:
    """The mark of generation with the gravest origin, and of these the one with the best standing; None without any."""
    marks = [row for row in evidence if row.origin in _GENERATION_MARKS]
    # `min` takes the first of equals, so the order in which signals run decides between them.
    return min(marks, key=_rank_mark, default=None)


def _rank_mark(mark: Evidence) -> tuple[int, int]:
    """Lower is stronger."""
    return _GENERATION_MARKS.index(mark.origin), _STANDINGS.index(mark.standing)

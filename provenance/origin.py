"""From evidence to one origin. Trust is asymmetric and absence is never proof.

A mark of generation counts at any standing: nobody forges it against their own interest. A claim of capture or of
making by hand clears only when it is trusted and made for the asset itself. Without evidence the origin is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable

from provenance.model.evidence import Evidence
from provenance.model.vocabulary import Origin, Standing

_MARKS = (Origin.GENERATED, Origin.PARTLY_GENERATED, Origin.POSSIBLY_GENERATED)
_STANDINGS = list(Standing)
_CLEARING = (Origin.CAPTURED, Origin.CREATED)


def decide_origin(evidence: Iterable[Evidence]) -> Origin:
    """The gravest origin that the evidence carries.

    Marks of generation first, then trusted capture or creation, then enhancement, else unknown. Enhancement does not
    clear and is not cleared: a trusted camera picture that was only enhanced is `enhanced`.
    """
    rows = list(evidence)
    said = {row.origin for row in rows}
    for origin in _MARKS:
        if origin in said:
            return origin
    if Origin.ENHANCED in said:
        return Origin.ENHANCED
    trusted = {row.origin for row in rows if row.standing is Standing.TRUSTED}
    for origin in _CLEARING:
        if origin in trusted:
            return origin
    return Origin.UNKNOWN


def find_strongest_mark(evidence: Iterable[Evidence]) -> Evidence | None:
    """The mark of generation that says most: the gravest origin, by its best standing. None when there is none."""
    marks = [row for row in evidence if row.origin in _MARKS]
    return min(marks, key=lambda row: (_MARKS.index(row.origin), _STANDINGS.index(row.standing)), default=None)

"""Material that is presented as archive or real: what speaks against it."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable

from provenance.model.evidence import Evidence
from provenance.model.finding import Case
from provenance.model.vocabulary import AI_ORIGINS, Origin, Standing, Zone

_DOUBTFUL = frozenset({*AI_ORIGINS, Origin.POSSIBLY_GENERATED, Origin.ENHANCED})


def is_archive(zones: Iterable[Zone], names: Iterable[str], patterns: Iterable[str]) -> bool:
    """Whether material is presented as archive: it lies in the zone `archive`, or a name fits a pattern.

    Case does not count, and a pattern is compared with a whole name.
    """
    if Zone.ARCHIVE in zones:
        return True
    folded = [name.casefold() for name in names]
    return any(fnmatch.fnmatchcase(name, pattern.casefold()) for pattern in patterns for name in folded)


def list_doubts(case: Case) -> tuple[Evidence, ...]:
    """The evidence that an asset was generated or altered, or that its credential no longer fits."""
    return tuple(row for row in case.reading.evidence if row.origin in _DOUBTFUL or row.standing is Standing.BROKEN)

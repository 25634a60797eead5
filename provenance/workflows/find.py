"""Find what a person names: a file, a digest, or the name that a report prints."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.media.places import find_real_path
from provenance.model.finding import Case
from provenance.reports.escape import make_visible
from provenance.settings import Storage

_MOST_CANDIDATES = 10
"""Places that the message about an ambiguous name lists."""


def find_cases(name: str, catalogue: Catalogue, storages: Sequence[Storage] = ()) -> list[Case]:
    """Every place of the one asset that a name stands for; empty when the catalogue knows none.

    A name is a path, a digest (`sha256:…` or eight or more of its digits), or what a report prints: a path relative to
    any folder, `a.zip!b.psd!layer 3`, `shot.[1001-1120].exr`, `storage name: path`. Its end is enough where that is
    unique. Raises `UsageError` with the candidates when it stands for several assets.
    """
    cases = catalogue.find_by_path(find_real_path(os.fsencode(name)))
    if cases:
        return cases
    digits = name.lower().removeprefix("sha256:")
    if re.fullmatch("[0-9a-f]{8,64}", digits):
        cases = catalogue.find_by_digest(f"sha256:{digits}")
        if cases:
            _require_one_asset(name, cases)
            return cases
    for storage in storages:
        prefix = f"{storage.name}: "
        if name.startswith(prefix):
            name = os.path.join(os.fsdecode(find_real_path(os.fsencode(storage.path))), name.removeprefix(prefix))
    cases = catalogue.find_by_name(name)
    _require_one_asset(name, cases)
    return cases


def _require_one_asset(name: str, cases: Sequence[Case]) -> None:
    """Raise `UsageError` when these are places of several assets."""
    # What could not be read has no digest: each such place may be another asset.
    candidates = {case.reading.asset.digest or case.location.path: case for case in cases}
    if len(candidates) < 2:
        return
    lines = [describe_candidate(case) for case in list(candidates.values())[:_MOST_CANDIDATES]]
    if len(candidates) > _MOST_CANDIDATES:
        lines.append(f"and {len(candidates) - _MOST_CANDIDATES:,} more")
    raise UsageError(
        f"{name} stands for {len(candidates):,} different assets", "name one of them:\n  " + "\n  ".join(lines)
    )


def describe_candidate(case: Case) -> str:
    """The full name of an asset at its place, and how its digest begins."""
    place = os.path.join(case.location.root, case.location.path)
    return make_visible(f"{place}  ({case.reading.asset.digest[:19] or 'not read'})")

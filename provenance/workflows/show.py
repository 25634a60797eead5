"""`show`: all that is known of one asset, in words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.model.finding import Case
from provenance.reports import asset_note
from provenance.workflows.run import RunContext


def describe_asset(name: str, context: RunContext) -> Iterator[str]:
    """All that is known of one asset, and where it was found. Raises `UsageError` when nothing is."""
    with context.open_catalogue(write=False) as catalogue:
        cases = _find_cases(name, catalogue)
        if not cases:
            hint = "ingest or scan it first; of a digest give 8 digits or more"
            raise UsageError(f"the catalogue knows nothing of {name}", hint)
        for case in cases:
            yield from asset_note.describe_case(case)
        for digest in dict.fromkeys(case.reading.asset.digest for case in cases):
            yield from asset_note.describe_appearances(catalogue.find_appearances(digest))


def _find_cases(name: str, catalogue: Catalogue) -> list[Case]:
    """Everything that is known of one asset, statements included: by path, or by digest or how it begins."""
    if cases := catalogue.find_by_path(os.path.realpath(os.fsencode(name))):
        return cases
    digest = name.lower().removeprefix("sha256:")
    return catalogue.find_by_digest(f"sha256:{digest}") if re.fullmatch("[0-9a-f]{8,64}", digest) else []

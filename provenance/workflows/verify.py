"""`verify`: the catalogue held against its ledger."""

from __future__ import annotations

import re
from pathlib import Path

from provenance.catalogue.verify import Verification, verify
from provenance.errors import CatalogueDamaged, UsageError
from provenance.workflows.run import RunContext


def verify_catalogue(context: RunContext, head: str | None) -> Verification:
    """Check every row against the ledger. Raises `CatalogueDamaged` with the first thing that is wrong.

    `head`: length and hash of the ledger as a report or an earlier `verify` printed them, to be found in it.
    """
    if head is not None:
        head = head.strip().lower()
        if not re.fullmatch(r"\d+:[0-9a-f]{64}", head):
            raise UsageError(f"{head!r} is not the head of a ledger", "give it as a report or `verify` prints it")
    path = Path(context.settings.catalogue)
    result = verify(path, head)
    if not result.is_sound:
        more = f" (and {len(result.problems) - 1} more)" if len(result.problems) > 1 else ""
        raise CatalogueDamaged(
            f"{path}: {result.problems[0].removeprefix(f'{path}: ')}{more}",
            "restore a backup, or ingest into a new one",
        )
    return result

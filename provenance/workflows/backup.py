"""`backup`: a consistent copy of the catalogue, made while other runs go on, and verified."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from provenance.catalogue.verify import Verification, verify
from provenance.errors import CatalogueDamaged, UsageError
from provenance.workflows.run import RunContext


def back_up(place: str, context: RunContext) -> Verification:
    """Copy the catalogue to a file that is not there yet, and check every row of the copy against its ledger.

    The file appears when it is whole. Raises `UsageError` when something is there already, or the folder is not, and
    `CatalogueDamaged` when the copy is not sound: then none is left.
    """
    target = Path(os.path.abspath(place))
    if os.path.lexists(target):
        raise UsageError(f"{place} is there already and was left alone", "name a file that is not there yet")
    if not target.parent.is_dir():
        raise UsageError(f"{target.parent} is not a folder", "name a file in a folder that is there")
    partial = target.with_name(f"{target.name}.part")
    with contextlib.ExitStack() as undo:
        undo.callback(_remove, partial)
        _remove(partial)
        with context.open_catalogue(write=False) as catalogue:
            catalogue.copy_to(partial)
        result = verify(partial)
        if not result.is_sound:
            raise CatalogueDamaged(
                f"the copy is not sound: {result.problems[0]}", "check the catalogue itself: provenance verify"
            )
        _flush_to_disk(partial)
        os.rename(partial, target)
    return result


def _remove(path: Path) -> None:
    for ending in ("", "-wal", "-shm", "-journal"):
        Path(f"{path}{ending}").unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())

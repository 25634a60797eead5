"""The ledger that a report names against that of the catalogue, and against a checkpoint that was noted elsewhere."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from provenance.catalogue.verify import Verification, verify
from provenance.signing.note import Checkpoint
from provenance.signing.seal import Seal
from provenance.workflows.checkpoints import StoredCheckpoint, name_origin
from provenance.workflows.verified import Part, State


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """What came of comparing ledgers."""

    parts: tuple[Part, ...]
    is_damaged: bool = False
    """Whether the catalogue contradicts its own ledger, whatever a report says."""


def check_ledger(seal: Seal | None, noted: StoredCheckpoint | None, catalogue: str) -> LedgerCheck:
    """Compare what a report names, what was noted, and the catalogue. Entries that are newer are no difference."""
    name = os.path.basename(catalogue)
    if seal is None or seal.checkpoint is None:
        unknown = "no signature that holds says which state the ledger had"
        return LedgerCheck((Part("ledger", name, State.NOT_CHECKED, unknown),))
    wanted = seal.checkpoint
    if not os.path.exists(catalogue):
        unknown = f"there is no catalogue {catalogue} to look into: name it with --catalogue"
        parts = [Part("ledger", name, State.UNKNOWN, unknown)]
        if noted:
            parts.append(_compare_two(noted, wanted))
        return LedgerCheck(tuple(parts))
    sizes = {wanted.size}
    if noted:
        sizes.add(noted.signed.checkpoint.size)
    result = verify(Path(catalogue), sizes=sizes)
    if not result.is_sound:
        problem = f"the catalogue is damaged: {result.problems[0].removeprefix(f'{catalogue}: ')}"
        return LedgerCheck((Part("ledger", name, State.DIFFERS, problem),), is_damaged=True)
    parts = [_compare(name, "the report", wanted, result, seal.head)]
    if noted:
        place = os.path.basename(noted.path)
        parts.append(_compare(place, "the checkpoint", noted.signed.checkpoint, result))
    return LedgerCheck(tuple(parts))


def _compare(name: str, whose: str, wanted: Checkpoint, result: Verification, head: str = "") -> Part:
    """A state of the ledger against the ledger as it is. `head`: where the state names one."""
    past = result.past.get(wanted.size)
    wrong = ""
    if name_origin(result.identity) != wanted.origin:
        wrong = f"{whose} is of another ledger"
    elif past is None:
        wrong = f"the ledger has {result.entries} entries, and {whose} names {wanted.size}: the newest were cut off"
    elif past.root != wanted.root or head not in ("", past.head):
        wrong = f"the first {wanted.size} entries of the ledger are not the ones that {whose} names"
    if wrong:
        return Part("ledger", name, State.DIFFERS, wrong)
    return Part("ledger", name, State.AGREES, f"{wanted.size} entries, and {result.entries - wanted.size} newer ones")


def _compare_two(noted: StoredCheckpoint, wanted: Checkpoint) -> Part:
    """A checkpoint that was noted against what the report names, without the ledger itself."""
    name, other = os.path.basename(noted.path), noted.signed.checkpoint
    if other == wanted:
        return Part("ledger", name, State.AGREES, "the report names the same state")
    if other.origin != wanted.origin or other.size == wanted.size:
        return Part("ledger", name, State.DIFFERS, "it is not of the ledger that the report names")
    unknown = "only the ledger itself can say whether both states are of one history"
    return Part("ledger", name, State.UNKNOWN, unknown)

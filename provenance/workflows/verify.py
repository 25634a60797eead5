"""`verify`: the catalogue held against its ledger, and the ledger against what was noted of it elsewhere."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from provenance.catalogue.verify import Verification, verify
from provenance.errors import CatalogueDamaged, UsageError
from provenance.signing import keys, trusted
from provenance.signing.keys import PublicKey
from provenance.workflows import checkpoints
from provenance.workflows.checkpoints import StoredCheckpoint, name_origin
from provenance.workflows.reading_questions import list_questions
from provenance.workflows.run import RunContext
from provenance.workflows.verified import Part, ReportVerification, State


def verify_catalogue(
    context: RunContext, head: str | None, checkpoint: str | None = None, key: str | None = None
) -> Verification:
    """Check every row against the ledger. Raises `CatalogueDamaged` with the first thing that is wrong.

    `head`: length and hash of the ledger as a report or an earlier `verify` printed them, to be found in it.
    `checkpoint`: a file with a checkpoint, to be found likewise; without it the exported ones are, if there are any.
    `key`: a PEM file with the public key that must have signed that checkpoint.
    """
    path = Path(context.settings.catalogue)
    result, problems = _find_problems(path, context, head, checkpoint, key)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise CatalogueDamaged(
            f"{path}: {problems[0].removeprefix(f'{path}: ')}{more}",
            "restore a backup, or ingest into a new one",
        )
    return result


def list_parts(context: RunContext, head: str | None, checkpoint: str | None, key: str | None) -> ReportVerification:
    """The same as parts, for scripts: one for each problem. Damage is a part, and not raised."""
    path = Path(context.settings.catalogue)
    result, problems = _find_problems(path, context, head, checkpoint, key)
    parts = [Part("ledger", path.name, State.DIFFERS, problem.removeprefix(f"{path}: ")) for problem in problems]
    if not problems:
        parts = [Part("ledger", path.name, State.AGREES, f"{result.entries} entries, head {result.head}")]
    return ReportVerification(tuple(parts), is_ledger_damaged=bool(problems))


def _find_problems(
    path: Path, context: RunContext, head: str | None, checkpoint: str | None, key: str | None
) -> tuple[Verification, list[str]]:
    if head is not None:
        head = head.strip().lower()
        if not re.fullmatch(r"\d+:[0-9a-f]{64}", head):
            raise UsageError(f"{head!r} is not the head of a ledger", "give it as a report or `verify` prints it")
    noted = _read_checkpoints(context, checkpoint, key)
    result = verify(path, head, {row.signed.checkpoint.size for row in noted}, list_questions())
    return result, [*result.problems, *_find_contradictions(result, noted)]


def _read_checkpoints(context: RunContext, named: str | None, key: str | None) -> list[StoredCheckpoint]:
    place = context.settings.checkpoints
    if named:
        stored = checkpoints.read(named)
        if key and not stored.signed.is_signed_by(keys.load_public(key)):
            raise UsageError(f"{named} is not signed with the key in {key}", "ask whoever signed it for their key")
        return [stored]
    if place is None:
        return []
    exported = checkpoints.read_exported(place)
    known = [row.key for row in trusted.load_all(context.settings.trusted_keys)]
    # Whoever checks need not be the one who can sign.
    with contextlib.suppress(UsageError):
        known.append(keys.load_private(place.key).public)
    for row in exported:
        _require_signature(row, known)
    return exported


def _require_signature(row: StoredCheckpoint, known: Sequence[PublicKey]) -> None:
    # One that somebody put there could accuse a sound ledger, or speak for a false one.
    if not any(row.signed.is_signed_by(key) for key in known):
        raise UsageError(
            f"{row.path} is not signed with the key in [checkpoints], nor with one that is trusted",
            "find out who put it there; if the key was replaced, trust the old one: provenance key trust",
        )


def _find_contradictions(result: Verification, noted: Sequence[StoredCheckpoint]) -> Iterator[str]:
    for row in noted:
        wanted = row.signed.checkpoint
        past = result.past.get(wanted.size)
        if wanted.size and name_origin(result.identity) != wanted.origin:
            yield f"ledger: it is not the one of the checkpoint {row.path}: another catalogue is in its place"
        elif past is None:
            yield f"ledger: the checkpoint {row.path} names {wanted.size} entries: the newest were cut off"
        elif past.root != wanted.root:
            yield f"ledger: its first {wanted.size} entries are not those of the checkpoint {row.path}"

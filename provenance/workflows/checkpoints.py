"""Checkpoints of the ledger: signed notes of its state, kept in a second place."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass

from provenance.catalogue.store import LedgerState
from provenance.errors import ProvenanceError, UsageError
from provenance.settings import Checkpoints
from provenance.signing import keys, note
from provenance.signing.note import Checkpoint, SignedCheckpoint

_ORIGIN = "provenance-ledger/"
_NO_IDENTITY = "empty"
_IDENTITY_DIGITS = 32
"""Of the hash that tells ledgers apart: 128 bits."""
_SUFFIX = ".checkpoint"
_MOST_READ = 1000
"""Exported checkpoints that are compared with the ledger, the newest ones."""
_DIGITS = 12
"""Of the number of entries in the name of a file, so that names sort as numbers do."""


def make_checkpoint(state: LedgerState) -> Checkpoint:
    """The checkpoint of a ledger as it is."""
    return Checkpoint(name_origin(state.identity), state.size, state.root)


def name_origin(identity: str) -> str:
    """The name of a ledger in checkpoints."""
    return _ORIGIN + (identity[:_IDENTITY_DIGITS] or _NO_IDENTITY)


def export(state: LedgerState, place: Checkpoints) -> str:
    """Write a signed checkpoint into the folder of the settings, and give its path.

    A state that was exported already is not written again. Raises `ProvenanceError` when the folder or the key cannot
    be used.
    """
    key = keys.load_private(place.key)
    path = os.path.join(place.folder, f"{state.size:0{_DIGITS}}-{state.root.hex()[:8]}{_SUFFIX}")
    if os.path.exists(path):
        return path
    raw = note.sign(key, make_checkpoint(state))
    try:
        os.makedirs(place.folder, exist_ok=True)
        descriptor, partial = tempfile.mkstemp(prefix=".provenance-", dir=place.folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(partial, 0o644)
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise
    except OSError as fault:
        raise ProvenanceError(
            f"{path} was not written: {fault.strerror}", "check the folder in [checkpoints]"
        ) from fault
    return path


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint and the file that it was read from."""

    path: str
    raw: bytes
    signed: SignedCheckpoint


def read(path: str) -> StoredCheckpoint:
    """The checkpoint in a file. Raises `UsageError` when there is none."""
    try:
        with open(path, "rb") as file:
            raw = file.read(note.MAX_SIZE + 1)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", "name a file with a checkpoint") from fault
    try:
        raw = raw[: note.MAX_SIZE]
        return StoredCheckpoint(path, raw, note.parse(raw))
    except ValueError as error:
        raise UsageError(
            f"{path} is not a checkpoint: {error}", "name the checkpoint.txt of a bundle, or one that a run exported"
        ) from error


def read_exported(place: Checkpoints) -> list[StoredCheckpoint]:
    """The checkpoints in the folder of the settings, the one with the most entries first. Raises as `read`."""
    try:
        names = [name for name in os.listdir(place.folder) if name.endswith(_SUFFIX)]
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise UsageError(f"{place.folder} cannot be listed: {fault.strerror}", "check its permissions") from fault
    newest = sorted(names, reverse=True)[:_MOST_READ]
    return [read(os.path.join(place.folder, name)) for name in newest]

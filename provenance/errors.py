"""Errors that stop a run. A problem with one file is a `Trouble`, a value: the library never raises it."""

from __future__ import annotations


class ProvenanceError(Exception):
    """A problem with the run itself. `hint` says what a person should do next; `exit_code` is that of the command."""

    # The codes are a contract with scripts: README.md lists them. 1 and 3 are results, not errors.
    exit_code = 4

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ProvenanceError):
    """Wrong arguments, config or policy."""

    exit_code = 2


class CatalogueDamaged(ProvenanceError):
    """The catalogue or its ledger is not what was written."""

    exit_code = 5


class ShardDamaged(CatalogueDamaged):
    """A plan or a shard is not whole, is not what was written, or belongs to another plan."""


class CatalogueBusy(ProvenanceError):
    """Another run holds the catalogue."""

    exit_code = 6

"""The result of verifying a report: its parts, and whether each agrees."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class State(enum.StrEnum):
    """Whether a part is what it should be."""

    AGREES = "agrees"
    DIFFERS = "differs"
    MISSING = "missing"
    UNEXPECTED = "unexpected"
    """It is there, and nothing that was signed knows of it."""
    UNKNOWN = "unknown"
    """There is nothing to compare it with: no trusted key, no ledger."""
    NOT_CHECKED = "not-checked"
    """Nobody asked for it, or it could not be looked at."""


_WRONG = frozenset({State.DIFFERS, State.MISSING, State.UNEXPECTED})


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was compared."""

    part: str
    """`container`, `signature`, `signer`, `member`, `report`, `ledger`, `file` or `timestamp`."""
    name: str
    """Of the file or person; as shown."""
    state: State
    detail: str = ""
    counts: bool = True
    """Whether a state that is neither right nor wrong leaves a doubt: not where nobody asked for the check."""


@dataclass(frozen=True, slots=True)
class ReportVerification:
    """All parts, in the order in which they were compared."""

    parts: tuple[Part, ...]
    is_ledger_damaged: bool = False
    """Whether the catalogue contradicts its own ledger, whatever the report says."""

    @property
    def exit_code(self) -> int:
        """0 everything agrees, 1 something does not, 3 something could not be compared, 5 the ledger is damaged."""
        if self.is_ledger_damaged:
            return 5
        if any(part.state in _WRONG for part in self.parts):
            return 1
        is_open = any(part.counts and part.state is not State.AGREES for part in self.parts)
        return 3 if is_open else 0

    @property
    def agrees(self) -> bool:
        """Whether everything that was asked for was compared and agrees. Never without a signer whom somebody named."""
        return self.exit_code == 0

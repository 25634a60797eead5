"""What a campaign is given and what it answers. A campaign is a function `run(setting)` that yields results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path


class NotPossibleError(Exception):
    """Something that the campaign needs is not here: root, FUSE, a compiler, strace."""


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a campaign may write, and how large it is."""

    folder: Path
    """Empty, and deleted afterwards."""
    share: float = 1.0
    """Of the full size."""
    seed: int = 1

    def count(self, full: int, least: int = 1) -> int:
        """So many of a full number, and never fewer than `least`."""
        return max(least, round(full * self.share))


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row of the matrix."""

    row: int
    done: str
    """What was done."""
    figure: str
    holds: bool


Campaign = Callable[[Setting], Iterator[Result]]

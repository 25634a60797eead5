"""How a run spares the storage that others work on: how fast it reads, and what it leaves in their cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FolderGentleness:
    """What one folder asks for besides what the run does everywhere."""

    folder: bytes
    """Its true path."""
    max_read_rate: int | None = None
    """Bytes a second, of all workers together."""
    drop_cache: bool | None = None
    """None: as everywhere."""

    def holds(self, path: bytes) -> bool:
        """Whether a path lies at or below the folder."""
        return path == self.folder or path.startswith(os.path.join(self.folder, b""))


@dataclass(frozen=True, slots=True)
class Gentleness:
    """What a run does everywhere, and what single folders ask for. Plain data: every worker gets it."""

    max_read_rate: int | None = None
    """Bytes a second, of all workers together; None for as fast as it goes."""
    drop_cache: bool = False
    """Take pages of a file out of the system's cache after it was read, unless they were there before."""
    folders: tuple[FolderGentleness, ...] = ()

    def find_rate(self, path: bytes) -> int | None:
        """Bytes a second at which a file may be read: the least of the rates that it falls under."""
        return min(self._list_rates(path), default=None)

    def drops_cache(self, path: bytes) -> bool:
        """Whether a file's pages are taken out of the cache after it was read."""
        for row in self.folders:
            if row.drop_cache is not None and row.holds(path):
                return row.drop_cache
        return self.drop_cache

    def _list_rates(self, path: bytes) -> Iterator[int]:
        if self.max_read_rate is not None:
            yield self.max_read_rate
        for row in self.folders:
            if row.max_read_rate is not None and row.holds(path):
                yield row.max_read_rate

    @property
    def slowest_rate(self) -> int | None:
        """The least rate of all; None when there is none."""
        rates = [row.max_read_rate for row in self.folders if row.max_read_rate is not None]
        if self.max_read_rate is not None:
            rates.append(self.max_read_rate)
        return min(rates, default=None)


NOTHING_ASKED = Gentleness()
"""Reads as fast as it goes, and leaves the cache alone."""

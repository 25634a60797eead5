"""How much memory this process and its workers ever held."""

from __future__ import annotations

import os
import re
import resource
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_EVERY = 0.05
"""Seconds between two looks. The system keeps the high-water mark of what lives in between."""
_MARKS = re.compile(r"Vm(HWM|Peak):\s+(\d+)")
MIB = 1024


class MemoryMonitor:
    """Looks at the children of this process while the `with` lasts. Figures in MiB."""

    def __init__(self) -> None:
        self.addresses = 0.0
        """Largest address space of a worker: what its limit bounds. 0 where /proc is not there."""
        self._seen = 0.0
        self._done = threading.Event()
        self._looker = threading.Thread(target=self._look, daemon=True)

    @property
    def resident(self) -> float:
        """Largest resident memory of a worker; those that lived between two looks are known to the system."""
        return max(self._seen, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / MIB)

    @property
    def own(self) -> float:
        """Largest resident memory of this process. What `getrusage` says is handed down by whoever started it."""
        try:
            marks = dict(_MARKS.findall(Path("/proc/self/status").read_text()))
        except OSError:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB
        return int(marks["HWM"]) / MIB

    def __enter__(self) -> Self:
        self._looker.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._looker.join()

    def _look(self) -> None:
        while not self._done.wait(_EVERY):
            for child in _list_children():
                marks = {name: int(kib) / MIB for name, kib in _MARKS.findall(_read_status(child))}
                self._seen = max(self._seen, marks.get("HWM", 0.0))
                self.addresses = max(self.addresses, marks.get("Peak", 0.0))


def _list_children() -> list[str]:
    """Process numbers of the children of every thread of this process."""
    try:
        threads = list(Path(f"/proc/{os.getpid()}/task").iterdir())
        return [child for thread in threads for child in (thread / "children").read_text().split()]
    except OSError:
        return []


def _read_status(process: str) -> str:
    try:
        return Path(f"/proc/{process}/status").read_text()
    except OSError:
        return ""

"""The most memory that this process and its workers held at any time."""

from __future__ import annotations

import os
import re
import resource
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

_INTERVAL = 0.05
"""Seconds between two readings. The system keeps the high-water mark of what lives in between."""
_HIGH_WATER_MARKS = re.compile(r"Vm(HWM|Peak):\s+(\d+)")
"""Resident memory and address space in /proc/PID/status, in KiB."""
_KIB_PER_MIB = 1024


class MemoryMonitor:
    """Polls the children of this process while the `with` lasts. Figures in MiB."""

    def __init__(self) -> None:
        self.addresses = 0.0
        """Largest address space of a worker: what its limit bounds. 0 without /proc."""
        self._largest_seen = 0.0
        self._done = threading.Event()
        self._poller = threading.Thread(target=self._poll, daemon=True)

    @property
    def resident(self) -> float:
        """Largest resident memory of a worker."""
        # The system knows the children that lived and died between two readings.
        of_dead_children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _KIB_PER_MIB
        return max(self._largest_seen, of_dead_children)

    @property
    def own(self) -> float:
        """Largest resident memory of this process."""
        # `getrusage` inherits its high-water mark from whoever started this process, so /proc comes first.
        try:
            marks = _parse_marks(Path("/proc/self/status").read_text())
        except OSError:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MIB
        return marks["HWM"]

    def __enter__(self) -> Self:
        self._poller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._poller.join()

    def _poll(self) -> None:
        while not self._done.wait(_INTERVAL):
            for child in _list_children():
                marks = _parse_marks(_read_status(child))
                self._largest_seen = max(self._largest_seen, marks.get("HWM", 0.0))
                self.addresses = max(self.addresses, marks.get("Peak", 0.0))


def _parse_marks(status: str) -> dict[str, float]:
    """`HWM` (resident) and `Peak` (addresses) in MiB."""
    return {name: int(kib) / _KIB_PER_MIB for name, kib in _HIGH_WATER_MARKS.findall(status)}


def _list_children() -> list[str]:
    """Process numbers of the children of every thread of this process."""
    children: list[str] = []
    try:
        for thread in Path(f"/proc/{os.getpid()}/task").iterdir():
            children += (thread / "children").read_text().split()
    except OSError:
        return []
    return children


def _read_status(process: str) -> str:
    """Empty when the process has ended."""
    try:
        return Path(f"/proc/{process}/status").read_text()
    except OSError:
        return ""

"""A line on stderr that says how far a run is. Nothing of it is data; it is quiet when stderr is no terminal."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Self

_EVERY = 0.1
"""Seconds between two drawings."""


class Line:
    """Counts files and bytes as they are done, and draws rate and time left once the whole is known."""

    def __init__(self, *, wanted: bool) -> None:
        self.wanted = wanted
        self.files = self.size = 0
        self.total: tuple[int, int] | None = None
        self._started = self._drawn = time.monotonic()
        self._lock = threading.Lock()

    def __call__(self, path: str, size: int, reel: tuple[float, float] | None = None) -> None:
        """One more file is done, or a stretch of a movie: so many of its seconds."""
        self.files += reel is None or reel[0] >= reel[1]
        self.size += size
        if self.wanted and time.monotonic() - self._drawn >= _EVERY:
            self._draw(path, reel)

    def expect(self, files: int, size: int) -> None:
        """The whole, as soon as somebody has counted it."""
        with self._lock:
            self.total = files, size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.wanted:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def _draw(self, path: str, reel: tuple[float, float] | None) -> None:
        self._drawn = time.monotonic()
        width = shutil.get_terminal_size().columns - 1
        name = "".join(c if c.isprintable() else "?" for c in path.rsplit("/", 1)[-1])
        watched = f"  {clock(reel[0])} of {clock(reel[1])}" if reel else ""
        sys.stderr.write(f"\r{self.told(self._drawn - self._started)}  {name}{watched}"[:width] + "\x1b[K")
        sys.stderr.flush()

    def told(self, seconds: float) -> str:
        """`1,204 of 9,300 files  12%  340 MB/s  4 min left`, as far as it is known after so many seconds."""
        rate = self.size / max(seconds, 0.001)
        if self.total is None:
            return f"{self.files:,} files  {bytes_told(self.size)}  {bytes_told(rate)}/s"
        files, size = self.total
        done = min(1.0, (self.size + self.files) / max(1, size + files))
        left = f"{time_told(seconds / done - seconds)} left" if done > 0.01 else ""
        return f"{self.files:,} of {files:,} files  {done:4.0%}  {bytes_told(rate)}/s  {left}"


def bytes_told(size: float) -> str:
    """`340 MB`: decimal units, as storage is sold."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def clock(seconds: float) -> str:
    """`1:04:30`, `4:30`: where in a reel."""
    hours, rest = divmod(round(seconds), 3600)
    minutes = f"{rest // 60:02}" if hours else f"{rest // 60}"
    return f"{hours}:{minutes}:{rest % 60:02}" if hours else f"{minutes}:{rest % 60:02}"


def time_told(seconds: float) -> str:
    """`45 s`, `4 min`, `3 h 20 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"

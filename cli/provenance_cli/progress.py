"""A line on stderr that shows how far a run is. Nothing in it is data; it is quiet when stderr is not a terminal."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from types import TracebackType
from typing import Self

from provenance.units import format_bytes, format_duration, format_short_clock

_REDRAW_SECONDS = 0.1
"""Seconds between two drawings."""
_ERASE_LINE = "\r\x1b[K"


class ProgressLine:
    """Counts files and bytes as they are done, and draws rate and time left once the total is known.

    A run reads first and searches then: when the search begins, counting begins anew.
    """

    def __init__(self, wanted: bool) -> None:
        self.wanted = wanted
        self.files = self.size = 0
        self.total: tuple[int, int] | None = None
        self._is_searching = False
        self._started = self._drawn = time.monotonic()
        self._lock = threading.Lock()

    def show_reading(self, path: str, size: int) -> None:
        """One more file was read."""
        self.files += 1
        self.size += size
        self._draw_if_due(path, None)

    def show_search(self, path: str, size: int, movie: tuple[float, float] | None = None) -> None:
        """One more file was searched, or so many seconds of a movie."""
        if not self._is_searching:
            self._is_searching = True
            self.files = self.size = 0
            self.total = None
            self._started = time.monotonic()
        is_done = movie is None or movie[0] >= movie[1]
        self.files += is_done
        self.size += size
        self._draw_if_due(path, movie)

    def expect(self, files: int, size: int) -> None:
        """The total to read, as soon as somebody has counted it."""
        with self._lock:
            if not self._is_searching:
                self.total = files, size

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.wanted:
            sys.stderr.write(_ERASE_LINE)
            sys.stderr.flush()

    def _draw_if_due(self, path: str, movie: tuple[float, float] | None) -> None:
        now = time.monotonic()
        if not self.wanted or now - self._drawn < _REDRAW_SECONDS:
            return
        self._drawn = now
        width = shutil.get_terminal_size().columns - 1
        name = "".join(character if character.isprintable() else "?" for character in path.rsplit("/", 1)[-1])
        position = f"  {format_short_clock(movie[0])} of {format_short_clock(movie[1])}" if movie else ""
        sys.stderr.write(f"\r{self.describe(now - self._started)}  {name}{position}"[:width] + "\x1b[K")
        sys.stderr.flush()

    def describe(self, seconds: float) -> str:
        """`1,204 of 9,300 files  12%  340 MB/s  4 min left`, as far as it is known after so many seconds."""
        rate = self.size / max(seconds, 0.001)
        if self.total is None:
            verb = "searched" if self._is_searching else "read"
            return f"{self.files:,} files {verb}  {format_bytes(self.size)}  {format_bytes(rate)}/s"
        files, size = self.total
        # A file counts as a byte more, so that many empty files show progress as well.
        done = min(1.0, (self.size + self.files) / max(1, size + files))
        left = f"{format_duration(seconds / done - seconds)} left" if done > 0.01 else ""
        return f"{self.files:,} of {files:,} files  {done:4.0%}  {format_bytes(rate)}/s  {left}"

"""The system's cache of file pages: what a run brings in, it takes out again, and nothing that was there before.

Linux tells which pages of a file are in memory (mincore) only to who owns the file or may write to it, and to root. To
everybody else it says that all of them are: then nothing is taken out. On other systems nothing is either.
"""

from __future__ import annotations

import ctypes
import functools
import itertools
import mmap
import os
import sys
from collections.abc import Iterator

BLOCK = 1024 * 1024
"""Bytes that are kept or taken out together: a block of which one page was there before stays as a whole."""
_WINDOW = 64 * BLOCK
"""Bytes of a file that are mapped at a time to be looked at: a worker may have little address space."""
_FAILED = ctypes.c_void_p(-1).value
"""What mmap answers when it could not."""


class CachedBlocks:
    """The blocks of an open file that were not in the cache when this was made: those that may be taken out later."""

    def __init__(self, descriptor: int, size: int) -> None:
        """`size`: bytes of the file, as it is now."""
        self._descriptor, self._size = descriptor, size
        self._absent = list(_list_absent(descriptor, size))
        """Ranges of blocks, `(first, end)`, in order."""

    def drop(self, start: int, end: int) -> None:
        """Take out of the cache what lies from `start` to `end` (bytes) and was not there before."""
        first, last = start // BLOCK, -(-end // BLOCK)
        for begin, stop in self._absent:
            begin, stop = max(begin, first), min(stop, last)
            if begin < stop:
                _forget(self._descriptor, begin * BLOCK, (stop - begin) * BLOCK)

    def drop_all(self) -> None:
        """Take out of the cache everything that was not there before."""
        self.drop(0, self._size)


def list_resident(descriptor: int, start: int, size: int) -> bytes | None:
    """For each page of a range whether it is in memory, one byte each; None where the system does not tell.

    `start` is a multiple of the page size.
    """
    libc = _load_libc()
    if libc is None or size <= 0:
        return None
    address = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, start)
    if address == _FAILED:
        return None
    try:
        pages = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
        if libc.mincore(address, size, pages):
            return None
        return pages.raw
    finally:
        libc.munmap(address, size)


def _list_absent(descriptor: int, size: int) -> Iterator[tuple[int, int]]:
    """Ranges of blocks of which no page is in memory."""
    absent = enumerate(_find_absent(descriptor, size))
    for is_absent, numbered in itertools.groupby(absent, key=lambda row: row[1]):
        if is_absent:
            numbers = [number for number, _ in numbered]
            yield numbers[0], numbers[-1] + 1


def _find_absent(descriptor: int, size: int) -> Iterator[bool]:
    """For each block whether no page of it is in memory. Nothing at all where the system does not tell the truth."""
    if not _may_look(descriptor):
        return
    pages_of_block = BLOCK // mmap.PAGESIZE
    for start in range(0, size, _WINDOW):
        resident = list_resident(descriptor, start, min(_WINDOW, size - start))
        if resident is None:
            return
        for first in range(0, len(resident), pages_of_block):
            # The lowest bit tells; the others are reserved.
            yield not any(page & 1 for page in resident[first : first + pages_of_block])


def _may_look(descriptor: int) -> bool:
    if _load_libc() is None:
        return False
    user = os.geteuid()
    if user in (0, os.fstat(descriptor).st_uid):
        return True
    return os.access(f"/proc/self/fd/{descriptor}", os.W_OK)


def _forget(descriptor: int, start: int, length: int) -> None:
    if sys.platform == "linux":
        os.posix_fadvise(descriptor, start, length, os.POSIX_FADV_DONTNEED)


@functools.cache
def _load_libc() -> ctypes.CDLL | None:
    """The C library with the shapes of what is called; None on a system where pages are not looked at."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long)
    libc.mincore.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p)
    libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    return libc

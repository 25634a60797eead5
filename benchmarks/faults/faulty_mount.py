"""A file system that passes everything on to a folder and fails where a file's name says so. A process of its own.

python -m benchmarks.faults.faulty_mount FOLDER MOUNT

`eio_a.png` cannot be read, `estale_`, `eacces_` and `enoent_` cannot be opened, `half_` fails in its middle, `short_`
gives fewer bytes than its size, `flip_` other bits each time, `slow_` waits before each answer, `hang_` never answers.
"""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

import mfusepy

OPEN_ERRORS = {"estale_": errno.ESTALE, "eacces_": errno.EACCES, "enoent_": errno.ENOENT}
SLOW_SECONDS = 1.5
"""That a read of a slow file takes."""
HANG_SECONDS = 3600


class FaultyFolder(mfusepy.Operations):  # type: ignore[misc]  # mfusepy is not typed
    """Read-only."""

    use_ns = True
    """Times are nanoseconds."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._reads = 0

    def getattr(self, path: str, fh: int | None = None) -> dict[str, Any]:  # noqa: ARG002 - the library's shape
        try:
            status = os.lstat(self._folder + path)
        except OSError as fault:
            raise mfusepy.FuseOSError(fault.errno) from fault
        names = ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid")
        times = {f"st_{kind}time": getattr(status, f"st_{kind}time_ns") for kind in "amc"}
        return {**{name: getattr(status, name) for name in names}, **times}

    def readdir(self, path: str, fh: int) -> Iterator[str]:  # noqa: ARG002 - likewise
        yield from (".", "..", *os.listdir(self._folder + path))

    def open(self, path: str, flags: int) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise mfusepy.FuseOSError(errno.EROFS)
        for begin, code in OPEN_ERRORS.items():
            if os.path.basename(path).startswith(begin):
                raise mfusepy.FuseOSError(code)
        return os.open(self._folder + path, os.O_RDONLY)

    def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
        name = os.path.basename(path)
        whole = os.fstat(fh).st_size
        if name.startswith("eio_") or (name.startswith("half_") and offset + size > whole // 2):
            raise mfusepy.FuseOSError(errno.EIO)
        if name.startswith("slow_"):
            time.sleep(SLOW_SECONDS)
        if name.startswith("hang_"):
            time.sleep(HANG_SECONDS)
        data = os.pread(fh, size, offset)
        if name.startswith("short_"):
            return data[: max(0, whole // 2 - offset)]
        if name.startswith("flip_") and data:
            self._reads += 1
            place = self._reads % len(data)
            return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        return data

    def release(self, path: str, fh: int) -> int:  # noqa: ARG002 - likewise
        os.close(fh)
        return 0


def main() -> None:
    folder, mount = sys.argv[1:]
    # Nothing is cached, so that every read comes here.
    mfusepy.FUSE(FaultyFolder(folder), mount, foreground=True, ro=True, direct_io=True)


if __name__ == "__main__":
    main()

"""One writer at a time, on a disk of this machine."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import filelock

from provenance.errors import CatalogueBusy, UsageError

_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "ceph", "lustre", "gpfs", "beegfs", "davfs"}
)
"""File systems that several machines mount. A write-ahead log shares memory between its processes: one machine only."""
_NETWORK_FUSE = re.compile(
    r"fuse\.(sshfs|s3fs|rclone|gcsfuse|glusterfs|ceph(-fuse)?|davfs2?|curlftpfs|smbnetfs|mergerfs-nfs)"
)


class WriterLock:
    """Held from the first to the last write. The system lets go of it however its process ends.

    The lock file stays: removing it would let two processes hold "the" lock on two files of one name.
    """

    def __init__(self, catalogue: Path) -> None:
        self._file = Path(f"{catalogue}.lock")
        self._lock = filelock.FileLock(self._file)

    def acquire(self) -> None:
        """Take the lock at once. Raises `CatalogueBusy` when another run holds it, `OSError` when it cannot be made."""
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout as held:
            raise self._busy() from held
        self._sign()

    def release(self) -> None:
        """Let go."""
        self._lock.release()

    def _sign(self) -> None:
        """Leave our process id for those who find the lock held. Information only: the lock is the system's."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self._file, os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "w") as file:
                file.write(f"{os.getpid()}\n")

    def _busy(self) -> CatalogueBusy:
        pid = ""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            pid = self._file.read_text("ascii").strip()[:20]
        holder = f"process {pid}" if pid.isdigit() else "another run"
        return CatalogueBusy(
            f"{self._file.with_suffix('')}: {holder} is writing to this catalogue",
            "wait until it ends and start again; reading (show, report, verify) works meanwhile",
        )


def refuse_network(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Raise `UsageError` when a catalogue would stand on a network file system.

    Known on Linux only; elsewhere nothing is refused. Folders that a virtual machine shares with its host (9p,
    virtiofs) are let through: one kernel sees them.
    """
    try:
        table = mounts.read_bytes()
    except OSError:
        return
    kind = find_filesystem(os.fsencode(os.path.realpath(path)), table)
    if kind in _NETWORK or _NETWORK_FUSE.fullmatch(kind):
        raise UsageError(
            f"{path}: stands on a network file system ({kind}), where SQLite's write-ahead log is not safe",
            "keep the catalogue on a local disk (--catalogue FILE); the scanned storage may be anywhere",
        )


def find_filesystem(path: bytes, table: bytes) -> str:
    """Type of the file system under an absolute path, from `/proc/self/mountinfo` (proc(5)); "" if unknown."""
    best, kind = b"", ""
    for line in table.splitlines():
        mounted, _, rest = line.partition(b" - ")
        fields = mounted.split(b" ")
        if len(fields) < 5 or not rest:
            continue
        point = re.sub(rb"\\([0-7]{3})", lambda escape: bytes([int(escape[1], 8) & 0xFF]), fields[4])
        inside = path == point or path.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(best):  # of two on one point the later covers the earlier
            best, kind = point, rest.split(b" ")[0].decode("ascii", "replace")
    return kind

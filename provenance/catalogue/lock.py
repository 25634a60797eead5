"""The lock for the only writer, and the check that the catalogue is on a disk of this machine."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import filelock

from provenance.errors import CatalogueBusy, UsageError

_NETWORK_TYPES = frozenset(
    {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "ncpfs", "ceph", "lustre", "gpfs", "beegfs", "davfs"}
)
"""File systems that several machines mount. The processes that use a write-ahead log share memory, which works on one
machine only (https://www.sqlite.org/wal.html)."""
_NETWORK_FUSE_TYPES = re.compile(
    r"fuse\.(sshfs|s3fs|rclone|gcsfuse|glusterfs|ceph(-fuse)?|davfs2?|curlftpfs|smbnetfs|mergerfs-nfs)"
)
"""The same for file systems in user space."""

_MIN_MOUNT_FIELDS = 5
"""Fields of a line of mountinfo up to the mount point: id, parent id, device, root, mount point."""


class WriterLock:
    """Held from the first to the last write. The operating system releases it however its process ends.

    The lock file stays: removing it would let two processes lock two different files of the same name.
    """

    def __init__(self, catalogue: Path) -> None:
        self._file = Path(f"{catalogue}.lock")
        self._lock = filelock.FileLock(self._file)

    def acquire(self) -> None:
        """Take the lock without waiting.

        Raises `CatalogueBusy` when another run holds it, `OSError` when the lock file cannot be created.
        """
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout as timeout:
            raise self._make_busy_error() from timeout
        self._write_process_id()

    def release(self) -> None:
        """Release the lock."""
        self._lock.release()

    def _write_process_id(self) -> None:
        """Write our process id into the lock file, for the message to those who find it locked."""
        # Only information: the lock itself is the operating system's, so a failure here does not matter.
        with contextlib.suppress(OSError):
            # Never through a link: somebody could place one there to have another file emptied.
            descriptor = os.open(self._file, os.O_WRONLY | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "w") as file:
                file.write(f"{os.getpid()}\n")

    def _make_busy_error(self) -> CatalogueBusy:
        process_id = ""
        with contextlib.suppress(OSError, UnicodeDecodeError):
            process_id = self._file.read_text("ascii").strip()[:20]
        holder = "another run"
        if process_id.isdigit():
            holder = f"process {process_id}"
        return CatalogueBusy(
            f"{self._file.with_suffix('')}: {holder} is writing to this catalogue",
            "wait until it ends, then start again; reading (show, report, verify) works in the meantime",
        )


def refuse_network(path: Path, mounts: Path = Path("/proc/self/mountinfo")) -> None:
    """Raise `UsageError` when a catalogue would be kept on a network file system.

    Detected on Linux only; other systems accept every path. Folders that a virtual machine shares with its host (9p,
    virtiofs) are accepted: only one kernel uses them.
    """
    try:
        mount_table = mounts.read_bytes()
    except OSError:
        # Not Linux, or a container that hides it.
        return
    filesystem = find_filesystem(os.fsencode(os.path.realpath(path)), mount_table)
    if filesystem in _NETWORK_TYPES or _NETWORK_FUSE_TYPES.fullmatch(filesystem):
        raise UsageError(
            f"{path}: this is a network file system ({filesystem}), where SQLite's write-ahead log is not safe",
            "keep the catalogue on a local disk (--catalogue FILE); the scanned storage may be anywhere",
        )


def find_filesystem(path: bytes, mount_table: bytes) -> str:
    """Type of the file system under an absolute path, from `/proc/self/mountinfo` (proc(5)); "" if unknown."""
    longest = b""
    filesystem = ""
    for line in mount_table.splitlines():
        # The separator " - " ends a variable number of optional fields.
        mount, _, details = line.partition(b" - ")
        fields = mount.split(b" ")
        if len(fields) < _MIN_MOUNT_FIELDS or not details:
            continue
        mount_point = _unescape_octal(fields[4])
        is_mounted_there = path == mount_point or path.startswith(mount_point.rstrip(b"/") + b"/")
        # `>=`: of two file systems mounted at one point the later hides the earlier.
        if is_mounted_there and len(mount_point) >= len(longest):
            longest = mount_point
            filesystem = details.split(b" ")[0].decode("ascii", "replace")
    return filesystem


def _unescape_octal(escaped: bytes) -> bytes:
    r"""A mount point with the kernel's escapes for white space and backslash (`\\040`) replaced by their bytes."""
    return re.sub(rb"\\([0-7]{3})", lambda escape: bytes([int(escape[1], 8) & 0xFF]), escaped)

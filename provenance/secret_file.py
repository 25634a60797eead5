"""Secrets in files: private keys, passwords, addresses that let anybody who knows them post in somebody's name."""

from __future__ import annotations

import os
import stat

from provenance.errors import UsageError

_MAX_FILE_SIZE = 64 * 1024
"""Bytes of a file with a secret; a key has a few hundred."""
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
"""Permissions that people other than the owner have."""


def read_secret(path: str, hint: str, remedy: str) -> bytes:
    """The bytes of a small file that only its owner may read. Raises `UsageError` for any other, and for a link.

    `hint` says what to do when there is no such file, `remedy` when others could have read the secret in it.
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    if os.path.islink(path):
        raise UsageError(f"{path} is a link, and a secret is never read through one", "name the file itself")
    try:
        descriptor = os.open(path, flags)
    except OSError as fault:
        raise UsageError(f"{path} cannot be read: {fault.strerror}", hint) from fault
    # Of the open file, so that nobody can exchange it between the check and the reading.
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise UsageError(f"{path} is not a regular file", hint)
    with os.fdopen(descriptor, "rb") as file:
        if os.name == "posix" and mode & _OTHERS:
            raise UsageError(
                f"{path} may be read or changed by others than its owner (mode {stat.S_IMODE(mode):04o})",
                f"if nobody has copied it yet: chmod 600 {path}; otherwise {remedy}",
            )
        return file.read(_MAX_FILE_SIZE)

"""Whom to ask about a file: its owner, and when it was written. Opens nothing."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from provenance.model.asset import Location


def describe_contact(location: Location) -> str | None:
    """`owned by ana, written 2026-11-22T16:00:00Z`; None for a file that is not there, or a sequence of files.

    A file inside a file is asked about at its container.
    """
    path = location.absolute.partition(b"\0")[0]
    try:
        status = os.stat(path, follow_symlinks=False)
        written = datetime.fromtimestamp(status.st_mtime_ns // 10**9, UTC)
    except (OSError, OverflowError, ValueError):
        return None
    return f"owned by {_find_owner(status.st_uid)}, written {written:%Y-%m-%dT%H:%M:%SZ}"


def _find_owner(number: int) -> str:
    """The account's name, else its number: a storage may come from another machine, and not all systems have names."""
    try:
        import pwd

        return pwd.getpwuid(number).pw_name
    except (ImportError, KeyError):
        return f"account {number}"

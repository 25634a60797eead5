"""Recognises a file that is surely no catalogue, before anything is opened, locked or written beside it.

A catalogue that is damaged may look like anything, so a file is only refused when nothing speaks for it: it is another
kind of thing (a folder, a device), or it has neither the header nor the tables of a catalogue, and nothing beside it
that an open catalogue leaves.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from provenance.errors import UsageError

_MAGIC = b"SQLite format 3\0"
_APPLICATION_AT = 68
"""Where the header of an SQLite file holds the id of the program (https://www.sqlite.org/fileformat2.html)."""
_APPLICATION = b"PROV"
_TABLES = b"CREATE TABLE ledger"
"""Stands in the schema of every catalogue, within the first pages of the file."""
_HEAD = 256 * 1024
"""Bytes that are looked at: the schema is on the first pages."""
_LEFT_BESIDE = (".lock", "-wal", "-shm")
"""Endings of the files that are beside a catalogue that was ever written to or that is open."""

_HINT = "name the file that an earlier `provenance ingest` or `scan` made, or one that is not there yet"


def refuse_foreign(path: Path) -> None:
    """Raise `UsageError` when something is at the path that is no catalogue, not even a damaged one."""
    try:
        mode = path.stat().st_mode
    except OSError:
        # Nothing is there, or nobody may look: whoever opens it says so.
        return
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is not a catalogue: it is a folder", _HINT)
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is not a catalogue: it is not a regular file", _HINT)
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return
    if head and not _may_be_catalogue(path, head):
        raise UsageError(f"{path} is not a catalogue, but a file of another kind; it was left as it is", _HINT)


def _may_be_catalogue(path: Path, head: bytes) -> bool:
    # What SQLite itself can tell from a catalogue is left to `migrations.recognise`. A file cut short has the beginning
    # of the header, or is shorter than that.
    if head.startswith(_MAGIC) or _MAGIC.startswith(head):
        return True
    has_marks = head[_APPLICATION_AT:].startswith(_APPLICATION) or _TABLES in head
    return has_marks or any(os.path.lexists(f"{path}{ending}") for ending in _LEFT_BESIDE)

"""The paths that a command is given: as arguments, and as a list in a file or on stdin."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from provenance.errors import UsageError

STDIN = "-"


def collect_paths(paths: Sequence[str], files_from: str | None, *, ends_with_null: bool) -> tuple[str, ...]:
    """The arguments and the paths of the list, each once. Raises `UsageError` when there are none at all."""
    listed: list[str] = []
    if files_from:
        lines = _split_list(_read(files_from), ends_with_null=ends_with_null)
        listed = [os.fsdecode(line) for line in lines if line.strip()]
    elif ends_with_null:
        raise UsageError("-0 says how a list of paths is separated, and there is none", "name it with --files-from")
    chosen = tuple(dict.fromkeys((*paths, *listed)))
    if not chosen:
        raise UsageError("no path was given", "name a folder or a file, or a list of them with --files-from")
    return chosen


def _split_list(content: bytes, *, ends_with_null: bool) -> list[bytes]:
    if ends_with_null:
        return content.split(b"\0")
    # A list that was made on Windows has a carriage return before every line break.
    return [line.removesuffix(b"\r") for line in content.split(b"\n")]


def _read(place: str) -> bytes:
    if place == STDIN:
        return sys.stdin.buffer.read()
    try:
        with open(place, "rb") as file:
            return file.read()
    except OSError as fault:
        raise UsageError(f"{place} cannot be read: {fault.strerror}", "name a list of paths, one a line") from fault

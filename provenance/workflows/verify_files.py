"""A folder against a signed list. It is read whole: what changed, what is gone and what was added are each named."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping

from provenance.errors import UsageError
from provenance.intake.walk import JUNK_FOLDERS, is_junk
from provenance.media.source import open_readonly
from provenance.workflows.verified import Part, State


def check_folder(folder: str, digests: Mapping[bytes, str], unread: Collection[str]) -> Iterator[Part]:
    """A part for every file of the list and every other file of the folder. Links are named and never followed.

    `digests`: hex SHA-256 by name. `unread`: names as shown of files that could not be read when the list was made.
    Raises `UsageError` for a path that is no folder.
    """
    root = os.fsencode(folder)
    if not os.path.isdir(root):
        raise UsageError(f"{folder} is not a folder", "name the folder with the delivered files")
    seen: set[bytes] = set()
    for name, problem in sorted(_walk(root)):
        shown = _show(name)
        seen.add(name)
        if problem:
            yield Part("file", shown, State.NOT_CHECKED, problem)
        elif name in digests:
            yield _compare(root, name, digests[name])
        elif shown in unread:
            yield Part("file", shown, State.NOT_CHECKED, "it could not be read when the report was made")
        else:
            yield Part("file", shown, State.UNEXPECTED, "the report does not know it")
    for name in sorted(digests):
        if name not in seen:
            yield Part("file", _show(name), State.MISSING, "it is not in the folder any more")


def _walk(root: bytes) -> Iterator[tuple[bytes, str]]:
    """Name of every file relative to the root, and why it cannot be compared. What systems leave behind is no file."""
    waiting = [b""]
    while waiting:
        folder = waiting.pop()
        try:
            names = os.listdir(os.path.join(root, folder))
        except OSError as fault:
            yield folder, f"the folder could not be listed: {fault.strerror}"
            continue
        for base in names:
            name = os.path.join(folder, base)
            path = os.path.join(root, name)
            try:
                mode = os.lstat(path).st_mode
            except OSError as fault:
                yield name, f"it could not be looked at: {fault.strerror}"
                continue
            if stat.S_ISDIR(mode):
                if base.lower() not in JUNK_FOLDERS:
                    waiting.append(name)
            elif not stat.S_ISREG(mode):
                yield name, "it is a link, a pipe or a device, and was not followed"
            elif not is_junk(path, base):
                yield name, ""


def _compare(root: bytes, name: bytes, wanted: str) -> Part:
    shown = _show(name)
    try:
        with os.fdopen(open_readonly(os.path.join(root, name)), "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as fault:
        return Part("file", shown, State.NOT_CHECKED, f"it could not be read: {fault.strerror or fault}")
    if digest != wanted:
        return Part("file", shown, State.DIFFERS, "its bytes are not the ones that the report is about")
    return Part("file", shown, State.AGREES)


def _show(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")

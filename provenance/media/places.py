"""Questions about a place, wherever it is: a folder, a file, or something in object storage."""

from __future__ import annotations

import os
import stat

from provenance import object_place
from provenance.media import object_storage
from provenance.object_place import is_object_place


def find_real_path(path: bytes) -> bytes:
    """The one name of a place: absolute, links followed. Raises `UsageError` for an `s3://` path that names none."""
    if is_object_place(path):
        return os.fsencode(object_place.normalise(os.fsdecode(path)))
    return os.path.realpath(path)


def is_there(path: bytes) -> bool:
    """Whether there is anything at a path. Raises `OSError` where object storage cannot be asked."""
    if not is_object_place(path):
        return os.path.lexists(path)
    object_storage.require_library()
    try:
        object_storage.find_status(find_real_path(path))
    except FileNotFoundError:
        return False
    return True


def is_folder(path: bytes) -> bool:
    """Whether there is a folder; False also where that cannot be found out."""
    if not is_object_place(path):
        return os.path.isdir(path)
    try:
        return object_storage.is_folder(path)
    except OSError:
        return False


def is_file(path: bytes) -> bool:
    """Whether there is a file or an object; False also where that cannot be found out."""
    if not is_object_place(path):
        return os.path.isfile(path)
    try:
        return stat.S_ISREG(object_storage.find_status(path).st_mode)
    except OSError:
        return False


def find_size(path: bytes) -> int:
    """Bytes of a file; 0 for one that is not there any more, which whoever opens it finds out."""
    try:
        if is_object_place(path):
            return object_storage.find_status(path).st_size
        return os.path.getsize(path)
    except OSError:
        return 0


def is_empty(folder: bytes) -> bool:
    """Whether nothing lies in a folder that is there.

    Object storage that cannot be asked counts as empty: nothing is taken to have vanished from it.
    """
    if not is_object_place(folder):
        return not os.listdir(folder)
    try:
        return not object_storage.list_folder(folder)
    except OSError:
        return True

"""Where the folders of a job stand on this machine: facilities mount one storage under different paths."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mount:
    """One storage under two paths, both absolute and without a slash at the end."""

    source: bytes
    """As the machine that hands out the work names it."""
    target: bytes
    """Where it stands on this machine."""


def make_mount(source: str, target: str) -> Mount:
    """A mount of two absolute paths."""
    return Mount(_strip(os.fsencode(source)), _strip(os.fsencode(target)))


def map_path(path: bytes, mounts: Sequence[Mount]) -> bytes:
    """The path on this machine. The longest `source` that contains it counts; without one it stays as it is."""
    nearest = max((mount for mount in mounts if _contains(mount.source, path)), key=_measure_source, default=None)
    if nearest is None:
        return path
    return nearest.target + path[len(nearest.source) :]


def _contains(folder: bytes, path: bytes) -> bool:
    """Whether the path is the folder or below it: `/mnt/show` does not contain `/mnt/show2`."""
    return path == folder or path.startswith(folder + b"/")


def _measure_source(mount: Mount) -> int:
    return len(mount.source)


def _strip(path: bytes) -> bytes:
    # The root of the file system becomes nothing, so that every path below it begins with it and a slash.
    return path.rstrip(b"/")

"""Absolute paths that a person names -> ranges of the index of locations, in order and without overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

NameRange = tuple[bytes, bytes | None]
"""Names from the first (inclusive) to the second (exclusive; None = to the end), in byte order."""

ALL_NAMES: NameRange = (b"", None)

_SEPARATORS = (b"\0", b"/")
"""The byte between a container and its member, which no file name contains, and the one between a folder and a file."""


def find_ranges(root: bytes, under: Iterable[bytes]) -> list[NameRange]:
    """The ranges of one root's names that are at or below any of the absolute paths `under`."""
    ranges: list[NameRange] = []
    for path in under:
        name = make_relative(root, path)
        if name is not None:
            ranges.extend(_list_ranges_below(name))
        elif make_relative(path, root) is not None:
            # The path is above the root, so it includes everything in it.
            return [ALL_NAMES]
    return list(_merge_ranges(ranges))


def make_relative(root: bytes, path: bytes) -> bytes | None:
    """`path` relative to `root`; `b""` when they are the same, None when it is not below `root`."""
    root = root.rstrip(b"/")
    path = path.rstrip(b"/")
    if path == root:
        return b""
    if not path.startswith(root + b"/"):
        return None
    return path[len(root) + 1 :]


def _list_ranges_below(name: bytes) -> list[NameRange]:
    if not name:
        return [ALL_NAMES]
    # Three ranges and not one from the name on: in byte order `a-b` comes between `a` and `a/b`.
    ranges: list[NameRange] = [(name, name + b"\0")]
    for separator in _SEPARATORS:
        next_byte = bytes([separator[0] + 1])
        ranges.append((name + separator, name + next_byte))
    return ranges


def _merge_ranges(ranges: list[NameRange]) -> Iterator[NameRange]:
    last_stop: bytes | None = b""
    for start, stop in sorted(ranges, key=lambda name_range: name_range[0]):
        if last_stop is None:
            # The range before runs to the end of all names.
            return
        is_covered = stop is not None and stop <= last_stop
        if not is_covered:
            yield max(start, last_stop), stop
            last_stop = stop

"""Absolute paths that a person names -> ranges of the locations index, in order and without overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

NameRange = tuple[bytes, bytes | None]
"""Names from the first (inclusive) to the second (exclusive; None = to the end), in byte order."""

_BELOW = (b"\0", b"/")
"""What follows the name of a container before a member (no file is called so), and of a folder before a file in it."""


def find_ranges(root: bytes, under: Iterable[bytes]) -> list[NameRange]:
    """The stretches of one root's names that stand at or below any of the absolute paths `under`."""
    stretches: list[NameRange] = []
    for path in under:
        rest = make_relative(root, path)
        if rest is not None:
            stretches.extend(_ranges_at_or_below(rest))
        elif make_relative(path, root) is not None:
            return [(b"", None)]
    return list(_merge_ranges(stretches))


def make_relative(root: bytes, path: bytes) -> bytes | None:
    """`path` as seen from `root`; `b""` when they are the same, None when it stands elsewhere."""
    root, path = root.rstrip(b"/"), path.rstrip(b"/")
    if path == root:
        return b""
    if not path.startswith(root + b"/"):
        return None
    return path[len(root) + 1 :]


def _ranges_at_or_below(rest: bytes) -> list[NameRange]:
    if not rest:
        return [(b"", None)]
    exact = (rest, rest + b"\0")
    return [exact, *((rest + mark, rest + bytes([mark[0] + 1])) for mark in _BELOW)]


def _merge_ranges(stretches: list[NameRange]) -> Iterator[NameRange]:
    end: bytes | None = b""
    for start, stop in sorted(stretches, key=lambda stretch: stretch[0]):
        if end is None or (stop is not None and stop <= end):
            continue
        yield max(start, end), stop
        end = stop

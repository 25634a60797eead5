"""Absolute paths that a person names -> stretches of the locations index, in order and without overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Stretch = tuple[bytes, bytes | None]
"""Names from the first (inclusive) to the second (exclusive; None = to the end), in byte order."""

_BELOW = (b"\0", b"/")
"""What follows the name of a container before a member (no file is called so), and of a folder before a file in it."""


def within(root: bytes, under: Iterable[bytes]) -> list[Stretch]:
    """The stretches of one root's names that stand at or below any of the absolute paths `under`."""
    stretches: list[Stretch] = []
    for path in under:
        rest = relative(root, path)
        if rest is not None:
            stretches.extend(_at_or_below(rest))
        elif relative(path, root) is not None:
            return [(b"", None)]
    return list(_merged(stretches))


def relative(root: bytes, path: bytes) -> bytes | None:
    """`path` as seen from `root`; `b""` when they are the same, None when it stands elsewhere."""
    root, path = root.rstrip(b"/"), path.rstrip(b"/")
    if path == root:
        return b""
    return path[len(root) + 1 :] if path.startswith(root + b"/") else None


def _at_or_below(rest: bytes) -> list[Stretch]:
    if not rest:
        return [(b"", None)]
    exact = (rest, rest + b"\0")
    return [exact, *((rest + mark, rest + bytes([mark[0] + 1])) for mark in _BELOW)]


def _merged(stretches: list[Stretch]) -> Iterator[Stretch]:
    end: bytes | None = b""
    for start, stop in sorted(stretches, key=lambda stretch: stretch[0]):
        if end is None or (stop is not None and stop <= end):
            continue
        yield max(start, end), stop
        end = stop

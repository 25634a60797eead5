"""Names of places in object storage: `s3://bucket/prefix`. Nothing here opens anything."""

from __future__ import annotations

import os

from provenance.errors import UsageError

SCHEME = "s3://"
_SCHEME_BYTES = SCHEME.encode()
EVERY_OBJECT = b"s3:"
"""What every such place is below, as every other one is below `/`."""


def is_object_place(path: str | bytes) -> bool:
    """Whether a path names something in object storage."""
    if isinstance(path, str):
        return path.startswith(SCHEME)
    return path.startswith(_SCHEME_BYTES)


def make_absolute(path: str) -> str:
    """The absolute path of a file, or the one spelling of a place in object storage. Raises as `normalise`."""
    return normalise(path) if is_object_place(path) else os.path.abspath(path)


def normalise(path: str) -> str:
    """The place in one spelling, without a slash at its end. Raises `UsageError` for what names no place."""
    parts = path.removeprefix(SCHEME).rstrip("/").split("/")
    # An object may be called anything, but a path with such a part leads elsewhere on every file system.
    if {"", ".", ".."} & set(parts) or "\0" in path:
        raise UsageError(f"{path!r} names no place in object storage", "write s3://BUCKET or s3://BUCKET/PREFIX")
    return SCHEME + "/".join(parts)

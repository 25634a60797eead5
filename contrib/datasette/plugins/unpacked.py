"""A function for SQL: `unpacked(payload)`, the JSON of a reading, which the catalogue may keep compressed."""

from __future__ import annotations

import sqlite3
import zlib

from datasette import hookimpl

_LARGEST = 64 * 1024 * 1024
"""Bytes that a reading may unpack to here; a larger one gives NULL."""


@hookimpl  # type: ignore[untyped-decorator]  # datasette has no types
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Called by Datasette for every connection."""
    conn.create_function("unpacked", 1, unpack, deterministic=True)


def unpack(payload: bytes | None) -> str | None:
    """JSON as text; None where there is none."""
    if payload is None:
        return None
    if payload.startswith(b"{"):
        return payload.decode()
    decompressor = zlib.decompressobj()
    try:
        text = decompressor.decompress(payload, _LARGEST)
    except zlib.error:
        return None
    return text.decode() if decompressor.eof else None

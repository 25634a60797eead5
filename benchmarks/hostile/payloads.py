"""Payloads of the bombs: XML entities, streams of zeros, layers."""

from __future__ import annotations

import zlib
from collections.abc import Callable

MIB = 1 << 20
Makers = dict[str, Callable[[], bytes]]
"""Name of a file -> how it is made. Nothing is made before it is wanted."""


def _make_laughs(levels: int) -> bytes:
    """A document type whose every entity is ten times the one before."""
    entities = [b'<!ENTITY a0 "ha">']
    for level in range(1, levels + 1):
        ten_times = b"&a%d;" % (level - 1) * 10
        entities.append(b'<!ENTITY a%d "%s">' % (level, ten_times))
    return b"<!DOCTYPE a [" + b"".join(entities) + b"]>"


LAUGHS = _make_laughs(11)
"""Eleven levels of entities: `&a11;` is two hundred thousand million letters."""
OUTSIDE = b'<!DOCTYPE a [<!ENTITY a11 SYSTEM "file:///etc/passwd">]>'
"""The same name for a file of this machine."""
MANY = b'<!DOCTYPE a [<!ENTITY a11 "' + b"a" * 1500 + b'">]>'
"""The same name for a long text, to be repeated."""

_HEADERS = {zlib.MAX_WBITS: b"\x78\xda", -15: b"", 31: b"\x1f\x8b\x08" + bytes(6) + b"\xff"}
"""By window as zlib counts it: zlib, bare deflate, gzip."""
_CHECKSUM_LENGTHS = {zlib.MAX_WBITS: 4, -15: 0, 31: 8}


def make_zero_stream(count: int, window: int = zlib.MAX_WBITS) -> bytes:
    """A stream that unpacks to `count` zeros, whole MiB; `window` as zlib counts it: -15 bare deflate, 31 gzip.

    The checksum at its end is wrong.
    """
    # One packed MiB is repeated, so that a stream of any size is made at once.
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = compressor.compress(bytes(MIB)) + compressor.flush(zlib.Z_FULL_FLUSH)
    last_block = b"\3\0"
    return _HEADERS[window] + block * (count // MIB) + last_block + bytes(_CHECKSUM_LENGTHS[window])


def nest(wrap: Callable[[bytes], bytes], core: bytes, depth: int) -> bytes:
    """Wrap `core` in `depth` layers."""
    for _ in range(depth):
        core = wrap(core)
    return core

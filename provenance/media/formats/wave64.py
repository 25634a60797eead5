"""Sony Wave64: chunks with 64-bit lengths and GUIDs instead of four letters.

Layout, little-endian: `riff`, the length of the file, `wave`, then chunks, each a GUID of 16 bytes, a length of eight
bytes that counts these 24 in, and the data, padded to a multiple of eight. The first four bytes of most GUIDs are the
letters that RIFF has for the same chunk.
"""

from __future__ import annotations

from collections.abc import Iterator

from provenance.media.formats.riff import RiffChunk
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_HEAD = 24
"""Bytes of GUID and length."""
_FIRST_CHUNK = 40
"""Behind the GUID and length of the file, and the GUID of its form."""
_ALIGNMENT = 8


def walk_chunks(source: Readable) -> Iterator[RiffChunk]:
    """Walk every chunk, in order; `kind` is empty where the GUID has no letters.

    Raises `MalformedContainer` where a length is false, `OversizedContainer` beyond `limits.chunks` chunks.
    """
    position = _FIRST_CHUNK
    for _ in range(source.limits.chunks):
        head = source.at(position, _HEAD)
        if not head:
            return
        length = int.from_bytes(head[16:], "little") - _HEAD
        if len(head) < _HEAD or length < 0:
            raise MalformedContainer(f"Wave64: no chunk at byte {position}")
        letters = head[:4]
        kind = letters.decode("ascii") if all(0x20 <= byte < 0x7F for byte in letters) else ""
        start = position + _HEAD
        yield RiffChunk(kind, start, min(length, max(0, source.size - start)), "WAVE")
        if start + length > source.size:
            raise MalformedContainer(f"Wave64: the file ends inside the chunk at byte {position}")
        position = start + -(-length // _ALIGNMENT) * _ALIGNMENT
    raise OversizedContainer(f"Wave64: more than {source.limits.chunks:,} chunks")

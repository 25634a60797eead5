"""Decompress ranges of files: forward only, no further than is asked for, and never a bomb.

The methods are those that ZIP, gzip, bzip2 and xz files use: Deflate is described by RFC 1951, gzip by RFC 1952. Files
of the last three kinds may be several streams, one after the other.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import inflate_until_damage

_INPUT_STEP = 65_536
"""Compressed bytes given to a decompressor at a time."""
_OUTPUT_STEP = _INPUT_STEP * 16
"""Decompressed bytes taken at a time."""
_XZ_MEMORY = 128 * 1024 * 1024
"""Bytes that an xz stream may ask for its dictionary; the strongest preset asks for half of it."""
_BARE_DEFLATE = -15
"""Window of zlib for Deflate without a header."""
_GZIP = 31
"""Window of zlib for the header of gzip."""


class StreamDecompressor(Protocol):
    """The interface that the decompressors of bz2 and lzma share."""

    @property
    def eof(self) -> bool: ...  # noqa: D102 - as in the standard library
    @property
    def needs_input(self) -> bool: ...  # noqa: D102
    @property
    def unused_data(self) -> bytes: ...  # noqa: D102
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...  # noqa: D102


class _Deflate:
    """Deflate under that interface; `window` as zlib counts it."""

    def __init__(self, window: int) -> None:
        self._stream = zlib.decompressobj(window)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        piece = self._stream.unconsumed_tail + data
        before = self._stream.copy()
        try:
            # zlib takes 0 for no limit, the others take -1.
            return self._stream.decompress(piece, max(0, max_length))
        except zlib.error:
            # The copy fails at its next use, so that the damage is reported after the bytes before it.
            self._stream = before
            if rest := b"".join(inflate_until_damage(before, piece, max_length)):
                return rest
            raise


class _Stored:
    """Bytes that are not compressed, under that interface."""

    eof = False
    unused_data = b""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def needs_input(self) -> bool:
        return not self._rest

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        whole = self._rest + data
        if max_length < 0:
            self._rest = b""
            return whole
        self._rest = whole[max_length:]
        return whole[:max_length]


DECOMPRESSORS: dict[str, Callable[[], StreamDecompressor]] = {
    "stored": _Stored,
    "deflate": lambda: _Deflate(_BARE_DEFLATE),
    "gzip": lambda: _Deflate(_GZIP),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY),
}
_STREAM_MAGICS = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0"}
"""How a further stream begins, in files that may have several."""


class DecompressedStream:
    """The content of a compressed range of a file, read once from its beginning to its end.

    `read` raises `MalformedContainer` where the compressed bytes are damaged or end too early, after everything before
    that; `OversizedContainer` when the content grows beyond `limits.ratio` times its size, or `limits.unpacked` bytes.
    """

    def __init__(self, source: Readable, offset: int, length: int, method: str) -> None:
        self._source = source
        self._position = offset
        self._end = min(source.size, offset + length)
        self._method = method
        self._stream = DECOMPRESSORS[method]()
        self._produced = 0
        self._consumed = 0

    def read(self, length: int) -> bytes:
        """Read the next `length` bytes; fewer at the end."""
        parts: list[bytes] = []
        left = length
        while left > 0:
            part = self._read_some(min(left, _OUTPUT_STEP))
            if not part:
                break
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def skip(self, length: int) -> None:
        """Decompress and forget the next `length` bytes."""
        while length > 0:
            part = self._read_some(min(length, _OUTPUT_STEP))
            if not part:
                return
            length -= len(part)

    def _read_some(self, most: int) -> bytes:
        """At least one byte and at most `most`; none at the end."""
        made = b""
        while not made:
            if self._stream.eof and not self._begin_next_stream():
                return b""
            compressed = self._read_input() if self._stream.needs_input else b""
            try:
                made = self._stream.decompress(compressed, most)
            except (zlib.error, OSError, lzma.LZMAError, EOFError) as error:
                raise MalformedContainer(f"{self._method}: {error}") from None
            wants_more = self._stream.needs_input and not self._stream.eof
            if not made and not compressed and wants_more:
                # Only bytes that are not compressed end like this: all other streams say where they end.
                if self._method == "stored":
                    return b""
                raise MalformedContainer(f"{self._method}: the compressed data is cut")
        self._produced += len(made)
        self._check_limits()
        return made

    def _read_input(self) -> bytes:
        data = self._source.at(self._position, min(_INPUT_STEP, self._end - self._position))
        self._position += len(data)
        self._consumed += len(data)
        return data

    def _begin_next_stream(self) -> bool:
        """Go on with the stream behind the one that ended; False when there is none."""
        magic = _STREAM_MAGICS.get(self._method)
        if magic is None:
            return False
        # The decompressor was given more than the stream that ended.
        surplus = len(self._stream.unused_data)
        start = self._position - surplus
        if self._source.at(start, min(len(magic), self._end - start)) != magic:
            return False
        self._position = start
        self._consumed -= surplus
        self._stream = DECOMPRESSORS[self._method]()
        return True

    def _check_limits(self) -> None:
        limits = self._source.limits
        # Content up to `inflated` bytes may exceed the ratio: it is too little to do harm.
        if self._produced > max(limits.inflated, limits.ratio * self._consumed):
            raise OversizedContainer(f"{self._method}: unpacks to more than {limits.ratio} times its size")
        if self._produced > limits.unpacked:
            raise OversizedContainer(f"{self._method}: unpacks to more than {limits.unpacked:,} bytes")

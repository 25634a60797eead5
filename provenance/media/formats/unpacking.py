"""Packed stretches of files, unpacked forward only, no further than is asked for, and never a bomb."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.text import inflate_until_damage

_STEP = 65_536
_MEMORY = 128 * 1024 * 1024
"""Bytes that an xz stream may ask for its dictionary; the strongest preset asks for half of it."""


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
    """zlib under that interface; `window` as zlib counts it: -15 for bare deflate, 31 for gzip."""

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
        piece, before = self._stream.unconsumed_tail + data, self._stream.copy()
        try:
            return self._stream.decompress(piece, max(0, max_length))
        except zlib.error:
            self._stream = before
            if rest := b"".join(inflate_until_damage(before, piece, max_length)):
                return rest
            raise


class _Stored:
    """What is not packed at all."""

    eof = False
    unused_data = b""

    def __init__(self) -> None:
        self._rest = b""

    @property
    def needs_input(self) -> bool:
        return not self._rest

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        whole = self._rest + data
        self._rest = whole[max_length:] if max_length >= 0 else b""
        return whole[: len(whole) - len(self._rest)]


DECOMPRESSORS: dict[str, Callable[[], StreamDecompressor]] = {
    "stored": _Stored,
    "deflate": lambda: _Deflate(-15),
    "gzip": lambda: _Deflate(31),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, _MEMORY),
}
_FOLLOWING = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\0"}
"""How a further stream begins: files of these kinds may be several, one behind the other."""


class DecompressedStream:
    """What a packed stretch holds, read once from its beginning to its end.

    `read` raises `MalformedContainer` where the packed bytes are damaged or end too early, after all that stood before;
    `OversizedContainer` when it grows out of proportion, or beyond all that may be unpacked of a file.
    """

    def __init__(self, source: Readable, offset: int, length: int, method: str) -> None:
        self._source, self._position, self._end = source, offset, min(source.size, offset + length)
        self._method = method
        self._stream = DECOMPRESSORS[method]()
        self._produced = self._consumed = 0

    def read(self, length: int) -> bytes:
        """The next `length` bytes; fewer at the end."""
        parts, left = list[bytes](), length
        while left > 0 and (part := self._some(min(left, _STEP * 16))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def skip(self, length: int) -> None:
        """Unpack and forget the next `length` bytes."""
        while length > 0 and (part := self._some(min(length, _STEP * 16))):
            length -= len(part)

    def _some(self, most: int) -> bytes:
        """At least one byte and at most `most`; none at the end."""
        made = b""
        while not made:
            if self._stream.eof and not self._begin_next():
                return b""
            packed = self._read_input() if self._stream.needs_input else b""
            try:
                made = self._stream.decompress(packed, most)
            except (zlib.error, OSError, lzma.LZMAError, EOFError) as error:
                raise MalformedContainer(f"{self._method}: {error}") from None
            if not made and not packed and not self._stream.eof and self._stream.needs_input:
                if self._method == "stored":
                    return b""
                raise MalformedContainer(f"{self._method}: ends before its data does")
        self._produced += len(made)
        self._weigh()
        return made

    def _read_input(self) -> bytes:
        data = self._source.at(self._position, min(_STEP, self._end - self._position))
        self._position += len(data)
        self._consumed += len(data)
        return data

    def _begin_next(self) -> bool:
        """Go on with the stream behind the one that ended; whether there is one."""
        behind = self._stream.unused_data
        start = self._position - len(behind)
        mark = _FOLLOWING.get(self._method)
        if mark is None or self._source.at(start, min(len(mark), self._end - start)) != mark:
            return False
        self._position, self._stream = start, DECOMPRESSORS[self._method]()
        self._consumed -= len(behind)
        return True

    def _weigh(self) -> None:
        limits = self._source.limits
        if self._produced > max(limits.inflated, limits.ratio * self._consumed):
            raise OversizedContainer(f"{self._method}: grows to more than {limits.ratio} times its size")
        if self._produced > limits.unpacked:
            raise OversizedContainer(f"{self._method}: unpacks to more than {limits.unpacked} bytes")

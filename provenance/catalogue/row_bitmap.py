"""Which locations a run came by: one bit for each, so that a night in which nothing changed writes almost nothing."""

from __future__ import annotations

import zlib

_LARGEST = 1 << 30


class RowBitmap:
    """A set of row ids, dense from 1."""

    def __init__(self, bits: bytes = b"") -> None:
        self._bits = bytearray(bits)

    def add(self, row: int) -> None:
        """Take in a row id."""
        byte, bit = divmod(row, 8)
        if byte >= len(self._bits):
            self._bits.extend(bytes(byte + 1 - len(self._bits) + len(self._bits) // 2))
        self._bits[byte] |= 1 << bit

    def __contains__(self, row: int) -> bool:
        byte, bit = divmod(row, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)

    def pack(self) -> bytes:
        """As stored: at most a bit for each location, and far less when nearly all were seen."""
        return zlib.compress(self._bits.rstrip(b"\0"))

    @classmethod
    def unpack(cls, packed: bytes) -> RowBitmap:
        """The set again. Raises `ValueError` for anything else."""
        try:
            return cls(zlib.decompressobj().decompress(packed, _LARGEST))
        except zlib.error as error:
            raise ValueError(str(error)) from error

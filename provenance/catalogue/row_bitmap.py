"""The locations that a run visited: one bit for each, so that a run without changes writes almost nothing."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

_MAX_UNPACKED_SIZE = 1 << 30
"""Bytes that a stored bitmap may decompress to; enough for 8 thousand million locations."""


class RowBitmap:
    """A set of row ids, dense from 1."""

    def __init__(self, bits: bytes = b"") -> None:
        self._bits = bytearray(bits)

    def add(self, row: int) -> None:
        """Add a row id."""
        byte, bit = divmod(row, 8)
        missing = byte + 1 - len(self._bits)
        if missing > 0:
            # Half as much again: growing by one byte at a time would copy the whole map for every new row.
            self._bits.extend(bytes(missing + len(self._bits) // 2))
        self._bits[byte] |= 1 << bit

    def update(self, other: RowBitmap) -> None:
        """Add every row id of another set."""
        # As two large numbers: a loop over the bytes of a million locations would take longer than writing them.
        both = int.from_bytes(self._bits, "little") | int.from_bytes(other._bits, "little")
        self._bits = bytearray(both.to_bytes(max(len(self._bits), len(other._bits)), "little"))

    def add_all(self, rows: Iterable[int]) -> None:
        """Add many row ids."""
        bits = self._bits
        for row in rows:
            byte = row >> 3
            if byte >= len(bits):
                self.add(row)
            else:
                bits[byte] |= 1 << (row & 7)

    def add_range(self, first: int, last: int) -> None:
        """Add every row id from the first to the last."""
        self.add(last)
        start, end = first >> 3, (last >> 3) + 1
        # As one large number, which has a bit for each row of the range and of the bytes around it.
        mask = ((1 << (last - first + 1)) - 1) << (first & 7)
        both = int.from_bytes(self._bits[start:end], "little") | mask
        self._bits[start:end] = both.to_bytes(end - start, "little")

    def count(self) -> int:
        """Number of row ids."""
        return int.from_bytes(self._bits, "little").bit_count()

    def find_missing(self, rows: Iterable[int]) -> tuple[int, list[int]]:
        """How many row ids are given, and which of them are not in the set."""
        bits, end = self._bits, len(self._bits)
        count, missing = 0, []
        for row in rows:
            count += 1
            byte = row >> 3
            if byte >= end or not bits[byte] >> (row & 7) & 1:
                missing.append(row)
        return count, missing

    def __contains__(self, row: int) -> bool:
        byte, bit = divmod(row, 8)
        return byte < len(self._bits) and bool(self._bits[byte] >> bit & 1)

    def pack(self) -> bytes:
        """The set as stored: at most one bit for each location, and far less when nearly all were visited."""
        # The spare bytes of `add` say nothing.
        return zlib.compress(self._bits.rstrip(b"\0"))

    @classmethod
    def unpack(cls, packed: bytes) -> RowBitmap:
        """The set that `pack` stored. Raises `ValueError` for bytes that are not compressed."""
        try:
            return cls(zlib.decompressobj().decompress(packed, _MAX_UNPACKED_SIZE))
        except zlib.error as error:
            raise ValueError(str(error)) from error

"""A file of JSON lines, each with a digest over everything up to it: what is cut off, torn or changed shows.

A line is `["DIGITS",JSON]`. The digits are the first half of the SHA-256, in hexadecimal, over the digits of the line
before and this line's JSON. So the digits of the last line stand for the whole file, and a file that was written to
until its machine died is sound up to a line that can be found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import BinaryIO

_DIGITS = 32
"""Hexadecimal digits of each line."""
LONGEST_LINE = 1024 * 1024 * 1024
"""Bytes of a line that is written or read: far above what `Limits` allows for one file."""


class DamagedLines(Exception):
    """A line is not what was written, or not all of it is there."""


class LineWriter:
    """Appends checked lines to a file that is empty, or ends with a line that has these digits."""

    def __init__(self, file: BinaryIO, digits: str = "") -> None:
        self._file = file
        self.digits = digits
        """Of the last line."""

    def write(self, text: bytes) -> None:
        """Append JSON without line breaks."""
        self.digits = _compute_digits(self.digits, text)
        self._file.write(b'["%s",%s]\n' % (self.digits.encode(), text))


class LineReader:
    """Reads checked lines from the beginning of a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.digits = ""
        """Of the last line that was read."""
        self.position = 0
        """Bytes up to the end of that line: all of them are sound."""

    def __iter__(self) -> Iterator[bytes]:
        """The JSON of each line. Raises `DamagedLines` at the first one that is not what was written."""
        while line := self._file.readline(LONGEST_LINE):
            text = line[_DIGITS + 4 : -2]
            digits = _compute_digits(self.digits, text)
            # Compared as a whole, so that the frame of the line counts as well as what is in it.
            if line != b'["%s",%s]\n' % (digits.encode(), text):
                raise DamagedLines(f"damaged after {self.position:,} bytes")
            self.digits = digits
            self.position += len(line)
            yield text


def _compute_digits(before: str, text: bytes) -> str:
    digest = hashlib.sha256(before.encode())
    digest.update(text)
    return digest.hexdigest()[:_DIGITS]

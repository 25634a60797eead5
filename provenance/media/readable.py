"""The bytes that walkers read from, and the errors by which they report a structure that cannot be followed further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from provenance.limits import Limits
from provenance.model.vocabulary import Cause


class Readable(Protocol):
    """Bytes with random access: an opened file (`Source`), a block cut out of one (`Block`), or its end (`Tail`)."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    @property
    def limits(self) -> Limits:
        """How much of it may be read."""

    def at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end."""


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes cut out of a file, read as if they were a file: an EXIF block, a HEIF item."""

    data: bytes
    limits: Limits

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    def at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end."""
        # A damaged file may give offsets and lengths that do not exist.
        if offset < 0 or length <= 0:
            return b""
        return self.data[offset : offset + length]


@dataclass(frozen=True, slots=True)
class Tail:
    """A file from an offset on, read as if it were a file of its own."""

    source: Readable
    start: int

    @property
    def size(self) -> int:
        """Length in bytes."""
        return max(0, self.source.size - self.start)

    @property
    def limits(self) -> Limits:
        """The limits of the file."""
        return self.source.limits

    def at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end."""
        if offset < 0 or length <= 0:
            return b""
        return self.source.at(self.start + offset, length)


@dataclass(frozen=True, slots=True)
class Head:
    """A file up to an offset, read as if it were a file of its own."""

    source: Readable
    end: int

    @property
    def size(self) -> int:
        """Length in bytes."""
        return max(0, min(self.source.size, self.end))

    @property
    def limits(self) -> Limits:
        """The limits of the file."""
        return self.source.limits

    def at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end."""
        return self.source.at(offset, min(length, self.size - offset))


class MalformedContainer(ValueError):
    """The structure contradicts itself or the file ends inside it. Raised after everything readable was yielded."""

    cause = Cause.MALFORMED


class OversizedContainer(MalformedContainer):
    """The structure goes on beyond the limits of memory or time."""

    cause = Cause.OVERSIZED


class EncryptedContainer(MalformedContainer):
    """The structure cannot be read without a password."""

    cause = Cause.UNSUPPORTED


class MissingLibrary(MalformedContainer):
    """The structure is read with an optional library that is not installed; the text names the extra that has it."""

    cause = Cause.NOT_INSTALLED


def read_within(source: Readable, offset: int, length: int) -> bytes:
    """Read at most `length` bytes from `offset`, and at most `limits.packet`; fewer at the end of the file.

    Any numbers may be given: outside of the file there are no bytes.
    """
    if not 0 <= offset < source.size:
        return b""
    return source.at(offset, min(length, source.limits.packet))

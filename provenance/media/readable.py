"""What the walkers read from, and how they say that a structure cannot be followed any further."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from provenance.limits import Limits
from provenance.model.vocabulary import Cause


class Readable(Protocol):
    """A stretch of bytes with random access: an opened file (`Source`) or a block cut out of one (`Block`)."""

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
    """Bytes cut out of a file, read as if they were one: an EXIF block, a HEIF item."""

    data: bytes
    limits: Limits

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    def at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end."""
        # A file may name places that no file has.
        if offset < 0 or length <= 0:
            return b""
        return self.data[offset : offset + length]


@dataclass(frozen=True, slots=True)
class Tail:
    """What stands in a file from an offset on, read as if it were one of its own."""

    source: Readable
    start: int

    @property
    def size(self) -> int:
        """Length in bytes."""
        return max(0, self.source.size - self.start)

    @property
    def limits(self) -> Limits:
        """Those of the file."""
        return self.source.limits

    def at(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer at the end."""
        if offset < 0 or length <= 0:
            return b""
        return self.source.at(self.start + offset, length)


class MalformedContainer(ValueError):
    """The structure contradicts itself or the file ends inside it. Raised after everything readable was yielded."""

    cause = Cause.MALFORMED


class OversizedContainer(MalformedContainer):
    """The structure goes on beyond what the limits allow to be walked or held."""

    cause = Cause.OVERSIZED


class EncryptedContainer(MalformedContainer):
    """Nothing can be read without a password."""

    cause = Cause.UNSUPPORTED


class MissingLibrary(MalformedContainer):
    """The structure is read with an optional part that is not installed; the text names the extra that has it."""

    cause = Cause.NOT_INSTALLED


def read_within(source: Readable, offset: int, length: int) -> bytes:
    """`length` bytes from `offset`, or as many of them as one metadata block may have. Any numbers may be given."""
    if not 0 <= offset < source.size:
        return b""
    return source.at(offset, min(length, source.limits.packet))

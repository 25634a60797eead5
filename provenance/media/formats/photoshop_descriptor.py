"""Descriptors, in which Photoshop keeps what has no format of its own: named values, lists and objects."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_NUMBERS = {"doub": ">d", "long": ">i", "comp": ">q", "bool": ">?"}
_OPAQUE = frozenset({"alis", "Pth ", "tdta"})
"""Bytes with their length before them."""
_LONGEST = 65_536


@dataclass(slots=True)
class DescriptorReader:
    """Reads one descriptor, from `position` on. `found` are its values as (path, text): `externalModelList/name`."""

    source: Readable
    position: int
    values: list[tuple[str, str]] = field(default_factory=list)
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.source.limits.chunks

    def read_with_version(self) -> None:
        """A descriptor with the version that stands before it. Raises as `descriptor` does."""
        if self._number(4) != 16:
            raise MalformedContainer(f"Photoshop: no descriptor at byte {self.position - 4}")
        self.descriptor("", 0)

    def descriptor(self, path: str, depth: int) -> None:
        """A class and its values.

        Raises `MalformedContainer` for what is none, `OversizedContainer` beyond `limits.chunks` values or
        `limits.depth` objects within each other.
        """
        if depth > self.source.limits.depth:
            raise OversizedContainer("Photoshop: too many objects within each other in a descriptor")
        self._text()
        self._name()
        for _ in range(self._number(4)):
            name = self._name()
            self._value(f"{path}/{name}" if path else name, self._four(), depth)

    def _value(self, path: str, kind: str, depth: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise OversizedContainer(f"Photoshop: more than {self.source.limits.chunks} values in a descriptor")
        if kind in _NUMBERS:
            code = _NUMBERS[kind]
            self.values.append((path, str(struct.unpack(code, self._bytes(struct.calcsize(code)))[0])))
        elif kind == "TEXT":
            self.values.append((path, self._text()))
        elif kind == "enum":
            self._name()
            self.values.append((path, self._name()))
        elif kind in ("Objc", "GlbO", "ObAr"):
            self.position += 4 if kind == "ObAr" else 0  # how many objects there are
            self.descriptor(path, depth + 1)
        elif kind == "VlLs":
            for _ in range(self._number(4)):
                self._value(path, self._four(), depth)
        else:
            self._skip_bytes(kind)

    def _skip_bytes(self, kind: str) -> None:
        """Values that say nothing here, but must be measured."""
        if kind in _OPAQUE:
            self._skip(1)
        elif kind == "UntF":
            self.position += 12
        elif kind == "UnFl":
            self._four()
            self._skip(8)
        elif kind in ("type", "GlbC", "Clss"):
            self._text()
            self._name()
        elif kind == "obj ":
            for _ in range(self._number(4)):
                self._reference(self._four())
        else:
            raise MalformedContainer(f"Photoshop: a value of unknown kind {kind!r} in a descriptor")

    def _reference(self, kind: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise OversizedContainer("Photoshop: too many references in a descriptor")
        self._text()
        self._name()
        if kind in ("prop", "Enmr"):
            self._name()
        if kind == "Enmr":
            self._name()
        elif kind in ("Idnt", "indx", "rele"):
            self.position += 4
        elif kind == "name":
            self._text()
        elif kind not in ("prop", "Clss"):
            raise MalformedContainer(f"Photoshop: a reference of unknown kind {kind!r} in a descriptor")

    def _bytes(self, length: int) -> bytes:
        data = self.source.at(self.position, length)
        if len(data) < length:
            raise MalformedContainer(f"Photoshop: file ends inside the descriptor at byte {self.position}")
        self.position += length
        return data

    def _skip(self, size: int) -> None:
        """Pass over things of `size` bytes, whose count stands before them."""
        count = self._number(4)
        self.position += size * count

    def _number(self, size: int) -> int:
        return int.from_bytes(self._bytes(size), "big")

    def _four(self) -> str:
        return self._bytes(4).decode("latin-1")

    def _name(self) -> str:
        """An identifier: four letters, or a word with its length before it."""
        length = self._number(4)
        if length > _LONGEST:
            raise MalformedContainer(f"Photoshop: a name of {length} bytes in a descriptor")
        return self._bytes(length or 4).decode("latin-1")

    def _text(self) -> str:
        count = self._number(4)
        if count > self.source.limits.packet:
            raise MalformedContainer(f"Photoshop: a text of {count} letters in a descriptor")
        return self._bytes(2 * count).decode("utf-16-be", "replace").rstrip("\0")

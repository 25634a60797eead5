"""Descriptors (Adobe's Photoshop File Formats Specification): named values, lists and objects, nested in each other.

Layout, big-endian: a name in UTF-16, a class, a count, then for each value its key, its type in four letters, and the
value as the type has it. A text is a count of letters and the letters. A class or key is a length and as many bytes; a
length of 0 means four letters.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_VERSION = 16
_NUMBERS = {"doub": ">d", "long": ">i", "comp": ">q", "bool": ">?"}
"""Types of numbers, as the struct module writes them."""
_OBJECTS = ("Objc", "GlbO", "ObAr")
"""Types of a descriptor within this one."""
_OPAQUE = frozenset({"alis", "Pth ", "tdta"})
"""Types that are bytes with their length before them."""
_CLASSES = ("type", "GlbC", "Clss")
"""Types that are the name and identifier of a class."""
_LONGEST_IDENTIFIER = 65_536
"""Bytes."""


@dataclass(slots=True)
class DescriptorReader:
    """Reads one descriptor, from `position` on. `values` are (path, text) pairs: (`externalModelList/name`, `sd3`)."""

    source: Readable
    position: int
    values: list[tuple[str, str]] = field(default_factory=list)
    left: int = field(init=False)
    """Values that may still be read."""

    def __post_init__(self) -> None:
        self.left = self.source.limits.chunks

    def read_with_version(self) -> None:
        """Read a descriptor and the version before it. Raises as `read_descriptor` does."""
        if self._read_number(4) != _VERSION:
            raise MalformedContainer(f"Photoshop: no descriptor at byte {self.position - 4}")
        self.read_descriptor("", 0)

    def read_descriptor(self, path: str, depth: int) -> None:
        """Read a class and its values.

        Raises `MalformedContainer` for anything else, `OversizedContainer` beyond `limits.chunks` values or
        `limits.depth` objects within each other.
        """
        if depth > self.source.limits.depth:
            raise OversizedContainer("Photoshop: too many levels of objects in a descriptor")
        _name = self._read_text()
        _class = self._read_identifier()
        for _ in range(self._read_number(4)):
            key = self._read_identifier()
            value_path = f"{path}/{key}" if path else key
            self._read_value(value_path, self._read_type(), depth)

    def _read_value(self, path: str, kind: str, depth: int) -> None:
        self._spend("values")
        if kind in _NUMBERS:
            code = _NUMBERS[kind]
            (number,) = struct.unpack(code, self._read_bytes(struct.calcsize(code)))
            self.values.append((path, str(number)))
        elif kind == "TEXT":
            self.values.append((path, self._read_text()))
        elif kind == "enum":
            _enumeration = self._read_identifier()
            self.values.append((path, self._read_identifier()))
        elif kind in _OBJECTS:
            if kind == "ObAr":
                # How many objects there are; one descriptor follows for all of them.
                self.position += 4
            self.read_descriptor(path, depth + 1)
        elif kind == "VlLs":
            for _ in range(self._read_number(4)):
                self._read_value(path, self._read_type(), depth)
        else:
            self._skip_value(kind)

    def _skip_value(self, kind: str) -> None:
        """Pass over a value that holds no text: its length follows from its type."""
        if kind in _OPAQUE:
            self._skip_items(1)
        elif kind == "UntF":
            # A unit in four letters and a double.
            self.position += 12
        elif kind == "UnFl":
            _unit = self._read_type()
            self._skip_items(8)
        elif kind in _CLASSES:
            _name = self._read_text()
            _class = self._read_identifier()
        elif kind == "obj ":
            for _ in range(self._read_number(4)):
                self._skip_reference(self._read_type())
        else:
            raise MalformedContainer(f"Photoshop: a descriptor has a value of the unknown type {kind!r}")

    def _skip_reference(self, kind: str) -> None:
        self._spend("references")
        _name = self._read_text()
        _class = self._read_identifier()
        if kind == "prop":
            _property = self._read_identifier()
        elif kind == "Enmr":
            _enumeration = self._read_identifier()
            _value = self._read_identifier()
        elif kind in ("Idnt", "indx", "rele"):
            self.position += 4
        elif kind == "name":
            _text = self._read_text()
        elif kind != "Clss":
            raise MalformedContainer(f"Photoshop: a descriptor has a reference of the unknown type {kind!r}")

    def _spend(self, things: str) -> None:
        self.left -= 1
        if self.left < 0:
            raise OversizedContainer(f"Photoshop: a descriptor has more than {self.source.limits.chunks:,} {things}")

    def _read_bytes(self, length: int) -> bytes:
        data = self.source.at(self.position, length)
        if len(data) < length:
            raise MalformedContainer(f"Photoshop: the file ends inside the descriptor at byte {self.position}")
        self.position += length
        return data

    def _skip_items(self, size: int) -> None:
        """Pass over items of `size` bytes and their count before them."""
        count = self._read_number(4)
        self.position += size * count

    def _read_number(self, size: int) -> int:
        return int.from_bytes(self._read_bytes(size), "big")

    def _read_type(self) -> str:
        return self._read_bytes(4).decode("latin-1")

    def _read_identifier(self) -> str:
        length = self._read_number(4)
        if length > _LONGEST_IDENTIFIER:
            raise MalformedContainer(f"Photoshop: a descriptor has a name of {length:,} bytes")
        return self._read_bytes(length or 4).decode("latin-1")

    def _read_text(self) -> str:
        letters = self._read_number(4)
        if letters > self.source.limits.packet:
            raise MalformedContainer(f"Photoshop: a descriptor has a text of {letters:,} letters")
        return self._read_bytes(2 * letters).decode("utf-16-be", "replace").rstrip("\0")

"""Arrays in a file that is mapped as it is: what many processes read, none of them has to load or to lay out.

A file is a magic number, the arrays one after the other, their places as JSON, and where that begins. It is written
from front to back, so arrays of any size can be streamed into it.
"""

from __future__ import annotations

import json
import mmap
import struct
from collections.abc import Iterable
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_MAGIC = b"PRVARRY1"
_END = struct.Struct("<QI")
"""Where the places begin, and their bytes."""
_ALIGNMENT = 64
"""Bytes of a line of the processor's cache."""

Arrays = dict[str, NDArray[Any]]


class ArrayFileWriter:
    """Writes one file. `finish` makes it complete."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[str, tuple[str, list[int], int]] = {}
        file.write(_MAGIC)

    def add(self, name: str, array: NDArray[Any]) -> None:
        """Append an array."""
        start = self._align()
        self._file.write(np.ascontiguousarray(array).tobytes())
        self._places[name] = (array.dtype.str, list(array.shape), start)

    def add_bytes(self, name: str, parts: Iterable[bytes | memoryview]) -> None:
        """Append bytes that need not fit in memory at once, as one array of uint8."""
        start = self._align()
        for part in parts:
            self._file.write(part)
        self._places[name] = ("|u1", [self._file.tell() - start], start)

    def append(self, data: bytes | memoryview) -> int:
        """Append bytes without a name, and return where they begin."""
        start = self._file.tell()
        self._file.write(data)
        return start

    def finish(self) -> None:
        """Write the places of the arrays: nothing can be appended any more."""
        start = self._file.tell()
        places = json.dumps(self._places).encode()
        self._file.write(places)
        self._file.write(_END.pack(start, len(places)))
        self._file.flush()

    def _align(self) -> int:
        self._file.write(bytes(-self._file.tell() % _ALIGNMENT))
        return self._file.tell()


def write_arrays(file: BinaryIO, arrays: Arrays) -> None:
    """Write a whole file of some arrays."""
    writer = ArrayFileWriter(file)
    for name, array in arrays.items():
        writer.add(name, array)
    writer.finish()


def read_arrays(view: memoryview) -> Arrays:
    """The arrays of a file, as views. Raises `ValueError` for one that is not complete."""
    try:
        if bytes(view[: len(_MAGIC)]) != _MAGIC:
            raise ValueError("it is no file of arrays")
        start, size = _END.unpack(view[-_END.size :])
        places = json.loads(bytes(view[start : start + size]))
        arrays = {}
        for name, (dtype, shape, offset) in places.items():
            count = int(np.prod(shape, dtype=np.int64))
            arrays[name] = np.frombuffer(view, dtype, count, offset).reshape(shape)
    except (struct.error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a file of arrays is damaged: {error}") from error
    return arrays


def map_file(path: str) -> memoryview:
    """Map a file into memory: all processes share its pages."""
    with open(path, "rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

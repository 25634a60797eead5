"""What is in a search index file, and where the parts are that it only refers to: segments, and a catalogue."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.catalogue.fingerprint_reader import FingerprintReader
from provenance.matching.array_file import ArrayFileWriter, Arrays, map_file, read_arrays
from provenance.matching.search_index import METHODS
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

SOUND = METHODS[2]
PICTURES, SOUNDS = "segment", "sounds"
"""What is in a segment."""
_ENTRY = np.dtype(
    [
        ("key", "<u8"),
        ("place", "<u8"),
        ("size", "<u8"),
        ("text", "<u8"),
        ("text_size", "<u4"),
        ("items", "<u4"),
        ("method", "u1"),
    ]
)
"""One known fingerprint: a number made of its asset's digest; where its data is, in this file or as a row of the
catalogue, and their bytes; where its description is, and its bytes; its pictures; its method."""
_RECENT = 16
"""Fingerprints from the catalogue that stay in memory …"""
_LARGEST_RECENT = 1 << 18
"""… each of at most so many bytes: those of pictures, not those of long sounds."""
_INSIDE = "{}{}.{}"
"""Name of an array of a segment that is in the file itself: what is in the segment, its number, the array's name."""


class Entry(NamedTuple):
    """One known fingerprint."""

    known: Known
    method: str
    place: int
    size: int


class TableWriter:
    """Writes a search index file. Segments come before the entries of what is in them, or after: in the same order."""

    def __init__(self, file: BinaryIO, catalogue: Path | None = None) -> None:
        """`catalogue`: from which the fingerprints are read; without one they are in the file."""
        self._writer = ArrayFileWriter(file)
        self._catalogue = catalogue
        self._entries: list[tuple[int, ...]] = []
        self._texts: list[bytes] = []
        self._text_size = 0
        self._inside = {PICTURES: 0, SOUNDS: 0}
        self._paths: dict[str, list[str]] = {PICTURES: [], SOUNDS: []}
        self.outside_size = 0
        """Bytes of the segments that are files of their own."""

    def append_data(self, data: bytes | memoryview) -> int:
        """Append a packed fingerprint, and return where it is."""
        return self._writer.append(data)

    def add(self, known: Known, method: str, place: int, size: int, items: int) -> None:
        """Add an entry. `items`: pictures of the fingerprint."""
        text = json.dumps([known.digest, known.path, known.origin.value]).encode()
        key = make_key(known.digest)
        self._entries.append((key, place, size, self._text_size, len(text), items, METHODS.index(method)))
        self._texts.append(text)
        self._text_size += len(text)

    def add_segment(self, arrays: Arrays, content: str = PICTURES) -> None:
        """Write a segment into the file itself."""
        for name, array in arrays.items():
            self._writer.add(_INSIDE.format(content, self._inside[content], name), array)
        self._inside[content] += 1

    def refer_to_segment(self, path: str, content: str = PICTURES) -> None:
        """Have a segment that is a file of its own."""
        self._paths[content].append(path)
        self.outside_size += os.path.getsize(path)

    def finish(self) -> None:
        """Write the table."""
        outside = json.dumps([str(self._catalogue or ""), self._paths]).encode()
        self._writer.add_bytes("entries", [np.array(self._entries, _ENTRY).tobytes()])
        self._writer.add_bytes("texts", self._texts)
        self._writer.add_bytes("outside", [outside])
        self._writer.finish()


class IndexFile:
    """A search index file, mapped."""

    def __init__(self, path: str) -> None:
        self._view = map_file(path)
        arrays = read_arrays(self._view)
        self.entries: NDArray[np.void] = arrays["entries"].view(_ENTRY)
        self._texts = arrays["texts"]
        catalogue, self._paths = json.loads(arrays["outside"].tobytes())
        self._catalogue = Path(catalogue) if catalogue else None
        self._recent: dict[tuple[int, int, int], memoryview] = {}
        self._inside: dict[str, Arrays] = {}
        for name, array in arrays.items():
            segment, _, column = name.partition(".")
            if column:
                self._inside.setdefault(segment, {})[column] = array

    def load_segments(self, content: str = PICTURES) -> list[Arrays]:
        """The arrays of all segments of pictures or sounds, as views, in the order of their entries."""
        inside = [arrays for name, arrays in self._inside.items() if name.startswith(content)]
        return [*inside, *(read_arrays(map_file(path)) for path in self._paths[content])]

    def describe(self, number: int) -> Entry:
        """The entry with this number."""
        entry = self.entries[number]
        start = int(entry["text"])
        digest, path, origin = json.loads(self._texts[start : start + int(entry["text_size"])].tobytes())
        known = Known(digest, path, Origin(origin))
        return Entry(known, METHODS[entry["method"]], int(entry["place"]), int(entry["size"]))

    def load(self, number: int, start: int, size: int) -> memoryview:
        """`size` bytes of the packed fingerprint of an entry, from `start` on.

        Raises `CatalogueDamaged` where the catalogue does not have them, or another `ProvenanceError`.
        """
        place = int(self.entries["place"][number])
        if self._catalogue is None:
            return self._view[place + start : place + start + size]
        # A shot that shows a picture is compared with it again and again.
        wanted = place, start, size
        recent = self._recent.get(wanted)
        if recent is not None:
            return recent
        with FingerprintReader(self._catalogue) as reader:
            data = memoryview(reader.load(*wanted))
        if size <= _LARGEST_RECENT:
            if len(self._recent) == _RECENT:
                del self._recent[next(iter(self._recent))]
            self._recent[wanted] = data
        return data

    def find_entries(self, digest: str) -> list[int]:
        """Numbers of the entries of an asset."""
        numbers = np.flatnonzero(self.entries["key"] == make_key(digest))
        return [number for number in numbers.tolist() if self.describe(number).known.digest == digest]


def copy_whole(index: str, path: str) -> None:
    """Copy a search index file with everything that it refers to, so that it needs no other."""
    opened = IndexFile(index)
    with open(path, "wb") as file:
        table = TableWriter(file)
        for content in (PICTURES, SOUNDS):
            for arrays in opened.load_segments(content):
                table.add_segment(arrays, content)
        for number in range(len(opened.entries)):
            entry = opened.describe(number)
            place = table.append_data(opened.load(number, 0, entry.size))
            table.add(entry.known, entry.method, place, entry.size, int(opened.entries["items"][number]))
        table.finish()


def make_key(digest: str) -> int:
    """A number of 64 bits by which the entries of an asset are found, without reading the descriptions of all."""
    return int.from_bytes(digest.encode()[-8:].rjust(8, b"\0"), "little")

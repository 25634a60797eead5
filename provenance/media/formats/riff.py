"""RIFF (Microsoft and IBM: WAV, AVI, WebP) and its kin: RIFX (big-endian), RF64 and BW64 (EBU Tech 3306, 64-bit sizes).

Layout: chunks, each four letters of kind, the length of the data (four bytes, little-endian) and the data, padded to an
even length. The first is `RIFF` and a form of four letters, with all others in it; a `LIST` holds chunks as well. An
AVI of more than 1 GB is several `RIFF` chunks. In RF64 a `ds64` chunk gives the sizes that need 64 bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_FORMS = (b"RIFF", b"RIFX", b"RF64", b"BW64")
_LISTS_OF_FRAMES = (b"movi", b"rec ")
"""Lists of compressed frames: many chunks, and none with text."""
_HEAD_LENGTH = 8
"""Bytes of kind and length."""
_IN_DS64 = 0xFFFFFFFF
"""Length of a chunk whose size is in the `ds64` chunk."""
_OPEN_LENGTHS = (0, _IN_DS64)
"""Lengths of a file whose writer did not know yet how long it would get: it goes on to the end."""


@dataclass(frozen=True, slots=True)
class RiffChunk:
    """One chunk; `offset` and `length` are those of its data, `path` names the lists around it: `AVI /INFO`."""

    kind: str
    offset: int
    length: int
    path: str


def walk_chunks(source: Readable) -> Iterator[RiffChunk]:
    """Walk every chunk that is not a list, in order.

    Raises `MalformedContainer` after the last readable one when a size is false, `OversizedContainer` beyond
    `limits.chunks` chunks or `limits.depth` lists within lists.
    """
    position = 0
    walker = _RiffWalker(source)
    while (head := source.at(position, 12))[:4] in _FORMS and len(head) == 12:
        walker.begin(head[:4])
        declared = walker.decode_number(head[4:8])
        form_end = position + _HEAD_LENGTH + declared
        if declared in _OPEN_LENGTHS:
            form_end = source.size
        form = head[8:12].decode("latin-1")
        yield from walker.walk_list(position + 12, form_end, form, 1)
        position = form_end + form_end % 2
    if position == 0:
        raise MalformedContainer("RIFF: the header is missing")
    if walker.damage:
        raise MalformedContainer(f"RIFF: {walker.damage}")


def find_end(source: Readable) -> int:
    """Offset behind the last RIFF of the file: bytes from there on do not belong to it."""
    position = 0
    while (head := source.at(position, 12))[:4] in _FORMS and len(head) == 12:
        declared = int.from_bytes(head[4:8], "big" if head[:4] == b"RIFX" else "little")
        if declared in _OPEN_LENGTHS:
            return source.size
        position = min(source.size, position + _HEAD_LENGTH + declared + declared % 2)
    return position


@dataclass(slots=True)
class _RiffWalker:
    source: Readable
    damage: str = ""
    """The first damage that was met."""
    order: Literal["little", "big"] = "little"
    data_length: int | None = None
    """Length of the `data` chunk, if a `ds64` chunk gives it."""
    left: int = field(init=False)
    """Chunks that may still be visited."""

    def __post_init__(self) -> None:
        self.left = self.source.limits.chunks

    def begin(self, form: bytes) -> None:
        self.order = "big" if form == b"RIFX" else "little"

    def decode_number(self, data: bytes) -> int:
        return int.from_bytes(data, self.order)

    def walk_list(self, position: int, end: int, path: str, depth: int) -> Iterator[RiffChunk]:
        """Walk the chunks from `position` to `end`, and those of the lists among them."""
        end = self._cut_at_file_end(end, path)
        if depth > self.source.limits.depth:
            raise OversizedContainer(f"RIFF: more than {self.source.limits.depth} levels of lists")
        while position + _HEAD_LENGTH <= end:
            self.left -= 1
            if self.left < 0:
                raise OversizedContainer(f"RIFF: more than {self.source.limits.chunks:,} chunks")
            head = self.source.at(position, 12)
            kind = head[:4]
            length = self._measure_data(head, position, end)
            if not all(0x20 <= byte < 0x7F for byte in kind):
                self.damage = self.damage or f"no chunk at byte {position}"
                return
            is_list = kind == b"LIST" and length >= 4 and head[8:12] not in _LISTS_OF_FRAMES
            data_end = position + _HEAD_LENGTH + length
            if is_list:
                inner_path = f"{path}/{head[8:12].decode('latin-1')}"
                yield from self.walk_list(position + 12, data_end, inner_path, depth + 1)
            else:
                yield RiffChunk(kind.decode("ascii"), position + _HEAD_LENGTH, length, path)
            if kind == b"ds64":
                # The size of the file comes first, then that of the data.
                self.data_length = self.decode_number(self.source.at(position + _HEAD_LENGTH + 8, 8))
            position = data_end + length % 2

    def _cut_at_file_end(self, end: int, path: str) -> int:
        size = self.source.size
        # Some writers count the eight bytes of their own header in, which is not damage.
        if end > size + _HEAD_LENGTH:
            reason = f"{path.strip()} ends at byte {end} according to its header, but the file ends at {size}"
            self.damage = self.damage or reason
        return min(end, size)

    def _measure_data(self, head: bytes, position: int, end: int) -> int:
        """Bytes of the data of the chunk at `position`, cut at the end of what holds it."""
        room = end - position - _HEAD_LENGTH
        declared = self.decode_number(head[4:8])
        if declared == _IN_DS64:
            declared = room
            if head[:4] == b"data" and self.data_length is not None:
                declared = self.data_length
        if declared > room:
            self.damage = self.damage or f"the chunk at byte {position} is longer than what holds it"
        return min(declared, room)

"""RIFF and its kin: RIFX (big-endian), RF64 and BW64 (64-bit sizes), lists within lists, AVI in several pieces."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_FORMS = (b"RIFF", b"RIFX", b"RF64", b"BW64")
_PICTURES = (b"movi", b"rec ")
"""Lists of compressed frames: many, and without words."""
_HEAD = 8
_OPEN = (0, 0xFFFFFFFF)
"""Sizes written by who did not yet know how long it would get: up to the end of the file."""


@dataclass(frozen=True, slots=True)
class RiffChunk:
    """One chunk; `offset` and `length` are those of its data, `path` names the lists around it: `AVI /INFO`."""

    kind: str
    offset: int
    length: int
    path: str


def walk_chunks(source: Readable) -> Iterator[RiffChunk]:
    """Every chunk that is no list, in order.

    Raises `MalformedContainer` after the last readable one when a size is a lie, `OversizedContainer` beyond
    `limits.chunks` chunks or `limits.depth` lists within lists.
    """
    position, walk = 0, _RiffWalker(source)
    while (head := source.at(position, 12))[:4] in _FORMS and len(head) == 12:
        walk.begin(head[:4])
        declared = walk.number(head[4:8])
        end = source.size if declared in _OPEN else position + 8 + declared
        yield from walk.inside(position + 12, end, head[8:12].decode("latin-1"), 1)
        position = end + end % 2
    if position == 0:
        raise MalformedContainer("RIFF: no header")
    if walk.damage:
        raise MalformedContainer(f"RIFF: {walk.damage}")


def find_end(source: Readable) -> int:
    """Offset behind the last RIFF of the file: what stands there does not belong to it."""
    position = 0
    while (head := source.at(position, 12))[:4] in _FORMS and len(head) == 12:
        declared = int.from_bytes(head[4:8], "big" if head[:4] == b"RIFX" else "little")
        position = source.size if declared in _OPEN else min(source.size, position + 8 + declared + declared % 2)
    return position


@dataclass(slots=True)
class _RiffWalker:
    source: Readable
    damage: str = ""
    order: Literal["little", "big"] = "little"
    wide: dict[bytes, int] = field(default_factory=dict)
    """64-bit sizes that the ds64 chunk gives for chunks that say 0xFFFFFFFF."""
    left: int = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.source.limits.chunks

    def begin(self, form: bytes) -> None:
        self.order = "big" if form == b"RIFX" else "little"

    def number(self, data: bytes) -> int:
        return int.from_bytes(data, self.order)

    def inside(self, position: int, end: int, path: str, depth: int) -> Iterator[RiffChunk]:
        if end > self.source.size:
            if end > self.source.size + _HEAD:  # writers count their own header in
                self.damage = (
                    self.damage or f"{path.strip()} says it ends at byte {end}, the file at {self.source.size}"
                )
            end = self.source.size
        if depth > self.source.limits.depth:
            raise OversizedContainer(f"RIFF: more than {self.source.limits.depth} lists within lists")
        while position + 8 <= end:
            self.left -= 1
            if self.left < 0:
                raise OversizedContainer(f"RIFF: more than {self.source.limits.chunks} chunks")
            head = self.source.at(position, 12)
            kind, length = head[:4], self._length(head, position, end)
            if not all(32 <= byte < 127 for byte in kind):
                self.damage = self.damage or f"no chunk at byte {position}"
                return
            if kind == b"LIST" and length >= 4 and head[8:12] not in _PICTURES:
                inner = f"{path}/{head[8:12].decode('latin-1')}"
                yield from self.inside(position + 12, position + 8 + length, inner, depth + 1)
            else:
                yield RiffChunk(kind.decode("ascii"), position + 8, length, path)
            if kind == b"ds64":
                self.wide[b"data"] = self.number(self.source.at(position + 16, 8))
            position += 8 + length + length % 2

    def _length(self, head: bytes, position: int, end: int) -> int:
        """Bytes of the chunk's data, cut at the end of what holds it."""
        declared, room = self.number(head[4:8]), end - position - 8
        if declared == 0xFFFFFFFF:
            declared = self.wide.get(head[:4], room)
        if declared > room:
            self.damage = self.damage or f"chunk at byte {position} is longer than what holds it"
        return min(declared, room)

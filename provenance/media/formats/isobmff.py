"""ISO base media (MP4, MOV, HEIC, AVIF), and what is built of the same boxes: JPEG 2000 and JPEG XL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

XMP = "be7acfcb97a942e89c71999491e3afac"
"""User type of the uuid box that holds an XMP packet."""
EXIF = frozenset({"4a706754696666457869662d3e4a5032", "0537cdab9d0c4431a72afa561f2a113e"})
"""User types of the uuid boxes that hold an EXIF block: JPEG 2000, and Canon's."""

_HOLDERS = frozenset(
    {"moov", "trak", "mdia", "minf", "stbl", "udta", "meta", "ilst", "iprp", "ipco", "jp2h", "dinf", "moof", "traf",
     "edts", "tref", "mvex", "mfra", "schi"}
)  # fmt: skip
"""Boxes that hold boxes. The last five hold no words; what else walks them is spared when they hold too many."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box; `offset` and `length` are those of its content, `path` names the boxes around it: `moov/udta`.

    `kind` is four characters as they stand (`©nam`), of a uuid box its user type in hexadecimal.
    """

    kind: str
    offset: int
    length: int
    path: str

    @property
    def inner_path(self) -> str:
        """The path of what this box holds."""
        if not self.path:
            return self.kind
        return f"{self.path}/{self.kind}"


def walk_boxes(source: Readable) -> Iterator[Box]:
    """Every box, each before those it holds; also a moov at the tail. Media data is stepped over, never read.

    Raises `MalformedContainer` after the last readable box when a size is a lie, `OversizedContainer` beyond
    `limits.chunks` boxes or `limits.depth` levels.
    """
    pending, left, damage = [walk_level(source)], source.limits.chunks, ""
    while pending:
        try:
            box = next(pending[-1], None)
        except MalformedContainer as lie:
            damage, box = damage or str(lie), None
        if box is None:
            pending.pop()
            continue
        left -= 1
        if left < 0 or len(pending) > source.limits.depth:
            raise OversizedContainer(f"more than {source.limits.chunks} boxes, or too many within each other")
        yield box
        if box.kind in _HOLDERS or box.path.endswith("/ilst"):
            pending.append(walk_children(source, box))
    if damage:
        raise MalformedContainer(damage)


def walk_children(source: Readable, box: Box) -> Iterator[Box]:
    """The boxes that a box holds, one level deep. Raises `MalformedContainer` as `walk_level` does."""
    skipped = 4 if box.kind == "meta" and _is_full(source, box) else 0
    return walk_level(source, box.offset + skipped, box.offset + box.length, box.inner_path)


def _is_full(source: Readable, meta: Box) -> bool:
    """Whether a meta box begins with version and flags, as ISO has it and QuickTime has not."""
    return source.at(meta.offset + 4, 4) not in (b"hdlr", b"keys", b"ilst", b"mhdr", b"ctry", b"lang")


def walk_level(source: Readable, start: int = 0, end: int | None = None, path: str = "") -> Iterator[Box]:
    """The boxes from `start` to `end`, one level deep, in order.

    Raises `MalformedContainer` after the last readable one when a size is a lie.
    """
    position, end = start, source.size if end is None else min(end, source.size)
    while position + 8 <= end:
        head = source.at(position, 32)
        size, kind, content = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            if path or not kind.strip(b"\0"):  # the end of a list of user data, or padding behind the last box
                return
            size = end - position
        if size < content:
            raise MalformedContainer(f"box at byte {position}{_in(path)} is smaller than its own header")
        name = kind.decode("latin-1")
        if kind == b"uuid" and size >= content + 16:
            name, content = head[content : content + 16].hex(), content + 16
        here = min(size, end - position)
        yield Box(name, position + content, max(0, here - content), path)
        if here < size:
            raise MalformedContainer(f"box {name!r} at byte {position}{_in(path)} ends beyond what holds it")
        position += size


def _in(path: str) -> str:
    if not path:
        return ""
    return f" in {path}"

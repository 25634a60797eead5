"""ISO base media (ISO/IEC 14496-12: MP4, MOV, HEIC, AVIF), and other files of the same boxes: JPEG 2000, JPEG XL.

Layout: boxes, one after the other and within each other. A box is its size with these bytes (four, big-endian), four
letters of kind and the content. A size of 1 means that eight more bytes give the size, 0 that the box goes on to the
end of the file. The content of a `uuid` box begins with 16 bytes of user type.
"""

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
"""Boxes that hold boxes. The last five hold no text. They are walked so that a file with too many boxes in them is
found here, before a slower reader of the same boxes meets it."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box; `offset` and `length` are those of its content, `path` names the boxes around it: `moov/udta`.

    `kind` is the four characters in the file (`©nam`), for a uuid box its user type in hexadecimal.
    """

    kind: str
    offset: int
    length: int
    path: str

    @property
    def inner_path(self) -> str:
        """The path of the boxes in this one."""
        if not self.path:
            return self.kind
        return f"{self.path}/{self.kind}"


def walk_boxes(source: Readable) -> Iterator[Box]:
    """Walk every box, each before those in it, to the end of the file. Media data is passed over, never read.

    Raises `MalformedContainer` after the last readable box when a size is false, `OversizedContainer` beyond
    `limits.chunks` boxes or `limits.depth` levels.
    """
    levels = [walk_level(source)]
    left = source.limits.chunks
    damage = ""
    while levels:
        try:
            box = next(levels[-1], None)
        except MalformedContainer as error:
            # Damage ends this level only; the boxes around it know where they go on.
            damage = damage or str(error)
            box = None
        if box is None:
            levels.pop()
            continue
        left -= 1
        if left < 0 or len(levels) > source.limits.depth:
            raise OversizedContainer(f"more than {source.limits.chunks:,} boxes, or too many levels of them")
        yield box
        if box.kind in _HOLDERS or box.path.endswith("/ilst"):
            levels.append(walk_children(source, box))
    if damage:
        raise MalformedContainer(damage)


def walk_children(source: Readable, box: Box) -> Iterator[Box]:
    """Walk the boxes in a box, one level deep. Raises `MalformedContainer` as `walk_level` does."""
    start = box.offset
    if box.kind == "meta" and _is_full_box(source, box):
        start += 4
    return walk_level(source, start, box.offset + box.length, box.inner_path)


def _is_full_box(source: Readable, meta: Box) -> bool:
    """Whether a meta box begins with version and flags, as in ISO files; in QuickTime files it does not."""
    # In a QuickTime file the kind of the first box in it is here.
    return source.at(meta.offset + 4, 4) not in (b"hdlr", b"keys", b"ilst", b"mhdr", b"ctry", b"lang")


def walk_level(source: Readable, start: int = 0, end: int | None = None, path: str = "") -> Iterator[Box]:
    """Walk the boxes from `start` to `end`, one level deep, in order; `path` is the path that they get.

    Raises `MalformedContainer` after the last readable one when a size is false.
    """
    position = start
    end = source.size if end is None else min(end, source.size)
    while position + 8 <= end:
        # Enough for a size of eight bytes and a user type.
        head = source.at(position, 32)
        size = int.from_bytes(head[:4], "big")
        kind = head[4:8]
        head_length = 8
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
            head_length = 16
        elif size == 0:
            # Within a box this is the end of a list of user data, and zeros for a kind are padding behind the last box.
            if path or not kind.strip(b"\0"):
                return
            size = end - position
        if size < head_length:
            raise MalformedContainer(f"the box at byte {position}{_describe_path(path)} is smaller than its own header")
        name = kind.decode("latin-1")
        if kind == b"uuid" and size >= head_length + 16:
            name = head[head_length : head_length + 16].hex()
            head_length += 16
        available = min(size, end - position)
        yield Box(name, position + head_length, max(0, available - head_length), path)
        if available < size:
            place = f"at byte {position}{_describe_path(path)}"
            raise MalformedContainer(f"the box {name!r} {place} ends behind the end of what holds it")
        position += size


def _describe_path(path: str) -> str:
    if not path:
        return ""
    return f" in {path}"

"""What stands behind the end of a picture or a sound: motion photos, notes of editors, whatever was hidden there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media.formats import gif, isobmff, jpeg, png, riff, samsung_trailer, tiff
from provenance.media.readable import Block, MalformedContainer, Readable, Tail, bounded
from provenance.media.sniff import UNKNOWN, needs_no_carrier, sniff
from provenance.media.source import Source
from provenance.media.text import decoded, printable
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_PADDING = b"\0 \t\r\n"
_BOXES = (b"ftyp", b"jP  ", b"JXL ")
"""First boxes of files, whose sizes begin with zeros that are no padding."""
_WORDS = re.compile(rb"[\t\n\r\x20-\x7e]{16,}")
_PICTURES_LISTED = 0xB002
"""Tag of the Multi-Picture Format (CIPA DC-007) under which a JPEG lists those behind it."""


class Trailer(Carrier):
    """Files found there are children, but for the further pictures that a JPEG itself lists; texts are statements."""

    name: ClassVar[str] = "trailer"
    title: ClassVar[str] = "bytes behind the end of JPEG, PNG, GIF and RIFF files"
    media: ClassVar[frozenset[str]] = frozenset(
        {"image/jpeg", "image/png", "image/gif", "image/webp", "audio/x-wav", "video/x-msvideo"}
    )

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield a child for each file, and a statement for what is none."""
        end = _end(source, source.media_type)
        if end is None or end >= source.size:  # cut: told by the carrier named after the container
            return
        named = list[samsung_trailer.TrailerPart]()
        try:
            named.extend(samsung_trailer.parts(source))
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        until = min((part.start for part in named if part.start >= end), default=source.size)
        yield from _unnamed(source, end, until)
        for part in named:
            yield from _piece(source, part.offset, part.offset + part.length, part.name)


def _unnamed(source: Source, start: int, until: int) -> Iterator[CarrierOutput]:
    """Files and texts one behind the other, from `start` on."""
    listed = _listed(source) if source.media_type == "image/jpeg" else set[int]()
    while (start := _behind_padding(source, start, until)) < until:
        rest = Tail(source, start)
        kind = sniff(rest.at)
        length = _end(rest, kind) if kind in _ENDS else None
        end = until if length is None else min(start + length, until)
        if start not in listed:
            yield from _piece(source, start, end, "trailer")
        start = end


def _piece(source: Source, start: int, end: int, name: str) -> Iterator[CarrierOutput]:
    where = f'{end - start} bytes "{name}" at byte {start}, behind the end'
    kind = sniff(Tail(source, start).at)
    if not needs_no_carrier(kind) and kind != UNKNOWN:
        if end - start > source.limits.child:
            yield Trouble("", Trailer.name, Cause.OVERSIZED, f"{where}: not looked at")
        else:
            yield EmbeddedFile(name or "trailer", source.at(start, end - start))
        return
    data = bounded(source, start, end - start)
    text = decoded(data)
    words = text if printable(text) else "\n".join(decoded(run) for run in _WORDS.findall(data))
    yield Statement(Trailer.name, where, name or "trailer", words or f"{end - start} bytes")


def _behind_padding(source: Source, start: int, until: int) -> int:
    first = start
    while start < until:
        block = source.at(start, min(source.limits.block, until - start))
        if kept := block.lstrip(_PADDING):
            begin = start + len(block) - len(kept)
            return max(first, begin - 3) if source.at(begin + 1, 4) in _BOXES else begin
        start += max(1, len(block))
    return until


def _listed(source: Source) -> set[int]:
    """Offsets of the pictures that belong to this one: previews, gain maps, the other eye."""
    found = set[int]()
    try:
        for segment in jpeg.segments(source):
            if segment.marker == jpeg.SOS:
                break
            if segment.marker == jpeg.APP2 and source.at(segment.offset, 4) == b"MPF\0":
                base = segment.offset + 4
                found.update(
                    base + place for place in _places(Block(source.at(base, segment.length - 4), source.limits))
                )
    except MalformedContainer:
        pass  # told by who reads the words
    return found


def _places(index: Block) -> Iterator[int]:
    for field in tiff.fields(index):
        if field.tag == _PICTURES_LISTED:
            data = tiff.raw(index, field)
            for entry in range(0, len(data) - 15, 16):
                yield int.from_bytes(data[entry + 8 : entry + 12], "little" if field.order == "<" else "big")


def _end(source: Readable, media_type: str) -> int | None:
    """Offset behind the file's own end; None where it has none before the last byte."""
    try:
        return _ENDS[media_type](source)
    except MalformedContainer:
        return None


def _jpeg(source: Readable) -> int | None:
    return next((segment.offset for segment in jpeg.segments(source) if segment.marker == jpeg.EOI), None)


def _png(source: Readable) -> int | None:
    return max((chunk.offset + chunk.length + 4 for chunk in png.chunks(source)), default=None)


def _gif(source: Readable) -> int | None:
    return next((found.offset for found in gif.extensions(source) if found.kind == gif.END), None)


def _boxes(source: Readable) -> int | None:
    end = None
    try:
        for box in isobmff.boxes(source):
            end = box.offset + box.length
    except MalformedContainer:
        pass  # whatever follows, it is no box
    return end


_ENDS: dict[str, Callable[[Readable], int | None]] = {
    "image/jpeg": _jpeg,
    "image/png": _png,
    "image/gif": _gif,
    **dict.fromkeys(("image/webp", "audio/x-wav", "video/x-msvideo"), riff.end),
    **dict.fromkeys(("video/mp4", "video/quicktime", "image/heic", "image/avif"), _boxes),
}

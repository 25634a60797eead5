"""Bytes behind the end of a picture or a sound: motion photos, notes of editors, and anything hidden there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, Literal

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.media import types
from provenance.media.formats import gif, isobmff, jpeg, png, riff, samsung_trailer, tiff
from provenance.media.readable import Block, MalformedContainer, Readable, Tail, read_within
from provenance.media.sniff import sniff
from provenance.media.source import Source
from provenance.media.text import extract_text
from provenance.media.types import UNKNOWN, needs_no_carrier
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_PADDING = b"\0 \t\r\n"
_FIRST_BOXES = (b"ftyp", b"jP  ", b"JXL ")
"""First boxes of files. Such a file begins with the box's size, whose zeros must not be taken for padding."""
_BOX_SIZE_ZEROS = 3
"""Zeros with which such a size begins: first boxes are shorter than 256 bytes."""
_SHORTEST_FILE = 32
"""Bytes below which a piece is not taken for a file: no picture, sound or archive with a content is as short."""
_MULTI_PICTURE_MARK = b"MPF\0"
_MULTI_PICTURE_ENTRIES = 0xB002
"""Tag of the Multi-Picture Format (CIPA DC-007) under which a JPEG lists the pictures behind it."""
_MULTI_PICTURE_ENTRY = 16
"""Bytes of one entry; the offset of the picture is in bytes 8 to 11."""


class Trailer(Carrier):
    """Files and texts that were appended to a picture or a sound, such as the movie of a motion photo.

    Appended files are embedded files, and so are the further pictures that a JPEG itself lists: previews, gain maps,
    the second eye of a stereo picture. Anything else is one statement: its text, or its length.
    """

    name: ClassVar[str] = "trailer"
    title: ClassVar[str] = "bytes behind the end of JPEG, PNG, GIF and RIFF files"
    media: ClassVar[frozenset[str]] = frozenset({types.JPEG, types.PNG, types.GIF, types.WEBP, types.WAV, types.AVI})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report an embedded file for each appended file, and a statement for anything else."""
        end = _find_end(source, source.media_type)
        if end is None or end >= source.size:
            # A file that is cut has no end; the carrier of its format reports that.
            return
        samsung_parts: list[samsung_trailer.TrailerPart] = []
        try:
            samsung_parts.extend(samsung_trailer.walk_parts(source))
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        # The parts in Samsung's directory are read under their names, so the search ends where the first one starts.
        starts = [part.start for part in samsung_parts if part.start >= end]
        yield from _read_tail(source, end, min(starts, default=source.size))
        for part in samsung_parts:
            yield from _read_piece(source, part.offset, part.offset + part.length, part.name)


def _read_tail(source: Source, start: int, until: int) -> Iterator[CarrierOutput]:
    """Report the files and texts between two offsets, one behind the other, with padding between them."""
    own_pictures = _find_own_pictures(source) if source.media_type == types.JPEG else {}
    while (start := _skip_padding(source, start, until)) < until:
        rest = Tail(source, start)
        length = _find_end(rest, sniff(rest.at))
        # Where no end can be found, this is the last piece.
        end = until if length is None else min(start + length, until)
        yield from _read_piece(source, start, end, own_pictures.get(start, "trailer"))
        start = end


def _read_piece(source: Source, start: int, end: int, name: str) -> Iterator[CarrierOutput]:
    where = f'{end - start} bytes "{name}" at byte {start}, behind the end'
    media_type = sniff(Tail(source, start).at)
    is_too_short = end - start < _SHORTEST_FILE
    if is_too_short or media_type == UNKNOWN or needs_no_carrier(media_type):
        data = read_within(source, start, end - start)
        text = extract_text(data) or f"{end - start} bytes"
        yield Statement(Trailer.name, where, name or "trailer", text)
    elif end - start > source.limits.child:
        detail = f"{where}: larger than {source.limits.child:,} bytes; it was not read"
        yield Trouble("", Trailer.name, Cause.OVERSIZED, detail)
    else:
        yield EmbeddedFile(name or "trailer", source.at(start, end - start))


def _skip_padding(source: Source, start: int, until: int) -> int:
    """Return the offset of the first byte that is not padding; `until` if there is none."""
    position = start
    while position < until:
        block = source.at(position, min(source.limits.block, until - position))
        content = block.lstrip(_PADDING)
        if content:
            first = position + len(block) - len(content)
            # The last byte of a box size was found; its zeros were skipped as padding and belong to the file.
            is_box_size = source.at(first + 1, 4) in _FIRST_BOXES
            if is_box_size:
                return max(start, first - _BOX_SIZE_ZEROS)
            return first
        # At least one byte, so that the loop ends even if the storage suddenly gives nothing.
        position += max(1, len(block))
    return until


def _find_own_pictures(source: Source) -> dict[int, str]:
    """Find the pictures that a JPEG lists as its own (previews, gain maps, the second eye): offset and name of each."""
    names: dict[int, str] = {}
    try:
        for segment in jpeg.walk_segments(source):
            # The list stands before the picture data.
            if segment.marker == jpeg.SOS:
                break
            if segment.marker != jpeg.APP2 or source.at(segment.offset, 4) != _MULTI_PICTURE_MARK:
                continue
            # Offsets count from the TIFF header, which follows the mark.
            base = segment.offset + 4
            index = Block(source.at(base, segment.length - 4), source.limits)
            for number, offset in enumerate(_read_picture_offsets(index), 1):
                names.setdefault(base + offset, f"picture {number}")
    except MalformedContainer:
        # The carriers `jpeg` and `exif` report damage; here it only means that the list ends.
        pass
    return names


def _read_picture_offsets(index: Block) -> Iterator[int]:
    for field in tiff.walk_fields(index):
        if field.tag != _MULTI_PICTURE_ENTRIES:
            continue
        data = tiff.read_value(index, field)
        byte_order: Literal["little", "big"] = "little" if field.order == "<" else "big"
        for entry in range(0, len(data) - _MULTI_PICTURE_ENTRY + 1, _MULTI_PICTURE_ENTRY):
            yield int.from_bytes(data[entry + 8 : entry + 12], byte_order)


def _find_end(source: Readable, media_type: str) -> int | None:
    """Return the offset behind a file's own last byte; None if it is cut or of a type without a recognisable end."""
    find_end = _END_FINDERS.get(media_type)
    if find_end is None:
        return None
    try:
        return find_end(source)
    except MalformedContainer:
        return None


def _find_jpeg_end(source: Readable) -> int | None:
    for segment in jpeg.walk_segments(source):
        if segment.marker == jpeg.EOI:
            return segment.offset
    return None


def _find_png_end(source: Readable) -> int | None:
    # Four bytes of checksum follow the data of a chunk.
    return max((chunk.offset + chunk.length + 4 for chunk in png.walk_chunks(source)), default=None)


def _find_gif_end(source: Readable) -> int | None:
    for extension in gif.walk_extensions(source):
        if extension.kind == gif.END:
            return extension.offset
    return None


def _find_boxes_end(source: Readable) -> int | None:
    end = None
    try:
        for box in isobmff.walk_level(source):
            end = box.offset + box.length
    except MalformedContainer:
        # What follows the last box is not a box, so the file ended there.
        pass
    return end


# The last row is for appended files only, such as the movie of a motion photo.
_END_FINDERS: dict[str, Callable[[Readable], int | None]] = {
    types.JPEG: _find_jpeg_end,
    types.PNG: _find_png_end,
    types.GIF: _find_gif_end,
    **dict.fromkeys((types.WEBP, types.WAV, types.AVI), riff.find_end),
    **dict.fromkeys((types.MP4, types.QUICKTIME, types.HEIC, types.AVIF), _find_boxes_end),
}

"""Where XMP packets lie in files: at their place in known containers, found by their own markers in all others.

The places are those of Adobe's XMP Specification Part 3 (ISO 16684-1 describes the packet itself). The search in files
of other kinds goes like this:

1. Decide how far to search: a packet's limit from the start, more in documents, and the end of the file.
2. Read window by window and find the first opening marker, in UTF-8 or in UTF-16.
3. Find its closing marker, in the window or in the file behind it.
4. Decide which packet speaks of the file itself: in a PDF the one that speaks of PDF, elsewhere the first.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import exif, gif, heif, isobmff, jpeg, jxl, photoshop, png, riff, tiff
from provenance.media.formats.pdf import PdfDocument
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.types import Container, XmpSearch
from provenance.model.vocabulary import About, Cause

_JPEG_MAIN = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_GIF_APPLICATION = "XMP DataXMP"
_GIF_EXIT = b"\x01\xff\xfe\xfd"
"""Begins the bytes behind a packet that lead readers of sub-blocks out again."""
_TIFF_TAG = 700
_MARKERS = (
    (b"<?xpacket begin", b"<?xpacket end"),
    (b"<x:xmpmeta", b"</x:xmpmeta>"),
    # In UTF-16 big-endian the same bytes begin one byte later.
    ("<?xpacket begin".encode("utf-16-le"), "<?xpacket end".encode("utf-16-le")),
)
"""Opening and closing markers of a packet."""
_LONGEST_MARKER = 32
"""Bytes, rounded up: a marker may lie across the end of a window."""
_WINDOW_BLOCKS = 4
"""Blocks of the limits that are searched at a time."""
_WITHOUT_END = 65_536
"""Bytes shown of a packet that is never closed."""
_MOST_SCANNED = 64
"""Packets looked for in one file that has no place for them."""
_DOCUMENT_REACH = 16
"""A document is searched for this many times what one packet may have, any other file once; its end once more."""


@dataclass(frozen=True, slots=True)
class XmpPacket:
    """One packet, where it stands, for a person, and of what it speaks."""

    data: bytes
    where: str
    about: About = About.ASSET
    loss: Cause | None = None
    """Why it is not whole."""


def find_packets(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    """The XMP packets of a file. Raises `MalformedContainer` as the walkers do, after everything readable."""
    if media_type in _EXIF:
        with contextlib.suppress(MalformedContainer):  # The EXIF carrier reports it.
            yield from _in_exif(source, media_type)
    if finder := _FINDERS.get(media_type):
        yield from finder(source)
    elif media_type in _SCANNED:
        yield from _scan(source, media_type)


def _cut(source: Readable, offset: int, length: int, where: str, about: About = About.ASSET) -> XmpPacket:
    data = read_within(source, offset, length)
    is_cut = length > len(data) == source.limits.packet
    return XmpPacket(data, where, about, Cause.OVERSIZED if is_cut else None)


def _jpeg(source: Readable) -> Iterator[XmpPacket]:
    main: list[bytes] = []
    extended: dict[bytes, bytearray] = {}
    for segment in jpeg.walk_app1_segments(source):
        data = source.at(segment.offset, segment.length)
        if data.startswith(_JPEG_MAIN) and len(main) < _MOST_SCANNED:
            main.append(data[len(_JPEG_MAIN) :])
            yield XmpPacket(main[-1], f"XMP in APP1 at byte {segment.offset - 4}")
        elif data.startswith(_JPEG_MORE):
            _place_portion(extended, data[len(_JPEG_MORE) :], source.limits.packet)
    for identity, joined in extended.items():
        # The main packet names the extended one by its GUID; others are leftovers of earlier editors.
        if any(identity in packet for packet in main):
            yield XmpPacket(bytes(joined), f"extended XMP {identity.decode('latin-1')}")


def _place_portion(extended: dict[bytes, bytearray], part: bytes, most: int) -> None:
    """Lay one portion of an extended packet at its place.

    Layout: 32 bytes of GUID, 4 of the full length, 4 of the offset of this portion, the data.
    """
    identity, offset, data = part[:32], int.from_bytes(part[36:40], "big"), part[40:]
    joined = extended.setdefault(identity, bytearray())
    grown = max(0, offset + len(data) - len(joined))
    if len(extended) > _MOST_SCANNED or grown + sum(map(len, extended.values())) > most:
        raise OversizedContainer(f"JPEG: extended XMP of more than {most} bytes")
    joined.extend(bytes(grown))
    joined[offset : offset + len(data)] = data


def _png(source: Readable) -> Iterator[XmpPacket]:
    left = source.limits.inflated
    for chunk in png.walk_chunks(source):
        if chunk.kind not in png.TEXT_KINDS or source.at(chunk.offset, 12) not in (b"XML:com.adob", b"Raw profile "):
            continue
        text = png.read_text(source, chunk, left)
        if text is None:
            continue
        left -= len(text.data)
        where = f"XMP in {chunk.kind} at byte {chunk.offset - 8}"
        if text.keyword == png.XMP:
            yield XmpPacket(text.data, where, loss=text.loss)
        elif text.keyword in png.XMP_PROFILES:
            yield XmpPacket(png.decode_profile(text), where, loss=text.loss)


def _riff(source: Readable) -> Iterator[XmpPacket]:
    for chunk in riff.walk_chunks(source):
        if chunk.kind in ("XMP ", "_PMX"):
            yield _cut(source, chunk.offset, chunk.length, f"{chunk.kind.strip()} chunk at byte {chunk.offset - 8}")


def _gif(source: Readable) -> Iterator[XmpPacket]:
    for extension in gif.walk_extensions(source):
        if extension.kind == _GIF_APPLICATION:
            data = read_within(source, extension.offset, extension.length)
            yield XmpPacket(data.split(_GIF_EXIT)[0], f"XMP application extension at byte {extension.offset - 14}")


def _tiff(source: Readable) -> Iterator[XmpPacket]:
    for field in tiff.walk_fields(source):
        if field.tag == _TIFF_TAG:
            about = About.ASSET if field.ifd == "IFD0" else About.COMPONENT
            yield XmpPacket(tiff.read_value(source, field), f"TIFF tag 700 ({field.ifd})", about)


def _in_exif(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    """What has its place in a TIFF file, kept by programs that copy all tags of one into a JPEG."""
    for found in exif.find_blocks(source, media_type):
        for field in tiff.walk_fields(found.block):
            if field.tag == _TIFF_TAG and field.ifd == "IFD0":
                yield XmpPacket(tiff.read_value(found.block, field), f"EXIF tag 700 in {found.where}")


def _boxes(source: Readable) -> Iterator[XmpPacket]:
    for box in isobmff.walk_boxes(source):
        if box.kind == isobmff.XMP:
            yield _cut(source, box.offset, box.length, f"XMP uuid box at byte {box.offset - 24}")
        elif box.kind == "XMP_":
            yield _cut(source, box.offset, box.length, f"{box.inner_path} at byte {box.offset - 8}")
        elif box.kind == "xml " and not box.path and b"xmpmeta" in source.at(box.offset, 1024):
            yield _cut(source, box.offset, box.length, f"xml box at byte {box.offset - 8}")


def _heif(source: Readable) -> Iterator[XmpPacket]:
    for item in heif.read_items(source):
        if item.content_type == types.RDF:
            yield XmpPacket(heif.read_item(source, item), f"XMP item {item.number}")
    yield from _boxes(source)


def _jpegxl(source: Readable) -> Iterator[XmpPacket]:
    for box, data in jxl.read_boxes(source, "xml "):
        yield XmpPacket(data, f"xml box at byte {box.offset - 8}")


def _photoshop(source: Readable) -> Iterator[XmpPacket]:
    for resource in photoshop.walk_resources(source):
        if resource.number == photoshop.XMP:
            yield _cut(source, resource.offset, resource.length, f"image resource {resource.number}")


def _pdf(source: Readable) -> Iterator[XmpPacket]:
    """The document's own packet; all that can be found where the document cannot be followed."""
    try:
        with PdfDocument(source) as document:
            packet = document.xmp()
    except MalformedContainer:  # The PDF carrier reports it.
        yield from _scan(source, types.PDF)
        return
    if packet:
        yield XmpPacket(packet, "metadata stream of the document")


def _markup(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    """The packet alone where there is one, because drawings name entities that are refused; else the whole document."""
    found = list(_scan(source, media_type))
    yield from found
    if found:
        return
    whole = read_within(source, 0, source.size)
    if b"rdf:RDF" in whole or (whole and media_type == types.RDF):
        yield _cut(source, 0, source.size, "XMP in the document")


def _scan(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    """Every packet that is found by its own markers. Raises `OversizedContainer` behind the last that is read."""
    found: list[tuple[int, bytes]] = []
    # Step 1: where to search.
    for start, end in _search_ranges(source, media_type):
        # One more than is wanted shows that there are too many.
        room = _MOST_SCANNED + 1 - len(found)
        found.extend(itertools.islice(_find_packets(source, start, end), room))
    # Step 4: which of them speaks of the file itself.
    own = _find_own_packet(found, media_type)
    for number, (offset, data) in enumerate(found[:_MOST_SCANNED]):
        about = About.ASSET if number == own else About.COMPONENT
        yield XmpPacket(data, f"XMP packet at byte {offset}", about)
    if len(found) > _MOST_SCANNED:
        raise OversizedContainer(f"more than {_MOST_SCANNED} XMP packets")


def _search_ranges(source: Readable, media_type: str) -> list[tuple[int, int]]:
    """Byte ranges that are searched: from the beginning, and the end of a file that is longer."""
    reach = source.limits.packet
    if media_type in _DOCUMENTS:
        reach *= _DOCUMENT_REACH
    tail = max(reach, source.size - source.limits.block)
    return [(0, min(reach, source.size)), (tail, source.size)]


def _find_packets(source: Readable, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of every packet that begins between `start` and `end`."""
    while start < end:
        window = source.at(start, min(source.limits.block * _WINDOW_BLOCKS, end - start))
        position = 0
        # Step 2: the nearest opening marker of any kind.
        while opening := _find_opening(window, position):
            position, closing_marker = opening
            # Step 3: its end.
            data = _read_packet(source, start + position, closing_marker, window[position:])
            yield start + position, data
            position += len(data)
        # The next window begins behind the last packet, or so early that no marker is cut in two.
        start += max(position, len(window) - _LONGEST_MARKER, 1)


def _find_opening(window: bytes, position: int) -> tuple[int, bytes] | None:
    """Where the nearest opening marker is, and the closing marker that belongs to it."""
    openings: list[tuple[int, bytes]] = []
    for opening_marker, closing_marker in _MARKERS:
        at = window.find(opening_marker, position)
        if at >= 0:
            openings.append((at, closing_marker))
    return min(openings, default=None)


def _read_packet(source: Readable, offset: int, closing_marker: bytes, window: bytes) -> bytes:
    """The packet up to its closing marker; when there is none, enough of it to show what is there."""
    at = window.find(closing_marker)
    if at < 0:
        window = read_within(source, offset, source.size - offset)
        at = window.find(closing_marker)
    if at < 0:
        return window[:_WITHOUT_END]
    return window[: at + len(closing_marker)]


def _find_own_packet(found: list[tuple[int, bytes]], media_type: str) -> int:
    """Number of the packet that speaks of the file itself, not of something placed in it."""
    own = 0
    if media_type == types.PDF:
        for number, (_, data) in enumerate(found):
            if b"ns.adobe.com/pdf/" in data:
                own = number  # The last one: an updated PDF appends a new packet and keeps the old.
    return own


_FINDERS: dict[str, Callable[[Readable], Iterator[XmpPacket]]] = {
    **dict.fromkeys(types.names_in(Container.JPEG), _jpeg),
    types.PNG: _png,
    types.WEBP: _riff,
    types.GIF: _gif,
    **dict.fromkeys(types.names_in(Container.HEIF), _heif),
    types.JXL: _jpegxl,
    types.FUJI_RAF: lambda source: _jpeg(jpeg.read_raf_preview(source)),
    types.PHOTOSHOP: _photoshop,
    types.PDF: _pdf,
    types.SVG: lambda source: _markup(source, types.SVG),
    types.RDF: lambda source: _markup(source, types.RDF),
    **dict.fromkeys(types.names_in(Container.BOXES), _boxes),
    types.AVI: _riff,
    types.WAV: _riff,
    **dict.fromkeys(types.TIFF_STRUCTURES, _tiff),
}
_EXIF = exif.EMBEDDING - {types.PNG}
"""Types whose EXIF blocks are searched as well. Those of PNG may be compressed, and are decompressed only once."""
_DOCUMENTS = types.select_names(lambda row: row.xmp_search is XmpSearch.DOCUMENT)
SEARCHED_ONLY = types.select_names(lambda row: row.xmp_search is XmpSearch.NOTHING_ELSE)
"""Types of which nothing is known here but how to look for packets."""
_SCANNED = types.select_names(lambda row: row.xmp_search is not None)
MEDIA = frozenset(_FINDERS) | _SCANNED
"""Media types in which XMP packets are looked for."""

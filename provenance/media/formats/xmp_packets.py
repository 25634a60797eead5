"""Find XMP packets: where a known container keeps them, and by their markers in files of all other kinds.

The places are those of Adobe's XMP Specification Part 3 (Storage in Files); ISO 16684-1 describes the packet itself. A
packet is XML text. It begins with `<?xpacket begin=…?>` and ends with `<?xpacket end=…?>`, so that it can be found in a
file whose structure is not known; some writers leave both out, and `<x:xmpmeta …>` to `</x:xmpmeta>` is all there is.

The same text is other bytes in each encoding, and the search has to look for all of them:

- UTF-8: the bytes of ASCII.
- UTF-16, little-endian: each byte of ASCII, then a zero. UTF-32: then three of them.
- Both, big-endian: the zeros come before each byte. From the first byte that is not zero on these are the bytes of
  little-endian, so one marker finds both; the zeros before it, and the text behind it, show which of them it is.

The search goes like this:

1. Decide which bytes to search: the beginning of the file, more of it in documents, and always its end.
2. Read window by window, and find the nearest opening marker in any encoding.
3. Find the closing marker of the same kind and encoding, in the window or in the file behind it.
4. Decide which packet is about the file itself: in a PDF the last one with properties of PDF, elsewhere the first. All
   others are about something that is placed in the file.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from provenance.media import types
from provenance.media.formats import dpx, exif, exr, gif, heif, indesign, isobmff, jpeg, jxl, photoshop, png, riff, tiff
from provenance.media.formats.indesign import InDesignStream
from provenance.media.formats.iptc import read_jpeg_resources
from provenance.media.formats.pdf import PdfDocument
from provenance.media.formats.tiff import TiffField
from provenance.media.readable import Head, MalformedContainer, OversizedContainer, Readable, read_within
from provenance.media.types import Container, XmpSearch
from provenance.model.vocabulary import About, Cause

_JPEG_MAIN = b"http://ns.adobe.com/xap/1.0/\0"
"""Begins the APP1 segment with the main packet."""
_JPEG_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
"""Begins each APP1 segment with a portion of a packet that is too long for one segment."""
_GIF_APPLICATION = "XMP DataXMP"
_GIF_MAGIC_TRAILER = b"\x01\xff\xfe\xfd"
"""Begins the bytes behind a packet that lead readers of sub-blocks out of it again."""
_TIFF_TAG = 700

_MARKERS = (("<?xpacket begin", "<?xpacket end"), ("<x:xmpmeta", "</x:xmpmeta>"))
"""Opening and closing marker of a packet."""
_ENCODINGS = (("utf-8", "utf-8"), ("utf-16-le", "utf-16-be"), ("utf-32-le", "utf-32-be"))
"""Little-endian and big-endian encoding of each width."""
_LONGEST_MARKER = 64
"""Bytes, rounded up: a marker may lie across the end of a window."""
_ORDER_SAMPLE = 65_536
"""Bytes by which the byte order of a packet is decided."""
_MARKS_AND_BLANKS = "<>\"'=/ \n"
"""What separates the words of XML."""
_WINDOW_BLOCKS = 4
"""Blocks of the limits that are searched at a time."""
_LENGTH_WITHOUT_END = 65_536
"""Bytes reported of a packet that is never closed."""
_MOST_PACKETS = 64
"""Packets reported of one file in which they are found by their markers."""
_DOCUMENT_REACH = 16
"""A document is searched for this many times the bytes that one packet may have, any other file for as many."""


@dataclass(frozen=True, slots=True)
class XmpPacket:
    """One packet, where it is, for a person, and what it is about."""

    data: bytes
    where: str
    about: About = About.ASSET
    loss: Cause | None = None
    """Why it is not whole."""
    may_be_cut: bool = False
    """Whether the file may have cut it in two without being damaged."""


def find_packets(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    """Find the XMP packets of a file. Raises `MalformedContainer` as the walkers do, after everything readable."""
    if media_type in _WITH_EXIF:
        # The carrier of EXIF reports the damage.
        with contextlib.suppress(MalformedContainer):
            yield from _find_in_exif(source, media_type)
    if finder := _FINDERS.get(media_type):
        yield from finder(source)
    elif media_type in _SEARCHED:
        yield from _search(source, media_type)


def _read_packet(source: Readable, offset: int, length: int, where: str, about: About = About.ASSET) -> XmpPacket:
    data = read_within(source, offset, length)
    is_too_long = length > len(data) == source.limits.packet
    return XmpPacket(data, where, about, loss=Cause.OVERSIZED if is_too_long else None)


def _find_in_jpeg(source: Readable) -> Iterator[XmpPacket]:
    main: list[bytes] = []
    extended: dict[bytes, bytearray] = {}
    for segment in jpeg.walk_app1_segments(source):
        data = source.at(segment.offset, segment.length)
        if data.startswith(_JPEG_MAIN) and len(main) < _MOST_PACKETS:
            main.append(data.removeprefix(_JPEG_MAIN))
            yield XmpPacket(main[-1], f"XMP in APP1 at byte {segment.offset - 4}")
        elif data.startswith(_JPEG_EXTENSION):
            _place_portion(extended, data.removeprefix(_JPEG_EXTENSION), source.limits.packet)
    for guid, packet in extended.items():
        # The main packet names the extended one by its GUID; others are leftovers of earlier editors.
        if any(guid in main_packet for main_packet in main):
            yield XmpPacket(bytes(packet), f"extended XMP {guid.decode('latin-1')}")
    yield from _find_in_jpeg_resources(source, main)


def _find_in_jpeg_resources(source: Readable, main: list[bytes]) -> Iterator[XmpPacket]:
    """Find packets among the image resources of Photoshop, where some programs keep a copy of the main packet."""
    resources, where = read_jpeg_resources(source)
    # The carrier of IPTC reads the same list and reports its damage.
    with contextlib.suppress(MalformedContainer):
        for resource in photoshop.walk_resource_list(resources, 0, resources.size):
            if resource.number != photoshop.XMP:
                continue
            packet = _read_packet(
                resources, resource.offset, resource.length, f"{where}image resource {resource.number}"
            )
            if packet.data not in main:
                yield packet


def _place_portion(extended: dict[bytes, bytearray], portion: bytes, most: int) -> None:
    """Put one portion of an extended packet where it belongs.

    Layout: 32 bytes of GUID, 4 of the full length, 4 of the offset of this portion, the data. Raises
    `OversizedContainer` when all packets together would have more than `most` bytes.
    """
    guid = portion[:32]
    offset = int.from_bytes(portion[36:40], "big")
    data = portion[40:]
    packet = extended.setdefault(guid, bytearray())
    # The offset is not believed before it is known to be within the limit: it decides how much memory is taken.
    growth = max(0, offset + len(data) - len(packet))
    if len(extended) > _MOST_PACKETS or growth + sum(map(len, extended.values())) > most:
        raise OversizedContainer(f"JPEG: the extended XMP has more than {most:,} bytes")
    packet.extend(bytes(growth))
    packet[offset : offset + len(data)] = data


def _find_in_png(source: Readable) -> Iterator[XmpPacket]:
    left = source.limits.inflated
    for chunk in png.walk_chunks(source):
        if chunk.kind not in png.TEXT_KINDS:
            continue
        # Other texts are passed over by the beginning of their keyword: they may be large, and compressed.
        if source.at(chunk.offset, 12) not in (b"XML:com.adob", b"Raw profile "):
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


def _find_in_riff(source: Readable) -> Iterator[XmpPacket]:
    for chunk in riff.walk_chunks(source):
        if chunk.kind in ("XMP ", "_PMX"):
            where = f"{chunk.kind.strip()} chunk at byte {chunk.offset - 8}"
            yield _read_packet(source, chunk.offset, chunk.length, where)


def _find_in_gif(source: Readable) -> Iterator[XmpPacket]:
    for extension in gif.walk_extensions(source):
        if extension.kind == _GIF_APPLICATION:
            # XMP in a GIF is not divided into sub-blocks: the packet is there as it is.
            data = read_within(source, extension.offset, extension.length)
            where = f"XMP application extension at byte {extension.offset - 14}"
            yield XmpPacket(data.split(_GIF_MAGIC_TRAILER)[0], where)


def _find_in_tiff(
    source: Readable, walk_fields: Callable[[Readable], Iterator[TiffField]] = tiff.walk_fields
) -> Iterator[XmpPacket]:
    for field in walk_fields(source):
        if field.tag == _TIFF_TAG:
            # Later directories are further pages and thumbnails.
            about = About.ASSET if field.ifd == "IFD0" else About.COMPONENT
            yield XmpPacket(tiff.read_value(source, field), f"TIFF tag 700 ({field.ifd})", about)


def _find_in_pages(source: Readable) -> Iterator[XmpPacket]:
    yield from _find_in_tiff(source, tiff.walk_own_fields)


def _find_in_exif(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    # Tag 700 belongs in TIFF files. Programs that copy all tags of one into a JPEG copy it as well.
    for found in exif.find_blocks(source, media_type):
        for field in tiff.walk_fields(found.block):
            if field.tag == _TIFF_TAG and field.ifd == "IFD0":
                yield XmpPacket(tiff.read_value(found.block, field), f"EXIF tag 700 in {found.where}")


def _find_in_boxes(source: Readable) -> Iterator[XmpPacket]:
    for box in isobmff.walk_boxes(source):
        if box.kind == isobmff.XMP:
            yield _read_packet(source, box.offset, box.length, f"XMP uuid box at byte {box.offset - 24}")
        elif box.kind == "XMP_":
            yield _read_packet(source, box.offset, box.length, f"{box.inner_path} at byte {box.offset - 8}")
        # An `xml ` box may hold any XML.
        elif box.kind == "xml " and not box.path and b"xmpmeta" in source.at(box.offset, 1024):
            yield _read_packet(source, box.offset, box.length, f"xml box at byte {box.offset - 8}")


def _find_in_heif(source: Readable) -> Iterator[XmpPacket]:
    for item in heif.read_items(source):
        if item.content_type == types.RDF:
            yield XmpPacket(heif.read_item(source, item), f"XMP item {item.number}")
    yield from _find_in_boxes(source)


def _find_in_jxl(source: Readable) -> Iterator[XmpPacket]:
    for box, data in jxl.read_boxes(source, "xml "):
        yield XmpPacket(data, f"xml box at byte {box.offset - 8}")


def _find_in_raf(source: Readable) -> Iterator[XmpPacket]:
    yield from _find_in_jpeg(jpeg.read_raf_preview(source))


def _find_in_photoshop(source: Readable) -> Iterator[XmpPacket]:
    for resource in photoshop.walk_resources(source):
        if resource.number == photoshop.XMP:
            yield _read_packet(source, resource.offset, resource.length, f"image resource {resource.number}")


def _find_in_pdf(source: Readable) -> Iterator[XmpPacket]:
    try:
        with PdfDocument(source) as document:
            packet = document.read_xmp()
    except MalformedContainer:
        # The carrier of PDF reports the damage. A document that cannot be opened may still show its packets.
        yield from _search(source, types.PDF)
        return
    if packet:
        yield XmpPacket(packet, "metadata stream of the document")


def _find_in_dpx(source: Readable) -> Iterator[XmpPacket]:
    # In the user data: the picture behind them is large, and holds nothing.
    yield from _search(Head(source, dpx.DpxHeader(source).user_data_end), types.DPX)


def _find_in_exr(source: Readable) -> Iterator[XmpPacket]:
    for attribute in exr.walk_attributes(source):
        if attribute.name.lower() in exr.XMP_ATTRIBUTES:
            where = f'attribute "{attribute.name}" at byte {attribute.offset}'
            yield _read_packet(source, attribute.offset, attribute.length, where)


def _find_in_indesign(source: Readable) -> Iterator[XmpPacket]:
    """Find the packet of the document in an object behind its pages, then those of placed files in objects and pages.

    The pages of the database may cut a packet in two. Raises `MalformedContainer` where the objects are damaged, behind
    everything that can be found nevertheless.
    """
    damage: MalformedContainer | None = None
    opening = _MARKERS[0][0].encode()
    own: InDesignStream | None = None
    try:
        for stream in indesign.walk_streams(source):
            if source.at(stream.offset, len(opening)) == opening:
                about = About.COMPONENT if own else About.ASSET
                own = own or stream
                yield _read_packet(source, stream.offset, stream.length, f"object at byte {stream.offset - 36}", about)
    except MalformedContainer as fault:
        damage = fault
    if own is None:
        yield from _search(source, types.INDESIGN)
    else:
        pages = Head(source, own.offset)
        for packet in _search(pages, types.INDESIGN):
            yield replace(packet, about=About.COMPONENT, may_be_cut=True)
    if damage:
        raise damage


def _find_in_svg(source: Readable) -> Iterator[XmpPacket]:
    yield from _find_in_markup(source, types.SVG)


def _find_in_rdf(source: Readable) -> Iterator[XmpPacket]:
    yield from _find_in_markup(source, types.RDF)


def _find_in_markup(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    # The packet alone is parsed where there is one: drawings define XML entities, and the parser refuses those.
    packets = list(_search(source, media_type))
    yield from packets
    if packets:
        return
    document = read_within(source, 0, source.size)
    if b"rdf:RDF" in document or (document and media_type == types.RDF):
        yield _read_packet(source, 0, source.size, "XMP in the document")


def _search(source: Readable, media_type: str) -> Iterator[XmpPacket]:
    """Find packets by their markers. Raises `OversizedContainer` behind the last that is reported."""
    found: list[tuple[int, bytes]] = []
    # Step 1: which bytes to search.
    for start, end in _choose_ranges(source, media_type):
        # One packet more than is reported shows that there are too many.
        room = _MOST_PACKETS + 1 - len(found)
        found.extend(itertools.islice(_search_range(source, start, end), room))
    # Step 4: which packet is about the file itself.
    own = _choose_own_packet(found, media_type)
    for number, (offset, data) in enumerate(found[:_MOST_PACKETS]):
        about = About.ASSET if number == own else About.COMPONENT
        yield XmpPacket(data, f"XMP packet at byte {offset}", about)
    if len(found) > _MOST_PACKETS:
        raise OversizedContainer(f"contains more than {_MOST_PACKETS} XMP packets; the rest was not read")


def _choose_ranges(source: Readable, media_type: str) -> list[tuple[int, int]]:
    """Start and end of the bytes that are searched. The second range is empty when the first reaches the end."""
    reach = source.limits.packet
    if media_type in _DOCUMENTS:
        reach *= _DOCUMENT_REACH
    tail = max(reach, source.size - source.limits.block)
    return [(0, min(reach, source.size)), (tail, source.size)]


def _search_range(source: Readable, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of every packet that begins between `start` and `end`."""
    while start < end:
        window = source.at(start, min(source.limits.block * _WINDOW_BLOCKS, end - start))
        position = 0
        # Step 2: the nearest opening marker of any kind.
        while opening := _find_opening_marker(window, position, start):
            position = opening.offset
            # Step 3: the closing marker that belongs to it.
            data = _read_to_closing_marker(source, start + position, opening.closing_marker, window[position:])
            yield start + position, data
            position += len(data)
        # The next window begins behind the last packet, or so early that no marker is cut in two.
        start += max(position, len(window) - _LONGEST_MARKER, 1)


class _Opening(NamedTuple):
    """Where a packet begins in a window, and the closing marker that belongs to it."""

    offset: int
    closing_marker: bytes


class _MarkerPair(NamedTuple):
    """A pair of markers in one width: the opening one little-endian, for it finds both, and the closing ones."""

    opening: bytes
    closings: tuple[bytes, bytes]
    encodings: tuple[str, str]
    width: int
    """Bytes of a character of ASCII."""


def _make_marker_pairs() -> tuple[_MarkerPair, ...]:
    pairs: list[_MarkerPair] = []
    for encodings in _ENCODINGS:
        width = len("<".encode(encodings[0]))
        for opening, closing in _MARKERS:
            closings = (closing.encode(encodings[0]), closing.encode(encodings[1]))
            pairs.append(_MarkerPair(opening.encode(encodings[0]), closings, encodings, width))
    return tuple(pairs)


_MARKER_PAIRS = _make_marker_pairs()


def _find_opening_marker(window: bytes, position: int, start: int) -> _Opening | None:
    """The nearest opening marker behind `position`. `start`: where the window begins in the file."""
    nearest: tuple[int, _MarkerPair] | None = None
    for pair in _MARKER_PAIRS:
        offset = window.find(pair.opening, position)
        if offset >= 0 and (nearest is None or offset < nearest[0]):
            nearest = (offset, pair)
    if nearest is None:
        return None
    offset, pair = nearest
    if _is_big_endian(window, offset, position, pair, start):
        return _Opening(offset - pair.width + 1, pair.closings[1])
    return _Opening(offset, pair.closings[0])


def _is_big_endian(window: bytes, offset: int, position: int, pair: _MarkerPair, start: int) -> bool:
    """Whether the zeros of each character come before it; `offset` is where its byte of ASCII is."""
    zeros = pair.width - 1
    early = offset - zeros
    if not zeros or early < position or any(window[early:offset]):
        return False
    end = window.find(pair.closings[0], offset, offset + _ORDER_SAMPLE)
    length = _ORDER_SAMPLE if end < 0 else end - offset
    # In the wrong order, the letters of other scripts swallow the marks and blanks behind them.
    little, big = (
        sum(map(window[begin : begin + length].decode(encoding, "replace").count, _MARKS_AND_BLANKS))
        for begin, encoding in zip((offset, early), pair.encodings, strict=True)
    )
    if little != big:
        return big > little
    # Nothing but ASCII: texts mostly begin at a multiple of their width.
    return (start + early) % pair.width == 0


def _read_to_closing_marker(source: Readable, offset: int, closing_marker: bytes, window: bytes) -> bytes:
    """Read the packet at `offset`; `window` is what was read from there. Without a marker, read its beginning."""
    end = window.find(closing_marker)
    if end < 0:
        # The packet goes on behind the window.
        window = read_within(source, offset, source.size - offset)
        end = window.find(closing_marker)
    if end < 0:
        return window[:_LENGTH_WITHOUT_END]
    return window[: end + len(closing_marker)]


def _choose_own_packet(found: list[tuple[int, bytes]], media_type: str) -> int:
    """Number of the packet that is about the file itself, not about something placed in it."""
    own = 0
    if media_type == types.PDF:
        for number, (_, data) in enumerate(found):
            # The last one counts: an updated PDF appends a new packet and keeps the old one.
            if b"ns.adobe.com/pdf/" in data:
                own = number
    return own


_FINDERS: dict[str, Callable[[Readable], Iterator[XmpPacket]]] = {
    **dict.fromkeys(types.names_in(Container.JPEG), _find_in_jpeg),
    **dict.fromkeys((types.PNG, types.JNG, types.MNG), _find_in_png),
    types.DPX: _find_in_dpx,
    types.EXR: _find_in_exr,
    types.INDESIGN: _find_in_indesign,
    types.WEBP: _find_in_riff,
    types.GIF: _find_in_gif,
    **dict.fromkeys(types.names_in(Container.HEIF), _find_in_heif),
    types.JXL: _find_in_jxl,
    types.FUJI_RAF: _find_in_raf,
    types.PHOTOSHOP: _find_in_photoshop,
    types.PDF: _find_in_pdf,
    types.SVG: _find_in_svg,
    types.RDF: _find_in_rdf,
    **dict.fromkeys(types.names_in(Container.BOXES), _find_in_boxes),
    **dict.fromkeys((types.AVI, types.WAV, types.WAVE64), _find_in_riff),
    **dict.fromkeys(types.TIFF_STRUCTURES, _find_in_tiff),
    types.TIFF: _find_in_pages,
}
_WITH_EXIF = exif.EMBEDDING - {types.PNG}
"""Types whose EXIF blocks are searched as well. Those of PNG may be compressed, and are decompressed only once."""
_DOCUMENTS = types.select_names(lambda row: row.xmp_search is XmpSearch.DOCUMENT)
SEARCHED_ONLY = types.select_names(lambda row: row.xmp_search is XmpSearch.NOTHING_ELSE)
"""Types of which nothing else is read than packets found by their markers."""
_SEARCHED = types.select_names(lambda row: row.xmp_search is not None)
MEDIA = frozenset(_FINDERS) | _SEARCHED
"""Media types in which XMP packets are searched for."""

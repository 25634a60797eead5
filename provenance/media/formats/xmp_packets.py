"""Where XMP packets lie in files: at their place in known containers, found by their own marks in all others."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from provenance.media import types
from provenance.media.formats import exif, gif, heif, isobmff, jpeg, jxl, photoshop, png, riff, tiff
from provenance.media.formats.pdf import PdfDocument
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable, bounded
from provenance.media.types import Container, XmpSearch
from provenance.model.vocabulary import About, Cause

_JPEG_MAIN = b"http://ns.adobe.com/xap/1.0/\0"
_JPEG_MORE = b"http://ns.adobe.com/xmp/extension/\0"
_GIF_APPLICATION = "XMP DataXMP"
_GIF_EXIT = b"\x01\xff\xfe\xfd"
"""Begins the bytes behind a packet that lead readers of sub-blocks out again."""
_TIFF_TAG = 700
_MARKS = (
    (b"<?xpacket begin", b"<?xpacket end"),
    (b"<x:xmpmeta", b"</x:xmpmeta>"),
    ("<?xpacket begin".encode("utf-16-le"), "<?xpacket end".encode("utf-16-le")),  # big-endian looks alike, one byte on
)
_MOST_SCANNED = 64
"""Packets looked for in one file that has no place for them."""
_FURTHEST = 16
"""A document is searched for this many times what one packet may have, any other file once; its end once more."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet, where it stands, for a person, and of what it speaks."""

    data: bytes
    where: str
    about: About = About.ASSET
    loss: Cause | None = None
    """Why it is not whole."""


def packets(source: Readable, media_type: str) -> Iterator[Packet]:
    """The XMP packets of a file. Raises `MalformedContainer` as the walkers do, after everything readable."""
    if media_type in _EXIF:
        with contextlib.suppress(MalformedContainer):  # told by the carrier of EXIF
            yield from _in_exif(source, media_type)
    if finder := _FINDERS.get(media_type):
        yield from finder(source)
    elif media_type in _SCANNED:
        yield from _scanned(source, media_type)


def _cut(source: Readable, offset: int, length: int, where: str, about: About = About.ASSET) -> Packet:
    data = bounded(source, offset, length)
    return Packet(data, where, about, Cause.OVERSIZED if length > len(data) == source.limits.packet else None)


def _jpeg(source: Readable) -> Iterator[Packet]:
    main: list[bytes] = []
    extended: dict[bytes, bytearray] = {}
    for segment in jpeg.applications(source):
        data = source.at(segment.offset, segment.length)
        if data.startswith(_JPEG_MAIN) and len(main) < _MOST_SCANNED:
            main.append(data[len(_JPEG_MAIN) :])
            yield Packet(main[-1], f"XMP in APP1 at byte {segment.offset - 4}")
        elif data.startswith(_JPEG_MORE):
            _put(extended, data[len(_JPEG_MORE) :], source.limits.packet)
    for identity, joined in extended.items():
        if any(identity in packet for packet in main):  # leftovers of other editors speak of nothing
            yield Packet(bytes(joined), f"extended XMP {identity.decode('latin-1')}")


def _put(extended: dict[bytes, bytearray], part: bytes, most: int) -> None:
    """Lay one portion of an extended packet at its place: identity, full length, offset, data."""
    identity, offset, data = part[:32], int.from_bytes(part[36:40], "big"), part[40:]
    joined = extended.setdefault(identity, bytearray())
    grown = max(0, offset + len(data) - len(joined))
    if len(extended) > _MOST_SCANNED or grown + sum(map(len, extended.values())) > most:
        raise OversizedContainer(f"JPEG: extended XMP of more than {most} bytes")
    joined.extend(bytes(grown))
    joined[offset : offset + len(data)] = data


def _png(source: Readable) -> Iterator[Packet]:
    left = source.limits.inflated
    for chunk in png.chunks(source):
        if chunk.kind not in png.TEXTS or source.at(chunk.offset, 12) not in (b"XML:com.adob", b"Raw profile "):
            continue
        text, where = png.text_of(source, chunk, left), f"XMP in {chunk.kind} at byte {chunk.offset - 8}"
        left -= len(text.data) if text else 0
        if text and text.keyword == png.XMP:
            yield Packet(text.data, where, loss=text.loss)
        elif text and text.keyword in png.XMP_PROFILES:
            yield Packet(png.profile(text), where, loss=text.loss)


def _riff(source: Readable) -> Iterator[Packet]:
    for chunk in riff.chunks(source):
        if chunk.kind in ("XMP ", "_PMX"):
            yield _cut(source, chunk.offset, chunk.length, f"{chunk.kind.strip()} chunk at byte {chunk.offset - 8}")


def _gif(source: Readable) -> Iterator[Packet]:
    for extension in gif.extensions(source):
        if extension.kind == _GIF_APPLICATION:
            data = bounded(source, extension.offset, extension.length)
            yield Packet(data.split(_GIF_EXIT)[0], f"XMP application extension at byte {extension.offset - 14}")


def _tiff(source: Readable) -> Iterator[Packet]:
    for field in tiff.fields(source):
        if field.tag == _TIFF_TAG:
            about = About.ASSET if field.ifd == "IFD0" else About.COMPONENT
            yield Packet(tiff.raw(source, field), f"TIFF tag 700 ({field.ifd})", about)


def _in_exif(source: Readable, media_type: str) -> Iterator[Packet]:
    """What has its place in a TIFF file, kept by programs that copy all tags of one into a JPEG."""
    for found in exif.blocks(source, media_type):
        for field in tiff.fields(found.block):
            if field.tag == _TIFF_TAG and field.ifd == "IFD0":
                yield Packet(tiff.raw(found.block, field), f"EXIF tag 700 in {found.where}")


def _boxes(source: Readable) -> Iterator[Packet]:
    for box in isobmff.walk(source):
        if box.kind == isobmff.XMP:
            yield _cut(source, box.offset, box.length, f"XMP uuid box at byte {box.offset - 24}")
        elif box.kind == "XMP_":
            yield _cut(source, box.offset, box.length, f"{box.here} at byte {box.offset - 8}")
        elif box.kind == "xml " and not box.path and b"xmpmeta" in source.at(box.offset, 1024):
            yield _cut(source, box.offset, box.length, f"xml box at byte {box.offset - 8}")


def _heif(source: Readable) -> Iterator[Packet]:
    for item in heif.items(source):
        if item.content_type == types.RDF:
            yield Packet(heif.content(source, item), f"XMP item {item.number}")
    yield from _boxes(source)


def _jpegxl(source: Readable) -> Iterator[Packet]:
    for box, data in jxl.contents(source, "xml "):
        yield Packet(data, f"xml box at byte {box.offset - 8}")


def _photoshop(source: Readable) -> Iterator[Packet]:
    for resource in photoshop.resources(source):
        if resource.number == photoshop.XMP:
            yield _cut(source, resource.offset, resource.length, f"image resource {resource.number}")


def _pdf(source: Readable) -> Iterator[Packet]:
    """The document's own packet; all that can be found where the document cannot be followed."""
    try:
        with PdfDocument(source) as document:
            packet = document.xmp()
    except MalformedContainer:  # told by the carrier of PDF itself
        yield from _scanned(source, types.PDF)
        return
    if packet:
        yield Packet(packet, "metadata stream of the document")


def _markup(source: Readable, media_type: str) -> Iterator[Packet]:
    """The packet alone where there is one: drawings name entities that are refused. Else all of the document."""
    found = list(_scanned(source, media_type))
    yield from found
    whole = b"" if found else bounded(source, 0, source.size)
    if b"rdf:RDF" in whole or (whole and media_type == types.RDF):
        yield _cut(source, 0, source.size, "XMP in the document")


def _scanned(source: Readable, media_type: str) -> Iterator[Packet]:
    """Every packet by its own marks. The document's own is the one that speaks of PDF in a PDF, else the first."""
    everywhere = (packet for start, end in _reach(source, media_type) for packet in _marked(source, start, end))
    found = list(itertools.islice(everywhere, _MOST_SCANNED + 1))
    own = max((i for i, (_, data) in enumerate(found) if b"ns.adobe.com/pdf/" in data), default=0)
    own = own if media_type == types.PDF else 0
    for i, (offset, data) in enumerate(found[:_MOST_SCANNED]):
        yield Packet(data, f"XMP packet at byte {offset}", About.ASSET if i == own else About.COMPONENT)
    if len(found) > _MOST_SCANNED:
        raise OversizedContainer(f"more than {_MOST_SCANNED} XMP packets")


def _reach(source: Readable, media_type: str) -> list[tuple[int, int]]:
    """Stretches that are searched: from the beginning, and the end of a file that is longer."""
    furthest = source.limits.packet * (_FURTHEST if media_type in _DOCUMENTS else 1)
    tail = max(furthest, source.size - source.limits.block)
    return [(0, min(furthest, source.size)), (tail, source.size)]


def _marked(source: Readable, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Offset and bytes of every packet that begins between `start` and `end`."""
    while start < end:
        window = source.at(start, min(source.limits.block * 4, end - start))
        place = 0
        while begins := [(at, mark) for mark in _MARKS if (at := window.find(mark[0], place)) >= 0]:
            place, (_, closing) = min(begins)
            data = _closed(source, start + place, closing, window[place:])
            yield start + place, data
            place += len(data)
        start += max(place, len(window) - 32, 1)  # a mark may lie across the end of the window


def _closed(source: Readable, offset: int, closing: bytes, rest: bytes) -> bytes:
    """The packet up to its closing mark, or a stretch that shows what is there when there is none."""
    if (at := rest.find(closing)) < 0:
        rest = bounded(source, offset, source.size - offset)
        at = rest.find(closing)
    return rest[: at + len(closing)] if at >= 0 else rest[:65_536]


_FINDERS: dict[str, Callable[[Readable], Iterator[Packet]]] = {
    **dict.fromkeys(types.names_in(Container.JPEG), _jpeg),
    types.PNG: _png,
    types.WEBP: _riff,
    types.GIF: _gif,
    **dict.fromkeys(types.names_in(Container.HEIF), _heif),
    types.JXL: _jpegxl,
    types.FUJI_RAF: lambda source: _jpeg(jpeg.in_raf(source)),
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
"""Types of which the EXIF blocks are searched, too: those of PNG may be packed, and are unpacked but once."""
_DOCUMENTS = types.select_names(lambda row: row.xmp_search is XmpSearch.DOCUMENT)
UNREAD = types.select_names(lambda row: row.xmp_search is XmpSearch.NOTHING_ELSE)
"""Types of which nothing is known here but how to look for packets."""
_SCANNED = types.select_names(lambda row: row.xmp_search is not None)
MEDIA = frozenset(_FINDERS) | _SCANNED
"""Media types in which XMP packets are looked for."""

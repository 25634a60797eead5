"""EXIF, in whatever container it is wrapped.

The TIFF structure is walked by our own reader: the available libraries drop every value of a thousand bytes or more,
which is where generation parameters are stored, and count to four thousand million if a hostile field asks for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats import exif, maker_notes, tiff
from provenance.media.formats.tiff import Number, TiffField
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.source import Source
from provenance.media.text import decode_text, decode_utf16, is_printable
from provenance.model.evidence import Statement, Trouble

_NAMES = {
    0x010D: "DocumentName", 0x010E: "ImageDescription", 0x010F: "Make", 0x0110: "Model", 0x011D: "PageName",
    0x0131: "Software", 0x0132: "DateTime", 0x013B: "Artist", 0x013C: "HostComputer", 0x8298: "Copyright",
    0x829A: "ExposureTime", 0x829D: "FNumber", 0x8822: "ExposureProgram", 0x8827: "ISOSpeedRatings",
    0x8832: "RecommendedExposureIndex", 0x9003: "DateTimeOriginal", 0x9004: "DateTimeDigitized",
    0x9010: "OffsetTime", 0x9011: "OffsetTimeOriginal", 0x9012: "OffsetTimeDigitized",
    0x9201: "ShutterSpeedValue", 0x9202: "ApertureValue", 0x9204: "ExposureBiasValue", 0x9205: "MaxApertureValue",
    0x9206: "SubjectDistance", 0x9207: "MeteringMode", 0x9208: "LightSource", 0x9209: "Flash", 0x920A: "FocalLength",
    0x9213: "ImageHistory", 0x927C: "MakerNote", 0x9286: "UserComment", 0x9290: "SubSecTime",
    0x9291: "SubSecTimeOriginal", 0x9292: "SubSecTimeDigitized", 0x9C9B: "XPTitle", 0x9C9C: "XPComment",
    0x9C9D: "XPAuthor", 0x9C9E: "XPKeywords", 0x9C9F: "XPSubject", 0xA002: "ExifImageWidth", 0xA003: "ExifImageHeight",
    0xA217: "SensingMethod", 0xA300: "FileSource", 0xA301: "SceneType", 0xA401: "CustomRendered",
    0xA402: "ExposureMode", 0xA403: "WhiteBalance", 0xA404: "DigitalZoomRatio", 0xA405: "FocalLengthIn35mmFilm",
    0xA406: "SceneCaptureType", 0xA420: "ImageUniqueID", 0xA430: "CameraOwnerName", 0xA431: "BodySerialNumber",
    0xA432: "LensSpecification", 0xA433: "LensMake", 0xA434: "LensModel", 0xA435: "LensSerialNumber",
    0xA436: "ImageTitle", 0xA437: "Photographer", 0xA438: "ImageEditor", 0xA439: "CameraFirmware",
    0xA43A: "RAWDevelopingSoftware", 0xA43B: "ImageEditingSoftware", 0xA43C: "MetadataEditingSoftware",
    0xA460: "CompositeImage", 0xC614: "UniqueCameraModel", 0xC62F: "CameraSerialNumber",
}  # fmt: skip
"""Tags that name who made the picture, with which device and how; the layout of the pixels is left out."""
_GPS_NAMES = {
    1: "GPSLatitudeRef", 2: "GPSLatitude", 3: "GPSLongitudeRef", 4: "GPSLongitude", 7: "GPSTimeStamp",
    29: "GPSDateStamp",
}  # fmt: skip
"""Tags of the GPS directory, which counts from 0 on its own."""
_MAKER_NOTE_TAG = 0x927C
_USER_COMMENT_TAG = 0x9286
_XP_TAGS = range(0x9C9B, 0x9CA0)
"""Tags that Windows writes: UTF-16 in a field of bytes."""

_BYTE = 1
_ASCII = 2
_UNDEFINED = 7
_UTF8 = 129
"""The four TIFF field types that can hold text; EXIF 3.0 added UTF-8."""

_MAKER_NOTE_MAKER = "MakerNote maker"
"""Key of a statement that no tag makes: the camera maker whose format the maker note has."""
_SHORTEST_UNNAMED = 4
"""Bytes that the text of a tag without a name must exceed to be reported."""
_MOST_NUMBERS = 8
"""Numbers of one field that are reported."""
_DAMAGE_REPORTED_ELSEWHERE = exif.EMBEDDING - {types.FUJI_RAF, types.PHOTOSHOP}
"""Containers whose damage the carrier of the container reports; a second report of it here would add nothing."""


class Exif(Carrier):
    """EXIF tags under their names in the standard. A tag that the program has no name for is read if it is text.

    The tags of the embedded thumbnail are left out.
    """

    name: ClassVar[str] = "exif"
    title: ClassVar[str] = "EXIF tags"
    media: ClassVar[frozenset[str]] = exif.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each tag with a value, and where the EXIF data is damaged."""
        bytes_left = source.limits.packet
        try:
            for location in exif.find_blocks(source, source.media_type):
                block = location.block
                # A TIFF is read in place. Only blocks cut out of another file are held in memory and counted.
                is_whole_file = block is source
                if not is_whole_file:
                    bytes_left -= block.size
                if bytes_left < 0:
                    raise OversizedContainer(f"more than {source.limits.packet:,} bytes of EXIF; the rest was not read")
                has_pages = source.media_type == types.TIFF
                yield from self._read_block(block, location.where, is_whole_file=is_whole_file, has_pages=has_pages)
        except MalformedContainer as damage:
            # A limit is always reported: the carrier of the container left something else unread than this one.
            if isinstance(damage, OversizedContainer) or source.media_type not in _DAMAGE_REPORTED_ELSEWHERE:
                yield Trouble("", self.name, damage.cause, str(damage))

    def _read_block(
        self, block: Readable, where: str, *, is_whole_file: bool, has_pages: bool
    ) -> Iterator[CarrierOutput]:
        bytes_left = block.limits.packet
        make = ""
        try:
            for field in tiff.walk_own_fields(block) if has_pages else tiff.walk_fields(block):
                key = _find_key(field, is_whole_file=is_whole_file)
                if key is None:
                    continue
                # Any number of fields may point at the same bytes: a small block could give gigabytes of values.
                bytes_left -= min(field.length, block.size)
                if bytes_left < 0:
                    raise OversizedContainer(
                        f"TIFF: more than {block.limits.packet:,} bytes of values; the rest was not read"
                    )
                value = _format_value(block, field)
                if not value.strip():
                    continue
                place = f"EXIF tag 0x{field.tag:04X} {key} ({field.ifd})"
                yield Statement(self.name, place, key, value)
                if key == "Make":
                    make = value
                # Some notes show whose they are only together with the tag Make, which stands before them in IFD0.
                if field.tag == _MAKER_NOTE_TAG and (
                    maker := maker_notes.identify_maker(tiff.read_value(block, field), make)
                ):
                    yield Statement(self.name, place, _MAKER_NOTE_MAKER, maker)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, f"EXIF in {where}: {damage}")


def _find_key(field: TiffField, *, is_whole_file: bool) -> str | None:
    """Return the name under which a field is reported; None if it is not reported."""
    if field.ifd == "GPS IFD":
        return _GPS_NAMES.get(field.tag)
    # IFD1 of an EXIF block is the thumbnail. Of a raw file it may be anything.
    if field.ifd == "IFD1" and not is_whole_file:
        return None
    if name := _NAMES.get(field.tag):
        return name
    if field.kind in (_ASCII, _UTF8) and field.length > _SHORTEST_UNNAMED:
        return f"0x{field.tag:04X}"
    return None


def _format_value(block: Readable, field: TiffField) -> str:
    """Format the value of a field as text; empty if it lies outside the block or has no meaning as text."""
    if field.tag == _MAKER_NOTE_TAG:
        return _format_maker_note(tiff.read_value(block, field))
    if field.tag == _USER_COMMENT_TAG:
        return user_comment(tiff.read_value(block, field), field.order)
    if field.tag in _XP_TAGS and field.kind in (_BYTE, _UNDEFINED):
        # Windows writes these little-endian, whatever the byte order of the block.
        return decode_utf16(tiff.read_value(block, field), "<")
    if field.kind in (_ASCII, _UTF8):
        return decode_text(tiff.read_value(block, field).lstrip(b"\0").split(b"\0", 1)[0])
    if field.kind == _UNDEFINED:
        return _format_opaque(tiff.read_value(block, field))
    numbers = tiff.read_numbers(block, field)[:_MOST_NUMBERS]
    return " ".join(_format_number(number) for number in numbers)


def _format_opaque(data: bytes) -> str:
    """Format a field of no declared type: a single byte is a number (FileSource, SceneType), more can be text."""
    if len(data) == 1:
        return str(data[0])
    text = decode_text(data)
    if is_printable(text):
        return text
    return ""


def user_comment(data: bytes, order: str) -> str:
    """Decode a UserComment: its first eight bytes name the encoding, where the writer kept to the standard.

    `order` is the byte order of the block, `<` or `>`; it counts for UTF-16 that does not show its own. Line breaks are
    kept.
    """
    code, body = data[:8], data[8:]
    encoding = code.rstrip(b"\0 ").upper()
    if encoding == b"UNICODE":
        # Some writers put UTF-8 under this name, which the standard means for UTF-16.
        if b"\0" not in body.rstrip(b"\0") and _is_utf8_text(body):
            return decode_text(body)
        even_length = len(body) & ~1
        return decode_utf16(body[:even_length], order)
    if code.startswith(b"JIS"):
        return body.decode("iso2022_jp", "replace").rstrip("\0")
    if encoding == b"ASCII" or not code.strip(b"\0"):
        return _guess_encoding(body, order)
    # No known name: the writer left the eight bytes out, and they are text already.
    return _guess_encoding(data, order)


def _guess_encoding(body: bytes, order: str) -> str:
    """Decode ASCII as it should be, UTF-8 as it often is, or UTF-16 under a wrong name."""
    body = body.rstrip(b"\0")
    # In UTF-16 every second byte of Latin text is zero; a third of them leaves room for other scripts in between.
    if body.count(0) * 3 > len(body):
        # Stripping the zeros may have cost the last character its second byte.
        return decode_utf16(body + b"\0" * (len(body) % 2), order)
    return decode_text(body)


def _is_utf8_text(body: bytes) -> bool:
    try:
        return is_printable(body.rstrip(b"\0").decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _format_maker_note(data: bytes) -> str:
    """Return a maker note that is text, otherwise its length and its first bytes."""
    text = decode_text(data)
    if not text or is_printable(text):
        return text
    return f"{len(data)} bytes beginning {data[:12]!r}"


def _format_number(number: Number) -> str:
    if isinstance(number, float) and math.isfinite(number):
        return f"{number:g}"
    return str(number)

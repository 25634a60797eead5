"""EXIF, in whatever it is wrapped.

The structure is walked by our own reader: those at hand drop every value of a thousand bytes and more, which is where
generation parameters stand, and count to four thousand million when a hostile field says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats import exif, maker_notes, tiff
from provenance.media.formats.tiff import Field, Number
from provenance.media.readable import MalformedContainer, OversizedContainer, Readable
from provenance.media.source import Source
from provenance.media.text import decoded, printable, utf16
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
"""Tags that say who made the picture, with what and how; the layout of pixels is left out."""
_GPS = {1: "GPSLatitudeRef", 2: "GPSLatitude", 3: "GPSLongitudeRef", 4: "GPSLongitude", 7: "GPSTimeStamp",
        29: "GPSDateStamp"}  # fmt: skip
_BUILDER = "MakerNote maker"
"""Key of a statement that no tag makes: in whose form a maker note is built."""
_ASCII, _BYTE, _UNDEFINED, _UTF8 = 2, 1, 7, 129
_MAKER_NOTE, _USER_COMMENT, _XP = 0x927C, 0x9286, range(0x9C9B, 0x9CA0)
_LONGEST_LIST = 8


class Exif(Carrier):
    """EXIF tags under their standard names; free text also under tags that have none."""

    name: ClassVar[str] = "exif"
    title: ClassVar[str] = "EXIF tags"
    media: ClassVar[frozenset[str]] = exif.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each tag that says something."""
        left = source.limits.packet
        try:
            for found in exif.blocks(source, source.media_type):
                left -= 0 if found.block is source else found.block.size
                if left < 0:
                    raise OversizedContainer(f"more than {source.limits.packet} bytes of EXIF")
                yield from self._block(found.block, found.where, whole_file=found.block is source)
        except MalformedContainer as damage:
            if isinstance(damage, OversizedContainer) or source.media_type not in _TOLD_BY_OTHERS:
                yield Trouble("", self.name, damage.cause, str(damage))

    def _block(self, block: Readable, where: str, *, whole_file: bool) -> Iterator[CarrierOutput]:
        left, make = block.limits.packet, ""
        try:
            for field in tiff.fields(block):
                if (key := _key(field, whole_file=whole_file)) is None:
                    continue
                left -= min(field.length, block.size)
                if left < 0:  # any number of fields may name the same bytes
                    raise OversizedContainer(f"TIFF: more than {block.limits.packet} bytes of values")
                if (value := _value(block, field)).strip():
                    place = f"EXIF tag 0x{field.tag:04X} {key} ({field.ifd})"
                    yield Statement(self.name, place, key, value)
                    make = value if key == "Make" else make
                    if field.tag == _MAKER_NOTE and (builder := maker_notes.maker(tiff.raw(block, field), make)):
                        yield Statement(self.name, place, _BUILDER, builder)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, f"EXIF in {where}: {damage}")


_TOLD_BY_OTHERS = frozenset({"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif", "image/avif",
                             "image/jp2", "image/jxl", "image/x-exv", "image/x-canon-cr3"})  # fmt: skip
"""Containers whose damage is told by the carrier named after them."""


def _key(field: Field, *, whole_file: bool) -> str | None:
    if field.ifd == "GPS IFD":
        return _GPS.get(field.tag)
    if field.ifd == "IFD1" and not whole_file:  # the thumbnail's
        return None
    name = _NAMES.get(field.tag)
    return name or (f"0x{field.tag:04X}" if field.kind in (_ASCII, _UTF8) and field.length > 4 else None)


def _value(block: Readable, field: Field) -> str:
    """A field's value as text; empty when it lies outside or says nothing."""
    if field.tag == _MAKER_NOTE:
        return _maker_note(tiff.raw(block, field))
    if field.tag == _USER_COMMENT:
        return user_comment(tiff.raw(block, field), field.order)
    if field.tag in _XP and field.kind in (_BYTE, _UNDEFINED):
        return utf16(tiff.raw(block, field), "<")
    if field.kind in (_ASCII, _UTF8):
        return decoded(tiff.raw(block, field).lstrip(b"\0").split(b"\0", 1)[0])
    if field.kind == _UNDEFINED:
        data = tiff.raw(block, field)
        return str(data[0]) if len(data) == 1 else decoded(data) if printable(decoded(data)) else ""
    return " ".join(_shown(number) for number in tiff.numbers(block, field)[:_LONGEST_LIST])


def user_comment(data: bytes, order: str) -> str:
    """Text of a UserComment: eight bytes name its encoding, where the writer kept to the standard.

    `order` is the block's byte order, used when UTF-16 does not show its own. Line breaks are kept.
    """
    code, body = data[:8], data[8:]
    if code.rstrip(b"\0 ").upper() == b"UNICODE":
        even = body[: len(body) & ~1]
        return decoded(body) if b"\0" not in body.rstrip(b"\0") and _is_utf8(body) else utf16(even, order)
    if code.startswith(b"JIS"):
        return body.decode("iso2022_jp", "replace").rstrip("\0")
    if code.rstrip(b"\0 ").upper() == b"ASCII" or not code.strip(b"\0"):
        return _guessed(body, order)
    return _guessed(data, order)


def _guessed(body: bytes, order: str) -> str:
    """ASCII as it should be, UTF-8 as it often is, or UTF-16 under a wrong name."""
    body = body.rstrip(b"\0")
    if body.count(0) * 3 > len(body):
        return utf16(body + b"\0" * (len(body) % 2), order)
    return decoded(body)


def _is_utf8(body: bytes) -> bool:
    """Whether it is UTF-8 under the name of UTF-16: some writers take UNICODE for that."""
    try:
        return printable(body.rstrip(b"\0").decode("utf-8"))
    except UnicodeDecodeError:
        return False


def _maker_note(data: bytes) -> str:
    """A maker note that is text, else its length and how it begins."""
    text = decoded(data)
    if not text or printable(text):
        return text
    return f"{len(data)} bytes beginning {data[:12]!r}"


def _shown(number: Number) -> str:
    if isinstance(number, Fraction):
        return str(number)
    return f"{number:g}" if isinstance(number, float) and math.isfinite(number) else str(number)

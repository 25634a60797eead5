"""QuickTime and MP4 metadata in all its generations: Apple keys, iTunes items, texts in user data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats import heif, jxl
from provenance.media.formats.isobmff import Box, walk_boxes
from provenance.media.readable import MalformedContainer, read_within
from provenance.media.source import Source
from provenance.media.text import decode_text, decode_utf16, is_printable
from provenance.media.types import Container
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_ITEM_LIST = "/ilst/"
_FREE_FORM = "----"
"""iTunes item that has its name in a `name` box of its own."""
_NOT_TEXT = frozenset({"meta", "XMP_", "Xtra", "chpl", "PICT", "WLOC"})
"""User data boxes that contain no text, or that another carrier reads."""
_HEIF = types.names_in(Container.HEIF)
_JXL_CODESTREAM = b"\xff\x0a"
"""How a JPEG XL file begins that is a bare codestream, without boxes."""

_UTF8_TYPES = frozenset({1, 4})
_UTF16_TYPES = frozenset({2, 5})
_SIGNED_TYPES = frozenset({21, 65, 66, 67, 74})
_UNSIGNED_TYPES = frozenset({22, 75, 76, 77, 78})
"""Type codes of a `data` box, from "Well-known types" in Apple's QuickTime File Format Specification."""
_UNTYPED = 0
_LONGEST_INTEGER = 8
"""Bytes; a longer value under an integer type is not a number."""


class Isobmff(Carrier):
    """Metadata items (`ilst`) under their names in `keys` or their four letters, and the texts in user data (`udta`).

    Compressed boxes of JPEG XL that cannot be read are reported.
    """

    name: ClassVar[str] = "isobmff"
    title: ClassVar[str] = "QuickTime and MP4 metadata boxes"
    media: ClassVar[frozenset[str]] = types.names_in(Container.BOXES, Container.HEIF, Container.JXL)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each text or number, and damage of the file's structure."""
        if source.at(0, 2) == _JXL_CODESTREAM:
            # There are no boxes, and so there is no damage of boxes to report.
            return
        names: dict[str, list[str]] = {}
        items: list[Box] = []
        try:
            for box in walk_boxes(source):
                is_user_data = box.path.endswith("udta") and box.kind not in _NOT_TEXT
                if box.kind == "keys" and box.path.endswith("meta"):
                    names[box.path] = _read_keys(source, box)
                elif _ITEM_LIST in box.path + "/":
                    items.append(box)
                elif is_user_data and (text := _read_user_text(source, box)):
                    yield Statement(self.name, f"{box.inner_path} at byte {box.offset - 8}", box.kind, text)
                elif box.kind == jxl.BROTLI_BOX:
                    yield from _check_compressed_box(source, box)
            if source.media_type in _HEIF:
                # Only for the damage it raises: the carriers of EXIF and XMP read the items, and leave damage to us.
                heif.read_items(source)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        # Nothing promises that `keys` stands before `ilst`, so the items wait until the end. Damage costs none of them.
        yield from _read_items(source, items, names)


def _read_items(source: Source, boxes: list[Box], names: dict[str, list[str]]) -> Iterator[Statement]:
    """Report the values of item lists. `boxes` are in the order of the file: an item, then the boxes inside it."""
    free_form_name = ""
    for box in boxes:
        if box.kind == "name" and box.path.endswith(_FREE_FORM):
            # Four bytes of version and flags stand before the name.
            free_form_name = decode_text(read_within(source, box.offset + 4, box.length - 4))
        if box.kind != "data":
            continue
        text = _read_value(source, box)
        if not text.strip():
            continue
        item = box.path[-4:]
        list_holder = box.path[: -len(_ITEM_LIST) - len(item)]
        key = _find_item_name(item, names.get(list_holder, []), free_form_name)
        yield Statement(Isobmff.name, f'{box.path[:-5]} "{key}" at byte {box.offset - 8}', key, text)


def _find_item_name(item: str, keys: list[str], free_form_name: str) -> str:
    """Return the name of an item from its four-character box type."""
    # In a list with `keys` the four bytes are no letters but a number, counted from 1.
    index = int.from_bytes(item.encode("latin-1"), "big")
    if 0 < index <= len(keys):
        return keys[index - 1] or item
    if item == _FREE_FORM:
        return free_form_name or item
    return item


def _read_keys(source: Source, box: Box) -> list[str]:
    """Return the names in a `keys` box, in its order."""
    data = read_within(source, box.offset, box.length)
    # Version and flags, then the number of entries, which is not needed.
    position = 8
    names = []
    while position + 8 <= len(data):
        # An entry is its length, which counts itself, then a namespace of four letters, then the name.
        length = int.from_bytes(data[position : position + 4], "big")
        if length < 8:
            break
        names.append(decode_text(data[position + 8 : position + length]))
        position += length
    return names


def _read_value(source: Source, box: Box) -> str:
    """Return the value of a `data` box (type, locale, value) as text; empty for pictures and other binary values."""
    data = read_within(source, box.offset, box.length)
    # The highest byte names a set of types; Apple's list, the only one that is known here, is set 0.
    kind = int.from_bytes(data[:4], "big") & 0xFFFFFF
    value = data[8:]
    if kind in _UTF16_TYPES:
        even_length = len(value) & ~1
        return decode_utf16(value[:even_length], ">")
    if kind in _SIGNED_TYPES | _UNSIGNED_TYPES and len(value) <= _LONGEST_INTEGER:
        return str(int.from_bytes(value, "big", signed=kind in _SIGNED_TYPES))
    text = decode_text(value)
    if kind in _UTF8_TYPES:
        return text
    if kind == _UNTYPED and is_printable(text):
        return text
    return ""


def _read_user_text(source: Source, box: Box) -> str:
    """Return the text of a user data box; empty if it contains none."""
    data = read_within(source, box.offset, box.length)
    # QuickTime: length, language, text. Only the first of several languages is read.
    length = int.from_bytes(data[:2], "big")
    if box.kind.startswith("\xa9") and 0 < length <= len(data) - 4:
        return decode_text(data[4 : 4 + length])
    # Else bare text; or, after version and flags of zero, 3GPP's (language, text) or text at once.
    starts = (0, 6, 4) if data[:4] == bytes(4) else (0,)
    for start in starts:
        text = decode_text(data[start:])
        if is_printable(text):
            return text
    return ""


def _check_compressed_box(source: Source, box: Box) -> Iterator[Trouble]:
    """Report why a compressed box cannot be read. The carriers of EXIF and XMP read those that can."""
    kind = jxl.read_inner_kind(source, box)
    where = f"compressed {kind.strip()} box at byte {box.offset - 8}"
    if kind not in jxl.READABLE_KINDS:
        yield Trouble("", Isobmff.name, Cause.UNSUPPORTED, f"{where}: compressed boxes of this kind are not supported")
        return
    try:
        jxl.unpack_box(source, box)
    except MalformedContainer as damage:
        yield Trouble("", Isobmff.name, damage.cause, f"{where}: {damage}")

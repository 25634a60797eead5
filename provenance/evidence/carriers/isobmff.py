"""QuickTime and MP4 metadata in all its generations: Apple keys, iTunes items, user data texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats import heif, jxl
from provenance.media.formats.isobmff import Box, walk
from provenance.media.readable import MalformedContainer, bounded
from provenance.media.source import Source
from provenance.media.text import decoded, printable, utf16
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_FREE = "----"
"""iTunes item whose name stands in a box of its own."""
_ITEMS = "/ilst/"
_NO_TEXT = frozenset({"meta", "XMP_", "Xtra", "chpl", "PICT", "WLOC"})
"""User data that is read elsewhere or holds no text."""
_HEIFS = frozenset({"image/heic", "image/heif", "image/avif"})


class Isobmff(Carrier):
    """Items of `ilst` under the names of `keys` or their own four letters, and the texts of `udta`."""

    name: ClassVar[str] = "isobmff"
    title: ClassVar[str] = "QuickTime and MP4 metadata boxes"
    media: ClassVar[frozenset[str]] = _HEIFS | {
        "video/mp4", "video/quicktime", "video/3gpp", "audio/mp4", "image/jp2", "image/jxl", "image/x-canon-cr3"
    }  # fmt: skip

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each text, and the damage of the file's structure."""
        names: dict[str, list[str]] = {}
        items: list[Box] = []
        try:
            for box in walk(source) if source.at(0, 2) != b"\xff\x0a" else ():
                if box.kind == "keys" and box.path.endswith("meta"):
                    names[box.path] = _keys(source, box)
                elif _ITEMS in box.path + "/":
                    items.append(box)
                elif box.path.endswith("udta") and box.kind not in _NO_TEXT and (text := _user_text(source, box)):
                    yield Statement(self.name, f"{box.here} at byte {box.offset - 8}", box.kind, text)
                elif box.kind == jxl.PACKED:
                    yield from _packed(source, box)
            if source.media_type in _HEIFS:
                heif.items(source)  # for its damage
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        yield from _items(source, items, names)


def _items(source: Source, boxes: list[Box], names: dict[str, list[str]]) -> Iterator[Statement]:
    """Texts of item lists. Their boxes come in order: an item, and what it holds."""
    name = ""
    for box in boxes:
        if box.kind == "name" and box.path.endswith(_FREE):
            name = decoded(bounded(source, box.offset + 4, box.length - 4))
        if box.kind != "data" or not (text := _text(source, box)).strip():
            continue
        letters = box.path[-4:]
        known = names.get(box.path[: -len(_ITEMS) - 4], [])
        index = int.from_bytes(letters.encode("latin-1"), "big")
        key = (known[index - 1] if 0 < index <= len(known) else name if letters == _FREE else "") or letters
        yield Statement(Isobmff.name, f'{box.path[:-5]} "{key}" at byte {box.offset - 8}', key, text)


def _keys(source: Source, box: Box) -> list[str]:
    """Names in the order in which items count them, from 1."""
    data = bounded(source, box.offset, box.length)
    position, names = 8, []
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        if length < 8:
            break
        names.append(decoded(data[position + 8 : position + length]))
        position += length
    return names


def _text(source: Source, box: Box) -> str:
    """The value of a `data` box: type, locale, then text or a number; empty for pictures."""
    data = bounded(source, box.offset, box.length)
    kind, value = int.from_bytes(data[:4], "big") & 0xFFFFFF, data[8:]
    if kind in (2, 5):
        return utf16(value[: len(value) & ~1], ">")
    if kind in (21, 22, 65, 66, 67, 74, 75, 76, 77, 78) and len(value) <= 8:
        return str(int.from_bytes(value, "big", signed=kind in (21, 65, 66, 67, 74)))
    text = decoded(value)
    return text if kind in (1, 4) or (kind == 0 and printable(text)) else ""


def _user_text(source: Source, box: Box) -> str:
    """The text of a user data box: QuickTime's (length, language, text), 3GPP's (version, language, text), or bare."""
    data = bounded(source, box.offset, box.length)
    length = int.from_bytes(data[:2], "big")
    if box.kind.startswith("\xa9") and 0 < length <= len(data) - 4:
        return decoded(data[4 : 4 + length])
    starts = (0, 6, 4) if data[:4] == bytes(4) else (0,)
    return next((text for start in starts if printable(text := decoded(data[start:]))), "")


def _packed(source: Source, box: Box) -> Iterator[Trouble]:
    """Why a packed box could not be read; its words are read where bare ones are."""
    kind = jxl.packed_kind(source, box)
    where = f"{kind.strip()} box, packed, at byte {box.offset - 8}"
    if kind not in jxl.READ:
        yield Trouble("", Isobmff.name, Cause.UNSUPPORTED, f"{where}: boxes of this kind are not unpacked here")
        return
    try:
        jxl.unpacked(source, box)
    except MalformedContainer as damage:
        yield Trouble("", Isobmff.name, damage.cause, f"{where}: {damage}")

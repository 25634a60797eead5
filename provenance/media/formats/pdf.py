"""PDF (ISO 32000): document information, XMP, and the pictures and files in a document, read with pikepdf.

Layout: numbered objects (numbers, texts, names, arrays, dictionaries, and streams, which are a dictionary and bytes), a
table with the offset of each, and a trailer that names the root. Pictures are streams of subtype `/Image`; attachments
are dictionaries with `/EF`; XMP is a stream under `/Metadata` of whatever it is about.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import itertools
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from provenance.media.formats.pdf_pages import draw_pages
from provenance.media.formats.pdf_pictures import (
    DEFLATE,
    WHOLE_FILES,
    ColorSpace,
    Filter,
    PictureLayout,
    UnreadablePicture,
    build_file,
    expand_filter_name,
    undo_filters,
)
from provenance.media.readable import (
    EncryptedContainer,
    MalformedContainer,
    OversizedContainer,
    Readable,
)
from provenance.media.text import inflate

if TYPE_CHECKING:
    import pikepdf
    from typing_extensions import Buffer

# The library logs the same damage that it raises exceptions for.
logging.getLogger("pikepdf").setLevel(logging.CRITICAL + 1)

_GRAY = ColorSpace(1)
_RGB = ColorSpace(3)
_CMYK = ColorSpace(4)
_NAMED_SPACES = {
    "/DeviceGray": _GRAY, "/CalGray": _GRAY, "/G": _GRAY, "/DeviceRGB": _RGB, "/CalRGB": _RGB, "/RGB": _RGB,
    "/DeviceCMYK": _CMYK, "/CMYK": _CMYK,
}  # fmt: skip
_SPACES_BY_COMPONENTS = {1: _GRAY, 3: _RGB, 4: _CMYK}
_DEEPEST_FORM = 8
"""Levels of forms within forms on a page."""
_LEAST_PIECE = 64
"""Pixels. A picture with a shorter side is too small to show something, or one of the strips of a larger one."""
_LEAST_PIECES = 3
"""Such strips on a page, from which on they are taken for one picture."""
_MASK_FACTOR = 4
"""Times as many bytes in the transparency of a picture as in its colours, from which on it is what is seen."""
_INLINE_PICTURE = re.compile(rb"\bBI\s(.{4,400}?)\sID\s", re.DOTALL)
"""The head of a picture that stands in the commands of a page (ISO 32000-2, 8.9.7)."""
_SHOWN_NAME = re.compile(rb"(/[^\s/<>\[\](){}%]{1,127})\s+Do\b")
"""The command that shows a picture or a form."""
_INLINE_SIDE = re.compile(rb"/(?:W|H|Width|Height)\s+(\d{1,9})\b")
_MOST_NAMED = 10
"""Pictures that the trouble about unreadable ones names."""


@dataclass(frozen=True, slots=True)
class PdfPart:
    """A picture, an attachment, or the XMP packet of something that is not a file of its own."""

    name: str
    content: bytes
    xmp: bytes = b""
    """The packet that the document keeps for a picture."""


class _Shown(NamedTuple):
    """Where a picture is shown."""

    page: int
    """Number of the first page, from 1."""
    is_note: bool
    """Whether that is in a note or a stamp on the page, which may lie anywhere."""


@dataclass(slots=True)
class _Owner:
    """A page, a note on it, or a form: something with commands, and with things that they show."""

    thing: Any
    is_note: bool
    """Whether it is a note or a part of one."""
    depth: int = 0
    commands: bytes = b""
    shown: list[Any] = field(default_factory=list)


class _ReadableFile(io.RawIOBase):
    """A `Readable` as the file object that pikepdf wants."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._source.size}[whence]
        self._position = start + offset
        return self._position

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        data = self._source.at(self._position, len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)


class PdfDocument:
    """An opened document. Damaged ones are repaired as far as possible. Close it with `with`.

    Raises `EncryptedContainer` when it needs a password, `MalformedContainer` when it cannot be opened at all.
    """

    def __init__(self, source: Readable) -> None:
        # Imported here: most workers never open a PDF.
        import pikepdf

        self._unread: dict[tuple[int, int], str] = {}
        """By the number of the object."""
        self._source = source
        self._limits = source.limits
        self._shown: dict[tuple[int, int], _Shown] = {}
        self._with_inline: dict[int, None] = {}
        """Numbers of the pages whose commands contain a picture that is large enough to show something."""
        self._commands_left = source.limits.child
        """Bytes of commands that are still read."""
        self._library = pikepdf
        # Objects of an unexpected type raise the errors of Python, not those of the library.
        self._faults = (pikepdf.PdfError, ValueError, TypeError, RuntimeError, AttributeError)
        try:
            self._pdf = pikepdf.open(io.BufferedReader(_ReadableFile(source)))
        except pikepdf.PasswordError:
            raise EncryptedContainer("PDF: encrypted with a password") from None
        except self._faults as error:
            # The message begins with the name of the file object, which says nothing to a user.
            reason = str(error).rpartition(">: ")[2]
            raise MalformedContainer(f"PDF: {reason}") from None
        if not isinstance(self._pdf.trailer.get("/Root"), pikepdf.Dictionary):
            raise MalformedContainer("PDF: the file does not contain a document")

    def __enter__(self) -> PdfDocument:
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    def read_properties(self) -> Iterator[tuple[str, str]]:
        """Read the texts of the document information, under their names without the slash."""
        info = self._pdf.trailer.get("/Info")
        if not isinstance(info, self._library.Dictionary):
            return
        for key, value in info.items():
            if isinstance(value, self._library.String):
                yield str(key).lstrip("/"), str(value)

    def read_xmp(self) -> bytes:
        """Read the packet about the document as a whole; empty without one."""
        return self._read_packet(self._pdf.Root)

    def walk_parts(self) -> Iterator[PdfPart]:
        """Walk pictures, packets of other objects, and attachments; adds pictures without a file to `unread`.

        A picture of bare samples becomes a PNG or TIFF. Of equal pictures without a packet only the first is given, for
        some programs store one for each use. Raises `MalformedContainer` where an object cannot be read,
        `OversizedContainer` beyond `limits.chunks` objects, or for a part larger than one may be.
        """
        shown = self._find_pages()
        masks = self._find_masks()
        seen: set[bytes] = set()
        damage: MalformedContainer | None = None
        for thing in self._walk_objects():
            is_document = thing.objgen == self._pdf.Root.objgen
            if is_document or thing.objgen in masks:
                continue
            try:
                for part in self._read_part(thing, shown.get(thing.objgen)):
                    digest = hashlib.sha256(part.content).digest()
                    if part.xmp or digest not in seen:
                        yield part
                    seen.add(digest)
            except MalformedContainer as fault:
                damage = damage or fault
            except self._faults as fault:
                damage = damage or MalformedContainer(f"PDF: object {thing.objgen[0]}: {fault}")
        if damage:
            raise damage

    def walk_drawn_pages(self) -> Iterator[PdfPart]:
        """Draw the pages of which `walk_parts` left something out that a person sees, as PNG files.

        Pictures in `unread` that such a page shows are taken out of it. Raises `MalformedContainer` where a page cannot
        be drawn, after all others.
        """
        wanted = self._list_pages_to_draw()
        if not wanted:
            return
        file: Any = io.BufferedReader(_ReadableFile(self._source))
        for page in draw_pages(file, wanted, self._limits):
            yield PdfPart(f"page {page.number}", page.png)
            on_page = [number for number, shown in self._shown.items() if shown.page == page.number]
            # A picture that is not there was not drawn, or stands in a note, where nobody can tell.
            if page.is_whole and page.pictures >= len(on_page):
                for number in on_page:
                    self._unread.pop(number, None)

    @property
    def unread(self) -> list[str]:
        """Pictures that were neither made a file of nor drawn, each with the reason."""
        return list(self._unread.values())

    def describe_unread(self) -> str:
        """Describe the pictures that nobody could read; empty without any."""
        if not self._unread:
            return ""
        named = ", ".join(self.unread[:_MOST_NAMED])
        if len(self._unread) > _MOST_NAMED:
            named += f" and {len(self._unread) - _MOST_NAMED:,} more"
        return f"PDF: pictures that cannot be read here: {named}"

    def _find_masks(self) -> set[tuple[int, int]]:
        """Numbers of the pictures that are only the transparency of others."""
        masks: set[tuple[int, int]] = set()
        for thing in self._walk_objects():
            if not self._is_picture(thing):
                continue
            # A soft mask is a picture in gray, a hard one has a bit a pixel.
            for mask in (thing.get("/SMask"), thing.get("/Mask")):
                if self._is_stream(mask):
                    masks.add(mask.objgen)
        return masks

    def _list_pages_to_draw(self) -> dict[int, bool]:
        """Number of each page that shows more than its pictures tell -> whether that may be anywhere on the page."""
        wanted: dict[int, bool] = {}
        pieces: Counter[int] = Counter()
        for number, shown in self._shown.items():
            picture = self._pdf.get_object(number)
            is_oversized = _count_pixels(picture) > self._limits.pixels
            if is_oversized:
                continue
            if number in self._unread or self._is_shown_by_mask(picture):
                wanted[shown.page] = wanted.get(shown.page, False) or shown.is_note
            pieces[shown.page] += _is_piece(picture)
        for page, count in pieces.items():
            if count >= _LEAST_PIECES:
                wanted.setdefault(page, False)
        for page in self._with_inline:
            wanted.setdefault(page, False)
        return dict(sorted(wanted.items()))

    def _is_shown_by_mask(self, picture: Any) -> bool:  # noqa: ANN401
        """Whether a picture is hardly more than a plate of one colour, and its transparency shows what there is."""
        mask = picture.get("/SMask")
        if not self._is_stream(mask) or min(int(mask.get("/Width", 0)), int(mask.get("/Height", 0))) < _LEAST_PIECE:
            return False
        return int(picture.get("/Length", 0)) * _MASK_FACTOR < int(mask.get("/Length", 0))

    def _walk_shown(self, page: Any) -> Iterator[_Owner]:  # noqa: ANN401
        """Walk a page, the notes on it, and the forms that they show, forms in forms included."""
        waiting = [_Owner(page, is_note=False)]
        for note in self._list_values(page.get("/Annots")):
            look = note.get("/AP", {}).get("/N")
            if self._is_stream(look):
                waiting.append(_Owner(look, is_note=True))
        seen: set[tuple[int, int]] = set()
        while waiting:
            owner = waiting.pop()
            owner.commands = self._read_commands(owner.thing)
            resources = owner.thing.get("/Resources", {})
            names = set(_SHOWN_NAME.findall(owner.commands))
            for name, thing in resources.get("/XObject", {}).items():
                # Pages may share their resources: a page shows those that its commands name.
                if owner.commands and str(name).encode() not in names and "#" not in str(name):
                    continue
                owner.shown.append(thing)
            owner.shown += resources.get("/Pattern", {}).values()
            yield owner
            for thing in owner.shown:
                is_new = self._is_stream(thing) and thing.objgen not in seen and len(seen) < self._limits.chunks
                if is_new and not self._is_picture(thing) and owner.depth < _DEEPEST_FORM:
                    seen.add(thing.objgen)
                    waiting.append(_Owner(thing, owner.is_note, owner.depth + 1))

    def _read_commands(self, owner: Any) -> bytes:  # noqa: ANN401
        """Read the commands of a page, a note or a form; empty where there are too many, or they are damaged."""
        streams = [owner] if self._is_stream(owner) else self._list_values(owner.get("/Contents"))
        most = min(self._limits.packet, self._commands_left)
        with contextlib.suppress(*self._faults):
            commands = b"\n".join(self._read_stream(stream, most) for stream in streams if self._is_stream(stream))
            self._commands_left -= len(commands)
            if len(commands) < most:
                return commands
        return b""

    def _read_part(self, thing: Any, shown: _Shown | None) -> Iterator[PdfPart]:  # noqa: ANN401  # pikepdf gives any
        number = thing.objgen[0]
        where = f"page {shown.page}, " if shown else ""
        if self._is_picture(thing) and (picture := self._read_picture(thing, f"{where}image {number}")):
            yield PdfPart(f"{where}image {number}", picture, self._read_packet(thing))
        elif "/Metadata" in thing and (packet := self._read_packet(thing)):
            yield PdfPart(f"{where}object {number} metadata", packet)
        elif self._is_attachment(thing):
            # The keys (`/F`, `/UF` and those of old platforms) all name the same file.
            stream = next(iter(thing["/EF"].values()))
            name = thing.get("/UF") or thing.get("/F") or f"attachment {number}"
            yield PdfPart(str(name), self._read_stream(stream))

    def _walk_objects(self) -> Iterator[Any]:
        """Walk every dictionary and stream."""
        for count, thing in enumerate(self._pdf.objects, 1):
            if count > self._limits.chunks:
                raise OversizedContainer(f"PDF: more than {self._limits.chunks:,} objects")
            if isinstance(thing, self._library.Dictionary | self._library.Stream):
                yield thing

    def _find_pages(self) -> Mapping[tuple[int, int], _Shown]:
        """The first page that shows each picture."""
        # When the page tree is damaged, the parts are still read, without the numbers of their pages.
        with contextlib.suppress(*self._faults):
            for page_number, page in enumerate(itertools.islice(self._pdf.pages, self._limits.chunks), 1):
                for owner in self._walk_shown(page.obj):
                    if any(map(_is_large, _INLINE_PICTURE.finditer(owner.commands))):
                        self._with_inline.setdefault(page_number)
                    for thing in filter(self._is_picture, owner.shown):
                        self._shown.setdefault(thing.objgen, _Shown(page_number, owner.is_note))
        return self._shown

    def _is_stream(self, thing: object) -> bool:
        return isinstance(thing, self._library.Stream)

    def _is_picture(self, thing: Any) -> bool:  # noqa: ANN401
        return self._is_stream(thing) and thing.get("/Subtype") == "/Image"

    def _is_attachment(self, thing: Any) -> bool:  # noqa: ANN401
        files = thing.get("/EF")
        if not isinstance(files, self._library.Dictionary):
            return False
        has_content = any(self._is_stream(file) for file in files.values())
        # Content Credentials are attachments as well; the carrier of C2PA reads them.
        return has_content and thing.get("/AFRelationship") != "/C2PA_Manifest"

    def _read_picture(self, stream: pikepdf.Stream, name: str) -> bytes:
        """Read the file that a picture is stored as, or build one around its samples; empty if neither can be done."""
        filters = self._list_filters(stream)
        most = self._limits.child
        data = self._read_raw(stream)
        try:
            if filters and filters[-1].name in WHOLE_FILES:
                return undo_filters(data, filters[:-1], most)
            return build_file(data, self._describe_picture(stream, filters), most, lambda: bytes(stream.read_bytes()))
        except UnreadablePicture as reason:
            self._unread[stream.objgen] = f"{name} ({reason})"
            return b""

    def _describe_picture(self, stream: pikepdf.Stream, filters: tuple[Filter, ...]) -> PictureLayout:
        if stream.get("/ImageMask", False):
            # A stencil has one bit a pixel and no colours of its own.
            space, bits = _GRAY, 1
        else:
            space = self._read_color_space(stream.get("/ColorSpace"))
            bits = int(stream.get("/BitsPerComponent", 8))
        limits = stream.get("/Decode")
        # Of a picture of numbers, the first number stands for the first colour; turned round it would be a negative.
        is_inverted = isinstance(limits, self._library.Array) and float(limits[0]) > float(limits[1])
        return PictureLayout(int(stream.Width), int(stream.Height), bits, space, is_inverted, filters)

    def _read_color_space(self, space: Any) -> ColorSpace:  # noqa: ANN401
        """Read what samples mean. Raises `UnreadablePicture` for colours that no file here has."""
        parts = self._list_values(space)
        kind = str(parts[0]) if parts else "no colour space"
        rest = parts[1:]
        if found := _NAMED_SPACES.get(kind):
            return found
        if kind == "/ICCBased" and (found := _SPACES_BY_COMPONENTS.get(int(rest[0].get("/N", 0)))):
            return found
        if kind in ("/Indexed", "/I"):
            return self._read_palette(*rest)
        if kind == "/Separation":
            return ColorSpace(1, is_ink=True)
        if kind == "/DeviceN" and len(rest[0]) in (1, 4):
            return _CMYK if len(rest[0]) == 4 else ColorSpace(1, is_ink=True)
        raise UnreadablePicture(f"colours in {kind.lstrip('/')}")

    def _read_palette(self, base: Any, highest: Any, table: Any) -> ColorSpace:  # noqa: ANN401
        """Read the colours that a picture of numbers refers to."""
        base_space = self._read_color_space(base)
        colors = min(int(highest), 255) + 1
        raw = self._read_stream(table, most=4 * 256) if self._is_stream(table) else bytes(table)
        size = base_space.components
        entries = [raw[start : start + size].ljust(size, b"\0") for start in range(0, colors * size, size)]
        palette = b"".join(_to_rgb(entry) for entry in entries)
        if base_space.is_ink:
            palette = bytes(255 - value for value in palette)
        return ColorSpace(1, palette)

    def _read_packet(self, owner: Any) -> bytes:  # noqa: ANN401
        stream = owner.get("/Metadata")
        if not self._is_stream(stream):
            return b""
        return self._read_stream(stream, self._limits.packet)

    def _read_stream(self, stream: pikepdf.Stream, most: int | None = None) -> bytes:
        """Read the content of a stream, decompressed, at most `most` bytes (default: `limits.child`)."""
        if most is None:
            most = self._limits.child
        filters = self._list_filters(stream)
        is_deflated = bool(filters) and all(step.name == DEFLATE for step in filters)
        # The library has no limit for what it decompresses; so it only does what is not done here.
        if not is_deflated or "/DecodeParms" in stream:
            return bytes(stream.read_bytes())[:most]
        data = self._read_raw(stream)
        for _ in filters:
            data = inflate(data, most)[0]
        return data

    def _list_filters(self, stream: pikepdf.Stream) -> tuple[Filter, ...]:
        names = self._list_values(stream.get("/Filter"))
        parameters = self._list_values(stream.get("/DecodeParms"))
        steps: list[Filter] = []
        for name, given in itertools.zip_longest(names, parameters[: len(names)]):
            numbers: dict[str, int] = {}
            if isinstance(given, self._library.Dictionary):
                numbers = {str(key)[1:]: int(value) for key, value in given.items() if isinstance(value, int)}
            steps.append(Filter(expand_filter_name(str(name)), numbers))
        return tuple(steps)

    def _list_values(self, value: Any) -> list[Any]:  # noqa: ANN401
        """One value, or an array of several, as a list."""
        if value is None:
            return []
        if isinstance(value, self._library.Array):
            return list(value)
        return [value]

    def _read_raw(self, stream: pikepdf.Stream) -> bytes:
        length = stream.get("/Length")
        if isinstance(length, int) and length > self._limits.child:
            raise OversizedContainer(f"PDF: object {stream.objgen[0]} has {length:,} bytes and was not read")
        return bytes(stream.read_raw_bytes())


def _count_pixels(picture: Any) -> int:  # noqa: ANN401
    return int(picture.get("/Width", 0)) * int(picture.get("/Height", 0))


def _is_piece(picture: Any) -> bool:  # noqa: ANN401
    """Whether a picture is a strip that may be part of a larger one. Small squares are icons."""
    shorter, longer = sorted((int(picture.get("/Width", 0)), int(picture.get("/Height", 0))))
    return 0 < shorter < _LEAST_PIECE <= longer


def _is_large(head: re.Match[bytes]) -> bool:
    """Whether the picture with this head is large enough to show something."""
    sides = [int(side) for side in _INLINE_SIDE.findall(head[1])]
    return len(sides) == 2 and min(sides) >= _LEAST_PIECE


def _to_rgb(color: bytes) -> bytes:
    """Three bytes of a colour in gray, RGB or four inks."""
    if len(color) == 1:
        return color * 3
    if len(color) == 3:
        return color
    black = 255 - color[3]
    return bytes((255 - ink) * black // 255 for ink in color[:3])

"""PDF (ISO 32000): document information, XMP, and the pictures and files in a document, read with pikepdf.

Layout: numbered objects (numbers, texts, names, arrays, dictionaries, and streams, which are a dictionary and bytes), a
table with the offset of each, and a trailer that names the root. Pictures are streams of subtype `/Image`; attachments
are dictionaries with `/EF`; XMP is a stream under `/Metadata` of whatever it is about.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from provenance.media.readable import (
    EncryptedContainer,
    MalformedContainer,
    MissingLibrary,
    OversizedContainer,
    Readable,
)
from provenance.media.text import inflate

if TYPE_CHECKING:
    import pikepdf
    from typing_extensions import Buffer

# The library logs the same damage that it raises exceptions for.
logging.getLogger("pikepdf").setLevel(logging.CRITICAL + 1)

_WHOLE_FILES = ("/DCTDecode", "/DCT", "/JPXDecode")
"""Filters whose bytes are a JPEG or JPEG 2000 file."""
_DEFLATE = ("/FlateDecode", "/Fl")
"""Filters of zlib streams."""


@dataclass(frozen=True, slots=True)
class PdfPart:
    """A picture, an attachment, or the XMP packet of something that is not a file of its own."""

    name: str
    content: bytes
    xmp: bytes = b""
    """The packet that the document keeps for a picture."""


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

    Raises `MissingLibrary` without pikepdf, `EncryptedContainer` when it needs a password, `MalformedContainer` when it
    cannot be opened at all.
    """

    def __init__(self, source: Readable) -> None:
        try:
            import pikepdf
        except ImportError:
            raise MissingLibrary("PDF is read with pikepdf; pip install 'provenance[pdf-in]'") from None
        self._limits = source.limits
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
        """Walk pictures that are files of their own, packets of other objects, and attachments.

        Raises `MalformedContainer` where an object cannot be read, `OversizedContainer` beyond `limits.chunks`
        objects, or for a part larger than one may be.
        """
        page_numbers = self._find_pages()
        masks = self._find_masks()
        damage = ""
        for thing in self._walk_objects():
            is_document = thing.objgen == self._pdf.Root.objgen
            if is_document or thing.objgen in masks:
                continue
            try:
                yield from self._read_part(thing, page_numbers.get(thing.objgen))
            except self._faults as fault:
                damage = damage or f"PDF: object {thing.objgen[0]}: {fault}"
        if damage:
            raise MalformedContainer(damage)

    def _find_masks(self) -> set[tuple[int, int]]:
        """Numbers of the pictures that are only the transparency of others."""
        masks: set[tuple[int, int]] = set()
        for thing in self._walk_objects():
            if not self._is_picture(thing):
                continue
            mask = thing.get("/SMask")
            if self._is_stream(mask):
                masks.add(mask.objgen)
        return masks

    def _read_part(self, thing: Any, page: int | None) -> Iterator[PdfPart]:  # noqa: ANN401  # pikepdf gives any object
        number = thing.objgen[0]
        where = f"page {page}, " if page else ""
        if self._is_picture(thing) and (picture := self._read_picture(thing)):
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

    def _find_pages(self) -> dict[tuple[int, int], int]:
        """Number of the first page that shows each picture."""
        page_numbers: dict[tuple[int, int], int] = {}
        # When the page tree is damaged, the parts are still read, without the numbers of their pages.
        with contextlib.suppress(*self._faults):
            for page_number, page in enumerate(itertools.islice(self._pdf.pages, self._limits.chunks), 1):
                for picture in page.resources.get("/XObject", {}).values():
                    page_numbers.setdefault(picture.objgen, page_number)
        return page_numbers

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

    def _read_picture(self, stream: pikepdf.Stream) -> bytes:
        """Read the file that a picture is stored as; empty for bare samples, which hold no metadata."""
        filters = self._list_filters(stream)
        if not filters or filters[-1] not in _WHOLE_FILES:
            return b""
        if any(name not in _DEFLATE for name in filters[:-1]):
            return b""
        data = self._read_raw(stream)
        for _ in filters[:-1]:
            data = inflate(data, self._limits.child)[0]
        return data

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
        is_deflated = bool(filters) and all(name in _DEFLATE for name in filters)
        # The library has no limit for what it decompresses; so it only does what is not done here.
        if not is_deflated or "/DecodeParms" in stream:
            return bytes(stream.read_bytes())[:most]
        data = self._read_raw(stream)
        for _ in filters:
            data = inflate(data, most)[0]
        return data

    def _list_filters(self, stream: pikepdf.Stream) -> list[str]:
        filters = stream.get("/Filter")
        if filters is None:
            return []
        if isinstance(filters, self._library.Array):
            return [str(name) for name in filters]
        return [str(filters)]

    def _read_raw(self, stream: pikepdf.Stream) -> bytes:
        length = stream.get("/Length")
        if isinstance(length, int) and length > self._limits.child:
            raise OversizedContainer(f"PDF: object {stream.objgen[0]} has {length:,} bytes and was not read")
        return bytes(stream.read_raw_bytes())

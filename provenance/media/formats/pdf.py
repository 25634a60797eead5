"""PDF: the document's own words, and the pictures and files in it. Read with pikepdf, which is an optional part."""

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

logging.getLogger("pikepdf").setLevel(logging.CRITICAL + 1)  # what it has to say of a file, it says by exceptions

_WHOLE_FILES = ("/DCTDecode", "/DCT", "/JPXDecode")
"""Packings whose bytes are a JPEG or JPEG 2000 file."""
_DEFLATED = ("/FlateDecode", "/Fl")


@dataclass(frozen=True, slots=True)
class PdfPart:
    """A picture, an attachment, or a packet that speaks of what has no bytes of its own."""

    name: str
    content: bytes
    xmp: bytes = b""
    """The packet that the document keeps for it."""


class _File(io.RawIOBase):
    """A stretch of bytes as the library wants it."""

    def __init__(self, source: Readable) -> None:
        self._source, self._position = source, 0

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
    """An opened document.

    Raises `MissingLibrary` without pikepdf, `EncryptedContainer` when it takes a password, `MalformedContainer` when it
    cannot be followed at all; damaged ones are mended as far as can be. Close it with `with`.
    """

    def __init__(self, source: Readable) -> None:
        try:
            import pikepdf
        except ImportError:
            raise MissingLibrary("PDF is read with pikepdf; pip install 'provenance[pdf-in]'") from None
        self._limits, self._library = source.limits, pikepdf
        self._faults = (pikepdf.PdfError, ValueError, TypeError, RuntimeError, AttributeError)
        try:
            self._pdf = pikepdf.open(io.BufferedReader(_File(source)))
        except pikepdf.PasswordError:
            raise EncryptedContainer("PDF: encrypted with a password") from None
        except self._faults as error:
            raise MalformedContainer(f"PDF: {str(error).rpartition('>: ')[2]}") from None  # without our own name for it
        if not isinstance(self._pdf.trailer.get("/Root"), pikepdf.Dictionary):
            raise MalformedContainer("PDF: no document in it")

    def __enter__(self) -> PdfDocument:
        return self

    def __exit__(self, *_: object) -> None:
        self._pdf.close()

    def read_properties(self) -> Iterator[tuple[str, str]]:
        """The texts of the document information, under their names without the slash."""
        info = self._pdf.trailer.get("/Info")
        if isinstance(info, self._library.Dictionary):
            for key, value in info.items():
                if isinstance(value, self._library.String):
                    yield str(key).lstrip("/"), str(value)

    def xmp(self) -> bytes:
        """The packet that speaks of the document as a whole; empty without one."""
        return self._packet(self._pdf.Root)

    def walk_parts(self) -> Iterator[PdfPart]:
        """Pictures that are files of their own, packets of others, attachments.

        Raises `MalformedContainer` where an object cannot be read, `OversizedContainer` beyond `limits.chunks`
        objects, or for a part larger than one may be.
        """
        pages = self._pages()
        pictures = [thing for thing in self._objects() if self._is_picture(thing)]
        masks = {mask.objgen for picture in pictures if self._is_stream(mask := picture.get("/SMask"))}
        damage = ""
        for thing in self._objects():
            if thing.objgen not in masks and thing.objgen != self._pdf.Root.objgen:
                try:
                    yield from self._part(thing, pages.get(thing.objgen))
                except self._faults as fault:
                    damage = damage or f"PDF: object {thing.objgen[0]}: {fault}"
        if damage:
            raise MalformedContainer(damage)

    def _part(self, thing: Any, page: int | None) -> Iterator[PdfPart]:  # noqa: ANN401  # pikepdf gives any object
        number = thing.objgen[0]
        where = f"page {page}, " if page else ""
        if self._is_picture(thing) and (picture := self._picture(thing)):
            yield PdfPart(f"{where}image {number}", picture, self._packet(thing))
        elif "/Metadata" in thing and (packet := self._packet(thing)):
            yield PdfPart(f"{where}object {number} metadata", packet)
        elif self._is_attachment(thing):
            file = next(iter(thing["/EF"].values()))
            yield PdfPart(str(thing.get("/UF") or thing.get("/F") or f"attachment {number}"), self._bytes(file))

    def _objects(self) -> Iterator[Any]:
        """Every dictionary and stream."""
        for count, thing in enumerate(self._pdf.objects, 1):
            if count > self._limits.chunks:
                raise OversizedContainer(f"PDF: more than {self._limits.chunks} objects")
            if isinstance(thing, self._library.Dictionary | self._library.Stream):
                yield thing

    def _pages(self) -> dict[tuple[int, int], int]:
        """On which page a picture stands first, by its number. A page tree that is damaged costs only that."""
        found: dict[tuple[int, int], int] = {}
        with contextlib.suppress(*self._faults):
            for count, page in enumerate(itertools.islice(self._pdf.pages, self._limits.chunks), 1):
                for drawn in page.resources.get("/XObject", {}).values():
                    found.setdefault(drawn.objgen, count)
        return found

    def _is_stream(self, thing: object) -> bool:
        return isinstance(thing, self._library.Stream)

    def _is_picture(self, thing: Any) -> bool:  # noqa: ANN401
        return self._is_stream(thing) and thing.get("/Subtype") == "/Image"

    def _is_attachment(self, thing: Any) -> bool:  # noqa: ANN401
        """Content Credentials are kept as attachments too; they are read elsewhere."""
        files = thing.get("/EF")
        kept = isinstance(files, self._library.Dictionary) and any(self._is_stream(file) for file in files.values())
        return kept and thing.get("/AFRelationship") != "/C2PA_Manifest"

    def _picture(self, stream: pikepdf.Stream) -> bytes:
        """The file that a picture is kept as; empty for bare samples, which hold no words."""
        packings = self._packings(stream)
        if not packings or packings[-1] not in _WHOLE_FILES or any(p not in _DEFLATED for p in packings[:-1]):
            return b""
        data = self._raw(stream)
        for _ in packings[:-1]:
            data = inflate(data, self._limits.child)[0]
        return data

    def _packet(self, owner: Any) -> bytes:  # noqa: ANN401
        stream = owner.get("/Metadata")
        return self._bytes(stream, self._limits.packet) if self._is_stream(stream) else b""

    def _bytes(self, stream: pikepdf.Stream, most: int | None = None) -> bytes:
        """What a stream holds, unpacked within bounds."""
        most = self._limits.child if most is None else most
        packings = self._packings(stream)
        if packings and all(packing in _DEFLATED for packing in packings) and "/DecodeParms" not in stream:
            data = self._raw(stream)
            for _ in packings:
                data = inflate(data, most)[0]
            return data
        return bytes(stream.read_bytes())[:most]

    def _packings(self, stream: pikepdf.Stream) -> list[str]:
        given = stream.get("/Filter")
        if isinstance(given, self._library.Array):
            return [str(packing) for packing in given]
        return [] if given is None else [str(given)]

    def _raw(self, stream: pikepdf.Stream) -> bytes:
        length = stream.get("/Length")
        if isinstance(length, int) and length > self._limits.child:
            raise OversizedContainer(f"PDF: object {stream.objgen[0]} of {length} bytes is not looked at")
        return bytes(stream.read_raw_bytes())

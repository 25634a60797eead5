"""Archives: the members of ZIP, tar, gzip, bzip2 and xz. Nothing is written to disk, and no member name is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.limits import Limits
from provenance.media import types
from provenance.media.formats import tar
from provenance.media.formats import zip as zips
from provenance.media.formats.encoded_files import may_hold_files
from provenance.media.formats.unpacking import DECOMPRESSORS, DecompressedStream
from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.sniff import sniff
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.media.types import UNKNOWN, Container, Kind, find_type, needs_no_carrier
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_COMPRESSED = {row.name: row.compression for row in types.MEDIA_TYPES if row.compression}
"""Media type of a single compressed file -> its name in `unpacking.METHODS`."""
_COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz")
_DOCUMENTS = tuple(types.names_in(Container.ZIP) - {types.ZIP})
"""How the media types of documents that are ZIP archives begin."""
_DOCUMENT_MEMBERS = frozenset({"[Content_Types].xml", "mimetype", "META-INF/container.xml", "Index/Document.iwa"})
"""A ZIP with one of these members is a document, although its first member did not show it."""
_DOCUMENT_MACHINERY = frozenset({UNKNOWN, types.OLE})
"""Types of the members that a document needs for itself, such as printer settings and macros."""
_DS_STORE_MAGIC = b"\0\0\0\x01Bud1"
"""How the `.DS_Store` files of macOS begin."""
_HEAD = 4096
"""Bytes of a member that are unpacked to sniff its type."""
_TEXT_OVERLAP = 256
"""Bytes of the piece before that are searched again, so that nothing is missed between two pieces of a text."""
_MOST_NAMES = 20
"""Member names that one trouble lists."""
_LONGEST_NAME = 200
"""Characters of each of those names."""


class _Content(Protocol):
    """Unpacked bytes, read forwards."""

    def read(self, length: int) -> bytes: ...


@dataclass(slots=True)
class _SkippedMembers:
    """Members that were not read, grouped by the reason, so that ten thousand of them are one Trouble."""

    text_left: int
    """Bytes of texts that may still be unpacked and searched for files in them."""
    names: dict[tuple[Cause, str], list[str]] = field(default_factory=dict)

    def add(self, cause: Cause, reason: str, name: str) -> None:
        self.names.setdefault((cause, reason), []).append(name)

    def report(self) -> Iterator[Trouble]:
        for (cause, reason), names in self.names.items():
            listed = ", ".join(f'"{name[:_LONGEST_NAME]}"' for name in names[:_MOST_NAMES])
            if len(names) > _MOST_NAMES:
                listed += f" and {len(names) - _MOST_NAMES:,} more"
            yield Trouble("", Archive.name, cause, f"{reason}: {listed}")


class Archive(Carrier):
    """Every member of the archive is read as a file of its own and gets a row of its own.

    These members get no row: text without files in it, fonts, the `.DS_Store` and `._` files of macOS, and the parts
    that an office document needs for itself. A compressed tar (`.tar.gz`) is unpacked in one step, so its members
    belong to the compressed file directly.
    """

    name: ClassVar[str] = "archive"
    title: ClassVar[str] = "members of ZIP, tar, gzip, bzip2 and xz archives, of office documents and of EPUB books"
    media: ClassVar[frozenset[str]] = frozenset({types.ZIP, types.TAR, *_COMPRESSED})

    def accepts_type(self, media_type: str) -> bool:
        """Whether it is an archive or a document that is a ZIP archive; documents have too many types to list."""
        return media_type in self.media or media_type.startswith(_DOCUMENTS)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report each member as an embedded file, then the members that could not be read, and why."""
        skipped = _SkippedMembers(text_left=source.limits.unpacked)
        try:
            if method := _COMPRESSED.get(source.media_type):
                yield from _unpack_stream(source, method, skipped)
            elif source.media_type == types.TAR:
                yield from _unpack_tar(tar.FileStream(source), source.limits, skipped)
            else:
                yield from _unpack_zip(source, skipped)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        yield from skipped.report()


def _unpack_zip(source: Source, skipped: _SkippedMembers) -> Iterator[EmbeddedFile]:
    # All members are listed first: whether it is a document decides which members count, and the last one may show it.
    members, damage = _list_zip_members(source)
    is_document = source.media_type.startswith(_DOCUMENTS) or any(
        member.name in _DOCUMENT_MEMBERS for member in members
    )
    for member in members:
        if obstacle := _find_obstacle(source.limits, member):
            skipped.add(*obstacle, member.name)
            continue
        try:
            embedded = _make_child(
                zips.open_member(source, member), member.name, source.limits, skipped, is_document=is_document
            )
        except MalformedContainer as fault:
            skipped.add(fault.cause, str(fault), member.name)
            continue
        if embedded is None:
            continue
        # A size of 0 only means that the archive does not give one.
        if member.size and len(embedded.content) != member.size:
            skipped.add(Cause.MALFORMED, "not as long as the archive says", member.name)
        yield embedded
    if damage:
        raise damage


def _list_zip_members(source: Source) -> tuple[list[zips.ZipMember], MalformedContainer | None]:
    """List the members up to where the directory is damaged, and return the damage."""
    members: list[zips.ZipMember] = []
    try:
        members.extend(zips.walk_members(source))
    except MalformedContainer as damage:
        return members, damage
    return members, None


def _find_obstacle(limits: Limits, member: zips.ZipMember) -> tuple[Cause, str] | None:
    """Return why a member is not unpacked; None when it is."""
    if member.encrypted:
        return Cause.UNSUPPORTED, "encrypted"
    if member.method not in DECOMPRESSORS:
        return Cause.UNSUPPORTED, f"compression method {member.method} is not supported"
    # The directory may lie about the size. It is believed only when it says too much; otherwise unpacking will show.
    most_by_ratio = max(limits.inflated, limits.ratio * member.packed)
    if member.size > limits.child or member.size > most_by_ratio:
        reason = f"would unpack to more than {limits.child:,} bytes or {limits.ratio} times its packed size"
        return Cause.OVERSIZED, reason
    return None


def _unpack_tar(stream: tar.ForwardStream, limits: Limits, skipped: _SkippedMembers) -> Iterator[EmbeddedFile]:
    for member in tar.walk_members(stream, limits):
        if member.is_sparse:
            skipped.add(Cause.UNSUPPORTED, "stored as a sparse file, which is not supported", member.name)
        elif member.size > limits.child:
            skipped.add(Cause.OVERSIZED, f"larger than {limits.child:,} bytes", member.name)
        else:
            try:
                embedded = _make_child(member, member.name, limits, skipped, is_document=False)
            except OversizedContainer as excess:
                skipped.add(excess.cause, str(excess), member.name)
                continue
            if embedded:
                yield embedded


def _unpack_stream(source: Source, method: str, skipped: _SkippedMembers) -> Iterator[EmbeddedFile]:
    head = DecompressedStream(source, 0, source.size, method).read(_HEAD)
    stream = DecompressedStream(source, 0, source.size, method)
    if _sniff_head(head) == types.TAR:
        yield from _unpack_tar(stream, source.limits, skipped)
    elif embedded := _make_child(
        stream, _find_original_name(source, method), source.limits, skipped, is_document=False
    ):
        yield embedded


def _find_original_name(source: Source, method: str) -> str:
    """Return the name that the file had before it was compressed: from the gzip header, else from its own name."""
    if method == "gzip":
        head = source.at(0, 1024)
        # RFC 1952: flag 0x08 (FNAME) announces the name. With 0x04 (FEXTRA) another field would stand in front of it.
        if head[3] & 0x0C == 0x08:
            stored_name = decode_text(head[10:].split(b"\0")[0])
            if stored_name:
                return stored_name
    stem, suffix = os.path.splitext(source.name)
    if stem and suffix.lower() in _COMPRESSED_SUFFIXES:
        return stem
    return "content"


def _make_child(
    content: _Content, name: str, limits: Limits, skipped: _SkippedMembers, *, is_document: bool
) -> EmbeddedFile | None:
    """Unpack a member; None when it needs no row. Raises `MalformedContainer` when its packing is damaged."""
    head = content.read(_HEAD)
    media_type = _sniff_head(head)
    if _needs_no_row(media_type, name, head, is_document=is_document):
        return None
    if needs_no_carrier(media_type):
        text = _read_text(content, head, limits, skipped)
        return EmbeddedFile(name, text) if text else None
    # One byte more than allowed is asked for: that is how a member with a false size is noticed.
    whole = head + content.read(limits.child + 1 - len(head))
    if len(whole) > limits.child:
        raise OversizedContainer(f"larger than {limits.child:,} bytes")
    return EmbeddedFile(name, whole)


def _read_text(content: _Content, head: bytes, limits: Limits, skipped: _SkippedMembers) -> bytes:
    """Unpack a text if there may be files in it; empty if not, and then it is only held piece by piece.

    Raises `OversizedContainer` when such a text is too large, or when too much text was unpacked before it.
    """
    pieces: list[bytes] = []
    piece = head
    has_files = False
    total = 0
    while piece:
        total += len(piece)
        skipped.text_left -= len(piece)
        if skipped.text_left < 0:
            raise OversizedContainer(f"behind {limits.unpacked:,} bytes of texts, which were searched for files")
        seam = pieces[-1][-_TEXT_OVERLAP:] if pieces else b""
        has_files = has_files or may_hold_files(seam + piece)
        if total > limits.child:
            if has_files:
                raise OversizedContainer(f"larger than {limits.child:,} bytes")
            pieces.clear()
        pieces.append(piece)
        piece = content.read(limits.block)
    return b"".join(pieces) if has_files else b""


def _needs_no_row(media_type: str, name: str, head: bytes, *, is_document: bool) -> bool:
    """Whether a member is empty, a font, left by an operating system, or machinery of a document."""
    # macOS adds `._name` files (AppleDouble) and `.DS_Store` to every archive that it makes.
    is_system_file = media_type == types.APPLE_DOUBLE or head.startswith(_DS_STORE_MAGIC)
    if not head or is_system_file:
        return True
    # Office puts the files that a user embedded under `embeddings/`, and those are not machinery.
    if is_document and media_type in _DOCUMENT_MACHINERY and "embed" not in name.lower():
        return True
    return find_type(media_type).kind is Kind.FONT


def _sniff_head(head: bytes) -> str:
    return sniff(lambda offset, length: head[offset : offset + length])

"""Archives: what is packed in ZIP, tar, gzip, bzip2 and xz. Nothing is written to disk, no name is followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.limits import Limits
from provenance.media.formats import tar
from provenance.media.formats import zip as zips
from provenance.media.formats.unpacking import METHODS, Unpacked
from provenance.media.readable import MalformedContainer, OversizedContainer
from provenance.media.sniff import UNKNOWN, needs_no_carrier, sniff
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_PACKED = {"application/gzip": "gzip", "application/x-bzip2": "bzip2", "application/x-xz": "xz"}
_SUFFIXES = (".gz", ".bz2", ".xz")
_DOCUMENTS = ("application/vnd.openxmlformats-officedocument", "application/vnd.oasis.opendocument",
              "application/epub+zip")  # fmt: skip
_OF_DOCUMENTS = frozenset({"[Content_Types].xml", "mimetype", "META-INF/container.xml", "Index/Document.iwa"})
"""Members by which a document is known that does not begin as one."""
_MACHINERY = frozenset({UNKNOWN, "application/x-ole-storage"})
_JUNK, _DS_STORE = frozenset({"multipart/appledouble"}), b"\0\0\0\x01Bud1"
_HEAD = 4096
_MOST_NAMED = 20


class _Content(Protocol):
    def read(self, length: int) -> bytes: ...


@dataclass(slots=True)
class _Refused:
    """Members that were not looked at, gathered, so that ten thousand of them are one trouble."""

    why: dict[tuple[Cause, str], list[str]] = field(default_factory=dict)

    def add(self, cause: Cause, why: str, name: str) -> None:
        self.why.setdefault((cause, why), []).append(name)

    def told(self) -> Iterator[Trouble]:
        for (cause, why), names in self.why.items():
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            named = ", ".join(f'"{name[:200]}"' for name in names[:_MOST_NAMED])
            yield Trouble("", Archive.name, cause, f"{why}: {named}{more}")


class Archive(Carrier):
    """Every member that may hold words of its own; texts, fonts and a document's own machinery are no rows.

    A packed tar is walked through at once: its members are children of the packed file.
    """

    name: ClassVar[str] = "archive"
    title: ClassVar[str] = "members of ZIP, tar, gzip, bzip2 and xz, of office documents and books"
    media: ClassVar[frozenset[str]] = frozenset({"application/zip", "application/x-tar", *_PACKED})

    def reads(self, media_type: str) -> bool:
        """Documents that are ZIP archives, too, whose types are many."""
        return media_type in self.media or media_type.startswith(_DOCUMENTS)

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield a child for each member, then what could not be looked at and why."""
        refused = _Refused()
        try:
            if method := _PACKED.get(source.media_type):
                yield from _packed(source, method, refused)
            elif source.media_type == "application/x-tar":
                yield from _tar(tar.Plain(source), source.limits, refused)
            else:
                yield from _zip(source, refused)
        except MalformedContainer as damage:
            yield Trouble("", self.name, damage.cause, str(damage))
        yield from refused.told()


def _zip(source: Source, refused: _Refused) -> Iterator[EmbeddedFile]:
    members, damage = _listed(source)
    document = source.media_type.startswith(_DOCUMENTS) or any(member.name in _OF_DOCUMENTS for member in members)
    for member in members:
        if why := _obstacle(source.limits, member):
            refused.add(*why, member.name)
            continue
        try:
            child = _child(zips.opened(source, member), member.name, source.limits, document=document)
        except MalformedContainer as fault:
            refused.add(fault.cause, str(fault), member.name)
            continue
        if child and member.size and len(child.content) != member.size:
            refused.add(Cause.MALFORMED, "not as long as its header says", member.name)
        if child:
            yield child
    if damage:
        raise damage


def _listed(source: Source) -> tuple[list[zips.ZipMember], MalformedContainer | None]:
    """What the directory lists before it is damaged, and the damage."""
    members = list[zips.ZipMember]()
    try:
        members.extend(zips.members(source))
    except MalformedContainer as damage:
        return members, damage
    return members, None


def _obstacle(limits: Limits, member: zips.ZipMember) -> tuple[Cause, str] | None:
    """Why a member is not unpacked; what the directory says of its size is believed when it speaks against it."""
    if member.encrypted:
        return Cause.UNSUPPORTED, "encrypted"
    if member.method not in METHODS:
        return Cause.UNSUPPORTED, f"packed by method {member.method}, which is not unpacked here"
    if member.size > limits.child or member.size > max(limits.inflated, limits.ratio * member.packed):
        return Cause.OVERSIZED, f"would unpack to more than {limits.child} bytes, or {limits.ratio} times its size"
    return None


def _tar(stream: tar.Stream, limits: Limits, refused: _Refused) -> Iterator[EmbeddedFile]:
    for member in tar.members(stream, limits):
        if member.sparse:
            refused.add(Cause.UNSUPPORTED, "kept as a sparse file", member.name)
        elif member.size > limits.child:
            refused.add(Cause.OVERSIZED, f"larger than {limits.child} bytes", member.name)
        elif child := _child(member, member.name, limits, document=False):
            yield child


def _packed(source: Source, method: str, refused: _Refused) -> Iterator[EmbeddedFile]:
    head = Unpacked(source, 0, source.size, method).read(_HEAD)
    stream = Unpacked(source, 0, source.size, method)
    if _sniffed(head) == "application/x-tar":
        yield from _tar(stream, source.limits, refused)
    elif child := _child(stream, _name_within(source, method), source.limits, document=False):
        yield child


def _name_within(source: Source, method: str) -> str:
    """What the packed file was called: gzip may keep it, else its own name without the ending."""
    head = source.at(0, 1024)
    kept = decoded(head[10:].split(b"\0")[0]) if head[3] & 0x0C == 0x08 else ""
    if method == "gzip" and kept:
        return kept
    stem, ending = os.path.splitext(source.name)
    return stem if stem and ending.lower() in _SUFFIXES else "content"


def _child(content: _Content, name: str, limits: Limits, *, document: bool) -> EmbeddedFile | None:
    """The member, None when it needs no row. Raises `MalformedContainer` as its packing does."""
    head = content.read(_HEAD)
    if _needs_no_row(_sniffed(head), name, head, document=document):
        return None
    whole = head + content.read(limits.child + 1 - len(head))
    if len(whole) > limits.child:
        raise OversizedContainer(f"larger than {limits.child} bytes")
    return EmbeddedFile(name, whole)


def _needs_no_row(kind: str, name: str, head: bytes, *, document: bool) -> bool:
    """Texts and fonts, what operating systems leave behind, and what a document needs to work."""
    if not head or kind in _JUNK or head.startswith(_DS_STORE):
        return True
    if document and kind in _MACHINERY and "embed" not in name.lower():
        return True
    return needs_no_carrier(kind)


def _sniffed(head: bytes) -> str:
    return sniff(lambda offset, length: head[offset : offset + length])

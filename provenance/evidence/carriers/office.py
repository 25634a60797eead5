"""Office documents and books: the properties that the document as a whole has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.formats import zip as zips
from provenance.media.formats.unpacking import METHODS
from provenance.media.readable import MalformedContainer
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_PARTS = frozenset({"docProps/custom.xml", "docProps/core.xml", "docProps/app.xml", "meta.xml"})
"""Office Open XML keeps its properties in three parts, OpenDocument in one."""
_BOOK = ".opf"
_NAMED = ("name", "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name", "property")
"""Attributes that name a property of the user's own: Office, OpenDocument, EPUB."""
_PREFIXES = {"http://purl.org/dc/elements/1.1/": "dc:", "http://purl.org/dc/terms/": "dcterms:"}


class Office(Carrier):
    """Title, author, program and properties of the user's own, under the names that the document gives them."""

    name: ClassVar[str] = "office"
    title: ClassVar[str] = "properties of Office Open XML and OpenDocument files, and of EPUB books"
    media: ClassVar[frozenset[str]] = frozenset({"application/zip", "application/epub+zip"})

    def reads(self, media_type: str) -> bool:
        """Every kind of document that is a ZIP archive; some do not begin as one."""
        return media_type in self.media or media_type.startswith("application/vnd.o")

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each property, and the parts that could not be read."""
        try:
            for member in zips.members(source):
                if member.name in _PARTS or member.name.lower().endswith(_BOOK):
                    yield from _part(source, member)
        except MalformedContainer:  # told with the members
            return


def _part(source: Source, member: zips.ZipMember) -> Iterator[CarrierOutput]:
    if member.encrypted or member.method not in METHODS:
        return
    try:
        root = fromstring(zips.opened(source, member).read(source.limits.inflated))
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        yield Trouble("", Office.name, Cause.MALFORMED, f"{member.name}: {error}")
        return
    for key, value in _properties(root):
        yield Statement(Office.name, f'{member.name}, "{key}"', key, value)


def _properties(root: Element) -> Iterator[tuple[str, str]]:
    """Every text of a part, under the name of its property or else of its element."""
    pending = [(root, "")]
    while pending:
        element, named = pending.pop()
        named = next((given for name in _NAMED if (given := element.get(name))), named)
        if element.text and element.text.strip():
            yield named or _name(element.tag), element.text
        if content := element.get("content"):
            yield named or _name(element.tag), content
        pending.extend((child, named) for child in reversed(element))


def _name(tag: str) -> str:
    """`{http://purl.org/dc/elements/1.1/}creator` -> `dc:creator`; of other names the bare one."""
    uri, _, local = tag.removeprefix("{").rpartition("}")
    return _PREFIXES.get(uri, "") + local

"""Office documents and EPUB books: the properties of the document as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar
from xml.etree.ElementTree import Element

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media import types
from provenance.media.formats.zip_xml import parse_members
from provenance.media.source import Source
from provenance.media.types import Container
from provenance.model.evidence import Statement, Trouble

_PROPERTY_PARTS = frozenset({"docProps/custom.xml", "docProps/core.xml", "docProps/app.xml", "meta.xml"})
"""Members with properties: Office Open XML has three, OpenDocument has one."""
_EPUB_PACKAGE = ".opf"
"""Ending of the member in which an EPUB book has its properties."""
_NAME_ATTRIBUTES = ("name", "{urn:oasis:names:tc:opendocument:xmlns:meta:1.0}name", "property")
"""Attributes with the name of a custom property: Office Open XML, OpenDocument, EPUB."""
_PREFIXES = {"http://purl.org/dc/elements/1.1/": "dc:", "http://purl.org/dc/terms/": "dcterms:"}
"""Namespaces that are reported with their usual prefix; of all others only the local name is."""


class Office(Carrier):
    """Title, author, program and custom properties of a document, under the names that the document gives them."""

    name: ClassVar[str] = "office"
    title: ClassVar[str] = "properties of Office Open XML and OpenDocument files, and of EPUB books"
    media: ClassVar[frozenset[str]] = types.names_in(Container.ZIP)

    def accepts_type(self, media_type: str) -> bool:
        """Whether it is a ZIP archive or a document in one; documents have too many types to list in `media`."""
        return types.find_type(media_type).container is Container.ZIP

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each property, and the parts that could not be read."""
        for row in parse_members(source, _has_properties, self.name):
            if isinstance(row, Trouble):
                yield row
                continue
            member, root = row
            for key, value in _find_properties(root):
                yield Statement(self.name, f'{member}, "{key}"', key, value)


def _has_properties(member: str) -> bool:
    return member in _PROPERTY_PARTS or member.lower().endswith(_EPUB_PACKAGE)


def _find_properties(root: Element) -> Iterator[tuple[str, str]]:
    """Find every text of a part, in document order, under the name of its property or otherwise of its element."""
    # A stack instead of recursion: a hostile part may nest deeper than Python recurses.
    pending = [(root, "")]
    while pending:
        element, inherited_name = pending.pop()
        property_name = _find_custom_name(element) or inherited_name
        key = property_name or _shorten_tag(element.tag)
        if element.text and element.text.strip():
            yield key, element.text
        if content := element.get("content"):
            yield key, content
        pending.extend((child, property_name) for child in reversed(element))


def _find_custom_name(element: Element) -> str:
    for attribute in _NAME_ATTRIBUTES:
        if name := element.get(attribute):
            return name
    return ""


def _shorten_tag(tag: str) -> str:
    """`{http://purl.org/dc/elements/1.1/}creator` -> `dc:creator`."""
    namespace, _, local_name = tag.removeprefix("{").rpartition("}")
    return _PREFIXES.get(namespace, "") + local_name

"""XML of cut lists and packages -> a tree: entities are refused, size and depth limited, namespaces ignored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provenance.media.readable import MalformedContainer, OversizedContainer, Readable

_BEGINNING = 8_192
"""Bytes in which the root element begins."""
_DEPTH = 200
"""Levels of elements; real cuts have below 40, and nested compound clips are resources of their own."""


def parse_xml(source: Readable) -> Element:
    """The root element. Raises `MalformedContainer` for what is no XML, declares entities, or is nested too deeply."""
    if source.size > source.limits.cut_list:
        raise OversizedContainer(f"is larger than the {source.limits.cut_list:,} bytes that are read of an XML file")
    try:
        # Every real file of these formats has a DOCTYPE.
        root: Element = fromstring(source.at(0, source.size), forbid_dtd=False, forbid_entities=True)
    except ParseError as fault:
        raise MalformedContainer(f"is not well-formed XML: {fault}") from fault
    except DefusedXmlException as fault:
        raise MalformedContainer("declares XML entities, which are never followed; it was not read") from fault
    except (LookupError, ValueError) as fault:
        raise MalformedContainer(f"is in an encoding that cannot be read: {fault}") from fault
    _check_depth(root)
    return root


def has_root(source: Readable, name: str) -> bool:
    """Whether the first element of that name stands at the beginning of the file, whatever its encoding."""
    # In UTF-16 every other byte of these names is zero.
    beginning = source.at(0, _BEGINNING).replace(b"\0", b"")
    return re.search(rb"<(\w+:)?" + name.encode("ascii") + rb"[\s>/]", beginning) is not None


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(_DEPTH):
        level = [child for parent in level for child in parent]
        if not level:
            return
    raise OversizedContainer(f"has more than {_DEPTH} levels of elements")


def get_local_name(element: Element) -> str:
    """The name without its namespace; prefixes and years of namespaces vary."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def find_child(element: Element | None, *names: str) -> Element | None:
    """The first child of that name, and its child, and so on; None where one is missing."""
    for name in names:
        element = next(iter(find_children(element, name)), None)
    return element


def find_children(element: Element | None, name: str) -> Iterator[Element]:
    """Every child of that name."""
    for child in element if element is not None else ():
        if get_local_name(child) == name:
            yield child


def get_text(element: Element | None, *names: str) -> str:
    """The text of the element, or of a descendant by names, without white space around it; empty when it is missing."""
    found = find_child(element, *names) if names else element
    return (found.text or "").strip() if found is not None else ""

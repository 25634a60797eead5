"""XML of any kind as fields: the texts of its elements and their attributes, each under its path."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from provenance.media.readable import MalformedContainer, OversizedContainer

_PARSER_ERRORS = (ParseError, DefusedXmlException, LookupError, ValueError)
"""Damage, refused entities, and encodings that are not known."""


class XmlField(NamedTuple):
    """A text, and the names of the elements that lead to it without their namespaces: `BWFXML/BEXT/BWF_ORIGINATOR`."""

    path: str
    value: str


def walk_fields(document: bytes, most: int, depth: int) -> Iterator[XmlField]:
    """Walk every text and attribute in the order in which their elements end.

    Raises `MalformedContainer` at damage, `OversizedContainer` behind `most` fields or below `depth` levels.
    """
    names: list[str] = []
    left = most
    try:
        for event, element in iterparse(io.BytesIO(document), events=("start", "end")):
            if event == "start":
                names.append(_drop_namespace(element.tag))
                if len(names) > depth:
                    raise OversizedContainer(f"XML: more than {depth} levels of elements; the rest was not read")
                continue
            path = "/".join(names)
            texts = [(path, element.text or "")]
            texts.extend((f"{path}/{_drop_namespace(name)}", value) for name, value in element.attrib.items())
            for key, value in texts:
                if value.strip():
                    left -= 1
                    yield XmlField(key, value.strip())
            if left < 0:
                raise OversizedContainer(f"XML: more than {most:,} texts; the rest was not read")
            names.pop()
            # What was read is forgotten, so that a long document takes no more memory than a short one.
            element.clear()
    except _PARSER_ERRORS as error:
        if isinstance(error, MalformedContainer):
            raise
        raise MalformedContainer(f"XML: {error}") from None


def _drop_namespace(name: str) -> str:
    return name.rsplit("}", 1)[-1]

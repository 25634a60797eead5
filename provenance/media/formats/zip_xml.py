"""Members of a ZIP archive that are XML: parsed, with entities refused and no more unpacked than the limits allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from provenance.media.formats import zip as zips
from provenance.media.formats.unpacking import DECOMPRESSORS
from provenance.media.readable import MalformedContainer, Readable
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause


def parse_members(
    source: Readable, is_wanted: Callable[[str], bool], stage: str
) -> Iterator[tuple[str, Element] | Trouble]:
    """Yield name and root element of every wanted member; a Trouble of that stage for one that is no XML.

    The carrier `archive` reads the same file: it reports damage of the archive, and members that cannot be unpacked.
    """
    try:
        for member in zips.walk_members(source):
            if not is_wanted(member.name) or member.encrypted or member.method not in DECOMPRESSORS:
                continue
            try:
                yield member.name, fromstring(zips.open_member(source, member).read(source.limits.inflated))
            except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
                yield Trouble("", stage, Cause.MALFORMED, f"{member.name}: {error}")
    except MalformedContainer:
        return

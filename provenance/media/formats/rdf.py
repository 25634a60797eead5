"""XMP (ISO 16684-1): parse a packet, RDF in XML, into flat properties under their usual prefixes.

Layout: `rdf:RDF` holds `rdf:Description` nodes, whose attributes and child elements are the properties. The value of a
property is text, a list (`rdf:Bag`, `rdf:Seq`, `rdf:Alt` of `rdf:li`), or a structure with properties of its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring, iterparse

from provenance.media.readable import MalformedContainer

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_LISTS = frozenset({_RDF + "Bag", _RDF + "Seq", _RDF + "Alt"})
_ADOBE = "http://ns.adobe.com/"
_GOOGLE = "http://ns.google.com/photos/1.0/"
_PREFIXES = {
    "http://purl.org/dc/elements/1.1/": "dc", "http://purl.org/dc/terms/": "dcterms",
    _ADOBE + "xap/1.0/": "xmp", _ADOBE + "xap/1.0/mm/": "xmpMM", _ADOBE + "xap/1.0/rights/": "xmpRights",
    _ADOBE + "xap/1.0/bj/": "xmpBJ", _ADOBE + "xap/1.0/t/pg/": "xmpTPg", _ADOBE + "xap/1.0/g/img/": "xmpGImg",
    _ADOBE + "xap/1.0/g/": "xmpG", _ADOBE + "xap/1.0/sType/ResourceEvent#": "stEvt",
    _ADOBE + "xap/1.0/sType/ResourceRef#": "stRef", _ADOBE + "xap/1.0/sType/Dimensions#": "stDim",
    _ADOBE + "xap/1.0/sType/ManifestItem#": "stMfs", _ADOBE + "xap/1.0/sType/Version#": "stVer",
    _ADOBE + "xap/1.0/sType/Font#": "stFnt", "http://ns.adobe.com/xmp/sType/Area#": "stArea",
    _ADOBE + "xmp/1.0/DynamicMedia/": "xmpDM", _ADOBE + "xmp/note/": "xmpNote",
    _ADOBE + "photoshop/1.0/": "photoshop", _ADOBE + "tiff/1.0/": "tiff", _ADOBE + "exif/1.0/": "exif",
    _ADOBE + "exif/1.0/aux/": "aux", _ADOBE + "camera-raw-settings/1.0/": "crs", _ADOBE + "lightroom/1.0/": "lr",
    _ADOBE + "pdf/1.3/": "pdf", _ADOBE + "pdfx/1.3/": "pdfx", _ADOBE + "illustrator/1.0/": "illustrator",
    _ADOBE + "creatorAtom/1.0/": "creatorAtom", _ADOBE + "bwf/bext/1.0/": "bext",
    "http://cipa.jp/exif/1.0/": "exifEX", "http://www.aiim.org/pdfa/ns/id/": "pdfaid",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/": "Iptc4xmpCore",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/": "Iptc4xmpExt", "http://ns.useplus.org/ldf/xmp/1.0/": "plus",
    "http://www.tc260.org.cn/ns/AIGC/1.0/": "TC260", "http://creativecommons.org/ns#": "cc",
    "http://www.metadataworkinggroup.com/schemas/regions/": "mwg-rs", "http://www.digikam.org/ns/1.0/": "digiKam",
    "http://ns.microsoft.com/photo/1.0/": "MicrosoftPhoto", "http://ns.microsoft.com/photo/1.0": "MicrosoftPhoto",
    _GOOGLE + "image/": "GImage", _GOOGLE + "camera/": "GCamera", _GOOGLE + "depthmap/": "GDepth",
    _GOOGLE + "audio/": "GAudio", _GOOGLE + "panorama/": "GPano", _GOOGLE + "container/": "Container",
    _GOOGLE + "container/item/": "Item", _ADOBE + "hdr-gain-map/1.0/": "hdrgm",
}  # fmt: skip
"""The prefix that the specification of each namespace gives it; a file may use any other."""
_EMBEDDED_FILES = frozenset({"xmpGImg:image", "GImage:Data", "GDepth:Data", "GAudio:Data"})
"""Properties that are whole files in base64, not text."""
_LONGEST_EMBEDDED_FILE = 1000
"""Characters of such a file that are still reported as they are."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML 1.0 does not allow."""
_WIDE_STARTS = (
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<\0", "utf-32-be"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0", "utf-16-le"),
    (b"\0<\0", "utf-16-be"),
)  # fmt: skip
"""First bytes of a packet in UTF-32 and UTF-16, with and without a byte order mark."""
_OUTSIDE = re.compile(r"<\?.*?\?>|<!--.*?-->|\ufeff|\s", re.DOTALL)
"""What may stand around the root of an XML document."""
_PARSER_ERRORS = (ParseError, DefusedXmlException, LookupError, ValueError)
"""Damage, refused entities, and encodings that are not known."""


def flatten_properties(packet: bytes, depth: int) -> Iterator[tuple[str, str]]:
    """Yield (key, value) for every property of a packet: (`xmpMM:History[2]/stEvt:softwareAgent`, `Firefly`).

    Each item of a list is a pair of its own. Entities are refused, structures deeper than `depth` left out. Raises
    `MalformedContainer` for a damaged packet, after everything before the damage.
    """
    if _is_empty(packet):
        return
    root, damage = _parse(_normalise(packet))
    if root is not None:
        for node in _walk_nodes(root):
            yield from _flatten_structure(node, "", depth)
    if damage:
        raise MalformedContainer(f"XMP: {damage}")


def _normalise(packet: bytes) -> bytes:
    """The packet in UTF-8, without the padding and the processing instructions around it."""
    packet = _decode_wide(packet.lstrip(b" \t\r\n")).strip(b"\0 \t\r\n")
    return packet[max(packet.find(b"<"), 0) : packet.rfind(b">") + 1]


def _decode_wide(packet: bytes) -> bytes:
    """The packet in UTF-8 if it is in an encoding of two or four bytes a character, else as it is."""
    for start, encoding in _WIDE_STARTS:
        if packet.startswith(start):
            text = packet.decode(encoding, "replace").lstrip("\ufeff")
            # An XML declaration would still name the encoding that the packet had.
            return re.sub(r"^\s*<\?xml\s[^>]*\?>", "", text).rstrip("\0\ufffd").encode("utf-8", "replace")
    return packet


def _is_empty(packet: bytes) -> bool:
    """Whether a packet has no properties because there is nothing in it: padding, or its wrapper alone."""
    return not packet.strip(b"\0 \t\r\n") or not _OUTSIDE.sub("", _normalise(packet).decode("utf-8", "replace"))


def _parse(packet: bytes) -> tuple[Element | None, str]:
    """The tree, or as much of it as there is, and a description of the damage; empty without damage."""
    try:
        return fromstring(packet), ""
    except _PARSER_ERRORS as error:
        damage = str(error)
    if not packet:
        return None, "the packet has no XML in it"
    root: Element | None = None
    # Bytes that are not text are replaced within values. Within names only leaving them out helps.
    for error_handler in ("replace", "ignore"):
        text = _NOT_XML.sub("", packet.decode("utf-8", error_handler))
        root, is_whole = _parse_beginning(text.encode())
        if is_whole:
            return root, ""
    return root, damage


def _parse_beginning(packet: bytes) -> tuple[Element | None, bool]:
    """The tree up to the first damage, and whether that was all of it."""
    root: Element | None = None
    try:
        # The parser adds to the tree as it goes on, so the first element is all that has to be kept.
        for _, element in iterparse(io.BytesIO(packet), events=("start",)):
            if root is None:
                root = element
    except _PARSER_ERRORS:
        return root, False
    return root, True


def _walk_nodes(root: Element) -> Iterator[Element]:
    """Walk the described nodes: children of rdf:RDF, at whatever depth of a document that is."""
    pending = [root]
    while pending:
        element = pending.pop()
        if element.tag == _RDF + "RDF":
            yield from element
        else:
            pending.extend(reversed(element))


def _flatten_structure(node: Element, path: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in node.attrib.items():
        if not name.startswith((_RDF, _XML)) and value.strip():
            yield _make_pair(path + _shorten_name(name), value)
    for child in node:
        yield from _flatten_property(child, path + _shorten_name(child.tag), depth - 1)


def _flatten_property(node: Element, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth <= 0:
        return
    inner = node[0] if len(node) else None
    text = node.text or ""
    if resource := node.get(_RDF + "resource"):
        # A simple value that is a URI.
        yield _make_pair(key, resource)
    elif inner is None and text.strip():
        yield _make_pair(key, text)
    elif inner is not None and inner.tag in _LISTS:
        yield from _flatten_list(inner, key, depth)
        return
    elif inner is not None and node.get(_RDF + "parseType") != "Resource":
        yield from _flatten_inner_node(inner, key, depth)
        return
    # The properties of a structure may also be attributes of the element, or its children without a node of their own.
    yield from _flatten_structure(node, key + "/", depth)


def _flatten_list(items: Element, key: str, depth: int) -> Iterator[tuple[str, str]]:
    for number, item in enumerate(items, 1):
        # Structures are numbered, so that the properties of each stay together.
        item_key = f"{key}[{number}]" if _is_structure(item) else key
        yield from _flatten_property(item, item_key, depth - 1)


def _flatten_inner_node(inner: Element, key: str, depth: int) -> Iterator[tuple[str, str]]:
    """Flatten a structure in a node of its own; with an rdf:value it is a simple value with qualifiers."""
    text = inner.get(_RDF + "value")
    value = inner.find(_RDF + "value")
    if not text and value is not None:
        text = value.text
    if text and text.strip():
        yield _make_pair(key, text)
    yield from _flatten_structure(inner, key + "/", depth)


def _is_structure(item: Element) -> bool:
    return bool(len(item)) or any(not name.startswith((_RDF, _XML)) for name in item.attrib)


def _make_pair(key: str, value: str) -> tuple[str, str]:
    name = key.rpartition("/")[2]
    if name in _EMBEDDED_FILES and len(value) > _LONGEST_EMBEDDED_FILE:
        return key, f"{len(value)} characters of base64"
    return key, value


def _shorten_name(tag: str) -> str:
    """`{http://ns.adobe.com/xap/1.0/}CreatorTool` -> `xmp:CreatorTool`; unknown namespaces stay as they are."""
    uri, brace, local_name = tag.removeprefix("{").partition("}")
    # Some writers give namespaces with https.
    prefix = _PREFIXES.get(uri) or _PREFIXES.get(uri.replace("https:", "http:", 1))
    if brace and prefix:
        return f"{prefix}:{local_name}"
    return tag

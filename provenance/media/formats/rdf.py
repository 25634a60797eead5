"""XMP packets: RDF in XML -> flat properties under the prefixes that everybody knows them by."""

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
_ARRAYS = frozenset({_RDF + "Bag", _RDF + "Seq", _RDF + "Alt"})
_ADOBE, _GOOGLE = "http://ns.adobe.com/", "http://ns.google.com/photos/1.0/"
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
_PICTURES = frozenset({"xmpGImg:image", "GImage:Data", "GDepth:Data", "GAudio:Data"})
"""Whole files in base64: no words."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDE = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


def flatten_properties(packet: bytes, depth: int) -> Iterator[tuple[str, str]]:
    """(key, value) for every property of a packet, structures flattened: `xmpMM:History[2]/stEvt:softwareAgent`.

    Each item of a list is a pair of its own. Entities are refused, structures deeper than `depth` left out. Of a
    damaged packet, whatever stands before the damage; then `MalformedContainer`.
    """
    root, damage = _parse(_tidy(packet))
    if root is not None:
        for node in _nodes(root):
            yield from _structure(node, "", depth)
    if damage:
        raise MalformedContainer(f"XMP: {damage}")


def _tidy(packet: bytes) -> bytes:
    """The packet in UTF-8, without what is around it."""
    packet = packet.strip(b"\0 \t\r\n")
    for mark, encoding in _WIDE:
        if packet.startswith(mark):
            text = packet.decode(encoding, "replace")
            packet = re.sub(r"^\s*<\?xml[^>]*\?>", "", text.lstrip("\ufeff")).rstrip("\0").encode()
    return packet[max(packet.find(b"<"), 0) : packet.rfind(b">") + 1]


def _parse(packet: bytes) -> tuple[Element | None, str]:
    """The tree, or as much of it as there is, and what is wrong."""
    try:
        return fromstring(packet), ""
    except (ParseError, DefusedXmlException, LookupError, ValueError) as error:
        reason = str(error)
    if not packet:
        return None, "the packet is empty"
    root = None
    for errors in ("replace", "ignore"):  # bytes that are no text, within values and within names
        root, whole = _begun(_NOT_XML.sub("", packet.decode("utf-8", errors)).encode())
        if whole:
            return root, ""
    return root, reason


def _begun(packet: bytes) -> tuple[Element | None, bool]:
    """The tree up to the first damage, and whether that was all of it."""
    root: Element | None = None
    try:
        for _, element in iterparse(io.BytesIO(packet), events=("start",)):
            if root is None:
                root = element
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        return root, False
    return root, True


def _nodes(root: Element) -> Iterator[Element]:
    """The described nodes: children of rdf:RDF, at whatever depth of a document that stands."""
    pending = [root]
    while pending:
        element = pending.pop()
        if element.tag == _RDF + "RDF":
            yield from element
        else:
            pending.extend(reversed(element))


def _structure(node: Element, path: str, depth: int) -> Iterator[tuple[str, str]]:
    for name, value in node.attrib.items():
        if not name.startswith((_RDF, _XML)) and value.strip():
            yield _pair(path + _name(name), value)
    for child in node:
        yield from _property(child, path + _name(child.tag), depth - 1)


def _property(node: Element, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth <= 0:
        return
    inner = node[0] if len(node) else None
    if resource := node.get(_RDF + "resource"):
        yield _pair(key, resource)
    elif inner is None and (node.text or "").strip():
        yield _pair(key, node.text or "")
    elif inner is not None and inner.tag in _ARRAYS:
        for i, item in enumerate(inner, 1):
            yield from _property(item, f"{key}[{i}]" if _is_structure(item) else key, depth - 1)
        return
    elif inner is not None and node.get(_RDF + "parseType") != "Resource":
        yield from _describe(inner, key, depth)
        return
    yield from _structure(node, key + "/", depth)


def _describe(inner: Element, key: str, depth: int) -> Iterator[tuple[str, str]]:
    """A structure in a node of its own; with an rdf:value it is a simple value with qualifiers."""
    value = inner.find(_RDF + "value")
    text = inner.get(_RDF + "value") or (value.text if value is not None else None)
    if text and text.strip():
        yield _pair(key, text)
    yield from _structure(inner, key + "/", depth)


def _is_structure(item: Element) -> bool:
    return bool(len(item)) or any(not name.startswith((_RDF, _XML)) for name in item.attrib)


def _pair(key: str, value: str) -> tuple[str, str]:
    if key.rpartition("/")[2] in _PICTURES and len(value) > 1000:
        return key, f"{len(value)} characters of base64"
    return key, value


def _name(tag: str) -> str:
    """`{http://ns.adobe.com/xap/1.0/}CreatorTool` -> `xmp:CreatorTool`; unknown namespaces stay as they are."""
    uri, brace, local = tag.removeprefix("{").partition("}")
    prefix = _PREFIXES.get(uri) or _PREFIXES.get(uri.replace("https:", "http:", 1))
    if brace and prefix:
        return f"{prefix}:{local}"
    return tag

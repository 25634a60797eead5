"""Media hash lists: the MHL of pomfort (versions 1.0 and 1.1) and ASC MHL 2.0.

Hashes of MHL are hex, with three exceptions: `xxhash` is XXH32 in decimal, `xxhash64` is XXH64 with its bytes in
reverse order, and `xxhash64be` XXH64 as others print it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from provenance.media.readable import Block, Readable
from provenance.timeline.packages.interface import FileList, ListedFile
from provenance.timeline.xml_tree import find_child, find_children, get_local_name, get_text, parse_xml

_PLAIN = {"md5": "md5", "sha1": "sha1", "xxh64": "xxh64", "xxhash64be": "xxh64", "xxh3": "xxh3", "xxh128": "xxh128"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"\0<\0?", "utf-16-be"),
    (b"<\0?\0", "utf-16-le"),
)
_NO_ENCODINGS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined"}
"""Python knows these as encodings of text; no file is written in one, and some take forever to decode."""
_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")


def read_mhl(source: Readable) -> FileList:
    """Read a list of either version, or the chain file of an ASC MHL history."""
    root = parse_xml(_to_utf8(source))
    if get_local_name(root) == "ascmhldirectory":
        return _read_chain(root)
    if find_child(root, "hashes") is not None:
        return _read_asc(root)
    files = tuple(_read_file(element) for element in find_children(root, "hash"))
    return FileList("mhl", files)


def _to_utf8(source: Readable) -> Readable:
    """The same text in UTF-8: the XML parser reads neither UTF-32 nor encodings of several bytes."""
    data = source.at(0, min(source.size, source.limits.packet))
    coding = next((coding for mark, coding in _MARKS if data.startswith(mark)), None)
    if coding is None:
        match = _DECLARATION.match(data.lstrip(b"\xef\xbb\xbf \r\n\t"))
        coding = match[1].decode("ascii") if match else "utf-8"
    try:
        if codecs.lookup(coding).name.replace("_", "-") in _NO_ENCODINGS:
            return source
        text = data.decode(coding)
    except (LookupError, UnicodeError):
        return source
    text = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", text, count=1)
    return Block(text.encode("utf-8"), source.limits)


def _read_file(element: Element) -> ListedFile:
    hashes = {}
    for child in element:
        name, text = get_local_name(child), (child.text or "").strip()
        if name == "xxhash" and re.fullmatch("[0-9]{1,10}", text):
            hashes["xxh32"] = f"{int(text):08x}"
        elif name == "xxhash64" and re.fullmatch("[0-9a-fA-F]{16}", text):
            hashes["xxh64"] = bytes.fromhex(text)[::-1].hex()
        elif name in _PLAIN:
            hashes[_PLAIN[name]] = text.lower()
    return ListedFile(_read_path(get_text(element, "file")), _read_size(get_text(element, "size")), hashes)


def _read_asc(root: Element) -> FileList:
    hashes = find_child(root, "hashes")
    files = []
    for element in find_children(hashes, "hash"):
        path = find_child(element, "path")
        size = path.get("size", "") if path is not None else ""
        files.append(ListedFile(_read_path(get_text(path)), _read_size(size), _read_asc_hashes(element)))
    patterns = (get_text(pattern) for pattern in find_children(find_child(root, "processinfo", "ignore"), "pattern"))
    # Histories of folders inside: their manifests are named as the chain names those of this one.
    inner = find_children(find_child(root, "references"), "hashlistreference")
    return FileList("asc-mhl", tuple(files), ignored=tuple(patterns), manifests=tuple(map(_read_manifest, inner)))


def _read_asc_hashes(element: Element) -> Mapping[str, str]:
    hashes = {}
    for child in element:
        name, text = get_local_name(child), (child.text or "").strip()
        if name == "c4":
            hashes["c4"] = text
        elif name not in ("path", "metadata", "previousPath"):
            hashes[_PLAIN.get(name, name)] = text.lower()
    return hashes


def _read_chain(root: Element) -> FileList:
    """The chain names every list of a history with its C4 hash; `path` is relative to the chain file."""
    lists = find_children(root, "hashlist")
    return FileList("asc-mhl-chain", tuple(map(_read_manifest, lists)))


def _read_manifest(row: Element) -> ListedFile:
    return ListedFile(_read_path(get_text(row, "path")), hashes={"c4": get_text(row, "c4")})


def _read_path(path: str) -> str:
    return path.replace("\\", "/") if "/" not in path else path


def _read_size(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

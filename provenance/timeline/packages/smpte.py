"""Asset maps and packing lists of IMF packages (SMPTE ST 429-9, 429-8, 2067-2) and DCPs, Interop ones too."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from provenance.media.readable import Readable
from provenance.timeline.names import read_uuid
from provenance.timeline.packages.interface import FileList, ListedFile
from provenance.timeline.xml_tree import find_child, find_children, get_text, parse_xml

_ALGORITHMS = {"sha1": "sha1", "sha256": "sha256", "sha512": "sha512"}
"""By the last part of the URI that names it; a packing list without one means SHA-1."""


def read_asset_map(source: Readable) -> FileList:
    """Read an asset map: which UUID is which file. A file in several chunks has the path of the first."""
    root = parse_xml(source)
    files = []
    packing_lists = []
    for asset in find_children(find_child(root, "AssetList"), "Asset"):
        asset_id = read_uuid(get_text(asset, "Id")) or ""
        # Interop writes an empty element, SMPTE `true`.
        is_packing_list = find_child(asset, "PackingList") is not None
        if is_packing_list and get_text(asset, "PackingList").lower() not in ("false", "0"):
            packing_lists.append(asset_id)
        path = get_text(asset, "ChunkList", "Chunk", "Path")
        if path:
            files.append(ListedFile(_read_path(path), id=asset_id))
    return FileList("asset-map", tuple(files), read_uuid(get_text(root, "Id")) or "", tuple(packing_lists))


def read_packing_list(source: Readable) -> FileList:
    """Read a packing list: size and hash of each UUID. `path` is the original file name, if it gives one."""
    root = parse_xml(source)
    files = []
    for asset in find_children(find_child(root, "AssetList"), "Asset"):
        size = get_text(asset, "Size")
        files.append(
            ListedFile(
                path=get_text(asset, "OriginalFileName"),
                size=int(size) if re.fullmatch("[0-9]{1,19}", size) else None,
                hashes=_read_hash(asset),
                id=read_uuid(get_text(asset, "Id")) or "",
            )
        )
    return FileList("packing-list", tuple(files), read_uuid(get_text(root, "Id")) or "")


def _read_hash(asset: Element) -> Mapping[str, str]:
    text = get_text(asset, "Hash")
    element = find_child(asset, "HashAlgorithm")
    uri = element.get("Algorithm", "") if element is not None else ""
    name = uri.rpartition("#")[2].lower() if uri else "sha1"
    try:
        digest = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return {"unreadable": text}
    return {_ALGORITHMS.get(name, name): digest.hex()} if digest else {}


def _read_path(path: str) -> str:
    """A path relative to the asset map; some writers put `file:///` before it."""
    return path.removeprefix("file:///").replace("\\", "/")

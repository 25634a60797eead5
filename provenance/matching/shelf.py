"""All that is known, laid out in one file: written by whoever has the catalogue, mapped by every worker."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator

from provenance.model import CODES, Fingerprint, Known, Origin

_HEAD = struct.Struct("<IBQ")
METHODS = ("picture", "video")


def write(path: str, known: Iterable[tuple[Known, Fingerprint]]) -> int:
    """Lay out what is to be searched for; gives how many assets that is. Holds one of them at a time."""
    count = 0
    with open(path, "xb") as file:
        for asset, kept in known:
            if kept.method not in METHODS or kept.version != CODES[kept.method]:
                continue
            told = json.dumps([asset.digest, asset.path, asset.origin.value]).encode()
            file.write(_HEAD.pack(len(told), METHODS.index(kept.method), len(kept.data)) + told + kept.data)
            count += 1
    return count


def read(view: memoryview) -> Iterator[tuple[Known, str, memoryview]]:
    """Asset, method and fingerprint again, nothing copied."""
    at = 0
    while at < len(view):
        told, method, length = _HEAD.unpack_from(view, at)
        start = at + _HEAD.size + told
        digest, shown, origin = json.loads(bytes(view[at + _HEAD.size : start]))
        at = start + length
        yield Known(digest, shown, Origin(origin)), METHODS[method], view[start:at]

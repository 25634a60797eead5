"""All that is known, laid out in one file: written by whoever has the catalogue, mapped by every worker."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from provenance.model.asset import FINGERPRINT_VERSIONS, Fingerprint
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

_HEAD = struct.Struct("<IBQ")
METHODS = ("picture", "video", "audio")
_SEEN = frozenset({"picture", "video"})


class Laid(NamedTuple):
    """What was laid out."""

    methods: frozenset[str]
    """Of what is there; none when there is nothing to look for."""
    digest: bytes
    """SHA-256 of all that decides what can be found; where the known assets stand is no part of it."""

    @property
    def has_pictures(self) -> bool:
        """Whether there are pictures."""
        return not self.methods.isdisjoint(_SEEN)

    @property
    def has_audio(self) -> bool:
        """Whether there are sounds."""
        return not self.methods <= _SEEN


def write(path: str, known: Iterable[tuple[Known, Fingerprint]]) -> Laid:
    """Lay out what is to be searched for. Holds one asset at a time."""
    methods, digest = set(), hashlib.sha256()
    with open(path, "xb") as file:
        for asset, kept in known:
            if kept.method not in METHODS or kept.version != FINGERPRINT_VERSIONS[kept.method]:
                continue
            told = json.dumps([asset.digest, asset.path, asset.origin.value]).encode()
            file.write(_HEAD.pack(len(told), METHODS.index(kept.method), len(kept.data)) + told + kept.data)
            digest.update(f"{asset.digest} {asset.origin.value} {kept.method} {kept.version} ".encode())
            digest.update(hashlib.sha256(kept.data).digest())
            methods.add(kept.method)
    return Laid(frozenset(methods), digest.digest())


def read(view: memoryview) -> Iterator[tuple[Known, str, memoryview]]:
    """Asset, method and fingerprint again, nothing copied."""
    at = 0
    while at < len(view):
        told, method, length = _HEAD.unpack_from(view, at)
        start = at + _HEAD.size + told
        digest, shown, origin = json.loads(bytes(view[at + _HEAD.size : start]))
        at = start + length
        yield Known(digest, shown, Origin(origin)), METHODS[method], view[start:at]

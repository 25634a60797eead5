"""Which files are lists of files, by their names and how they begin."""

from __future__ import annotations

import re
from collections.abc import Callable

from provenance.media.readable import Readable
from provenance.media.source import Source
from provenance.timeline.packages.interface import FileList
from provenance.timeline.packages.mhl import read_mhl
from provenance.timeline.packages.smpte import read_asset_map, read_packing_list

_NAMES = re.compile(r"assetmap(\.xml)?|.*\.mhl|ascmhl_chain\.xml|.*pkl.*\.xml|.*packinglist.*\.xml", re.IGNORECASE)
_READERS: tuple[tuple[bytes, Callable[[Readable], FileList]], ...] = (
    (b"AssetMap", read_asset_map),
    (b"PackingList", read_packing_list),
    (b"hashlist", read_mhl),
    (b"ascmhldirectory", read_mhl),
)


def may_be_list(name: str) -> bool:
    """Whether a file of this name may be a list. Other packing lists are found through their asset map."""
    return bool(_NAMES.fullmatch(name))


def find_reader(source: Source) -> Callable[[Readable], FileList] | None:
    """The function that reads a list, by its root element; None for a file that is none."""
    head = source.at(0, 4_096)
    if b"\0" in head:
        # UTF-16 and UTF-32: the names of elements are ASCII letters.
        head = head.replace(b"\0", b"")
    for name, reader in _READERS:
        if re.search(rb"<(\w+:)?" + name + rb"[\s>]", head):
            return reader
    return None

"""Write the search index file: all known material, as every worker maps it into its memory and searches it.

The process that has the catalogue open writes it: a table of the known assets, the segments of the picture index, and
the fingerprints. Beside a catalogue the segments are files of their own, which are laid out once and used again, and
the fingerprints stay in the catalogue, from which those of candidates are read. What travels to another machine, or
has no catalogue, holds all of it in the one file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from provenance.catalogue.fingerprint_reader import FingerprintReader
from provenance.catalogue.queries import StoredFingerprint
from provenance.matching.index_file import SOUND, TableWriter
from provenance.matching.picture import segments
from provenance.matching.picture.segments import Content, SegmentBuilder, SegmentStore
from provenance.matching.search_index import IndexContents, SearchIndex
from provenance.model.asset import Fingerprint
from provenance.model.match import Known

_SOUND_FACTOR = 3
"""Sizes of the known sounds that their index takes in memory: covers what was measured (docs/matching.md, costs)."""


def write(path: str, known: Iterable[tuple[Known, Fingerprint]], searchers: str = "") -> SearchIndex:
    """Write everything that is to be searched for to one new file that needs no other."""
    contents = IndexContents(searchers)
    with open(path, "xb") as file:
        table = TableWriter(file)
        builder = SegmentBuilder()
        for asset, fingerprint in known:
            if not contents.add(asset, fingerprint.method, fingerprint.version, fingerprint.digest):
                continue
            place = table.append_data(fingerprint.data)
            items = 0
            if fingerprint.method != SOUND:
                items = builder.add(fingerprint.data)
            table.add(asset, fingerprint.method, place, len(fingerprint.data), items)
            if builder.is_full:
                table.add_segment(builder.make_arrays())
                builder = SegmentBuilder()
        table.add_segment(builder.make_arrays())
        table.finish()
    return dataclasses.replace(contents.describe(path), space=_SOUND_FACTOR * table.sound_size)


def write_beside(
    path: str, catalogue: Path, stored: Iterable[StoredFingerprint], folder: Path, searchers: str = ""
) -> SearchIndex:
    """Write the same without copying a fingerprint: those of candidates are read from the catalogue.

    `folder`: where segments are kept. Those that are there are used again; those of changed material are laid out anew.
    """
    contents = IndexContents(searchers)
    store = SegmentStore(folder)
    pictures: list[StoredFingerprint] = []
    with open(path, "xb") as file:
        table = TableWriter(file, catalogue)
        for row in stored:
            if not contents.add(row.known, row.method, row.version, row.digest):
                continue
            if row.method == SOUND:
                table.add(row.known, row.method, row.row, row.size, 0)
            else:
                pictures.append(row)
        digests = [Content(row.method, row.digest, row.size) for row in pictures]
        for first, end in segments.divide(digests):
            part = pictures[first:end]
            segment = store.find_or_make(digests[first:end], _load_all(catalogue, part))
            table.refer_to_segment(segment.path)
            for row, items in zip(part, segment.counts, strict=True):
                table.add(row.known, row.method, row.row, row.size, items)
        table.finish()
    store.remove_old()
    space = table.outside_size + _SOUND_FACTOR * table.sound_size
    return dataclasses.replace(contents.describe(path), space=space)


def _load_all(catalogue: Path, stored: Iterable[StoredFingerprint]) -> Iterator[bytes]:
    with FingerprintReader(catalogue) as reader:
        for row in stored:
            yield reader.load(row.row, 0, row.size)

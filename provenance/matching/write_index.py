"""Write the search index file: all known material, as every worker maps it into its memory and searches it.

The process that has the catalogue open writes it: a table of the known assets, the segments of both indices, and the
fingerprints. Beside a catalogue the segments are files of their own, which are laid out once and used again, and
the fingerprints stay in the catalogue, from which those of candidates are read. What travels to another machine, or
has no catalogue, holds all of it in the one file.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from provenance.catalogue.fingerprint_reader import FingerprintReader
from provenance.catalogue.queries import StoredFingerprint
from provenance.matching.audio import segment
from provenance.matching.audio.segment import SoundSegmentBuilder
from provenance.matching.index_file import SOUND, SOUNDS, TableWriter
from provenance.matching.picture import segments
from provenance.matching.picture.segments import SegmentBuilder
from provenance.matching.search_index import IndexContents, SearchIndex
from provenance.matching.segment_store import LARGEST, Content, SegmentFile, SegmentStore, divide
from provenance.model.asset import Fingerprint
from provenance.model.match import Known

_LARGEST_SOUNDS = 400_000_000
"""Bytes of sounds in one large segment at most: some fifty hours, which are laid out in less than a gigabyte."""
_PICTURE_LAYOUT = str(segments.LAYOUT)
_SOUND_LAYOUT = f"sounds {segment.LAYOUT}"


def write(path: str, known: Iterable[tuple[Known, Fingerprint]], searchers: str = "") -> SearchIndex:
    """Write everything that is to be searched for to one new file that needs no other."""
    contents = IndexContents(searchers)
    with open(path, "xb") as file:
        table = TableWriter(file)
        builder, sounds, sound_size = SegmentBuilder(), SoundSegmentBuilder(), 0
        for asset, fingerprint in known:
            if not contents.add(asset, fingerprint.method, fingerprint.version, fingerprint.digest):
                continue
            place = table.append_data(fingerprint.data)
            items = 0
            if fingerprint.method == SOUND:
                sounds.add(fingerprint.data)
                sound_size += len(fingerprint.data)
            else:
                items = builder.add(fingerprint.data)
            table.add(asset, fingerprint.method, place, len(fingerprint.data), items)
            if builder.is_full:
                table.add_segment(builder.make_arrays())
                builder = SegmentBuilder()
            if sound_size >= _LARGEST_SOUNDS:
                table.add_segment(sounds.make_arrays(), SOUNDS)
                sounds, sound_size = SoundSegmentBuilder(), 0
        table.add_segment(builder.make_arrays())
        table.add_segment(sounds.make_arrays(), SOUNDS)
        table.finish()
    return contents.describe(path)


def write_beside(
    path: str, catalogue: Path, stored: Iterable[StoredFingerprint], folder: Path, searchers: str = ""
) -> SearchIndex:
    """Write the same without copying a fingerprint: those of candidates are read from the catalogue.

    `folder`: where segments are kept. Those that are there are used again; those of changed material are laid out anew.
    """
    contents = IndexContents(searchers)
    pictures: list[StoredFingerprint] = []
    sounds: list[StoredFingerprint] = []
    with open(path, "xb") as file:
        table = TableWriter(file, catalogue)
        for row in stored:
            if contents.add(row.known, row.method, row.version, row.digest):
                (sounds if row.method == SOUND else pictures).append(row)
        picture_store = SegmentStore(folder, SegmentBuilder, _PICTURE_LAYOUT)
        for part, picture_file in _lay_out(catalogue, pictures, picture_store, LARGEST):
            table.refer_to_segment(picture_file.path)
            for row, items in zip(part, picture_file.counts, strict=True):
                table.add(row.known, row.method, row.row, row.size, items)
        sound_store = SegmentStore(folder, SoundSegmentBuilder, _SOUND_LAYOUT)
        for part, sound_file in _lay_out(catalogue, sounds, sound_store, _LARGEST_SOUNDS):
            table.refer_to_segment(sound_file.path, SOUNDS)
            for row in part:
                table.add(row.known, row.method, row.row, row.size, 0)
        table.finish()
    picture_store.remove_old()
    return dataclasses.replace(contents.describe(path), space=table.outside_size)


def _lay_out(
    catalogue: Path, stored: Sequence[StoredFingerprint], store: SegmentStore, largest: int
) -> Iterator[tuple[Sequence[StoredFingerprint], SegmentFile]]:
    """Yield the fingerprints of each segment, and the segment."""
    digests = [Content(row.method, row.digest, row.size) for row in stored]
    for first, end in divide(digests, largest):
        part = stored[first:end]
        yield part, store.find_or_make(digests[first:end], _load_all(catalogue, part))


def _load_all(catalogue: Path, stored: Iterable[StoredFingerprint]) -> Iterator[bytes]:
    with FingerprintReader(catalogue) as reader:
        for row in stored:
            yield reader.load(row.row, 0, row.size)

"""Known material in a catalogue, and the search index over it, written in each of the ways there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from provenance.catalogue.store import Catalogue
from provenance.matching import index_file, write_index
from provenance.matching.search_index import SearchIndex
from provenance.model.asset import Asset, Fingerprint, Location, Reading
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

NOW = "2026-01-01T00:00:00Z"


def add(catalogue: Catalogue, packed: Mapping[str, Fingerprint], media_type: str = "image/png") -> None:
    """Add assets, by digest, with a fingerprint each."""
    run = catalogue.begin_run("ingest", NOW)
    for digest, fingerprint in packed.items():
        place = Location("/known", digest, digest.encode())
        reading = Reading(Asset(digest, digest, 1, media_type), fingerprints=(fingerprint,))
        catalogue.add(place, "", reading, run, NOW)
    catalogue.end_run(run, NOW, "done")


def write_beside(folder: Path, name: str) -> SearchIndex:
    """Write the index of `known.db` in a folder, with segments beside it."""
    with Catalogue.open(folder / "known.db", write=False) as catalogue:
        stored = catalogue.list_fingerprints(set(Origin))
        return write_index.write_beside(str(folder / name), catalogue.path, stored, folder / "segments")


def write_each_way(
    folder: Path, packed: Mapping[str, Fingerprint], media_type: str = "image/png"
) -> tuple[SearchIndex, SearchIndex, str]:
    """Write one index beside a catalogue, one in a file without any, and a copy of the first that needs neither."""
    with Catalogue.open(folder / "known.db", write=True) as catalogue:
        add(catalogue, packed, media_type)
    beside = write_beside(folder, "beside")
    rows = [(Known(digest, digest, Origin.UNKNOWN), one) for digest, one in packed.items()]
    alone = write_index.write(str(folder / "alone"), rows)
    whole = str(folder / "whole")
    index_file.copy_whole(beside.path, whole)
    return beside, alone, whole

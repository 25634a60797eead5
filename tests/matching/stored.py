"""Known material in a catalogue, and the search index over it, written in each of the ways there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from provenance.catalogue.store import Catalogue
from provenance.fingerprint import pictures
from provenance.matching import index_file, known, write_index
from provenance.matching.known import KnownPictures
from provenance.matching.search_index import SearchIndex
from provenance.model.asset import Asset, Fingerprint, Location, Reading
from provenance.model.match import Known
from provenance.model.vocabulary import Origin
from tests.matching.paint import Picture, make_fingerprint

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


def learn(path: Path, learned: Sequence[Picture]) -> KnownPictures:
    """Pictures as known material, with their numbers as digests."""
    rows = []
    for number, picture in enumerate(learned):
        kept = pictures.pack("picture", [make_fingerprint(picture)])
        rows.append((Known(f"sha256:{number}", f"{number}.png", Origin.GENERATED), kept))
    return known.load_pictures(write_index.write(str(path), rows).path)

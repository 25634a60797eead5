"""The index in segments: laid out once and used again, and the same whichever way it was written."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from provenance.catalogue.store import Catalogue
from provenance.errors import CatalogueDamaged
from provenance.fingerprint import pictures
from provenance.intake.examine import examine
from provenance.intake.jobs import ContentSearched, ScanPicture
from provenance.limits import DEFAULT
from provenance.matching import index_file, known, segment_store
from provenance.matching.known import KnownPictures
from provenance.matching.segment_store import Content, divide
from provenance.model.asset import Fingerprint
from provenance.model.vocabulary import PASSING_CAUSES, Cause
from tests.matching.paint import crop, make_fingerprint, make_keyframe, paint_picture
from tests.matching.stored import add, write_beside, write_each_way

STILLS = range(6)
CLIP = (20, 21, 22)


def pack_all() -> dict[str, Fingerprint]:
    packed = {f"sha256:{seed}": pictures.pack("picture", [make_fingerprint(paint_picture(seed))]) for seed in STILLS}
    packed["sha256:clip"] = pictures.pack("video", [make_fingerprint(paint_picture(seed)) for seed in CLIP])
    return packed


@pytest.fixture(scope="module")
def packed() -> dict[str, Fingerprint]:
    return pack_all()


def test_a_wrong_clock_removes_nothing_that_is_in_use(
    tmp_path: Path, packed: dict[str, Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    month = 31 * 24 * 3600
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, packed)
    monkeypatch.setattr(time, "time", lambda: 4 * month + os.stat(tmp_path).st_mtime)
    write_beside(tmp_path, "first")
    (segment,) = (tmp_path / "segments").iterdir()
    unused = segment.with_name("unused.segment")
    shutil.copy(segment, unused)
    os.utime(unused, (0, os.stat(segment).st_mtime - month))
    write_beside(tmp_path, "second")
    assert list((tmp_path / "segments").iterdir()) == [segment]


def test_a_segment_that_is_gone_is_no_fault_of_the_file(tmp_path: Path, packed: dict[str, Fingerprint]) -> None:
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, packed)
    index = write_beside(tmp_path, "index")
    for segment in (tmp_path / "segments").iterdir():
        segment.unlink()
    still = tmp_path / "still.png"
    cv2.imwrite(str(still), paint_picture(1))
    digest = f"sha256:{hashlib.sha256(still.read_bytes()).hexdigest()}"
    outcome = examine(ScanPicture(os.fsencode(still), still.stat().st_size, digest, index), DEFAULT)
    assert isinstance(outcome, ContentSearched)
    (trouble,) = outcome.results[0].troubles
    assert (trouble.stage, trouble.cause) == ("search", Cause.UNREADABLE)
    assert trouble.cause in PASSING_CAUSES


def list_candidates(pictures_known: KnownPictures, seed: int) -> list[tuple[str, float, bytes]]:
    keyframe = make_keyframe(crop(paint_picture(seed), 0.7))
    found = pictures_known.index.find_candidates(keyframe.features, 6)
    items = [pictures_known.items[candidate.item] for candidate in found]
    return [
        (item.known.digest, candidate.votes, bytes(item.load())) for item, candidate in zip(items, found, strict=True)
    ]


def test_beside_a_catalogue_and_in_one_file_it_finds_the_same(tmp_path: Path, packed: dict[str, Fingerprint]) -> None:
    beside, alone, whole = write_each_way(tmp_path, packed)
    assert beside.digest == alone.digest
    every = [KnownPictures(path) for path in (beside.path, alone.path, whole)]
    for seed in (*STILLS, *CLIP):
        first, *others = [list_candidates(one, seed) for one in every]
        assert first
        assert first[0][0] == (f"sha256:{seed}" if seed in STILLS else "sha256:clip")
        assert others == [first, first]
    for one in every:
        assert [one.items[item].method for item in one.items_by_digest["sha256:clip"]] == ["video"] * len(CLIP)
        assert len(one.items) == len(STILLS) + len(CLIP)
        assert one.items_by_digest["sha256:nothing"] == []


def test_what_travels_needs_neither_catalogue_nor_segments(tmp_path: Path, packed: dict[str, Fingerprint]) -> None:
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, packed)
    index = write_beside(tmp_path, "beside")
    whole = tmp_path / "whole"
    index_file.copy_whole(index.path, str(whole))
    shutil.rmtree(tmp_path / "segments")
    (tmp_path / "known.db").unlink()
    travelled = KnownPictures(str(whole))
    assert travelled.items[1].fingerprint.features.words.tolist() == [
        *pictures.parse(memoryview(packed["sha256:1"].data)).features.words
    ]


def test_a_new_picture_lays_out_the_last_segment_alone(
    tmp_path: Path, packed: dict[str, Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_store, "_USUAL", 2)
    monkeypatch.setattr(segment_store, "MOST", 2)
    monkeypatch.setattr(segment_store, "_SMALL_PART", 1)
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, packed)
    write_beside(tmp_path, "first")
    first = {path.name: path.stat().st_ino for path in (tmp_path / "segments").iterdir()}
    assert len(first) >= 4
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, {"sha256:new": pictures.pack("picture", [make_fingerprint(paint_picture(50))])})
    index = write_beside(tmp_path, "second")
    second = {path.name: path.stat().st_ino for path in (tmp_path / "segments").iterdir()}
    assert second.items() >= first.items(), "none was laid out again"
    assert len(second) == len(first) + 1
    everything = KnownPictures(index.path)
    for seed in (*STILLS, 50):
        assert list_candidates(everything, seed)[0][0] == ("sha256:new" if seed == 50 else f"sha256:{seed}")


def test_a_damaged_segment_is_made_anew(tmp_path: Path, packed: dict[str, Fingerprint]) -> None:
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, packed)
    index = write_beside(tmp_path, "first")
    wanted = list_candidates(KnownPictures(index.path), 1)
    (segment,) = (tmp_path / "segments").iterdir()
    for damage in (b"", segment.read_bytes()[:5000], bytes(5000)):
        segment.write_bytes(damage)
        again = write_beside(tmp_path, f"after {len(damage)} {damage[:1]!r}")
        assert list_candidates(KnownPictures(again.path), 1) == wanted


def test_a_fingerprint_that_is_not_there_is_damage(tmp_path: Path, packed: dict[str, Fingerprint]) -> None:
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, packed)
    index = write_beside(tmp_path, "index")
    (tmp_path / "known.db").unlink()
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, {})
    with pytest.raises(CatalogueDamaged):
        _ = known.KnownPictures(index.path).items[0].fingerprint


def test_one_that_is_taken_away_changes_no_other_segment() -> None:
    random = np.random.default_rng(1)
    contents = [Content("picture", random.bytes(32), 90_000) for _ in range(60_000)]

    def cut(given: list[Content]) -> set[tuple[bytes, ...]]:
        return {tuple(one.digest for one in given[first:end]) for first, end in divide(given)}

    whole = cut(contents)
    assert sum(map(len, whole)) == len(contents)
    less = cut(contents[:1000] + contents[1001:])
    assert len(whole - less) <= 3
    more = cut([*contents, Content("picture", random.bytes(32), 90_000)])
    assert len(whole - more) <= 1

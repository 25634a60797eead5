"""The index of sounds in segments: laid out once, mapped by all, and the same whichever way it was written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from provenance.catalogue.store import Catalogue
from provenance.fingerprint.audio import METHOD, bundle
from provenance.matching import known, segment_store
from provenance.matching.audio.match_audio import find_matches
from provenance.matching.audio.posting_lists import HASH_BITS, lay_out, look_up
from provenance.model.asset import Fingerprint
from tests.matching.stored import add, write_beside, write_each_way
from tests.sounds import fingerprint, play_faster, speech, stretch, tune, under

CLIPS = {f"sha256:{seed}": tune(6, seed) for seed in range(5)}
BED = np.asarray(0.2 * speech(40, 100), np.float32)


def pack_all() -> dict[str, Fingerprint]:
    """Every asset has two downmixes, so that numbers of sounds are not those of assets."""
    packed = {}
    for number, (digest, clip) in enumerate(CLIPS.items()):
        other = fingerprint(speech(5, 200 + number), "side").data
        packed[digest] = Fingerprint(METHOD, 2, bundle([fingerprint(clip).data, other]))
    return packed


def find(path: str) -> list[tuple[str, str, float]]:
    """What is found of two clips as they are, one at another pitch, one stretched, one backwards."""
    clips = list(CLIPS.values())
    heard = under(under(BED, clips[0], 2, 0), clips[4], 10, 0)
    heard = under(under(heard, play_faster(clips[1], 1.05), 18, 0), clips[2][::-1], 25, 0)
    heard = under(heard, stretch(clips[3], 0.96), 32, 0)
    matches = find_matches([fingerprint(heard)], known.load_sounds(path))
    return [(match.known.digest, match.detail, match.time.start) for match in matches if match.time]


@pytest.fixture(scope="module")
def packed() -> dict[str, Fingerprint]:
    return pack_all()


@pytest.mark.parametrize("usual", [8192, 2])
def test_beside_a_catalogue_and_in_one_file_it_finds_the_same(
    tmp_path: Path, packed: dict[str, Fingerprint], monkeypatch: pytest.MonkeyPatch, usual: int
) -> None:
    monkeypatch.setattr(segment_store, "_USUAL", usual)
    beside, alone, whole = write_each_way(tmp_path, packed, "audio/wav")
    found, *others = [find(path) for path in (beside.path, alone.path, whole)]
    assert {digest for digest, _, _ in found} == set(CLIPS)
    assert others == [found, found]
    assert beside.sounds == len(CLIPS)


def test_a_new_sound_lays_out_the_last_segment_alone(
    tmp_path: Path, packed: dict[str, Fingerprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_store, "MOST", 2)
    monkeypatch.setattr(segment_store, "_SMALL_PART", 1)
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        add(catalogue, packed, "audio/wav")
    write_beside(tmp_path, "first")
    first = {path.name: path.stat().st_ino for path in (tmp_path / "segments").iterdir()}
    with Catalogue.open(tmp_path / "known.db", write=True) as catalogue:
        new = Fingerprint(METHOD, 2, bundle([fingerprint(tune(6, 50)).data]))
        add(catalogue, {"sha256:new": new}, "audio/wav")
    index = write_beside(tmp_path, "second")
    second = {path.name: path.stat().st_ino for path in (tmp_path / "segments").iterdir()}
    assert len(second.items() & first.items()) >= len(first) - 1
    sounds = known.load_sounds(index.path)
    (match,) = find_matches([fingerprint(under(BED, tune(6, 50), 5, 0))], sounds)
    assert match.known.digest == "sha256:new"
    assert {digest for digest, _, _ in find(index.path)} == set(CLIPS)


def test_posting_lists_give_what_a_plain_comparison_gives() -> None:
    random = np.random.default_rng(1)
    for count in (0, 1, 300, 20_000):
        stored = [random.integers(0, 1 << HASH_BITS, count, np.uint32) for _ in range(2)]
        wanted = np.concatenate([random.integers(0, 1 << HASH_BITS, 50, np.uint32), *(one[:20] for one in stored)])
        laid_out = [lay_out(one) for one in stored]
        hits = look_up([lists for lists, _ in laid_out], wanted, 1000, 1_000_000)
        for one, (_, order), hashes in zip(hits, laid_out, stored, strict=True):
            found = zip(one.lookup.tolist(), order[one.posting].tolist(), strict=True)
            expected = np.argwhere(wanted[:, None] == hashes[None])
            assert sorted(found) == sorted(map(tuple, expected.tolist()))


def test_where_there_are_too_many_postings_the_rarest_hashes_are_looked_up() -> None:
    hashes = np.array([7] * 30 + [900_000] * 5 + [2_000_000] * 10, np.uint32)
    lists, _ = lay_out(hashes)
    wanted = np.array([7, 900_000, 2_000_000], np.uint32)
    (hits,) = look_up([lists], wanted, 1000, 20)
    assert np.bincount(hits.lookup, minlength=3).tolist() == [0, 5, 10]
    (hits,) = look_up([lists], wanted, 4, 1000)
    assert np.bincount(hits.lookup, minlength=3).tolist() == [4, 4, 4]


def test_a_segment_of_few_sounds_is_small() -> None:
    lists, _ = lay_out(np.arange(500, dtype=np.uint32) * 8000)
    assert lists.bounds.nbytes + lists.rests.nbytes < 10_000

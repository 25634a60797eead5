"""Sequences: what makes one, what does not, gaps, and frames that differ."""

from __future__ import annotations

import hashlib
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.intake import sequences
from provenance.intake.sequences import AssetRow, NumberedFiles, SequenceAssembler, group_by_number
from provenance.intake.walk import Walk
from provenance.model.asset import Asset, Reading
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing, Zone
from tests.intake import plain_walk

MARK = Evidence("a1111", "png", "tEXt", Origin.GENERATED, Standing.TRACE, None, "prompt")


def listed(folder: Path, names: list[str]) -> list[object]:
    for name in names:
        (folder / name).write_bytes(name.encode())
    return [item for files in Walk([os.fsencode(folder)]).folders() for item in group_by_number(files)]


def reading(name: str, media_type: str, **shape: object) -> Reading:
    digest = hashlib.sha256(name.encode()).hexdigest()
    return Reading(Asset(f"sha256:{digest}", digest[:32], 10, media_type, **{"width": 64, "height": 64, **shape}))  # type: ignore[arg-type]


def gathered(
    folder: Path, names: list[str], media_type: str, special: dict[str, Reading] | None = None
) -> list[AssetRow]:
    [run] = listed(folder, names)
    assert isinstance(run, NumberedFiles)
    gathering = SequenceAssembler(run, Zone.DELIVERABLE)
    frames = list(run.frames)
    random.Random(1).shuffle(frames)
    for _, found in frames:
        gathering.add(found, (special or {}).get(found.shown) or reading(found.shown, media_type))
    assert gathering.complete
    return list(gathering.rows(is_sequence=gathering.may_be_sequence))


def names(numbers: list[int], suffix: str, prefix: str = "shot.") -> list[str]:
    return [f"{prefix}{number:04}.{suffix}" for number in numbers]


def test_range_gaps_and_identity(tmp_path: Path) -> None:
    numbers = [n for n in range(1001, 1041) if n != 1020]
    [(location, _, row)] = gathered(tmp_path, names(numbers, "exr"), "image/x-exr")
    assert location.path == "shot.[1001-1040].exr"
    assert (location.frames, location.missing) == ((1001, 1040), (1020,))
    raw = b"".join(hashlib.sha256(name.encode()).digest() for name in names(numbers, "exr"))
    assert row.asset.digest == "sha256:" + hashlib.sha256(raw).hexdigest()
    assert row.asset.size == 390


@pytest.mark.parametrize(
    ("count", "suffix", "media_type", "rows"),
    [
        (8, "dpx", "image/x-dpx", 1),
        (8, "tif", "image/tiff", 1),
        (24, "png", "image/png", 1),
        (24, "jpg", "image/jpeg", 1),
        (20, "tif", "image/png", 20),
        (30, "tif", "text/plain", 30),
    ],
)
def test_how_many_frames_make_one(tmp_path: Path, count: int, suffix: str, media_type: str, rows: int) -> None:
    assert len(gathered(tmp_path, names(list(range(count)), suffix), media_type)) == rows


@pytest.mark.parametrize(("count", "suffix"), [(7, "dpx"), (23, "png")])
def test_too_few_are_not_even_proposed(tmp_path: Path, count: int, suffix: str) -> None:
    assert len(listed(tmp_path, names(list(range(count)), suffix))) == count


def test_a_frame_that_differs_has_its_own_row(tmp_path: Path) -> None:
    odd = Reading(reading("plate_0017.png", "image/png").asset, evidence=(MARK,))
    small = reading("plate_0020.png", "image/png", width=32)
    rows = gathered(tmp_path, names(list(range(30)), "png", "plate_"), "image/png",
                    {"plate_0017.png": odd, "plate_0020.png": small})  # fmt: skip
    assert [(row[0].path, row[0].frame) for row in rows] == [
        ("plate_[0000-0029].png", None), ("plate_0017.png", 17), ("plate_0020.png", 20)]  # fmt: skip
    assert rows[1][0].sequence == "plate_[0000-0029].png"
    assert rows[0][2].evidence == ()
    assert rows[1][2].evidence == (MARK,)


def test_stills_are_sequences_only_where_gapless(tmp_path: Path) -> None:
    items = listed(tmp_path, names([*range(30), *range(40, 45)], "png"))
    assert [item.shown for item in items if isinstance(item, NumberedFiles)] == ["shot.[0000-0029].png"]
    assert len(items) == 6


def test_camera_stills_stay_single(tmp_path: Path) -> None:
    made = tuple(Statement("exif", key, key, "Canon") for key in ("Make", "Model"))
    wanted = names(list(range(40)), "jpg", "DSC_")
    special = {name: Reading(reading(name, "image/jpeg").asset, made) for name in wanted}
    assert len(gathered(tmp_path, wanted, "image/jpeg", special)) == 40


def test_two_writers_are_no_sequence(tmp_path: Path) -> None:
    wanted = names(list(range(30)), "png")
    special = {name: reading(name, "image/png", writer="A" if i % 2 else "B") for i, name in enumerate(wanted)}
    assert len(gathered(tmp_path, wanted, "image/png", special)) == 30


def test_padding_that_overflows_is_one_run(tmp_path: Path) -> None:
    [run] = listed(tmp_path, [f"a{n:03}.exr" for n in range(995, 1005)])
    assert isinstance(run, NumberedFiles)
    assert run.shown == "a[995-1004].exr"


def test_far_apart_numbers_are_two_runs(tmp_path: Path) -> None:
    items = listed(tmp_path, names([*range(1, 11), *range(5001, 5011)], "exr"))
    assert [item.shown for item in items if isinstance(item, NumberedFiles)] == [
        "shot.[0001-0010].exr",
        "shot.[5001-5010].exr",
    ]


def test_readings_beyond_the_kept_ones_lose_nothing(tmp_path: Path) -> None:
    rows = gathered(tmp_path, names(list(range(600)), "exr"), "image/x-exr")
    assert len(rows) == 1
    assert rows[0][2].asset.size == 6000


def test_a_file_named_like_the_sequence_keeps_paths_unique(tmp_path: Path) -> None:
    items = listed(tmp_path, [*names(list(range(10)), "exr"), "shot.[0000-0009].exr"])
    assert len(items) == 11


def test_neighbours_are_compared_from_the_first_to_the_last(tmp_path: Path) -> None:
    wanted = names(list(range(47)), "png")
    [run] = listed(tmp_path, wanted)
    assert isinstance(run, NumberedFiles)
    assembler = SequenceAssembler(run, Zone.DELIVERABLE)
    for _, file in run.frames:
        assembler.add(file, reading(file.shown, "image/png"))
    pairs = [tuple(os.path.basename(os.fsdecode(path)) for path in pair) for pair in assembler.neighbours()]
    assert len(set(pairs)) == 12
    assert pairs[0] == ("shot.0000.png", "shot.0001.png")
    assert pairs[-1] == ("shot.0045.png", "shot.0046.png")


@given(st.from_regex(rb"[^\x00/]{0,4}(?:[0-9]{0,14}|[0-9a.]{0,6})\.(?:exr|png|JPG|tiff|j2k)", fullmatch=True))
@settings(max_examples=100, deadline=None)
def test_numbers_are_split_off_as_plain_words_say(name: bytes) -> None:
    assert sequences.split_number(name) == plain_walk.split_number(name)

"""What a worker on another machine found arrives as it was, and nothing else arrives."""

from __future__ import annotations

import json
import os
import typing
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings

from provenance.intake.examine import examine
from provenance.intake.jobs import (
    CompareFrames,
    ContentSearched,
    EmbeddedAsset,
    EvidenceDerived,
    FileListRead,
    FileRead,
    FingerprintFrames,
    FramesCompared,
    HashFile,
    Job,
    Outcome,
    ReadCuts,
    ReadFile,
    ReadFileList,
    ReadTable,
    ScanFrames,
    ScanPicture,
    Searched,
    Thumbnails,
    change_paths,
)
from provenance.intake.transport import pack_outcomes, unpack_outcomes
from provenance.limits import DEFAULT
from provenance.matching.search_index import SearchIndex
from provenance.model.asset import FileState, FingerprintLevel, Reading
from provenance.model.match import Known, Match, Span
from provenance.model.vocabulary import Origin
from provenance.timeline.interface import CutOptions
from provenance.timeline.packages.interface import FileList, ListedFile
from tests.catalogue import make

MEDIA = Path(__file__).parents[2] / "fixtures" / "media"


def carry(outcomes: list[Outcome]) -> list[Outcome]:
    return unpack_outcomes(json.loads(pack_outcomes(outcomes)))


def test_every_kind_of_outcome_comes_back(tmp_path: Path) -> None:
    frames = sorted((MEDIA / "delivery" / "vfx" / "ep101_sh010_comp_v003").glob("*.dpx"))[:2]
    numbered = tuple((number, os.fsencode(path)) for number, path in enumerate(frames))
    (tmp_path / "cut.edl").write_text(
        "TITLE: X\n\n001  AX V C 00:00:00:00 00:00:01:00 01:00:00:00 01:00:01:00\nM2 AX 012.5 00:00:00:00\n"
    )
    cut, register = os.fsencode(tmp_path / "cut.edl"), os.fsencode(MEDIA / "register.toml")
    jobs: list[Job] = [
        *(ReadFile(os.fsencode(path), path.stat().st_size) for path in sorted((MEDIA / "marks").rglob("*.png"))[:8]),
        ReadFile(os.fsencode(frames[0]), 1, thumbnails=Thumbnails.ALL, level=FingerprintLevel.FULL),
        CompareFrames(((numbered[0][1], numbered[1][1]),), 1),
        FingerprintFrames(numbered, 1, "sha256:1", FingerprintLevel.FULL),
        ReadCuts(cut, 1, CutOptions(Fraction(24000, 1001))),
        ReadFileList(cut, 1),
        HashFile(cut, 1, ("md5",)),
        ReadTable(register, 1),
        ReadFile(b"/nowhere", 1),
    ]
    outcomes = [examine(job, DEFAULT) for job in jobs]
    # Those that need more to come about.
    known = Known("sha256:2", "a.png", Origin.GENERATED, make.evidence(), is_reference=True)
    span = Span(0.04, 1 / 3, "01:00:00:00")
    match = Match(known, "video", "confirmed-copy", span, None, 0.1 + 0.2, "half", (b"\xff", b""), (1001, 1002))
    outcomes.append(ContentSearched((Searched("sha256:1", (match,)),), FileState(1, 2**62, 3, 4)))
    outcomes.append(FileListRead(FileList("mhl", (ListedFile("a\udcff", 3, {"md5": "0", "c4": "x"}),)), ()))
    outcomes.append(EvidenceDerived((make.reading(1, origin=Origin.GENERATED),)))
    outcomes.append(FramesCompared((0.1, 1.0, float("inf"))))
    assert {type(outcome) for outcome in outcomes} == set(typing.get_args(Outcome))
    assert carry(outcomes) == outcomes
    assert pack_outcomes(carry(outcomes)) == pack_outcomes(outcomes)


@given(make.readings)
@settings(max_examples=60, deadline=None)
def test_any_reading_comes_back(reading: Reading) -> None:
    state = FileState(1, 2, 3, 4)
    read = FileRead(reading, state, (EmbeddedAsset("a!b", "", reading),))
    assert carry([read, read]) == [read, read]


@pytest.mark.parametrize(
    "plain",
    [
        None,
        {},
        [1],
        [["FileRead"]],
        [["Job", {}]],
        [["__import__", "os"]],
        [[[], {}]],
        [["FileRead", {"reading": 1, "state": {}}]],
        [["Trouble", {"path": "", "stage": "", "cause": "none such", "detail": ""}]],
        [["FramesCompared", {"likeness": ["x"]}]],
        [["CutsRead", {"digest": "", "cuts": [{"clock": {"rate": [1, 0]}}], "troubles": []}]],
    ],
)
def test_anything_else_is_refused(plain: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpack_outcomes(plain)


def test_every_path_in_a_job_can_be_changed() -> None:
    index = SearchIndex("i")
    jobs: list[Job] = [
        ReadFile(b"a", 1),
        ScanPicture(b"a", 1, "d", index),
        ScanFrames(((1, b"a"), (2, b"b")), 1, "d", index),
        ScanFrames(((3, b"a"),), 1, "d", index, first=((1, b"b"),)),
        FingerprintFrames(((1, b"a"),), 1, "d", FingerprintLevel.FULL),
        CompareFrames(((b"a", b"b"),), 1),
    ]
    changed = [change_paths(job, lambda path: b"/there/" + path) for job in jobs]
    assert [job.path for job in changed] == [b"/there/a"] * 6
    assert [repr(job).count("b'/there/") for job in changed] == [1, 1, 2, 2, 1, 2]

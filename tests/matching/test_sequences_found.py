"""Frame sequences from end to end: a generated still inside one, a generated one inside another."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from provenance import settings
from provenance.catalogue.store import Catalogue
from provenance.fingerprint import pictures
from provenance.intake import jobs
from provenance.model.finding import Case
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.model.vocabulary import Origin, Severity, Zone
from provenance.workflows.ingest import ingest
from provenance.workflows.run import RunContext
from provenance.workflows.scan import ScanOptions, scan
from tests.cli.test_scan import PARAMETERS
from tests.decode import plates
from tests.matching.paint import Picture, crop, grade, paint_picture

SIZE = (320, 180)


def ground(number: int, seed: int = 90) -> Picture:
    """A frame of a plate in which the camera pans."""
    wide = paint_picture(seed, 960, 180)
    return np.ascontiguousarray(wide[:, 4 * number : 4 * number + 320])


def made(number: int) -> Picture:
    """A frame of a generated clip."""
    return crop(paint_picture(5, *SIZE), 0.75, x=number / 30)


def marked(path: Path, picture: Picture) -> None:
    info = PngInfo()
    info.add_text("parameters", PARAMETERS)
    Image.fromarray(picture).save(path, pnginfo=info)


def edit(folder: Path) -> Path:
    """What is known: a generated still, and thirty generated frames."""
    folder.mkdir()
    marked(folder / "sky.png", paint_picture(1))
    for number in range(30):
        marked(folder / f"made.{number:04}.png", made(number))
    return folder


def delivery(folder: Path) -> Path:
    """Three sequences of one plate each, with something generated in the middle."""
    folder.mkdir()
    sky = np.asarray(Image.fromarray(grade(paint_picture(1))).resize(SIZE))
    for number in range(40):
        inside = 12 <= number < 26
        shown = sky if inside else ground(number)
        (folder / f"plate.{1001 + number}.exr").write_bytes(plates.exr(plates.linear(shown, 2)))
        if number not in (3, 20):
            name = folder / f"scan.{90000 + number:06}.dpx"
            name.write_bytes(plates.dpx(plates.density(shown), transfer=1, pace=24, packed=0x01023000))
        clip = made(number - 8) if 8 <= number < 32 else ground(number, 91)
        Image.fromarray(clip).save(folder / f"comp.{number:04}.png")
    return folder


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Report, Path]:
    folder = tmp_path_factory.mktemp("world")
    catalogue = str(folder / "c.db")
    chosen = dataclasses.replace(settings.load(catalogue=catalogue, environment={}), jobs=2)
    context = RunContext(chosen, datetime(2026, 11, 22, tzinfo=UTC))
    ingest([str(edit(folder / "edit"))], Zone.TEMP, context)
    deliver = str(delivery(folder / "delivery"))
    # What is inside each sequence begins in one range and ends in another.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs, "_RANGE_FRAMES", 15)
        verdict = scan([deliver], ScanOptions(("netflix",), Severity.BLOCK), context)
    return verdict.report, folder / "c.db"


def case(report: Report, path: str) -> Case:
    return next(case for case in report.cases if case.location.path == path)


def only_match(report: Report, path: str) -> Match:
    (match,) = case(report, path).matches
    return match


def test_a_generated_still_inside_exr_is_reported_with_its_frames(world: tuple[Report, Path]) -> None:
    match = only_match(world[0], "plate.[1001-1040].exr")
    assert (match.known.path, match.verdict) == ("sky.png", "confirmed-copy")
    assert match.frames == (1013, 1026)
    assert match.time is None
    assert match.detail.startswith("frames 1013 to 1026: ")
    (finding,) = (row for row in world[0].findings if row.path == "plate.[1001-1040].exr")
    assert (finding.rule, finding.frame) == ("known-generated", 1013)


def test_dpx_that_names_its_rate_is_reported_in_seconds_as_well(world: tuple[Report, Path]) -> None:
    match = only_match(world[0], "scan.[090000-090039].dpx")
    assert match.frames == (90012, 90025)
    assert match.time
    assert (match.time.start, match.time.timecode_in) == (0.5, "01:02:30:12")
    assert match.time.timecode_out == "01:02:31:02"


def test_a_generated_sequence_is_found_inside_another(world: tuple[Report, Path]) -> None:
    match = only_match(world[0], "comp.[0000-0039].png")
    assert (match.known.path, match.method) == ("made.[0000-0029].png", "video")
    assert match.frames == (8, 31)
    assert match.known_time
    assert match.known_time.start == pytest.approx(0, abs=0.2)


def test_a_generated_sequence_is_stored_as_few_fingerprints(world: tuple[Report, Path]) -> None:
    with Catalogue.open(world[1], write=False) as catalogue:
        kept = {known.path: one for known, one in catalogue.fingerprints(frozenset(Origin))}
    fingerprints = list(pictures.unpack(kept["made.[0000-0029].png"]))
    assert kept["made.[0000-0029].png"].method == "video"
    assert [fingerprint.time for fingerprint in fingerprints] == [0, 0.5, 1]
    assert set(kept) == {"sky.png", "made.[0000-0029].png"}


def test_nothing_else_is_said(world: tuple[Report, Path]) -> None:
    assert world[0].all_troubles == ()
    assert {finding.rule for finding in world[0].findings} == {"known-generated"}

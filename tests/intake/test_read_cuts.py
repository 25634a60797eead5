"""Cut lists through the door of the workers: every file gives cuts or a Trouble, whatever it is."""

from __future__ import annotations

import hashlib
import json
import os
from fractions import Fraction
from pathlib import Path

import pytest

from provenance.intake.examine import examine
from provenance.intake.jobs import CutsRead, ReadCuts
from provenance.limits import DEFAULT, Limits
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause
from provenance.timeline.interface import CutOptions
from tests.timeline import build


def read(path: Path, options: CutOptions | None = None, limits: Limits = DEFAULT) -> CutsRead:
    size = path.stat().st_size
    outcome = examine(ReadCuts(os.fsencode(path), size, options or CutOptions()), limits)
    assert isinstance(outcome, CutsRead), outcome
    return outcome


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("cut.edl", build.write_edl(build.SHOTS, build.FILM), "cmx3600"),
        ("cut.xml", build.write_xmeml(build.SHOTS, build.PAL), "xmeml"),
        ("CPL.xml", build.write_imf(), "imf-cpl"),
        ("cut.fcpxml", build.write_fcpxml(build.SHOTS, build.DROP), "fcpxml"),
        ("cut.otio", build.write_otio(build.SHOTS, build.PAL), "otio"),
        ("cut.otioz", build.write_otioz(build.SHOTS, build.PAL), "otio"),
        ("cut.ale", build.write_ale(build.SHOTS, build.FILM), "ale"),
        ("list without a suffix", build.write_edl(build.SHOTS, build.FILM), "cmx3600"),
        ("cut.txt", build.write_otio(build.SHOTS, build.PAL), "otio"),
    ],
)
def test_a_format_is_known_by_its_bytes_or_name(name: str, data: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    outcome = read(path)
    assert [cut.format for cut in outcome.cuts] == [kind]
    assert outcome.troubles == ()
    assert outcome.digest == f"sha256:{hashlib.sha256(data).hexdigest()}"
    assert list(tmp_path.iterdir()) == [path]


def test_the_rate_of_the_user_reaches_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "cut.edl"
    path.write_bytes(build.write_edl(build.SHOTS, build.FILM))
    assert read(path, CutOptions(Fraction(24000, 1001))).cuts[0].clock.rate == Fraction(24000, 1001)


@pytest.mark.parametrize(
    ("name", "data", "cause"),
    [
        ("movie.mov", b"\0\0\0\x14ftypqt  " + bytes(100), Cause.UNSUPPORTED),
        ("notes.txt", b"some words", Cause.UNSUPPORTED),
        ("other.xml", b"<x/>", Cause.UNSUPPORTED),
        ("cut.edl", b"", Cause.MALFORMED),
        ("cut.edl", b"words", Cause.MALFORMED),
        ("cut.aaf", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4_000), Cause.MALFORMED),
        ("cut.avb", b"\x06\0Domain" + bytes(100), Cause.MALFORMED),
        ("cut.fcpxml", b"<fcpxml><resources/></fcpxml>", Cause.UNSUPPORTED),
        ("cut.xml", b'<!DOCTYPE xmeml [<!ENTITY x SYSTEM "file:///etc/hosts">]><xmeml>&x;</xmeml>', Cause.MALFORMED),
        ("cut.fcpxml", b"<fcpxml>" + b"<a>" * 1_000 + b"</a>" * 1_000 + b"</fcpxml>", Cause.OVERSIZED),
        ("cut.otio", b"[" * 100_000, Cause.OVERSIZED),
        ("cut.otio", b'{"OTIO_SCHEMA": "Timeline.1"', Cause.MALFORMED),
        ("cut.otioz", b"PK\x03\x04" + bytes(50), Cause.MALFORMED),
        ("cut.otio", b'{"OTIO_SCHEMA": "Timeline.1", "n": ' + b"9" * 10_000 + b"}", Cause.MALFORMED),
    ],
)
def test_what_cannot_be_read_is_a_trouble(name: str, data: bytes, cause: Cause, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    outcome = read(path)
    assert outcome.cuts == ()
    assert [trouble.cause for trouble in outcome.troubles] == [cause]
    assert all(trouble.detail for trouble in outcome.troubles)


@pytest.mark.parametrize("suffix", [".xml", ".fcpxml", ".otio", ".otioz", ".edl", ".ale"])
def test_a_file_beyond_the_limit_is_told(suffix: str, tmp_path: Path) -> None:
    writers = {
        ".xml": build.write_xmeml, ".fcpxml": build.write_fcpxml, ".otio": build.write_otio,
        ".otioz": build.write_otioz, ".edl": build.write_edl, ".ale": build.write_ale,
    }  # fmt: skip
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(writers[suffix](build.SHOTS, build.PAL))
    outcome = read(path, limits=Limits(cut_list=200))
    assert Cause.OVERSIZED in [trouble.cause for trouble in outcome.troubles]


def test_a_file_that_is_not_there_is_a_trouble(tmp_path: Path) -> None:
    outcome = examine(ReadCuts(os.fsencode(tmp_path / "gone.edl"), 0, CutOptions()), DEFAULT)
    assert isinstance(outcome, Trouble)
    assert outcome.cause is Cause.UNREADABLE


def test_names_are_text_that_every_output_can_hold(tmp_path: Path) -> None:
    document = json.loads(build.otio(build.otio_track(build.otio_clip("x" * 100_000, 0, 10)), name="\ud800"))
    path = tmp_path / "cut.otio"
    path.write_text(json.dumps(document))
    [cut] = read(path).cuts
    assert cut.name == "?"
    assert len(cut.events[0].source.shown) == 2_000


def test_a_cut_that_goes_wrong_leaves_the_cuts_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the second one")

    empty = build.fcpxml("<gap duration='1s'/>")
    project = empty[empty.index("<project") : empty.index("</event>")]
    second = project.replace("<gap", "<title name='t'")
    path = tmp_path / "cut.fcpxml"
    path.write_text(empty.replace("</event>", second + "</event>"))
    monkeypatch.setattr("provenance.timeline.readers.fcpxml._name_source", fail)
    outcome = read(path)
    assert [cut.name for cut in outcome.cuts] == ["cut"]
    assert [trouble.detail for trouble in outcome.troubles] == ["RuntimeError: the second one"]

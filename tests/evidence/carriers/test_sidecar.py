"""Notes beside pictures: settings that a generator left, and captions that say nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from provenance.evidence.carriers.sidecar import Sidecar
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.limits import DEFAULT, Limits
from provenance.model.asset import Reading
from provenance.model.vocabulary import Cause, Origin
from provenance.origin import decide_origin
from tests.evidence.build import Heard, png, source
from tests.evidence.looking import PLAIN

A1111 = (
    "a harbour at dawn\nNegative prompt: people\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 31, Size: 512x512, "
    "Model hash: 6ce0161689, Model: v1-5, Version: v1.10.1"
)
EASY = (
    "Prompt: a harbour at dawn\nSeed: 31\nStable Diffusion model: sd-v1-4\nNumber of inference steps: 25\n"
    "Guidance Scale: 7.5\nSampler: euler_a\nWidth: 512\n"
)
SETTINGS = {
    "prompt": "a harbour", "seed": 31, "num_inference_steps": 25, "guidance_scale": 7.5, "sampler_name": "euler_a",
    "use_stable_diffusion_model": "sd-v1-4",
}  # fmt: skip
CAPTIONS = (
    "1girl, solo, masterpiece, best quality, harbour",
    "Made with Midjourney v6, steps and seeds unknown. Sampler: a person who samples.",
    "Title: Harbour\nPhotographer: A. Nother\nLicence: all rights reserved\n",
    '{"title": "Harbour", "seed": 3, "tags": ["dawn"]}',
)


def beside(folder: Path, note: str | bytes, name: str, picture: str = "still.png") -> Reading:
    path = folder / picture
    path.write_bytes(PLAIN)
    (folder / name).write_bytes(note if isinstance(note, bytes) else note.encode())
    told = examine(ReadFile(os.fsencode(path), len(PLAIN), (name.encode(),)), DEFAULT)
    assert isinstance(told, FileRead)
    return told.reading


@pytest.mark.parametrize(
    ("note", "name", "signal"),
    [(A1111, "still.txt", "a1111"), (EASY, "still.txt", "easydiffusion"),
     (json.dumps(SETTINGS), "still.json", "settings_json"), (A1111.encode("utf-16"), "still.png.txt", "a1111")],
)  # fmt: skip
def test_settings_beside_a_picture(note: str | bytes, name: str, signal: str, tmp_path: Path) -> None:
    reading = beside(tmp_path, note, name)
    assert decide_origin(reading.evidence) is Origin.GENERATED
    assert [(row.signal, row.carrier) for row in reading.evidence] == [(signal, "sidecar")]
    assert name in reading.evidence[0].where


@pytest.mark.parametrize("caption", CAPTIONS)
def test_captions_are_kept_and_claim_nothing(caption: str, tmp_path: Path) -> None:
    reading = beside(tmp_path, caption, "still.txt")
    assert reading.evidence == ()
    assert [row.value for row in reading.statements if row.key == "sidecar"] == [caption]


def test_what_is_no_text_is_no_note(tmp_path: Path) -> None:
    reading = beside(tmp_path, png(), "still.txt")
    assert (reading.statements, reading.evidence, reading.troubles) == ((), (), ())


def test_a_note_that_is_too_long_is_told() -> None:
    limits = Limits(packet=1000)
    told = Heard(Sidecar(), source(PLAIN, "image/png", {"a.txt": b"x" * 1000}, limits))
    assert [row.cause for row in told.troubles] == [Cause.OVERSIZED]
    assert told.said == {"sidecar": "x" * 1000}


def test_the_note_itself_claims_nothing_and_is_a_row(tmp_path: Path) -> None:
    (tmp_path / "still.txt").write_text(A1111)
    told = examine(ReadFile(os.fsencode(tmp_path / "still.txt"), len(A1111)), DEFAULT)
    assert isinstance(told, FileRead)
    assert (told.reading.asset.media_type, told.reading.evidence, told.reading.troubles) == ("text/plain", (), ())

"""Words in music as notes: MIDI files and modules of trackers."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from provenance.evidence.carriers.music import Music
from provenance.model.asset import FingerprintLevel
from provenance.model.vocabulary import Cause, Origin
from tests.evidence import small_formats as made
from tests.evidence.build import SMALL, Heard, damage, riff, riff_chunk, source
from tests.evidence.looking import Look

SONG = b"made with suno; created=2026-03-04T10:11:12Z; id=0a1b2c3d-1111-4222-8333-444455556666"
MIDI = made.midi((3, b"Piano"), (2, b"(c) a composer"), (5, b"la"), (1, SONG))
MODULES = {
    "audio/x-mod": made.mod(b"a song", b"greetings to", b"all of you"),
    "audio/x-s3m": made.s3m(b"a song", b"greetings"),
    "audio/x-xm": made.xm(b"a song", b"a voice", b"greetings"),
    "audio/x-it": made.it(b"a song", b"line one\rline two", b"greetings"),
}


def test_texts_of_midi(tmp_path: Path) -> None:
    look = Look(MIDI, tmp_path)
    assert look.own.asset.media_type == "audio/midi"
    said = {row.key: row.value for row in look.own.statements}
    assert {"TrackName": "Piano", "Copyright": "(c) a composer", "Lyric": "la"}.items() <= said.items()
    assert look.causes == set()


def test_midi_in_riff(tmp_path: Path) -> None:
    data = riff(b"RMID", riff_chunk(b"data", MIDI), riff_chunk(b"LIST", b"INFO" + riff_chunk(b"ICMT", SONG)))
    look = Look(data, tmp_path)
    assert look.says("TrackName") == ["Piano"]
    assert look.origin is Origin.GENERATED
    assert look.causes == set()


def test_midi_that_is_cut_keeps_the_texts_before() -> None:
    told = Heard(Music(), source(MIDI[:-20], "audio/midi"))
    assert told.said["TrackName"] == "Piano"
    assert {row.cause for row in told.troubles} == {Cause.MALFORMED}


@pytest.mark.parametrize("media_type", MODULES)
def test_texts_of_modules(media_type: str, tmp_path: Path) -> None:
    look = Look(MODULES[media_type], tmp_path)
    assert look.own.asset.media_type == media_type
    assert look.says("Title") == ["a song"]
    assert "greetings" in " ".join(look.says("SampleName"))
    assert look.causes == set()


def test_names_of_instruments_and_the_message() -> None:
    assert Heard(Music(), source(MODULES["audio/x-xm"], "audio/x-xm")).said["InstrumentName"] == "a voice"
    assert Heard(Music(), source(MODULES["audio/x-it"], "audio/x-it")).said["Message"] == "line one\nline two"


def test_the_samples_of_a_module_are_reported_where_sound_is_kept(tmp_path: Path) -> None:
    from provenance.intake.examine import examine
    from provenance.intake.jobs import FileRead, ReadFile
    from provenance.limits import DEFAULT

    path = tmp_path / "song.xm"
    path.write_bytes(MODULES["audio/x-xm"])
    causes = {}
    for level in (FingerprintLevel.LIGHT, FingerprintLevel.FULL):
        told = examine(ReadFile(bytes(path), path.stat().st_size, level=level), DEFAULT)
        assert isinstance(told, FileRead)
        causes[level] = [(row.stage, row.cause) for row in told.reading.troubles]
    assert causes == {FingerprintLevel.LIGHT: [], FingerprintLevel.FULL: [("sound", Cause.UNSUPPORTED)]}


@pytest.mark.parametrize(("media_type", "data"), [*MODULES.items(), ("audio/midi", MIDI)])
def test_damage_never_raises(media_type: str, data: bytes) -> None:
    dice = random.Random(4)
    for _ in range(150):
        Heard(Music(), source(damage(data, dice), media_type, limits=SMALL))

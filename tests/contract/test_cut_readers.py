"""Every reader of cut lists: on its own sample and on seeded damage of it, only valid cuts come out.

A reader may fail on damage, but only with an `Exception`, which `examine` turns into a Trouble; that a file gives
neither a cut nor a Trouble is wrong for every file.
"""

from __future__ import annotations

import dataclasses
import os
import pickle
import random
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

import pytest

from provenance.intake.examine import examine
from provenance.intake.jobs import CutsRead, ReadCuts
from provenance.limits import DEFAULT
from provenance.model.vocabulary import Cause
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions, CutReader, Event
from tests.timeline import build, build_mobs

MEMBERS = build.READERS
everyone = pytest.mark.parametrize("reader", MEMBERS.values(), ids=MEMBERS)
FORMATS = {"cmx3600", "xmeml", "fcpxml", "aaf", "otio", "ale", "avid-bin", "imf-cpl", "dcp-cpl"}
RATE_SOURCES = {"file", "option", "least"}
DAMAGED = 12
"""Damaged copies of a sample for each sort of damage."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[str, bytes]]:
    """For each reader the name and the bytes of a file it has to read."""
    folder = tmp_path_factory.mktemp("samples")
    return {
        "aaf": ("cut.aaf", build_mobs.write_aaf(folder / "made.aaf", build_mobs.build_simple_aaf)),
        "ale": ("cut.ale", build.write_ale(build.SHOTS, build.FILM)),
        "avid_bin": ("cut.avb", build_mobs.write_bin(folder / "made.avb", build_mobs.build_simple_bin)),
        "cpl": ("CPL.xml", build.write_imf()),
        "edl": ("cut.edl", build.write_edl(build.SHOTS, build.FILM)),
        "fcpxml": ("cut.fcpxml", build.write_fcpxml(build.SHOTS, build.DROP)),
        "otio": ("cut.otio", build.write_otio(build.SHOTS, build.PAL)),
        "xmeml": ("cut.xml", build.write_xmeml(build.SHOTS, build.NTSC_FILM)),
    }


def examine_bytes(data: bytes, name: str, folder: Path) -> CutsRead:
    path = folder / name
    path.write_bytes(data)
    outcome = examine(ReadCuts(os.fsencode(path), len(data), CutOptions()), DEFAULT)
    assert isinstance(outcome, CutsRead), outcome
    return outcome


def assert_sound(read: CutsRead) -> None:
    """What comes out can be sent between processes, printed by every format, and added up."""
    assert read.cuts or read.troubles
    assert pickle.loads(pickle.dumps(read)) == read
    for trouble in read.troubles:
        assert trouble.cause in list(Cause)
        assert trouble.detail
    for cut in read.cuts:
        assert cut.format in FORMATS
        assert cut.rate_from in RATE_SOURCES
        assert isinstance(cut.clock.rate, Fraction)
        assert not cut.clock.drop or cut.clock.has_drop
        assert all(count > 0 for count in cut.not_read.values())
        assert (cut.start is None) or (cut.end is None) or cut.start <= cut.end
        assert list(cut.events) == sorted(cut.events, key=lambda event: event.record_in) or cut.format == "ale"
        for event in cut.events:
            assert_event_is_sound(event, cut.clock)
        repr(cut).encode()


def assert_event_is_sound(event: Event, clock: Clock) -> None:
    assert event.track[0] in "VA"
    assert event.track in ("V0", "A0") or event.track[1:].lstrip("-").isdecimal()
    assert event.record_in <= event.record_out
    assert clock.format(event.record_in)
    assert event.speed is None or float(event.speed) == float(event.speed)
    if event.used:
        assert event.used.start <= event.used.end
        assert event.used.clock.format(event.used.start)
    for names in dataclasses.astuple(event.source):
        assert isinstance(names, str | tuple)


def damage(data: bytes, seed: str) -> Iterator[bytes]:
    """Cut off, with flipped bits, with other digits, with a piece twice, with a piece missing."""
    dice = random.Random(seed)
    digits = [index for index, byte in enumerate(data) if 48 <= byte <= 57]
    for _ in range(DAMAGED):
        yield data[: dice.randrange(len(data))]
        flipped = bytearray(data)
        for _ in range(8):
            flipped[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        yield bytes(flipped)
        other = bytearray(data)
        for _ in range(5):
            other[dice.choice(digits)] = dice.choice(b"0123456789-./eE:;")
        yield bytes(other)
        start, end = sorted(dice.randrange(len(data)) for _ in range(2))
        yield data[:end] + data[start:]
        yield data[:start] + data[end:]


@everyone
def test_texts_are_there(reader: CutReader) -> None:
    assert reader.title
    assert reader.suffixes
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in reader.suffixes)


@everyone
def test_a_reader_accepts_its_own_and_no_other(reader: CutReader, samples: Mapping[str, tuple[str, bytes]]) -> None:
    accepted = [owner for owner, (name, data) in samples.items() if reader.accepts(build.make_source(data, name))]
    assert accepted == [reader.name]


@everyone
def test_the_sample_is_read_whole(reader: CutReader, samples: Mapping[str, tuple[str, bytes]], tmp_path: Path) -> None:
    name, data = samples[reader.name]
    read = examine_bytes(data, name, tmp_path)
    assert_sound(read)
    [cut] = read.cuts
    assert not read.troubles
    assert not cut.not_read
    assert len(cut.events) == 3
    assert read.digest.startswith("sha256:")


@everyone
def test_the_same_bytes_give_the_same_cut(reader: CutReader, samples: Mapping[str, tuple[str, bytes]]) -> None:
    name, data = samples[reader.name]
    once, twice = (list(reader.read(build.make_source(data, name), CutOptions())) for _ in range(2))
    assert once == twice


@everyone
def test_damage_gives_valid_cuts_or_a_trouble(
    reader: CutReader, samples: Mapping[str, tuple[str, bytes]], tmp_path: Path
) -> None:
    name, data = samples[reader.name]
    # Most of an AAF file is its dictionary; the mobs are few bytes, and each try takes long.
    copies = list(damage(data, reader.name))[: 20 if len(data) > 100_000 else None]
    for copy in copies:
        assert_sound(examine_bytes(copy, name, tmp_path))


@everyone
def test_an_empty_file_is_a_trouble(reader: CutReader, tmp_path: Path) -> None:
    read = examine_bytes(b"", f"empty{reader.suffixes[0]}", tmp_path)
    assert not read.cuts
    assert read.troubles


@everyone
def test_a_file_that_only_has_the_name_is_a_trouble(reader: CutReader, tmp_path: Path) -> None:
    noise = random.Random(1).randbytes(3_000)
    read = examine_bytes(noise, f"noise{reader.suffixes[0]}", tmp_path)
    assert not any(cut.events for cut in read.cuts)
    assert read.troubles


@everyone
def test_nothing_but_cuts_and_troubles_is_yielded(reader: CutReader, samples: Mapping[str, tuple[str, bytes]]) -> None:
    name, data = samples[reader.name]
    assert all(isinstance(row, Cut) for row in reader.read(build.make_source(data, name), CutOptions()))

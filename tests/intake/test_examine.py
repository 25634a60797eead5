"""One look at one file: what changes, vanishes, fails or lies costs that file a Trouble and never a false verdict."""

from __future__ import annotations

import dataclasses
import errno
import io
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, PngImagePlugin

from provenance import registry
from provenance.evidence.interface import Carrier, CarrierOutput, EmbeddedFile
from provenance.intake import examine as examiner
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, Outcome, ReadFile, ReadTable, TableRead, Thumbnails
from provenance.limits import DEFAULT, Limits
from provenance.media import source as sources
from provenance.media.sniff import ReadAt, sniff
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause, Origin
from provenance.origin import decide_origin
from tests.evidence import build

STREAMED = dataclasses.replace(DEFAULT, whole_file=0, block=4096)
PARAMETERS = "a castle\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 64x64, Model: x, Version: v1.9.4"


def png(path: Path, **words: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for key, value in words.items():
        info.add_text(key, value)
    Image.effect_noise((64, 64), 50).convert("RGB").save(path, pnginfo=info)
    return path


def job(path: Path, **more: object) -> ReadFile:
    return ReadFile(os.fsencode(path), path.lstat().st_size, **more)  # type: ignore[arg-type]


def looked(path: Path, **more: object) -> FileRead:
    outcome = examine(job(path, **more), DEFAULT)
    assert isinstance(outcome, FileRead)
    return outcome


def causes(outcome: Outcome) -> list[Cause]:
    if isinstance(outcome, Trouble):
        return [outcome.cause]
    assert isinstance(outcome, FileRead)
    return [row.cause for row in outcome.reading.troubles]


@pytest.mark.parametrize("limits", [DEFAULT, STREAMED])
def test_in_memory_and_streamed_give_the_same(tmp_path: Path, limits: Limits) -> None:
    path = png(tmp_path / "a.png", parameters=PARAMETERS)
    outcome = examine(job(path), limits)
    assert isinstance(outcome, FileRead)
    assert decide_origin(outcome.reading.evidence) is Origin.GENERATED
    assert outcome.reading == looked(path).reading


def test_a_file_that_keeps_changing_is_unstable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = png(tmp_path / "a.png", parameters=PARAMETERS)
    reads = 0

    def growing(_: ReadAt) -> str:
        nonlocal reads
        reads += 1
        with path.open("ab") as file:
            file.write(b"more")
        return "image/png"

    monkeypatch.setattr(sources, "sniff", growing)
    outcome = examine(job(path), DEFAULT)
    assert reads == 2, "read once more, not for ever"
    assert causes(outcome)[-1] is Cause.UNSTABLE


def test_a_file_that_changed_once_is_read_again_and_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = png(tmp_path / "a.png")
    reads = 0

    def changing(at: ReadAt) -> str:
        nonlocal reads
        reads += 1
        if reads == 1:
            png(path, parameters=PARAMETERS)
        return sniff(at)

    monkeypatch.setattr(sources, "sniff", changing)
    outcome = looked(path)
    assert (causes(outcome), decide_origin(outcome.reading.evidence)) == ([], Origin.GENERATED)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(-1, 0, id="before this tick"),
        pytest.param(0, 1, id="in this tick"),
        pytest.param(3_600_000_000_000, 0, id="by another clock"),
    ],
)
def test_a_file_changed_in_this_tick_is_read_when_the_tick_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: int, expected: int
) -> None:
    """A change in the same tick leaves no trace in the times of a file."""
    path = png(tmp_path / "a.png")
    wanted = job(path)
    tick = path.stat().st_ctime_ns - age
    waits = 0

    def sleep(_: float) -> None:
        nonlocal tick, waits
        tick += 4_000_000
        waits += 1

    monkeypatch.setattr("provenance.intake.examine._find_time_of_tick", lambda: tick)
    monkeypatch.setattr("provenance.intake.examine.time.sleep", sleep)
    assert causes(examine(wanted, DEFAULT)) == []
    assert waits == expected


def test_what_vanished_or_became_a_link_is_not_opened(tmp_path: Path) -> None:
    path = png(tmp_path / "a.png", parameters=PARAMETERS)
    wanted = job(path)
    path.rename(tmp_path / "real.png")
    assert causes(examine(wanted, DEFAULT)) == [Cause.UNREADABLE]
    path.symlink_to(tmp_path / "real.png")
    assert causes(examine(wanted, DEFAULT)) == [Cause.UNREADABLE]
    path.unlink()
    os.mkfifo(path)
    assert causes(examine(wanted, DEFAULT)) == [Cause.UNREADABLE]


def test_storage_that_fails_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = png(tmp_path / "a.png", parameters=PARAMETERS)

    def failing(*_: object) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(sources.FaultRecordingFile, "readinto", failing)
    [cause] = causes(examine(job(path), STREAMED))
    assert cause is Cause.UNREADABLE


def test_storage_that_fails_while_parsing_is_told_and_nothing_is_called_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = Path(__file__).parents[2] / "fixtures/media/delivery/artwork/ART_poster_v03.png"
    path = tmp_path / "a.png"
    path.write_bytes(signed.read_bytes())
    whole = -(-path.stat().st_size // STREAMED.block) + 1  # blocks of the first pass
    count = 0
    real = io.FileIO.readinto

    def failing_later(self: sources.FaultRecordingFile, buffer: bytearray, /) -> int | None:
        nonlocal count
        count += 1
        if count > whole + 2:
            self.fault = OSError(errno.EIO, os.strerror(errno.EIO))
            raise self.fault
        return real(self, buffer)

    monkeypatch.setattr(sources.FaultRecordingFile, "readinto", failing_later)
    outcome = examine(job(path), STREAMED)
    assert isinstance(outcome, FileRead)
    assert Cause.UNREADABLE in causes(outcome)
    assert all(row.binding != "broken" and row.signature != "broken" for row in outcome.reading.credentials)


def test_empty_unknown_and_text(tmp_path: Path) -> None:
    for name, content, expected in (
        ("empty.png", b"", [Cause.MALFORMED]),
        ("blob.mov", bytes(range(256)), [Cause.UNSUPPORTED]),
        ("words.mov", b"only words", []),
        ("cut.edl", b"TITLE: CUT\n001  AX V C 00:00:00:00", []),
    ):
        (tmp_path / name).write_bytes(content)
        assert causes(looked(tmp_path / name)) == expected


def test_pictures_for_what_is_flagged(tmp_path: Path) -> None:
    plain, made = png(tmp_path / "plain.png"), png(tmp_path / "made.png", parameters=PARAMETERS)
    pictured = {
        (wanted, path.name): looked(path, thumbnails=wanted).reading.thumbnail is not None
        for wanted in Thumbnails
        for path in (plain, made)
    }
    assert [key for key, has in pictured.items() if has] == [
        (Thumbnails.FLAGGED, "made.png"), (Thumbnails.ALL, "plain.png"), (Thumbnails.ALL, "made.png")]  # fmt: skip


class Raising(Carrier):
    name, title, media = "raising", "", frozenset({"text/plain", "application/octet-stream"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        yield Statement(self.name, "here", "parameters", "\ud800" + PARAMETERS)
        raise MemoryError if source.size % 2 else KeyError("lie")


class Nesting(Carrier):
    """Everything holds two smaller things with one name."""

    name, title, media = "nesting", "", frozenset({"text/plain", "application/octet-stream"})

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        content = source.at(0, source.size)
        if len(content) > 1:
            yield EmbeddedFile("in!side", content[:-1])
            yield EmbeddedFile("in!side", content[:-1])


@pytest.mark.parametrize(("size", "cause"), [(10, Cause.MALFORMED), (11, Cause.OVERSIZED)])
def test_a_member_that_fails_costs_only_the_rest_of_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, cause: Cause
) -> None:
    with_members(monkeypatch, Raising())
    (tmp_path / "a").write_bytes(b"x" * size)
    outcome = looked(tmp_path / "a")
    assert causes(outcome) == [cause]
    assert decide_origin(outcome.reading.evidence) is Origin.GENERATED
    outcome.reading.statements[0].value.encode()
    (trouble,) = outcome.reading.troubles
    assert ("raise worker_memory (now 3221225472)" in trouble.detail) is (cause is Cause.OVERSIZED)


def test_things_inside_are_bounded_and_named_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_members(monkeypatch, Nesting())
    (tmp_path / "a").write_bytes(bytes(20))
    limits = dataclasses.replace(DEFAULT, nesting=3, children=9)
    outcome = examine(job(tmp_path / "a"), limits)
    assert isinstance(outcome, FileRead)
    places = [thing.place for thing in outcome.embedded]
    assert len(places) == len(set(places)) == 9
    assert {"in!side", "in!side (2)"} >= {place for place in places if place.count("in!side") == 1}
    assert {thing.parent for thing in outcome.embedded} <= {"", *places}
    told = [*outcome.reading.troubles, *(row for thing in outcome.embedded for row in thing.reading.troubles)]
    assert {row.cause for row in told} == {Cause.OVERSIZED}
    assert {
        "files are nested deeper than 3 levels; the deeper ones were not read",
        "holds more than 9 files; the rest was not read",
    } == {row.detail.split(":")[0] for row in told}


def with_members(monkeypatch: pytest.MonkeyPatch, carrier: Carrier) -> None:
    real = registry.load_members

    def members(package: ModuleType, base: type) -> object:
        return {carrier.name: carrier} if base is Carrier else real(package, base)

    monkeypatch.setattr(registry, "load_members", members)
    # What reads a type is kept in mind for as long as nobody adds a member.
    monkeypatch.setattr(examiner, "_find_readers", examiner._find_readers.__wrapped__)


@pytest.mark.parametrize("why", ["denied", "empty", "gone", "sound"])
def test_a_sidecar_is_heard_when_its_picture_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    picture, sidecar = png(tmp_path / "a.png"), tmp_path / "a.xmp"
    source_type = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    sidecar.write_bytes(build.packet(f"<Iptc4xmpExt:DigitalSourceType>{source_type}</Iptc4xmpExt:DigitalSourceType>"))
    if why == "denied":
        opening = os.open

        def refuse(path: bytes, flags: int) -> int:
            if path == os.fsencode(picture):
                raise PermissionError(errno.EACCES, "Permission denied")
            return opening(path, flags)

        monkeypatch.setattr(os, "open", refuse)
    elif why == "empty":
        picture.write_bytes(b"")
    elif why == "gone":
        picture.unlink()
    told = looked(sidecar, sidecar_for=b"a.png").reading
    assert decide_origin(told.evidence) is (Origin.UNKNOWN if why == "sound" else Origin.GENERATED)
    assert [row.cause for row in told.troubles] == ([] if why == "sound" else [Cause.UNREADABLE])


def test_a_table_is_read_by_its_name_and_never_breaks_the_reader(tmp_path: Path) -> None:
    def read(name: str, raw: bytes) -> TableRead:
        path = tmp_path / name
        path.write_bytes(raw)
        outcome = examine(ReadTable(os.fsencode(path), len(raw)), DEFAULT)
        assert isinstance(outcome, TableRead)
        return outcome

    assert [sheet.name for sheet in read("uses.csv", b"id,who\nu1,Ana\n").sheets] == ["uses"]
    for name, raw in (("a.xlsx", b"PK\x03\x04rest"), ("a.csv", b'"'), ("a.toml", b"[["), ("a.pdf", b"%PDF")):
        read_again = read(name, raw)
        assert (read_again.sheets, len(read_again.troubles)) == ((), 1)
    small = dataclasses.replace(DEFAULT, table_file=10)
    [trouble] = examine(ReadTable(os.fsencode(tmp_path / "uses.csv"), 1), small).troubles  # type: ignore[union-attr]
    assert trouble.cause is Cause.OVERSIZED

"""Payloads in places, each pair read once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile, Thumbnails
from provenance.limits import DEFAULT
from provenance.model.asset import Location, Reading, with_path
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.finding import Case, Finding
from provenance.model.report import Cover, Coverage, Inputs, PolicyName, RegisterEntry, Report
from provenance.model.vocabulary import Origin, Standing, Zone
from provenance.origin import decide_origin
from provenance.policy import packs
from provenance.policy.judge import judge
from provenance.reports.compose import compose
from tests.evidence.build import png
from tests.hostile.payloads import FAMILIES, PAYLOADS
from tests.hostile.places import BESIDE, PLACES

Looks = Mapping[tuple[str, str], FileRead]
"""(payload, place) -> what one look at the file gave."""
ALL_PLACES = (*PLACES, "beside")
_LOOKED_AT, _REPORTED = 2, 6
"""One pair of payload and place in so many is a file, and one in so many a row in a report, which takes longer."""


def list_pairs(family: Mapping[str, str], one_in: int) -> Iterator[tuple[str, str]]:
    """One pair of payload and place in so many.

    Each payload meets its share of the places, and each place a payload of every family that has so many.
    """
    for number, payload in enumerate(family):
        for shift, place in enumerate(ALL_PLACES):
            if (number + shift) % one_in == 0:
                yield payload, place


@pytest.fixture(scope="session")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Looks:
    """A real file for every second pair of a payload and a place, looked at as a worker does."""
    folder = tmp_path_factory.mktemp("hostile")
    # All of them first: what was written in this moment is waited for.
    files = {
        pair: _write(folder, f"{number}-{count}", *pair)
        for number, family in enumerate(FAMILIES.values())
        for count, pair in enumerate(list_pairs(family, _LOOKED_AT))
    }
    return {pair: _look(*written) for pair, written in files.items()}


def _write(folder: Path, stem: str, payload: str, place: str) -> tuple[Path, list[bytes]]:
    """A file, and the names of its sidecars."""
    text = PAYLOADS[payload]
    if place != "beside":
        suffix, write = PLACES[place]
        file = folder / f"{stem}.{suffix}"
        file.write_bytes(write(text))
        return file, []
    for suffix, write in BESIDE.items():
        (folder / f"{stem}.{suffix}").write_bytes(write(text))
    (folder / f"{stem}.png").write_bytes(png())
    return folder / f"{stem}.png", [os.fsencode(f"{stem}.{suffix}") for suffix in BESIDE]


def _look(file: Path, sidecars: Sequence[bytes]) -> FileRead:
    wanted = ReadFile(os.fsencode(file), file.stat().st_size, tuple(sidecars), thumbnails=Thumbnails.FLAGGED)
    told = examine(wanted, DEFAULT)
    assert isinstance(told, FileRead), told
    return told


@pytest.fixture(scope="session")
def reports(looks: Looks) -> dict[str, Report]:
    """A report for each family of payloads, judged by the default pack: each payload out of one place in six.

    So each payload meets each kind of field, and each place each family; all of both in each format takes minutes.
    """
    return {name: _report(list(_cases(family, looks))) for name, family in FAMILIES.items()}


def _cases(family: Mapping[str, str], looks: Looks) -> Iterator[Case]:
    """Rows for files of its payloads and for every thing inside; each stands in a folder named by the payload."""
    for payload, place in list_pairs(family, _REPORTED):
        text = PAYLOADS[payload].encode("utf-8", "backslashreplace").decode()
        told, path = looks[payload, place], f"{text}/{place}"
        yield _case(told.reading, path, None)
        yield from (_case(thing.reading, f"{path}!{thing.place}", path) for thing in told.embedded)


def _case(reading: Reading, path: str, parent: str | None) -> Case:
    """A row that believes everything: whatever a file says is evidence, so that all of it reaches every output."""
    said = tuple(_believed(row) for row in reading.statements)
    believing = Reading(
        reading.asset, reading.statements, (*reading.evidence, *said), reading.credentials, reading.troubles,
        reading.thumbnail,
    )  # fmt: skip
    location = Location("/storage", path, path.encode()[:4000] + b"\xff", Zone.DELIVERABLE, parent=parent)
    return Case(location, with_path(believing, path), decide_origin(believing.evidence))


def _believed(row: Statement) -> Evidence:
    used = Used(prompt=row.value, model=row.key, adapters=(row.key,), inputs=(row.where,), version=row.key)
    return Evidence("said", row.carrier, row.where, Origin.GENERATED, Standing.TRACE, row.key, row.value, used)


def _report(cases: list[Case]) -> Report:
    pack = packs.load("netflix")
    findings: list[Finding] = list(judge(cases, pack, [], date(2026, 11, 22)))
    everything = tuple(PAYLOADS.values())
    return compose(
        made_at="2026-11-22T16:40:00Z",
        version="1",
        inputs=Inputs(everything[:3], PolicyName(everything[0], "5" * 64), excluded=everything[:20]),
        coverage=Coverage(seen=len(cases), looked_at=len(cases)),
        cases=cases,
        findings=findings,
        troubles=[trouble for case in cases for trouble in case.reading.troubles],
        # what people type into a cover and a register reaches every format as well
        cover=Cover(*everything[:5]),
        register=[
            RegisterEntry(kind, text, (("content", (cases[0].reading.asset.digest,)), (field, (text,))), "counts", text)
            for text in everything
            for kind, field in (("right", "holder"), ("use", "disclosure"), ("approval", "approved_by"))
        ],
    )

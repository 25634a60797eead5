"""Every payload in every place, read once."""

from __future__ import annotations

import os
from collections.abc import Mapping
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


@pytest.fixture(scope="session")
def looks(tmp_path_factory: pytest.TempPathFactory) -> Looks:
    """A real file for each payload and place, looked at as a worker does."""
    folder = tmp_path_factory.mktemp("hostile")
    made = {}
    for number, (payload, text) in enumerate(PAYLOADS.items()):
        # All of them first: what was written in this moment is waited for.
        files = [(place, folder / f"{number}-{place}.{suffix}") for place, (suffix, _) in PLACES.items()]
        for place, file in files:
            file.write_bytes(PLACES[place][1](text))
        notes = [folder / f"{number}.{suffix}" for suffix in BESIDE]
        for note, write in zip(notes, BESIDE.values(), strict=True):
            note.write_bytes(write(text))
        beside = folder / f"{number}.png"
        beside.write_bytes(png())
        for place, file in files:
            made[payload, place] = _look(file)
        made[payload, "beside"] = _look(beside, *(os.fsencode(note.name) for note in notes))
    return made


def _look(file: Path, *sidecars: bytes) -> FileRead:
    wanted = ReadFile(os.fsencode(file), file.stat().st_size, sidecars, thumbnails=Thumbnails.FLAGGED)
    told = examine(wanted, DEFAULT)
    assert isinstance(told, FileRead), told
    return told


@pytest.fixture(scope="session")
def reports(looks: Looks) -> dict[str, Report]:
    """A report for each family of payloads, judged by the default pack: each payload out of one place in three.

    So each payload meets each kind of field, and each place each family; all of both in each format takes minutes.
    """
    cases = {name: [case for payload in family for case in _cases(payload, looks)] for name, family in FAMILIES.items()}
    return {name: _report(some[::3]) for name, some in cases.items()}


def _cases(payload: str, looks: Looks) -> list[Case]:
    """Rows for every file of a payload and every thing inside; each stands in a folder named by the payload."""
    text = PAYLOADS[payload]
    rows: list[Case] = []
    for place in (*PLACES, "beside"):
        told, path = looks[payload, place], f"{text.encode('utf-8', 'backslashreplace').decode()}/{place}"
        rows.append(_case(told.reading, path, None))
        rows.extend(_case(thing.reading, f"{path}!{thing.place}", path) for thing in told.embedded)
    return rows


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

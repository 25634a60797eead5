"""Generated material in deliverables: counted by content, with its age, its owner and its tool, night by night."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import pytest

from provenance import settings
from provenance.catalogue.store import Catalogue
from provenance.model.debt import Debt, DebtItem, DebtNight, DebtState
from provenance.model.vocabulary import Origin
from provenance.workflows.debt import add_tonight, read_debt_record
from provenance.workflows.night_record import DebtRecord, NightRecord, make_record, unpack_record
from provenance.workflows.nightly import nightly
from provenance.workflows.report import open_report
from provenance.workflows.run import RunContext
from tests.cli.conftest import Provenance
from tests.cli.test_nightly import picture
from tests.cli.test_scan import PARAMETERS

SECOND = PARAMETERS.replace("castle", "harbour")
CONFIG = """
catalogue = "c.db"
jobs = 1
[[storage]]
name = "edit"
path = "edit"
[[storage]]
name = "out"
path = "out"
zone = "deliverable"
[[owner]]
name = "VFX"
paths = ["edit: vfx/*", "/nowhere/*"]
[[owner]]
name = "Editorial"
paths = "*"
"""


def make_context(folder: Path, day: int) -> RunContext:
    config = settings.parse((folder / "config.toml").read_bytes(), "config", str(folder))
    return RunContext(config, datetime(2026, 11, day, 2, tzinfo=UTC))


def run_night(folder: Path, day: int) -> Debt:
    debt = nightly(("netflix",), make_context(folder, day)).report.debt
    assert debt is not None
    return debt


def test_a_material_keeps_its_age_until_it_is_gone_or_approved(tmp_path: Path, provenance: Provenance) -> None:
    for name in ("edit/vfx", "out"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "config.toml").write_text(CONFIG)
    picture(tmp_path / "edit" / "vfx" / "GEN.png", 1, PARAMETERS)
    picture(tmp_path / "out" / "frame.jpg", 1)
    picture(tmp_path / "out" / "own.png", 2, SECOND)
    first = run_night(tmp_path, 1)
    assert [(item.path, item.owner, item.places, item.since, item.days) for item in first.items] == [
        ("edit: vfx/GEN.png", "VFX", ("out: frame.jpg",), "2026-11-01", 0),
        ("out: own.png", "Editorial", ("out: own.png",), "2026-11-01", 0),
    ]
    assert {item.state for item in first.items} == {DebtState.OPEN}
    assert all(item.tool for item in first.items)
    assert [night.open for night in first.nights] == [2]

    # Another cut of the deliverable has it still: the material counts, not the file.
    (tmp_path / "out" / "frame.jpg").unlink()
    picture(tmp_path / "out" / "frame v2.jpg", 1)
    (tmp_path / "out" / "own.png").unlink()
    second = run_night(tmp_path, 11)
    (item,) = second.items
    assert (item.places, item.since, item.days) == (("out: frame v2.jpg",), "2026-11-01", 10)
    assert [(night.at[:10], night.open) for night in second.nights] == [("2026-11-01", 2), ("2026-11-11", 1)]

    # A report counts the same without a night of its own, and a part of the deliverables has no trend.
    context = make_context(tmp_path, 13)
    with open_report([], None, ("netflix",), context) as opened:
        assert opened.report.debt == replace(second, items=(replace(item, days=12),))
    with open_report([str(tmp_path / "out")], None, ("netflix",), context) as opened:
        assert opened.report.debt == Debt((replace(item, days=12),))

    approval = ("--who", "Dana Legal", "--reason", "incidental", "--reference", "C-1", "--expires", "2029-01-01")
    said = provenance(
        "register", "add", "approval", tmp_path / "out" / "frame v2.jpg", *approval, "--catalogue", tmp_path / "c.db"
    )
    assert said.code == 0, said.err
    with open_report([], None, ("netflix",), make_context(tmp_path, 14)) as opened:
        assert opened.report.debt
        assert [(item.state, item.since) for item in opened.report.debt.items] == [(DebtState.APPROVED, "2026-11-01")]


ITEM = DebtItem("sha256:00", "a.png", Origin.GENERATED, DebtState.OPEN, ("out: b",), "2026-10-01", "", 40, "", "x", "")
NIGHTS = (DebtNight("2026-11-01T02:00:00Z", 3, 1, 0), DebtNight("2026-11-02T02:00:00Z", None))


def test_what_no_night_has_counted_is_there_since_tonight(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    approved = replace(ITEM, digest="sha256:01", state=DebtState.APPROVED, since="2026-11-02", days=1)
    debt, record = add_tonight(Debt((ITEM, approved), NIGHTS), make_context(tmp_path, 3))
    assert debt.items[0] == approved, "the oldest first"
    debt = replace(debt, items=debt.items[1:])
    assert (debt.items[0].since, debt.items[0].days) == ("2026-11-03", 0)
    assert record.since == {"sha256:00": "2026-11-03", "sha256:01": "2026-11-02"}
    assert record.nights == (*NIGHTS, DebtNight("2026-11-03T02:00:00Z", 1, 1, 0))
    assert unpack_record(make_record({}, [], [], record).pack()) == NightRecord((), frozenset(), frozenset(), record)


@dataclass
class Nights:
    """A catalogue as far as the trend asks it."""

    left: list[tuple[str, bytes | None]]

    def list_nights(self, limit: int) -> Iterator[tuple[str, bytes | None]]:
        yield from self.left[:limit]


def test_nights_that_did_not_count_are_gaps() -> None:
    counted = make_record({}, [], [], DebtRecord({"sha256:00": "2026-11-01"}, NIGHTS[:1])).pack()
    old = zlib.compress(json.dumps({"open": []}).encode())
    nights = Nights([("2026-11-03T02:00:00Z", old), ("2026-11-02T02:00:00Z", None), ("2026-11-01T02:00:00Z", counted)])
    found = read_debt_record(cast("Catalogue", nights))
    assert found.since == {"sha256:00": "2026-11-01"}
    assert [(night.at[:10], night.open) for night in found.nights] == [
        ("2026-11-01", 3),
        ("2026-11-02", None),
        ("2026-11-03", None),
    ]
    assert [night.open for night in read_debt_record(cast("Catalogue", Nights(nights.left[:2]))).nights] == [None, None]


@pytest.mark.parametrize("debt", [3, {}, {"since": [], "nights": []}, {"since": {"x": "soon"}, "nights": []}])
def test_a_damaged_debt_is_said(debt: object) -> None:
    fields = {"version": 3, "open": [], "findings": [], "troubles": [], "debt": debt}
    with pytest.raises(Exception, match="what the last night left cannot be read"):
        unpack_record(zlib.compress(json.dumps(fields).encode()))

"""Several policies in one run: one read, a verdict by each, and the code of the worst."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provenance.intake import collect
from tests.cli.conftest import Provenance, Said
from tests.cli.test_scan import PARAMETERS, still

HERE = ("--jobs", 1, "--no-progress")
MILD = """name = "mild"
version = "1"
title = "t"
source = "s"

[[rule]]
id = "generated-in-deliverable"
severity = "note"
clause = "M"
says = "s"
"""


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    (tmp_path / "delivery").mkdir()
    still(tmp_path / "delivery" / "made.png", PARAMETERS)
    (tmp_path / "mild.toml").write_text(MILD)
    return tmp_path


def test_the_worst_verdict_decides_whatever_the_order(
    provenance: Provenance, delivery: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[str] = []
    rows = collect.FileCollector.rows

    def count(collector: collect.FileCollector) -> Iterator[object]:
        reads.append("read")
        return rows(collector)

    monkeypatch.setattr(collect.FileCollector, "rows", count)
    folder, mild = delivery / "delivery", ("--policy", delivery / "mild.toml")
    scan = ("scan", folder, "--marks-only", "--no-catalogue", *HERE)
    assert provenance(*scan, *mild).code == 0
    told = provenance(*scan, *mild, "--policy", "netflix", "--format", "json")
    assert (told.code, len(reads)) == (1, 2)
    assert [row["severity"] for row in told.report["findings"]] == ["note"]
    assert told.report["inputs"]["policy"]["name"] == "mild"
    assert [(row["policy"], row["severity"]) for row in told.report["other_findings"]] == [("netflix", "block")]
    text = provenance(*scan, "--policy", "netflix", *mild, "--summary")
    assert text.code == 1
    first, second = text.out.splitlines()[:2]
    assert first.startswith("netflix: 1 finding must be resolved")
    assert second.startswith("mild: 1 asset is or may be generated")


def test_nights_and_reports_judge_by_each(provenance: Provenance, delivery: Path) -> None:
    config, mild = delivery / "config.toml", delivery / "mild.toml"
    config.write_text(
        f'policy = ["{mild}", "netflix"]\ncatalogue = "c.db"\n[[storage]]\nname = "out"\npath = "delivery"\n'
        'zone = "deliverable"\n'
    )
    night = provenance("nightly", "--config", config, "--format", "json", *HERE)
    assert night.code == 1
    report = provenance("report", "--config", config, "--format", "json")
    alone = provenance("report", "--config", config, "--format", "json", "--policy", mild)
    for said, names in ((night, ["mild", "netflix"]), (report, ["mild", "netflix"]), (alone, ["mild"])):
        assert [row["policy"]["name"] for row in said.report["verdicts"]] == names


def select(said: Said, rule: str) -> list[dict[str, Any]]:
    return [row for row in said.report["findings"] if row["rule"] == rule]


def test_a_declared_use_weighs_what_is_found(provenance: Provenance, delivery: Path) -> None:
    scan = ("scan", delivery / "delivery", "--marks-only", "--format", "json", *HERE)
    before = provenance(*scan)
    assert before.code == 1
    (finding,) = select(before, "generated-in-deliverable")
    assert finding["not_declared"] == ["purpose", "prominence", "licence"]
    digest = before.asset("made.png")["digest"]
    register = delivery / "register.toml"
    register.write_text(
        '[[tool]]\nid = "t1"\nname = "Generator"\nvendor = "V"\nlicence = "enterprise"\nterms_date = 2026-01-05\n'
        'keeps_inputs = "no"\ntrains_on_inputs = "no"\nenterprise_secured = "yes"\n'
        '[[use]]\nid = "u1"\ntool = "t1"\nwho = "Ana"\npurpose = "background"\nprominence = "incidental"\n'
        f'description = "a poster on the wall"\ncontent = ["{digest}"]\n'
    )
    assert provenance("register", "import", register).code == 0
    after = provenance(*scan)
    assert after.code == 0
    (finding,) = select(after, "generated-in-deliverable")
    assert (finding["severity"], finding["conditions"]) == (
        "review",
        ["purpose: background", "prominence: incidental"],
    )
    text = provenance(*scan[:3], *HERE).out
    assert "weighed by purpose: background, prominence: incidental" in " ".join(text.split())


def test_a_policy_that_is_asked_twice_is_wrong_usage(provenance: Provenance, delivery: Path) -> None:
    said = provenance("scan", delivery / "delivery", "--policy", "netflix", "--policy", "netflix", *HERE)
    assert said.code == 2
    assert "two policies are called" in said.err

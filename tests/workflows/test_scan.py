"""What no single package can promise: the clock, the ledger's head in reports, members that cannot be loaded."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

from provenance import settings
from provenance.model.vocabulary import Severity
from provenance.workflows import register
from provenance.workflows.judge import Verdict
from provenance.workflows.run import RunContext
from provenance.workflows.scan import ScanOptions, scan
from provenance.workflows.verify import verify_catalogue
from tests.cli.test_scan import PARAMETERS, still


def context_in(folder: Path, year: int) -> RunContext:
    chosen = settings.load(catalogue=str(folder / "c.db"), environment={})
    return RunContext(dataclasses.replace(chosen, jobs=1), datetime(year, 6, 1, tzinfo=UTC))


def scanned(path: Path, context: RunContext) -> Verdict:
    return scan([str(path)], ScanOptions(("netflix",), Severity.BLOCK, marks_only=True), context)


def test_a_clock_turned_back_revives_no_approval(tmp_path: Path) -> None:
    made = still(tmp_path / "made.png", PARAMETERS)
    assert scanned(made, context_in(tmp_path, 2027)).exit_code == 1
    words = {"approved_by": ["Jo"], "reason": ["cleared"], "reference": ["CLR-7"], "until": ["2027-12-31"]}
    register.declare("approval", [str(made)], words, context_in(tmp_path, 2027))
    assert scanned(made, context_in(tmp_path, 2027)).exit_code == 0
    late = scanned(made, context_in(tmp_path, 2029))
    assert late.exit_code == 1
    (finding,) = (row for row in late.report.findings if row.rule == "generated-in-deliverable")
    assert finding.expired_approval is not None, "somebody let it through once, until a day that is over"
    assert scanned(made, context_in(tmp_path, 2027)).exit_code == 1


def test_a_report_names_the_head_that_verify_takes(tmp_path: Path) -> None:
    made = still(tmp_path / "made.png")
    head = scanned(made, context_in(tmp_path, 2027)).report.inputs.ledger
    assert head
    scanned(made, context_in(tmp_path, 2028))
    assert verify_catalogue(context_in(tmp_path, 2028), head).is_sound


def test_a_member_that_cannot_be_loaded_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, provenance_path: Path
) -> None:
    (provenance_path / "sitecustomize.py").write_text("import sys; sys.modules['av'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(provenance_path))
    server: Any = forkserver._forkserver
    server._stop()  # One that runs already has loaded everything.
    try:
        with pytest.raises(ImportError):
            scanned(still(tmp_path / "a.png"), context_in(tmp_path, 2027))
    finally:
        server._stop()  # Later tests need one that loads everything.


@pytest.fixture
def provenance_path(tmp_path: Path) -> Path:
    (tmp_path / "path").mkdir()
    return tmp_path / "path"


def test_a_pattern_that_left_nothing_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    still(tmp_path / "in" / "made.png")
    context = dataclasses.replace(context_in(tmp_path, 2027), exclude=("*.tmp", "made.*"))
    assert scanned(tmp_path / "in", context).report.inputs.excluded_nothing == ("*.tmp",)

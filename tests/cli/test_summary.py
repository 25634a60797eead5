"""`--summary`: the first screen alone."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from provenance.model.report import Coverage, Inputs, PolicyName, Report
from provenance.workflows.output import text_lines
from tests.cli.conftest import MEDIA, Provenance

STILLS = MEDIA / "delivery" / "stills"
SCAN = ("scan", STILLS, "--no-catalogue", "--marks-only")


def test_the_summary_is_the_beginning_of_the_report(provenance: Provenance) -> None:
    short = provenance(*SCAN, "--summary").out.splitlines()
    long = provenance(*SCAN).out.splitlines()
    assert short[-1] == "Details: the same without --summary."
    # the line with the version holds the time
    assert [line for line in short[:-2] if "provenance " not in line] == [
        line for line in long[: len(short) - 2] if "provenance " not in line
    ]
    assert len(short) < len(long)
    assert "       - " not in "\n".join(short)


def test_report_has_it_too_and_writes_files_beside_it(provenance: Provenance, tmp_path: Path) -> None:
    base, page = tmp_path / "c.db", tmp_path / "report.json"
    provenance("scan", STILLS, "--catalogue", base, "--marks-only", "--quiet")
    said = provenance("report", "--for", STILLS, "--catalogue", base, "--summary", "--output", page)
    assert "must be resolved" in said.out
    assert "Details: " in said.out
    assert '"schema": "provenance-report/1"' in page.read_text()


def test_it_is_about_the_text_report_alone(provenance: Provenance) -> None:
    said = provenance(*SCAN, "--summary", "--format", "json")
    assert said.code == 2
    assert "--output json=FILE --summary" in said.err


def test_a_terminal_without_utf8_gets_plain_signs() -> None:
    empty = Report("2026-11-22T16:00:00Z", "provenance", "0", Inputs(("/é–x",), PolicyName("p", "0")), Coverage())
    assert "/\\xe9-x" in list(text_lines(empty, None, 80, "ascii"))
    assert "/é-x" in list(text_lines(empty, None, 80, "latin-1"))
    assert "/é–x" in list(text_lines(empty, None, 80, "utf-8"))


def test_a_terminal_without_utf8_shows_the_report() -> None:
    """In a real terminal: Python refuses to print what its encoding lacks."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from provenance_cli.main import main; main()", *map(str, SCAN), "--summary"]
    environment = {
        **os.environ,
        "PYTHONUTF8": "0",
        "PYTHONIOENCODING": "ascii",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    ended = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert ended.returncode == 1, ended.stderr
    assert b"must be resolved" in shown
    assert shown.isascii()

"""One run of the program, or of any other: seconds, processor time with all its workers, memory of the largest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import find_program

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_ERROR_LENGTH = 1500
"""Characters of stderr that are shown of a run that failed."""


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """The cost and the output of a run."""

    seconds: float
    """Processor time, user and system, of the program and all its workers: a busy machine changes it least."""
    peak_mib: float
    """Resident memory of the largest of its processes."""
    out: bytes


def run_program(command: Sequence[str], allowed: Sequence[int] = (0,)) -> ProgramRun:
    """Run a command to its end. Exits when its exit code is not `allowed`: such figures would mean nothing."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        figures = Path(folder, "figures")
        environment = {**os.environ, **ONE_THREAD}
        whole = [sys.executable, "-m", "benchmarks.all_processes", str(figures), *command]
        subprocess.run(whole, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment, check=True)
        code, seconds, peak_mib = json.loads(figures.read_text())
        out.seek(0)
        err.seek(0)
        if code not in allowed:
            errors = err.read().decode(errors="replace")[-_ERROR_LENGTH:]
            raise SystemExit(f"exit code {code}: {' '.join(command)}\n{errors}")
        return ProgramRun(seconds, peak_mib, out.read())


def ingest(folder: Path, catalogue: Path, level: str = "full", workers: int = 1) -> ProgramRun:
    """Ingest a folder as temp material."""
    options = ["--fingerprints", level, "--jobs", str(workers), "--no-progress"]
    place = [str(folder), "--zone", "temp", "--catalogue", str(catalogue)]
    return run_program([find_program(), "ingest", *place, *options])


def scan(path: Path, catalogue: Path | None, workers: int = 1, against: str = "all") -> ProgramRun:
    """Scan a deliverable, or a folder of them, for everything known; without a catalogue for nothing."""
    # Where nothing is known, the code says that nothing was compared.
    known, allowed = ["--no-catalogue"], [0, 1, 3]
    if catalogue:
        known, allowed = ["--catalogue", str(catalogue), "--against", against], [0, 1]
    options = ["--format", "json", "--jobs", str(workers), "--no-progress"]
    return run_program([find_program(), "scan", str(path), *known, *options], allowed)


def list_matches(scanned: ProgramRun) -> list[dict[str, Any]]:
    """The matches of all assets in a scan's report."""
    matches: list[dict[str, Any]] = []
    for asset in json.loads(scanned.out)["assets"]:
        matches += asset["matches"]
    return matches


def list_matches_by_file(scanned: ProgramRun) -> dict[str, list[dict[str, Any]]]:
    """The matches of each file in a scan's report with what is known, by the stem of its name.

    Files that are scanned together are searched for in each other as well: they may show the same unrelated pictures.
    """
    assets = json.loads(scanned.out)["assets"]
    scanned_too = {asset["digest"] for asset in assets}
    matches: dict[str, list[dict[str, Any]]] = {}
    for asset in assets:
        with_known = [match for match in asset["matches"] if match["known"]["digest"] not in scanned_too]
        matches.setdefault(Path(asset["path"]).stem, []).extend(with_known)
    return matches

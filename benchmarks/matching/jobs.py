"""One run of the program, or of anything else: seconds, processor time with all its workers, memory of the largest."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measure import find_program

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """What a run took and gave."""

    seconds: float
    """By the processor's clock, user and system, all workers together: what a busy machine changes least."""
    peak_mib: float
    """Resident memory of the largest of its processes."""
    out: bytes


def run_program(command: Sequence[str], allowed: Sequence[int] = (0,)) -> ProgramRun:
    """Run a command to its end. Ends the program when its exit code is not `allowed`: such figures mean nothing."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as told:
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=told, env={**os.environ, **ONE_THREAD}
        )
        _, status, usage = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        told.seek(0)
        if running.returncode not in allowed:
            words = told.read().decode(errors="replace")[-1500:]
            raise SystemExit(f"exit code {running.returncode}: {' '.join(command)}\n{words}")
        return ProgramRun(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read())


def ingest(folder: Path, catalogue: Path, depth: str = "full", workers: int = 1) -> ProgramRun:
    """Learn what is in a folder."""
    told = ["--fingerprints", depth, "--jobs", str(workers), "--no-progress"]
    return run_program([find_program(), "ingest", str(folder), "--zone", "temp", "--catalogue", str(catalogue), *told])


def scan(path: Path, catalogue: Path | None) -> ProgramRun:
    """Look for all that is known in a deliverable, with one worker; without a catalogue nothing is looked for."""
    known = ["--catalogue", str(catalogue), "--against", "all"] if catalogue else ["--no-catalogue"]
    told = ["--format", "json", "--jobs", "1", "--no-progress"]
    return run_program([find_program(), "scan", str(path), *known, *told], allowed=(0, 1))


def list_matches(scanned: ProgramRun) -> list[dict[str, Any]]:
    """The matches of all assets in a scan's report."""
    return [match for asset in json.loads(scanned.out)["assets"] for match in asset["matches"]]

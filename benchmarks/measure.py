"""How long a command takes and how much memory it holds itself, several commands in turn on the same machine."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_EVERY = 0.02
"""Seconds between two looks at the memory."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of a command."""

    seconds: float
    peak_mib: float
    """Largest resident memory of the process itself; its workers are not counted. 0 where /proc is not there."""
    code: int


def run(command: Sequence[str]) -> Measurement:
    """Run a command to its end; what it prints is dropped."""
    start = time.perf_counter()
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing) as job:
        peak, done = [0.0], threading.Event()
        watcher = threading.Thread(target=_poll_memory, args=(job.pid, peak, done))
        watcher.start()
        job.wait()
        seconds = time.perf_counter() - start
        done.set()
        watcher.join()
    return Measurement(seconds, peak[0], job.returncode)


def _poll_memory(process: int, peak: list[float], done: threading.Event) -> None:
    """Keep the high-water mark of the process in `peak` until it ends."""
    while not done.wait(_EVERY):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            return
        for kib in re.findall(r"VmHWM:\s+(\d+)", status):
            peak[0] = max(peak[0], int(kib) / 1024)


def run_in_turn(
    commands: dict[str, Sequence[str]], rounds: int, allowed: Sequence[int]
) -> dict[str, list[Measurement]]:
    """Run the commands one after the other, `rounds` times over, so that a busy minute hurts all of them.

    Ends the program when one exits with a code that is not `allowed`: its time would mean nothing.
    """
    taken: dict[str, list[Measurement]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            once = run(command)
            if once.code not in allowed:
                sys.exit(f"{name} ended with exit code {once.code}: {' '.join(command)}")
            taken[name].append(once)
    return taken


def print_medians(taken: dict[str, list[Measurement]]) -> dict[str, float]:
    """Print the figures of each command and give the medians in seconds."""
    medians = {name: median(once.seconds for once in runs) for name, runs in taken.items()}
    for name, runs in taken.items():
        spread = f"{min(once.seconds for once in runs):.3f} to {max(once.seconds for once in runs):.3f}"
        peak = max(once.peak_mib for once in runs)
        print(f"{name:<12} median {medians[name]:.3f} s ({spread}), peak memory {peak:.0f} MiB")
    return medians


def check_ratio(ratio: float, at_most: float | None) -> int:
    """Print the ratio; 1 when it is more than allowed."""
    bound = "" if at_most is None else f", allowed {at_most:g}: {'holds' if ratio <= at_most else 'too slow'}"
    print(f"ratio        {ratio:.2f}{bound}")
    return int(at_most is not None and ratio > at_most)


def find_program() -> str:
    """The installed `provenance` of this interpreter, else the one on the path."""
    beside = Path(sys.executable).with_name("provenance")
    found = str(beside) if beside.exists() else shutil.which("provenance")
    return found or sys.exit("provenance is not installed")

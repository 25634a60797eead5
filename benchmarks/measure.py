"""How long a command takes and how much memory it holds itself: several commands in turn on the same machine."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import xxhash

from provenance.limits import DEFAULT

_INTERVAL = 0.02
"""Seconds between two readings of the memory."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of a command."""

    seconds: float
    peak_mib: float
    """Largest resident memory of the process itself, without its workers. 0 where there is no /proc."""
    code: int
    """Exit code."""


def run(command: Sequence[str]) -> Measurement:
    """Run a command to its end. Its output is discarded."""
    start = time.perf_counter()
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, stdin=nothing, stdout=nothing, stderr=nothing) as process:
        peak = [0.0]
        done = threading.Event()
        poller = threading.Thread(target=_poll_memory, args=(process.pid, peak, done))
        poller.start()
        process.wait()
        seconds = time.perf_counter() - start
        done.set()
        poller.join()
    return Measurement(seconds, peak[0], process.returncode)


def _poll_memory(process: int, peak: list[float], done: threading.Event) -> None:
    """Keep the high-water mark of the process, in MiB, in `peak` until it ends."""
    while not done.wait(_INTERVAL):
        try:
            status = Path(f"/proc/{process}/status").read_text()
        except OSError:
            return
        for kib in re.findall(r"VmHWM:\s+(\d+)", status):
            peak[0] = max(peak[0], int(kib) / 1024)


def run_in_turn(
    commands: Mapping[str, Sequence[str]], rounds: int, allowed: Sequence[int]
) -> dict[str, list[Measurement]]:
    """Run the commands one after the other, `rounds` times over.

    Exits the program when one exits with a code that is not `allowed`: its time would mean nothing.
    """
    measurements: dict[str, list[Measurement]] = {name: [] for name in commands}
    # In turn, so that a busy minute of the machine slows all commands down alike.
    for _ in range(rounds):
        for name, command in commands.items():
            measurement = run(command)
            if measurement.code not in allowed:
                sys.exit(f"{name} ended with exit code {measurement.code}: {' '.join(command)}")
            measurements[name].append(measurement)
    return measurements


def print_medians(measurements: dict[str, list[Measurement]]) -> dict[str, float]:
    """Print the figures of each command. Returns the medians in seconds."""
    medians: dict[str, float] = {}
    for name, runs in measurements.items():
        seconds = [one.seconds for one in runs]
        medians[name] = median(seconds)
        peak = max(one.peak_mib for one in runs)
        spread = f"{min(seconds):.3f} to {max(seconds):.3f}"
        print(f"{name:<12} median {medians[name]:.3f} s ({spread}), peak memory {peak:.0f} MiB")
    return medians


def check_ratio(ratio: float, at_most: float | None) -> int:
    """Print the ratio. Returns the exit code: 1 when it is larger than allowed."""
    if at_most is None:
        print(f"ratio        {ratio:.2f}")
        return 0
    is_too_slow = ratio > at_most
    judgement = "too slow" if is_too_slow else "holds"
    print(f"ratio        {ratio:.2f}, allowed {at_most:g}: {judgement}")
    return int(is_too_slow)


def find_program() -> str:
    """Find the `provenance` that is installed beside this interpreter, otherwise the one on the path."""
    beside = Path(sys.executable).with_name("provenance")
    if beside.exists():
        return str(beside)
    return shutil.which("provenance") or sys.exit("provenance is not installed")


def time_processor(work: Callable[[], object]) -> float:
    """Seconds of processor time of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def digest_barely(path: Path) -> None:
    """The bare loop of reading: SHA-256 and XXH128 of every byte."""
    sha, xxh = hashlib.sha256(), xxhash.xxh3_128()
    block = memoryview(bytearray(DEFAULT.block))
    with open(path, "rb", buffering=0) as file:
        while count := file.readinto(block):
            sha.update(block[:count])
            xxh.update(block[:count])

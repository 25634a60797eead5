"""Row 31: night after night in one process; neither memory nor handles grow."""

from __future__ import annotations

import gc
import os
import statistics
import tempfile
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import util

from benchmarks.faults.interface import Result, Setting
from benchmarks.faults.product import make_show, read_process, run_here, write_still

_MOST_KIB_A_CYCLE = 2.0
"""Growth that counts as none: two pages of memory in four cycles, within the noise of an allocator."""
_FILES = 3000
"""In the storage. SQLite keeps up to 2 MiB of a catalogue in memory: a smaller one grows there with every night."""
_WARM_UP = 0.3
"""Share of the cycles before growth is measured: caches fill, and the heap finds its size."""


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the process holds after a cycle."""

    resident_kib: int
    descriptors: int
    threads: int
    children: int
    temporary: int
    """Files in the temporary folder."""


def measure() -> Footprint:
    gc.collect()
    with open("/proc/self/status") as file:
        [resident] = [line for line in file if line.startswith("VmRSS:")]
    children = sum(_is_child(name) for name in os.listdir("/proc") if name.isdigit())
    temporary = len(os.listdir(tempfile.gettempdir()))
    return Footprint(
        int(resident.split()[1]), len(os.listdir("/proc/self/fd")), threading.active_count(), children, temporary
    )


def _is_child(process: str) -> bool:
    facts = read_process(int(process))
    return bool(facts) and int(facts[1]) == os.getpid()


def run(setting: Setting) -> Iterator[Result]:
    """Each cycle changes, adds and deletes a file, so that every night has something to do."""
    cycles = setting.count(500, 40)
    show = make_show(setting.folder, _FILES)
    # The one of the standard library is deleted at the end of this process, when the folder below is gone.
    util.get_temp_dir()
    # Libraries that make files of their own make them here, where they are counted.
    own_temporary = setting.folder / "tmp"
    own_temporary.mkdir()
    former, tempfile.tempdir = tempfile.tempdir, os.fspath(own_temporary)
    footprints = []
    try:
        for cycle in range(cycles):
            write_still(show.edit / "changing.png", f"words {cycle}")
            write_still(show.edit / f"new {cycle}.png", f"more words {cycle}")
            (show.edit / f"new {cycle - 3}.png").unlink(missing_ok=True)
            run_here("nightly", "--config", show.config, "--jobs", "1", "--quiet", "--output", f"json={os.devnull}")
            footprints.append(measure())
    finally:
        tempfile.tempdir = former
    yield _judge(footprints)


def _judge(footprints: Sequence[Footprint]) -> Result:
    warm = footprints[int(len(footprints) * _WARM_UP) :]
    slope = statistics.linear_regression(range(len(warm)), [row.resident_kib for row in warm]).slope
    first, last = warm[0], warm[-1]
    handles = (last.descriptors - first.descriptors, last.threads - first.threads, last.children - first.children)
    figure = (
        f"{len(footprints)} cycles: {slope:+.2f} KiB a cycle ({first.resident_kib:,} to {last.resident_kib:,} KiB), "
        f"descriptors {first.descriptors} to {last.descriptors}, threads {first.threads} to {last.threads}, "
        f"children {first.children} to {last.children}, temporary files {first.temporary} to {last.temporary}"
    )
    holds = slope <= _MOST_KIB_A_CYCLE and max(handles) <= 0 and last.temporary <= first.temporary
    return Result(31, "nights in one process, each with a new, a changed and a deleted file", figure, holds)

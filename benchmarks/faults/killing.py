"""Rows 1, 2 and 28: the program, its workers, or all of them are ended at any moment."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.interface import Result, Setting
from benchmarks.faults.product import (
    Show,
    list_children,
    list_workers,
    make_show,
    read_process,
    run_apart,
    start_apart,
    write_noise,
)
from provenance.catalogue.store import Catalogue
from provenance.catalogue.verify import verify

_FILES = 300
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SETTLED = 1.0
"""Age in seconds of a worker that is killed: five in a row that never took a job end the run, as they should."""
_SECONDS_TO_END = 10
"""That a run may take after such a signal."""
_SECONDS_TO_DIE = 10
"""That a worker may take after its program was killed."""


def run(setting: Setting) -> Iterator[Result]:
    yield _kill_runs(setting)
    yield _kill_workers(setting)
    yield _send_signals(setting)


def list_rows(catalogue: Path) -> dict[str, str]:
    """Digest by path of all that is committed."""
    try:
        with Catalogue.open(catalogue, write=False) as opened:
            return {case.location.path: case.reading.asset.digest for case in opened.cases()}
    except Exception:  # noqa: BLE001 - killed before it was made: nothing is committed
        return {}


def _count_in_part(catalogue: Path) -> int:
    """Files that were read, and about which something could not be looked at."""
    with Catalogue.open(catalogue, write=False) as opened:
        return sum(bool(case.reading.asset.digest and case.reading.troubles) for case in opened.cases())


def _kill_runs(setting: Setting) -> Result:
    kills, draw = setting.count(200, 10), random.Random(setting.seed)
    show = _make(setting, "killed", _FILES)
    lost = orphans = unsound = 0
    before: dict[str, str] = {}
    for _ in range(kills):
        process = start_apart("nightly", "--config", show.config, "--jobs", "2", "--quiet")
        _wait_for_begin(process, show)
        _wait(process, draw.uniform(0, 4))
        workers = list_children(process.pid)
        process.kill()
        process.wait()
        now = list_rows(show.catalogue)
        lost += sum(now.get(path) != digest for path, digest in before.items())
        unsound += bool(now) and not verify(show.catalogue).is_sound
        orphans += _count_alive(workers)
        before = now
    last = run_apart("nightly", "--config", show.config, "--jobs", "2", "--quiet")
    rows = list_rows(show.catalogue)
    figure = (
        f"{kills} kills: {lost} committed rows lost, {unsound} times unsound, {orphans} workers outlived it; then exit "
        f"{last.code} with {len(rows)} of {_FILES} files"
    )
    holds = not (lost or unsound or orphans) and last.code == 0 and len(rows) == _FILES
    return Result(1, "kill -9 of a night at a random moment, and the next one goes on", figure, holds)


def _kill_workers(setting: Setting) -> Result:
    files, draw = setting.count(2000, 60), random.Random(setting.seed)
    show = _make(setting, "workers", 0)
    for number in range(files):
        write_noise(show.edit / f"{number:05}x.png", number)
    process = start_apart("nightly", "--config", show.config, "--jobs", "2", "--quiet")
    kills = 0
    while process.poll() is None:
        time.sleep(draw.uniform(0.5, 1.5))
        if workers := [worker for worker in list_workers(process.pid) if _get_age(worker) > _SETTLED]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(draw.choice(workers), signal.SIGKILL)
                kills += 1
    rows = list_rows(show.catalogue)
    unread = sum(not digest for digest in rows.values())
    # What was lost once is read again without its pictures, and the night says so.
    in_part = _count_in_part(show.catalogue)
    figure = (
        f"{kills} kills while {files} files were read: {len(rows)} have a row, {unread} of them unread, {in_part} read "
        "without their pictures; exit "
    )
    told = 3 if unread or in_part else 0
    holds = kills > 0 and len(rows) == files and process.returncode == told and unread + in_part <= kills
    return Result(2, "kill -9 of a random worker", figure + str(process.returncode), holds)


def _send_signals(setting: Setting) -> Result:
    draw = random.Random(setting.seed)
    show = _make(setting, "signals", _FILES)
    codes: Counter[int] = Counter()
    slowest, wrong = 0.0, 0
    for number in range(setting.count(100, 9)):
        process = start_apart("nightly", "--config", show.config, "--jobs", "2", "--quiet")
        _wait_for_begin(process, show)
        _wait(process, draw.uniform(0, 4))
        sent = _SIGNALS[number % len(_SIGNALS)]
        begin = time.monotonic()
        process.send_signal(sent)
        code = process.wait(timeout=120)
        slowest = max(slowest, time.monotonic() - begin)
        codes[code] += 1
        # Before the program has set its handlers the signal itself ends it; after the work is done nothing is left.
        wrong += code not in (128 + sent, -sent, 0)
    sound = verify(show.catalogue).is_sound
    last = run_apart("nightly", "--config", show.config, "--jobs", "2", "--quiet")
    rows = len(list_rows(show.catalogue))
    ended = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    figure = (
        f"exit codes {ended}; slowest {slowest:.1f} s; {'sound' if sound else 'not sound'}; then exit {last.code} with "
        f"{rows} of {_FILES} files"
    )
    holds = not wrong and slowest < _SECONDS_TO_END and sound and rows == _FILES
    return Result(28, "SIGINT, SIGTERM and SIGHUP at a random moment", figure, holds)


def _make(setting: Setting, name: str, files: int) -> Show:
    folder = setting.folder / name
    folder.mkdir()
    return make_show(folder, files)


def _get_age(process: int) -> float:
    """Seconds since a process was started; 0 for one that has ended."""
    facts = read_process(process)
    if not facts:
        return 0.0
    started = int(facts[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def _wait_for_begin(process: subprocess.Popen[bytes], show: Show) -> None:
    """Until the catalogue is there: how long a start takes depends on the machine."""
    while process.poll() is None and not show.catalogue.exists():
        time.sleep(0.02)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=seconds)


def _count_alive(processes: list[int]) -> int:
    """Those of the processes that do not die with their parent. A fork server first loads what it was loading."""
    end = time.monotonic() + _SECONDS_TO_DIE
    while (alive := sum(map(_is_alive, processes))) and time.monotonic() < end:
        time.sleep(0.1)
    return alive


def _is_alive(process: int) -> bool:
    facts = read_process(process)
    return bool(facts) and facts[0] not in (b"Z", b"X")

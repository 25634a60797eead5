"""Rows 4, 5 and 30: a disk that is full, and one of which any single write fails."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.faults.interface import NotPossibleError, Result, Setting
from benchmarks.faults.killing import list_rows
from benchmarks.faults.product import make_show, run_apart
from provenance.catalogue.verify import verify

_SOURCE = Path(__file__).with_name("preload.c")


def run(setting: Setting) -> Iterator[Result]:
    yield _fill_catalogue(setting)
    yield _fill_reports(setting)
    yield from _fail_each_call(setting)


@contextlib.contextmanager
def mount_small(place: Path, size: str) -> Iterator[None]:
    """A disk of that size in memory."""
    place.mkdir()
    if (
        os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", os.fspath(place)], check=False
        ).returncode
    ):
        raise NotPossibleError("only root can mount")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", os.fspath(place)], check=False)


def _fill_catalogue(setting: Setting) -> Result:
    place, folder = setting.folder / "small", setting.folder / "full"
    folder.mkdir()
    files = setting.count(2000, 600)
    with mount_small(place, "1m"):
        show = make_show(folder, files, catalogue=place / "catalogue.db")
        full = run_apart("nightly", "--config", show.config, "--quiet")
        kept, sound = len(list_rows(show.catalogue)), verify(show.catalogue).is_sound
        subprocess.run(["mount", "-o", "remount,size=64m", os.fspath(place)], check=True)
        after = run_apart("nightly", "--config", show.config, "--quiet")
        rows = len(list_rows(show.catalogue))
    words = full.err.strip().splitlines()[-2:]
    figure = (
        f"exit {full.code} ({words[0].removeprefix('provenance: ')[:60]}…), {kept} rows kept, "
        f"{'sound' if sound else 'not sound'}; with room again exit {after.code}, {rows} of {files} files"
    )
    holds = full.code == 4 and sound and "disk is full" in full.err and after.code == 0 and rows == files
    return Result(4, "the catalogue on a disk of 1 MB", figure, holds)


def _fill_reports(setting: Setting) -> Result:
    place, folder = setting.folder / "reports", setting.folder / "reported"
    folder.mkdir()
    show = make_show(folder, setting.count(200, 60))
    with mount_small(place, "96k"):
        old = place / "r.json"
        old.write_text("an older report")
        (place / "filler").write_bytes(bytes(60_000))
        run = run_apart("nightly", "--config", show.config, "--quiet", "--output", f"json={old}")
        left, is_kept = sorted(os.listdir(place)), old.read_text() == "an older report"
    is_told = "disk is full" in run.err
    figure = f"exit {run.code}; the older report {'is as it was' if is_kept else 'is gone'}; left there: {left}"
    holds = run.code == 4 and is_kept and is_told and left == ["filler", "r.json"]
    return Result(5, "a report on a disk that has no room for it", figure, holds)


def _fail_each_call(setting: Setting) -> Iterator[Result]:
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler:
        raise NotPossibleError("no C compiler")
    shim = setting.folder / "preload.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", shim, _SOURCE, "-ldl"], check=True)
    folder = setting.folder / "failing"
    folder.mkdir()
    show = make_show(folder, 30)
    # One night before, so that there is something to lose.
    run_apart("nightly", "--config", show.config, "--quiet")
    safe = setting.folder / "safe.db"
    shutil.copy(show.catalogue, safe)
    committed = list_rows(safe)
    (show.edit / "changed.png").write_bytes((show.edit / "b.png").read_bytes() + b"x")
    most, step = {"write": 200, "fsync": 20, "rename": 3}, max(1, round(1 / setting.share))
    codes: Counter[int] = Counter()
    faults = unsound = lost = unnoticed = 0
    for call, count in most.items():
        for number in range(1, count + 1, step if count > 20 else max(1, step // 4)):
            code_of_error = errno.ENOSPC if number % 2 else errno.EIO
            for leftover in folder.glob("catalogue.db*"):
                leftover.unlink()
            shutil.copy(safe, show.catalogue)
            note = folder / "note"
            note.unlink(missing_ok=True)
            reports = folder / "r"
            shutil.rmtree(reports, ignore_errors=True)
            reports.mkdir()
            more = {
                "LD_PRELOAD": os.fspath(shim),
                # The catalogue, its log, and the reports beside them; not the temporary folder.
                "FAULT_BELOW": os.fspath(folder),
                "FAULT_CALL": call,
                "FAULT_NUMBER": str(number),
                "FAULT_ERROR": str(code_of_error),
                "FAULT_NOTE": os.fspath(note),
            }
            output = ("--output", f"json={reports / 'r.json'}")
            done = run_apart("nightly", "--config", show.config, "--quiet", "--jobs", "1", *output, more=more)
            if not note.exists():
                break  # there are no more calls of that kind
            faults += 1
            codes[done.code] += 1
            unsound += not verify(show.catalogue).is_sound
            now = list_rows(show.catalogue)
            # A call that does not matter may fail, such as the note in the lock file: then everything is there.
            is_complete = len(now) == len(committed) + 1 and (reports / "r.json").exists()
            unnoticed += done.code == 0 and not is_complete
            lost += any(now.get(path) != digest for path, digest in committed.items())
    ended = ", ".join(f"{code}: {count}" for code, count in sorted(codes.items()))
    figure = (
        f"{faults} faults: {unsound} unsound, {lost} with a row lost, {unnoticed} ended with 0 and not everything; "
        f"exit codes {ended}"
    )
    yield Result(
        30,
        "the N-th write, fsync or rename below the catalogue and its reports fails (ENOSPC, EIO)",
        figure,
        faults > 0 and not (unsound or lost or unnoticed),
    )

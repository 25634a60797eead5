"""Rows 6 to 9: a storage that fails, answers slowly or never, gives too little or something else."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.faults.interface import NotPossibleError, Result, Setting
from benchmarks.faults.product import ROOT, Show, make_show, run_apart, write_still

_MOUNT_SECONDS = 20
_BASE_SECONDS = 4
"""Deadline of a small file: a file that fails takes it once, and twice as long in its retry."""


@contextlib.contextmanager
def mount_faulty(folder: Path, mount: Path) -> Iterator[None]:
    """Show a folder at another place, with the faults that the names of its files ask for."""
    if not os.path.exists("/dev/fuse"):
        raise NotPossibleError("no /dev/fuse")
    try:
        import mfusepy  # noqa: F401 - only whether it is there, with the library that it needs
    except (ImportError, OSError) as fault:
        raise NotPossibleError(f"no mfusepy: {fault}") from fault
    mount.mkdir()
    words = [sys.executable, "-m", "benchmarks.faults.faulty_mount", os.fspath(folder), os.fspath(mount)]
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _MOUNT_SECONDS
        while not os.path.ismount(mount):
            if process.poll() is not None or time.monotonic() > until:
                raise NotPossibleError("FUSE does not mount here")
            time.sleep(0.05)
        yield
    finally:
        # Whoever hangs in a read of it is let go only when nothing serves it any more.
        process.kill()
        process.wait()
        subprocess.run(["umount", "-l", os.fspath(mount)], check=False, stderr=subprocess.DEVNULL)


def run(setting: Setting) -> Iterator[Result]:
    faults = ("eio_", "half_", "estale_", "eacces_", "enoent_", "short_", "flip_", "slow_", "hang_")
    source = setting.folder / "source"
    source.mkdir()
    for number in range(setting.count(10, 3)):
        write_still(source / f"good {'abcdefghij'[number % 10]}{number}.png", f"words {number}", number)
    for name in faults:
        write_still(source / f"{name}a.png", f"words of {name}")
    # Large enough to be digested block by block, and to fail in the middle of it.
    (source / "half_b.bin").write_bytes(os.urandom(9_000_000))
    mount = setting.folder / "mount"
    with mount_faulty(source, mount):
        show = make_show(setting.folder, 0, settings=f"[limits]\nbase_seconds = {_BASE_SECONDS}")
        (show.config).write_text(show.config.read_text().replace(f'"{show.edit}"', f'"{mount}"'))
        begin = time.monotonic()
        first = _night(show)
        seconds = time.monotonic() - begin
        second = _night(show)
    yield from _judge(first, second, seconds, good=len(list(source.glob("good*"))))


def _night(show: Show) -> dict[str, Any]:
    done = run_apart("nightly", "--config", show.config, "--jobs", "2", "--format", "json")
    return {**done.report, "code": done.code}


def _judge(first: dict[str, Any], second: dict[str, Any], seconds: float, good: int) -> Iterator[Result]:
    told: dict[str, str] = {}
    for asset in first["assets"]:
        for trouble in asset["troubles"]:
            told.setdefault(asset["path"], trouble["cause"])
    for trouble in first["troubles"]:
        told.setdefault(trouble["path"], trouble["cause"])
    fine = [asset["path"] for asset in first["assets"] if not asset["troubles"]]
    sound = len([path for path in fine if path.startswith("good")])
    broken = [asset for asset in first["assets"] if any(e["standing"] == "broken" for e in asset.get("evidence", ()))]

    def describe(*names: str) -> str:
        return ", ".join(f"{name} {told.get(name, 'read as if nothing were wrong')}" for name in names)

    def are_told(*names: str) -> bool:
        return all(name in told for name in names) and first["code"] == 3

    names = ("eio_a.png", "half_b.bin")
    yield Result(
        6,
        "a disk error at once, and in the middle of 9 MB",
        f"{describe(*names)}; exit {first['code']}; {sound} of {good} others read; {len(broken)} called broken",
        are_told(*names) and sound == good and not broken,
    )
    refused = ("estale_a.png", "eacces_a.png", "enoent_a.png")
    retried = {trouble["path"] for trouble in second["troubles"]} & set(refused)
    yield Result(
        7,
        "stale handle, no permission, gone after it was listed",
        f"{describe(*refused)}; the next night tries {len(retried)} of 3 again",
        are_told(*refused) and len(retried) == 3,
    )
    # Both attempts of the file that hangs take 24 s, the rest is room for a busy machine; waiting for it takes an hour.
    most = 240
    yield Result(
        8,
        "1.5 s for each read; a read that never ends",
        f"hang_a.png {told.get('hang_a.png', 'not told')}, slow_a.png {told.get('slow_a.png', 'read')}; "
        f"{seconds:.0f} s of {most} allowed",
        told.get("hang_a.png") == "slow" and seconds < most,
    )
    changed = any("flip_a.png" in path for path in second["delta"]["changed"])
    yield Result(
        9,
        "fewer bytes than the size says; another bit each time it is read",
        f"{describe('short_a.png')}; flip_a.png {told.get('flip_a.png', 'read once, so taken as it came')}",
        are_told("short_a.png") and not changed,
    )

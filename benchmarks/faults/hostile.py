"""Rows 17, 20 and 21: damaged files, bombs, and a picture larger than a library should be given."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.faults.interface import Result, Setting
from benchmarks.faults.product import ROOT, run_apart

_JPEG_BYTES = 2 * 1024**3


def run(setting: Setting) -> Iterator[Result]:
    files = setting.count(10_000, 300)
    words = [sys.executable, "-m", "benchmarks.campaign", "--files", str(files), "--jobs", "2"]
    if setting.share < 1:
        words.append("--light")
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = dict(line.split(maxsplit=1) for line in done.stdout.splitlines() if line[:1].strip())
    figure = "; ".join(
        f"{name}: {lines.get(name, '?')}" for name in ("files", "troubles", "attempts", "parent", "promises")
    )
    yield Result(17, f"{files:,} damaged files of every format through the workers", figure, done.returncode == 0)
    figure = f"the same run: worker {lines.get('worker', '?')}; {lines.get('promises', '?')}"
    kind = "the light bombs" if setting.share < 1 else "every bomb"
    yield Result(20, f"{kind} of the campaign: pixels, archives, XML, nesting", figure, done.returncode == 0)
    yield _pad_pictures(setting)


def _pad_pictures(setting: Setting) -> Result:
    """Of two pictures one has a manifest: that is told. The other has none, and large ones are everyday material."""
    folder = setting.folder / "large"
    folder.mkdir()
    is_told = {}
    for path in sorted((ROOT / "fixtures" / "media" / "delivery").rglob("*.jpg")):
        content = path.read_bytes()
        name = "with.jpg" if b"c2pa" in content else "without.jpg"
        if name not in is_told:
            is_told[name] = False
            (folder / name).write_bytes(content)
            os.truncate(folder / name, _JPEG_BYTES)
    arguments = ("scan", folder, "--no-catalogue", "--marks-only", "--format", "json", "--jobs", "1")
    done = run_apart(*arguments, seconds=900)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    for asset in done.report["assets"]:
        is_told[asset["path"]] = any(trouble["cause"] == "oversized" for trouble in asset["troubles"])
    figure = (
        f"told with a manifest: {is_told['with.jpg']}, without one: {is_told['without.jpg']}; exit {done.code}, "
        f"{peak:,.0f} MiB resident at most"
    )
    holds = is_told == {"with.jpg": True, "without.jpg": False} and done.code in (1, 3) and peak < 3 * 1024
    return Result(21, "JPEGs padded to 2 GiB, with a manifest and without", figure, holds)

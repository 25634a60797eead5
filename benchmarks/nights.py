"""What a night costs in which nothing changed, and what a catalogue of many assets costs to ask.

`python -m benchmarks.nights [--files N] [--assets N]`. All figures are processor time, children included, beside a
reference of the same run: `find -printf` over the same files, the same rows in a bare table. A rescan is given as a
whole, and as the slope between N and 2 N files, which leaves out what every start costs.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measure import find_program
from benchmarks.measure import time_processor as measure
from benchmarks.one_writer import fill, make_reading
from provenance.catalogue.store import Catalogue

_IN_FOLDER = 200
"""Files of one folder."""
_LOOKUPS = 200
"""Of a catalogue, at places spread over it."""
_LATER = "2026-01-02T12:00:00Z"


def measure_children(command: Sequence[str | Path]) -> float:
    """Seconds of processor time of a command and of everything it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    nothing = subprocess.DEVNULL
    # As it is installed, with its modules compiled: where none may be written, every start compiles all of them.
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, stdin=nothing, stdout=nothing, stderr=nothing, check=True, env=compiled)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def make_files(folder: Path, first: int, end: int) -> None:
    """Small texts, each with content of its own."""
    for number in range(first, end):
        path = folder / f"reel_{number // _IN_FOLDER:05}" / f"note {number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"note %d\n" % number)


def print_rescan(folder: Path, files: int) -> None:
    """A night over unchanged files, and `find` over the same."""
    program, storage = find_program(), folder / "storage"
    settings: list[str | Path] = ["--config", folder / "c.toml"]
    catalogue: list[str | Path] = ["--catalogue", folder / "c.db", "--reports", folder / "reports"]
    storage.mkdir()
    measure_children([program, "init", *settings, *catalogue, "--storage", f"editorial={storage}"])
    list_command: list[str | Path] = ["find", storage, "-printf", "%p %s %T@ %C@\n"]
    nights, finds, done = [], [], 0
    for end in (files, 2 * files):
        make_files(storage, done, end)
        done = end
        night: list[str | Path] = [program, "nightly", *settings, "--no-progress"]
        measure_children(night)
        # Twice, and the cheaper one counts: whatever else the machine does makes both dearer.
        nights.append(min(measure_children(night) for _ in range(2)))
        finds.append(min(measure_children(list_command) for _ in range(3)))
        ratio = nights[-1] / finds[-1]
        print(f"rescan of {end:,} files: {nights[-1]:.2f} s, find {finds[-1]:.2f} s, ratio {ratio:.1f}")
    slope = (nights[1] - nights[0]) / max(1e-9, finds[1] - finds[0])
    print(f"without start-up: {(nights[1] - nights[0]) / files * 1e6:.1f} us a file, ratio {slope:.1f}")


def print_catalogue(folder: Path, assets: int) -> None:
    """What it costs to store, to open, to ask, and to see again."""
    path = folder / "assets.db"
    stored, bare = fill(path, assets), fill_bare(folder / "bare.db", assets)
    row, plain = stored / assets * 1e6, bare / assets * 1e6
    print(f"{assets:,} assets stored: {row:.0f} us each, the same bytes in a bare table {plain:.0f} us")
    print(f"{path.stat().st_size / assets:,.0f} bytes each")
    print(f"opened in {measure(lambda: Catalogue.open(path, write=True).close()):.2f} s")
    numbers = random.Random(1).choices(range(assets), k=_LOOKUPS)
    with Catalogue.open(path, write=True) as catalogue:
        found = {
            "digest": measure(lambda: [catalogue.find_by_digest(make_reading(n).asset.digest) for n in numbers]),
            "path": measure(lambda: [catalogue.find_by_path(os.path.join(b"/mnt/show", _name(n))) for n in numbers]),
        }
        for what, seconds in found.items():
            print(f"looked up by {what} in {seconds / _LOOKUPS * 1e3:.2f} ms")
        seen = measure(lambda: _see_again(catalogue, assets))
    print(f"all seen again: {seen:.2f} s, {seen / assets * 1e6:.1f} us each")


def fill_bare(path: Path, rows: int) -> float:
    """Seconds to store bytes of the same size, with a digest that is indexed, and nothing else."""
    payload = bytes(400)
    digests = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(rows)]
    start = time.process_time()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, digest TEXT UNIQUE, payload BLOB)")
        for digest in digests:
            db.execute("INSERT INTO bare (digest, payload) VALUES (?, ?)", (digest, payload))
    db.close()
    return time.process_time() - start


def _name(number: int) -> bytes:
    return b"reel_%05d/frame_%07d.png" % (number // _IN_FOLDER, number)


def _see_again(catalogue: Catalogue, assets: int) -> None:
    """The catalogue's part of a night: every key compared, every place noted, and what is gone looked for."""
    run = catalogue.begin_run("nightly", _LATER)
    for start in range(0, assets, _IN_FOLDER):
        rows = catalogue.load_folder("/mnt/show", os.path.dirname(_name(start)))
        names = (_name(number) for number in range(start, min(assets, start + _IN_FOLDER)))
        places = [rows.find(name) for name in names]
        catalogue.touch_all(rows, [place for place in places if place], run)
    assert catalogue.count_missing("/mnt/show", run) == (0, assets)
    catalogue.end_run(run, _LATER, "done")


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--files", type=int, default=100_000, help="of the rescan, which is made over twice as many too"
    )
    parser.add_argument("--assets", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print_catalogue(Path(folder), options.assets)
        print_rescan(Path(folder), options.files)


if __name__ == "__main__":
    main()

"""What reading costs, each figure beside the least that the same work can cost, in one run.

python -m benchmarks.reading [--files 20000] [--megabytes 500] [--only walk|small|large|jobs]

Processor time is that of the program and of all its workers. It hardly depends on what else the machine does, and is
what the ratios are made of; seconds on the clock are given for two workers against one, where nothing else can tell.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from PIL import Image

from benchmarks.measure import digest_barely, find_program, time_processor
from provenance import trust
from provenance.evidence.carriers import c2pa
from provenance.intake.examine import examine, load_members
from provenance.intake.jobs import ReadFile
from provenance.intake.sequences import group_by_number
from provenance.intake.walk import Walk
from provenance.limits import DEFAULT

_FILES_A_FOLDER = 500
_WORDS = "words of a note that somebody wrote, line by line\n" * 12
"""Of one small file: 600 bytes."""
_ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of Linux."""
_MEGABYTE = 1_000_000
_PICTURE = (1920, 1080)
_COARSE = (240, 135)
"""Width and height of a picture, and of the noise that it is made of."""
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took."""

    processor: float
    """Seconds, of the process and of all that it started."""
    clock: float
    """Seconds."""


def main() -> int:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(description="Cost of reading beside the least that the same work can cost.")
    parser.add_argument("--files", type=int, default=20_000, help="small files")
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=500, help="of a large file")
    parser.add_argument("--only", choices=sorted(_PARTS), help="one part of it")
    options = parser.parse_args()
    _adopt_orphans()
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory(prefix="reading-") as folder:
        for name, measure in _PARTS.items():
            if options.only in (None, name):
                measure(Path(folder), options)
    return 0


def _measure_walk(folder: Path, options: argparse.Namespace) -> None:
    storage = _make_small_files(folder, options.files)
    count = options.files
    root = os.fsencode(storage)
    find = _measure_best(lambda: _run(["find", str(storage), "-printf", "%p %s %T@ %C@\\n"]).processor)
    bare = _measure_best(lambda: time_processor(lambda: _list_barely(root)))
    walk = _measure_best(lambda: time_processor(lambda: _propose(root)))
    print(f"find -printf            {find / count * 1e6:8.1f} us a file")
    print(f"scandir and stat        {bare / count * 1e6:8.1f} us a file")
    print(f"walk and sequences      {walk / count * 1e6:8.1f} us a file   {walk / bare:.2f} of scandir and stat")


def _measure_small(folder: Path, options: argparse.Namespace) -> None:
    storage = _make_small_files(folder, options.files)
    bare = _measure_best(lambda: time_processor(lambda: _digest_all(storage)))
    cost = _ingest(storage, folder / "small.db", 1)
    start = _ingest(storage / "000" / "note-000000.txt", folder / "start.db", 1).processor
    share = (cost.processor - start) / options.files * 1e6
    print(f"digesting small files   {bare / options.files * 1e6:8.1f} us a file")
    print(f"first ingest            {share:8.1f} us a file   {share / bare * options.files / 1e6:.1f} of that")
    load_members()
    c2pa.configure(trust.load())
    jobs = [ReadFile(os.fsencode(path), path.stat().st_size) for path in _list_files(storage)]
    alone = _measure_best(lambda: time_processor(lambda: [examine(job, DEFAULT) for job in jobs]))
    print(f"  of which the reader   {alone / options.files * 1e6:8.1f} us a file")


def _measure_large(folder: Path, options: argparse.Namespace) -> None:
    """The reader alone: in the process, where nothing else is counted."""
    load_members()
    c2pa.configure(trust.load())
    _measure_one("movie", _write_movie, folder, options.megabytes)
    _measure_one("sound", _write_sound, folder, options.megabytes)
    _measure_one("damaged movie", _write_damaged, folder, options.megabytes)


def _measure_one(name: str, make: Callable[[BinaryIO, int], None], folder: Path, megabytes: int) -> None:
    path = folder / "large"
    with open(path, "wb") as file:
        make(file, megabytes * _MEGABYTE)
    job = ReadFile(os.fsencode(path), path.stat().st_size)
    digest = _measure_best(lambda: time_processor(lambda: digest_barely(path)))
    read = _measure_best(lambda: time_processor(lambda: examine(job, DEFAULT)))
    path.unlink()
    print(f"{name:<23} {megabytes / read / 1000:8.2f} GB/s        {digest / read:.2f} of digesting alone")


def _measure_jobs(folder: Path, options: argparse.Namespace) -> None:
    """One worker and two: on the clock, and only where two cores are free."""
    # What is recorded of a small file costs the program as much as reading it costs a worker.
    _compare_jobs("small files", _make_small_files(folder, options.files), folder, "none")
    _compare_jobs("pictures", _make_pictures(folder, options.pictures), folder, "full")
    print(f"load of the machine: {os.getloadavg()[0]:.1f}; the clock says something where that stays below 2")


def _compare_jobs(name: str, storage: Path, folder: Path, fingerprints: str) -> None:
    one, two = (_ingest(storage, folder / f"{name}{count}.db", count, fingerprints) for count in (1, 2))
    ratio, more = one.clock / two.clock, two.processor / one.processor
    print(f"two workers over one    {ratio:8.2f} on the clock   {more:.2f} of the processor time   ({name})")


_PARTS: dict[str, Callable[[Path, argparse.Namespace], None]] = {
    "walk": _measure_walk,
    "small": _measure_small,
    "large": _measure_large,
    "jobs": _measure_jobs,
}


def _ingest(path: Path, catalogue: Path, jobs: int, fingerprints: str = "none") -> Cost:
    command = [find_program(), "ingest", str(path), "--catalogue", str(catalogue)]
    return _run([*command, "--fingerprints", fingerprints, "--jobs", str(jobs)])


def _make_small_files(folder: Path, count: int) -> Path:
    storage = folder / "storage"
    if not storage.exists():
        for number in range(count):
            place = storage / f"{number // _FILES_A_FOLDER:03}"
            place.mkdir(parents=True, exist_ok=True)
            (place / f"note-{number:06}.txt").write_text(f"note {number}\n{_WORDS}")
    return storage


def _make_pictures(folder: Path, count: int) -> Path:
    """JPEGs full of detail, named so that they are no frame sequence."""
    storage = folder / "pictures"
    storage.mkdir()
    for number in range(count):
        noise = random.Random(number).randbytes(_COARSE[0] * _COARSE[1])
        picture = Image.frombytes("L", _COARSE, noise).resize(_PICTURE, Image.Resampling.BICUBIC)
        picture.save(storage / f"{number}-picture.jpg", quality=90)
    return storage


def _list_files(storage: Path) -> Iterator[Path]:
    yield from storage.rglob("*.txt")


def _list_barely(root: bytes) -> None:
    waiting = [root]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)


def _propose(root: bytes) -> None:
    for folder in Walk([root]).folders():
        for _ in group_by_number(folder):
            pass


def _digest_all(storage: Path) -> None:
    for path in _list_files(storage):
        digest_barely(path)


def _write_movie(file: BinaryIO, size: int) -> None:
    _write(file, b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + (size + 16).to_bytes(4, "big") + b"mdat", size, b"\0\0\0\x08free")


def _write_sound(file: BinaryIO, size: int) -> None:
    form = b"fmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0data"
    riff = b"RIFF" + (size + len(form) + 8).to_bytes(4, "little") + b"WAVE"
    _write(file, riff + form + size.to_bytes(4, "little"), size, b"")


def _write_damaged(file: BinaryIO, size: int) -> None:
    """A movie whose boxes end in samples: no reader finds its way."""
    _write(file, b"\0\0\0\x14ftypqt  \0\0\0\0qt  \0\0\0\x07moov\xff\xff\xff\xffmoov", size, b"")


def _write(file: BinaryIO, begin: bytes, size: int, end: bytes) -> None:
    """Samples that look like noise between the begin and the end of a file."""
    noise = random.Random(1).randbytes(_MEGABYTE)
    file.write(begin)
    file.writelines([noise] * (size // _MEGABYTE))
    file.write(end)


def _measure_best(measure: Callable[[], float]) -> float:
    """The least of a few rounds: whatever else the machine does only adds to it."""
    return min(measure() for _ in range(_ROUNDS))


def _adopt_orphans() -> None:
    """Workers outlive the program by a moment; what they took is counted where they are waited for."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1)


def _run(command: Sequence[str]) -> Cost:
    """Run a command and wait for everything that it started. Exits the program when the command failed."""
    begin, clock = _get_children_time(), time.perf_counter()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
    )
    seconds = time.perf_counter() - clock
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    return Cost(_get_children_time() - begin, seconds)


def _get_children_time() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    sys.exit(main())

"""What reading costs, one kind of work a line: the figures of docs/performance.md, with references of the same run.

`python -m benchmarks.cost_model [--files N]`. All figures are processor time, of this process or of a command and its
workers. The first line says how fast the machine is meanwhile.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import resource
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
import xxhash
from PIL import Image

from benchmarks.measure import digest_barely, find_program, time_processor
from benchmarks.one_writer import fill
from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.limits import DEFAULT
from provenance.model.asset import FingerprintLevel

_GB = 10**9
_LARGE = 500_000_000
"""Bytes of the large file."""
_SECONDS = 10
"""Seconds of the movie, in high definition."""
_IN_FOLDER = 500
_WORDS = b"A few words that are no prompt and no cut list, as the small files of a storage have them.\n" * 7
_ROWS = 5_000


def measure(work: Callable[[], object], times: int = 1) -> float:
    """Seconds of processor time of this process, the best of some times."""
    return min(time_processor(work) for _ in range(times))


def measure_command(command: Sequence[str]) -> float:
    """Seconds of processor time of a command with everything that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000, help="small files")
    count = parser.parse_args().files
    block = bytes(_GB // 10)
    sha = measure(lambda: hashlib.sha256(block), 3) * 10
    print(f"SHA-256 of 1 GB in memory: {sha:.2f} CPU-s; of 1 TB: {sha * 1000:.0f} CPU-s")
    both = measure(lambda: (hashlib.sha256(block), xxhash.xxh3_128(block)), 3) * 10
    print(f"with XXH3 beside it: {both:.2f} CPU-s")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure_bytes(folder)
        measure_files(folder / "small", folder / "small.db", count)
        measure_pictures(folder)
        seconds = fill(folder / "rows.db", _ROWS)
        print(f"recording a content: {seconds / _ROWS * 1e6:.0f} CPU-us")


def measure_bytes(folder: Path) -> None:
    """A large sound file, read whole, beside the digests of the same bytes."""
    large = folder / "large.wav"
    head = b"RIFF" + (_LARGE - 8).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\1\0\2\0\x80\xbb\0\0\0\xee\2\0\4\0\x10\0"
    with open(large, "wb") as file:
        file.write(head + b"data" + (_LARGE - 44).to_bytes(4, "little"))
        file.writelines(os.urandom(1 << 10) * 1024 for _ in range(_LARGE >> 20))
        file.truncate(_LARGE)
    alone = measure(lambda: digest_barely(large), 2)
    whole = measure(lambda: _read(large), 2)
    print(f"a file of 500 MB: {whole:.2f} CPU-s; its digests alone {alone:.2f}: ratio {alone / whole:.2f}")
    large.unlink()


def _read(path: Path, level: FingerprintLevel = FingerprintLevel.NONE) -> None:
    outcome = examine(ReadFile(os.fsencode(path), path.stat().st_size, level=level), DEFAULT)
    assert isinstance(outcome, FileRead), outcome


def measure_files(folder: Path, catalogue: Path, count: int) -> None:
    """Small files: the first ingest, and a night in which nothing changed, beside `find`."""
    for number in range(count):
        inside = folder / f"{number // _IN_FOLDER:05d}"
        inside.mkdir(parents=True, exist_ok=True)
        (inside / f"{number:07d}.txt").write_bytes(_WORDS + b"%d" % number)
    program = find_program()
    listed = measure_command(["find", str(folder), "-printf", "%p %s %T@\\n"])
    config = folder.with_suffix(".toml")
    config.write_text(f'catalogue = "{catalogue}"\n[[storage]]\nname = "small"\npath = "{folder}"\n')
    ingest = [program, "ingest", str(folder), "--catalogue", str(catalogue), "--fingerprints", "none", "--quiet"]
    first = measure_command([*ingest, "--jobs", "2"])
    print(f"first ingest of {count:,} files of 0.6 kB: {first:.1f} CPU-s, {first / count * 1e6:.0f} CPU-us a file")
    night = [program, "nightly", "--config", str(config), "--jobs", "2", "--quiet"]
    # The first night reads them again, for fingerprints.
    measure_command(night)
    unchanged = measure_command(night)
    times = unchanged / listed
    print(f"a night without change: {unchanged:.2f} CPU-s; find {listed:.2f}: {times:.1f} times, start included")


def measure_pictures(folder: Path) -> None:
    """What keeping something to be found again costs: a still and a movie, both of high definition."""
    movie, still = folder / "movie.mp4", folder / "still.png"
    generator = np.random.default_rng(1)
    ground = generator.integers(0, 255, (270, 480, 3), np.uint8).repeat(4, 0).repeat(4, 1)
    with av.open(str(movie), "w") as container:
        stream = container.add_stream("libx264", 24, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for number in range(_SECONDS * 24):
            moved = np.ascontiguousarray(np.roll(ground, number * 8, 1))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved, "rgb24")))
        container.mux(stream.encode(None))
    Image.fromarray(ground).save(still)
    for level in (FingerprintLevel.LIGHT, FingerprintLevel.FULL):
        _read(still, level)  # What it imports is no cost of a picture.
        one = measure(lambda: _read(still, level), 2)  # noqa: B023 - called at once
        ten = measure(lambda: _read(movie, level))  # noqa: B023 - likewise
        print(f"fingerprints, {level}: a still {one:.2f} CPU-s, a minute of a movie {ten / _SECONDS * 60:.1f} CPU-s")


if __name__ == "__main__":
    main()

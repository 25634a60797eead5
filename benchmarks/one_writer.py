"""What the one writer of a catalogue takes: rows a second, a backup beside it, and the tables out of it again.

`python -m benchmarks.one_writer [--rows N]`. All figures are processor time, so that others on the machine count less;
the first line says how fast the machine is meanwhile.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import os
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.measure import time_processor as measure
from provenance.catalogue.store import Catalogue
from provenance.catalogue.tables import TABLES, TableReader
from provenance.catalogue.verify import verify
from provenance.catalogue.writer import FoundReading
from provenance.model.asset import Asset, Location, Reading
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing
from provenance.reports.flat_formats import FORMATS

_NOW = "2026-01-01T12:00:00Z"
_STATEMENTS = 5
"""Of each content: what a picture of a camera has at least."""
_GENERATED = 20
"""One content in so many is generated."""
_IN_FOLDER = 200
"""Files of one folder."""
_IN_BATCH = 32
"""Files that are recorded together: as many as an ingest does."""


def make_reading(number: int) -> Reading:
    """A reading of an ordinary picture; some are generated."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    asset = Asset(f"sha256:{digest}", digest[:32], 1000 + number, "image/png", 1920, 1080)
    statements = [Statement("exif", f"IFD0 tag {field}", "Software", digest[field:20]) for field in range(_STATEMENTS)]
    evidence: tuple[Evidence, ...] = ()
    if number % _GENERATED == 0:
        detail = "parameters of a generator, with prompt and seed"
        evidence = (Evidence("a1111", "png", "tEXt", Origin.GENERATED, Standing.TRACE, "Generator", detail),)
    return Reading(asset, tuple(statements), evidence)


def _make_place(number: int) -> Location:
    name = b"reel_%05d/frame_%07d.png" % (number // _IN_FOLDER, number)
    return Location("/mnt/show", name.decode(), name)


def fill(path: Path, rows: int) -> float:
    """Add rows as an ingest does; returns seconds of processor time."""
    found = zip(map(_make_place, range(rows)), map(str, range(rows)), map(make_reading, range(rows)), strict=True)
    taken = 0.0
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", _NOW)
        while batch := [FoundReading(*row) for row in itertools.islice(found, _IN_BATCH)]:
            start = time.process_time()
            catalogue.add_all(batch, run, _NOW)
            taken += time.process_time() - start
        start = time.process_time()
        catalogue.end_run(run, _NOW, "done")
    return taken + time.process_time() - start


def export(path: Path, name: str, folder: Path) -> int:
    """Write every table; returns the bytes."""
    size = 0
    with TableReader.open(path) as reader:
        for table in TABLES:
            with open(folder / f"{table.name}{FORMATS[name].suffix}", "wb") as file:
                for piece in FORMATS[name].render(table, reader.read(table)):
                    size += file.write(piece)
    return size


def copy(path: Path, place: Path) -> None:
    """What `provenance backup` does before it verifies."""
    with Catalogue.open(path, write=False) as catalogue:
        catalogue.copy_to(place)


def main() -> None:
    """Print one line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    print(f"SHA-256 of 1 GB in memory: {measure(lambda: hashlib.sha256(bytes(10**9))):.2f} CPU-s")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "catalogue.db"
        seconds = fill(path, rows)
        size = os.path.getsize(path)
        print(f"{rows:,} rows: {seconds:.1f} CPU-s, {rows / seconds:,.0f} rows/s, {size / rows:,.0f} bytes a row")
        print(f"one writer takes {rows / seconds * 3600 / 1e6:.1f} million rows an hour")
        print(f"opening to write: {measure(lambda: Catalogue.open(path, write=True).close()):.2f} CPU-s")
        print(f"backup: {measure(lambda: copy(path, folder / 'copy.db')):.2f} CPU-s")
        print(f"verifying it: {measure(lambda: verify(folder / 'copy.db')):.1f} CPU-s")
        for format_name in FORMATS:
            written = [0]
            taken = measure(lambda: written.append(export(path, format_name, folder)))  # noqa: B023 - called at once
            print(f"export as {format_name}: {taken:.1f} CPU-s, {written[-1] / rows:,.0f} bytes a row")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory {peak:.0f} MiB")


if __name__ == "__main__":
    main()

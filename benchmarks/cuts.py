"""How long it takes to read a cut, to load what its sources may be, and to resolve every event.

    python -m benchmarks.cuts [--assets 200000] [--events 3000]

Builds a catalogue of so many assets, and cuts of so many and of ten times as many events, from a seed. Prints the
processor time of each step, and beside it how long OpenTimelineIO takes to read the same cut alone: as JSON, which is
its own format, and as an EDL where its adapter is installed (pip install otio-cmx3600-adapter).
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

from provenance.catalogue.store import Catalogue
from provenance.limits import DEFAULT
from provenance.media.source import source_from_bytes
from provenance.model.asset import Asset, Location, Reading
from provenance.model.vocabulary import Zone
from provenance.timecode import Clock
from provenance.timeline.interface import Cut, CutOptions
from provenance.timeline.readers.edl import Edl
from provenance.workflows.cut import CutFile, resolve_cuts
from provenance.workflows.cut_sources import load_known

_CLOCK = Clock(Fraction(24))
_HOUR = 86_400
_NOW = "2026-01-01T00:00:00Z"
Value = TypeVar("Value")


def name_clip(number: int) -> str:
    """A name as cameras give it."""
    return f"A{number // 1000:03}C{number % 1000:03}_26{number % 12 + 1:02}{number % 28 + 1:02}_R{number % 97:02}X.mov"


def build_catalogue(path: Path, assets: int) -> None:
    """A catalogue of clips, each with a start timecode."""
    with Catalogue.open(path, write=True) as catalogue:
        run = catalogue.begin_run("ingest", _NOW, "benchmark")
        for number in range(assets):
            start = f"{number % 24:02}:00:00:00"
            digest = f"sha256:{number:064x}"
            asset = Asset(digest, f"{number:032x}", 1_000, "video/quicktime", 1920, 1080, 60.0, None, "24", start)
            shown = f"day{number // 5_000}/{name_clip(number)}"
            location = Location("/volumes/show", shown, shown.encode(), Zone.EDITORIAL)
            catalogue.add(location, str(number), Reading(asset), run, _NOW)
        catalogue.end_run(run, _NOW, "done")


def build_edl(assets: int, events: int) -> bytes:
    """A list of one track that names clips of the catalogue."""
    rng = random.Random(events)
    lines = ["TITLE: benchmark", "FCM: NON-DROP FRAME", ""]
    at = _HOUR
    for number in range(1, events + 1):
        clip, length = rng.randrange(assets), rng.randint(10, 100)
        first = clip % 24 * _HOUR + rng.randrange(1_000)
        times = (first, first + length, at, at + length)
        lines.append(f"{number:06}  AX       V     C        {' '.join(map(_CLOCK.format, times))}")
        lines.append(f"* FROM CLIP NAME:  {name_clip(clip)}")
        at += length
    return "\n".join(lines).encode()


def measure(work: Callable[[], Value]) -> tuple[float, Value]:
    """Seconds of processor time, and the result."""
    begin = time.process_time()
    value = work()
    return time.process_time() - begin, value


def read_edl(data: bytes) -> list[Cut]:
    """The cuts of a list."""
    source = source_from_bytes(data, "benchmark.edl", DEFAULT)
    return [row for row in Edl().read(source, CutOptions(Fraction(24))) if isinstance(row, Cut)]


def measure_rival(folder: Path, data: bytes, cut: Cut) -> str:
    """Seconds that OpenTimelineIO takes to read the same cut, from its own format and from an EDL."""
    try:
        import opentimelineio as otio
    except ImportError:
        return "OpenTimelineIO is not installed"
    track = otio.schema.Track("V1")
    for event in cut.events:
        length = event.record_out - event.record_in
        shown = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 24), otio.opentime.RationalTime(length, 24))
        reference = otio.schema.ExternalReference(event.source.shown)
        track.append(otio.schema.Clip(event.source.shown, reference, shown))
    timeline = otio.schema.Timeline("benchmark")
    timeline.tracks.append(track)
    own, edl = folder / "cut.otio", folder / "cut.edl"
    otio.adapters.write_to_file(timeline, str(own))
    edl.write_bytes(data)
    json_seconds, _ = measure(partial(otio.adapters.read_from_file, str(own)))
    try:
        edl_seconds, _ = measure(partial(otio.adapters.read_from_file, str(edl), rate=24))
    except otio.exceptions.OTIOError:
        return f"OpenTimelineIO reads it from JSON in {json_seconds:.2f} s"
    return f"OpenTimelineIO reads it from JSON in {json_seconds:.2f} s, from the EDL in {edl_seconds:.2f} s"


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cuts")
    parser.add_argument("--assets", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=3_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build_catalogue(folder / "catalogue.db", arguments.assets)
        for events in (arguments.events, 10 * arguments.events):
            data = build_edl(arguments.assets, events)
            print(f"{events:,} events, {arguments.assets:,} assets: {measure_cut(folder, data)}")


def measure_cut(folder: Path, data: bytes) -> str:
    """What each step costs for one cut, and what its mere reading costs OpenTimelineIO."""
    read, cuts = measure(partial(read_edl, data))
    with Catalogue.open(folder / "catalogue.db", write=False) as catalogue:
        load, known = measure(partial(load_known, catalogue, cuts))
    files = [CutFile("benchmark.edl", "/", "", tuple(cuts), ())]
    resolve, resolved = measure(partial(resolve_cuts, files, known))
    tied = sum(use.digest is not None for use in resolved.uses)
    steps = f"{read + load + resolve:.2f} s (read {read:.2f}, load {load:.2f}, resolve {resolve:.2f}); {tied:,} tied"
    return f"{steps}. {measure_rival(folder, data, cuts[0])}"


if __name__ == "__main__":
    main()

"""Memory of a worker over a short and a long reel, and what an item takes: in the catalogue, in the index."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import av
import numpy as np

from benchmarks.matching import jobs, known, material, moves
from benchmarks.matching.material import RATE, Picture, Writer, draw, resize
from provenance.catalogue.store import Catalogue
from provenance.matching import search_index
from provenance.model.vocabulary import Origin

_LOADED = """
import sys, re
from provenance.fingerprint.pictures import parts_of, look_in
from provenance.matching.known import library
from provenance.matching.picture.verify import sightings
from provenance.fingerprint.shots import View
import numpy as np, cv2
def told(word):
    return int(re.search(word + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
gray = cv2.cvtColor(cv2.imread(sys.argv[2]), cv2.COLOR_BGR2GRAY)
view = View(0, gray, np.zeros((135, 240, 3), np.uint8))
view.features
empty = told("RssAnon"), told("RssFile")
sightings(view, library(sys.argv[1]), "")
print(*empty, told("RssAnon"), told("RssFile"), told("VmHWM"))
"""
"""Of a process that has searched the shelf once: memory of its own and of mapped files, before and after, MiB."""


def run(given: argparse.Namespace, folder: Path) -> int:
    """Scan the same minute played over and over, for a short and for a long time."""
    stills = folder / "known"
    stills.mkdir()
    for number in range(30):
        material.save(stills / f"still{number}s.jpg", draw(number))
    jobs.ingest(stills, folder / "known.db")
    with Writer(folder / "minute.mp4", bf="0") as writer:
        for shot in range(12):
            _write_frames(writer, _push_in(resize(draw(shot * 7)), 5 * RATE))
    peaks = []
    print("| reel of 1280 x 720 | matches | largest process, MiB | processor s |\n|---|---|---|---|")
    for minutes in given.minutes:
        path = folder / f"reel{minutes}.mp4"
        _loop(folder / "minute.mp4", path, minutes)
        scanned = jobs.scan(path, folder / "known.db")
        path.unlink()
        peaks.append(scanned.peak_mib)
        told = f"{len(jobs.list_matches(scanned))} | {scanned.peak_mib:.0f} | {scanned.seconds:.0f}"
        print(f"| {minutes} minutes | {told} |", flush=True)
    minute = (peaks[1] - peaks[0]) / (given.minutes[1] - given.minutes[0])
    print(f"\n{minute:.2f} MiB a minute: two hours would end at {peaks[1] + minute * (120 - given.minutes[1]):.0f} MiB")
    return 0


def _write_frames(writer: Writer, pictures: Iterator[Picture]) -> None:
    for picture in pictures:
        writer.put(picture)


def _push_in(picture: Picture, length: int) -> Iterator[Picture]:
    return (moves.view(picture, 1 + 0.1 * number / length, 0.5, 0.5) for number in range(length))


def _loop(minute: Path, path: Path, times: int) -> None:
    """The same packets again and again, at later times."""
    with av.open(str(path), "w") as out, av.open(str(minute)) as first:
        stream = out.add_stream_from_template(first.streams.video[0])
        for turn in range(times):
            with av.open(str(minute)) as container:
                for packet in container.demux(video=0):
                    if packet.dts is None or packet.pts is None or packet.time_base is None:
                        continue
                    later = int(60 * turn / packet.time_base)
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = stream
                    out.mux(packet)


def measure_bytes(given: argparse.Namespace, folder: Path) -> int:
    """Bytes of stills and of clips at both depths; disk and memory at two sizes, and what follows for 100,000."""
    random = np.random.default_rng(given.seed)
    to_know, _ = known.split_pictures(given.pictures, random)
    sources = folder / "sources"
    sources.mkdir()
    whole = itertools.chain(map(material.load, to_know), map(draw, itertools.count()))
    for number, picture in enumerate(itertools.islice(whole, 60)):
        material.save(sources / f"still{number}s.jpg", picture)
    with Writer(sources / "moving.mp4") as writer:
        place = moves.build_set(random, draw(1, 1920, 1080), [draw(2), draw(3)])
        _write_frames(writer, (place.frame(at / RATE, at / RATE / 30 - 1) for at in range(60 * RATE)))
    with Writer(sources / "slow.mp4") as writer:
        _write_frames(writer, _push_in(resize(draw(4)), 60 * RATE))
    print("| kept of | full, kB | light, kB |\n|---|---|---|")
    sizes = [_measure_sizes(sources, folder / f"{depth}.db", depth) for depth in ("full", "light")]
    for name in sizes[0]:
        print(f"| {name} | {sizes[0][name]:.0f} | {sizes[1][name]:.0f} |")
    _measure_index(given, folder, to_know, random)
    return 0


def _measure_sizes(sources: Path, catalogue: Path, depth: str) -> dict[str, float]:
    """KB of a still and of a minute of a clip."""
    jobs.ingest(sources, catalogue, depth)
    with Catalogue.open(catalogue, write=False) as opened:
        kept = {asset.path: len(one.data) / 1000 for asset, one in opened.fingerprints(set(Origin))}
    pictures = [size for path, size in kept.items() if path.endswith(".jpg")]
    largest = max(pictures)
    return {"a still, median": median(pictures), "a still, largest": largest} | {
        f"a minute of a clip, {path.removesuffix('.mp4')}": size for path, size in kept.items() if path.endswith(".mp4")
    }


def _measure_index(given: argparse.Namespace, folder: Path, to_know: list[Path], random: np.random.Generator) -> None:
    paths = known.make_catalogues(given.keep or folder, to_know, given.known, random)
    asked = folder / "asked.png"
    material.save(asked, resize(draw(99), 640, 360))
    print("\n| known stills, full | catalogue, MB | shelf, MB | a worker's own MiB | of it for these | mapped MiB |")
    print("|---" * 6 + "|")
    own: list[float] = []
    disk: list[float] = []
    for count, path in zip(given.known, paths, strict=True):
        laid = folder / f"shelf{count}"
        with Catalogue.open(path, write=False) as opened:
            search_index.write(str(laid), opened.fingerprints(set(Origin)))
        out = jobs.run_program([sys.executable, "-c", _LOADED, str(laid), str(asked)]).out
        before, _, after, mapped, _ = map(float, out.split())
        own.append(after - before)
        disk.append(path.stat().st_size / 1e6)
        large = laid.stat().st_size / 1e6
        print(
            f"| {count} | {disk[-1]:.0f} | {large:.0f} | {after:.0f} | {after - before:.0f} | {mapped:.0f} |",
            flush=True,
        )
    more = given.known[1] - given.known[0]
    item, stored = (own[1] - own[0]) / more, (disk[1] - disk[0]) / more
    print(f"\nan item: {stored * 1000:.1f} kB of catalogue, {item * 1024:.1f} KiB of every worker's own memory; "
          f"100,000 items: {stored * 100:.1f} GB of catalogue, as much again while scanning, and "
          f"{own[1] / 1024 + item * (100_000 - given.known[1]) / 1024:.1f} GiB in every worker")  # fmt: skip

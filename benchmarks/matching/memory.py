"""Memory of a worker over a short and a long movie, and what an item takes: in the catalogue, in the index."""

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
from provenance.matching import write_index
from provenance.model.vocabulary import Origin

_MINUTE = 60 * RATE
"""Frames of a minute."""
_SHOTS = 12
"""Shots in the minute that is repeated, 5 s each."""
_KNOWN_STILLS = 30
_MEASURED_STILLS = 60
"""Stills whose stored size is measured."""
_FEATURE = 120
"""Minutes to which the memory is extrapolated."""
_LARGE_CATALOGUE = 100_000
"""Stills to which the sizes are extrapolated."""

_SEARCH_ONCE = """
import re, sys
import cv2, numpy as np
from provenance.fingerprint.shots import Keyframe
from provenance.matching.known import load_pictures
from provenance.matching.picture.verify import verify_candidates

def read_mib(name):
    return int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

gray = cv2.cvtColor(cv2.imread(sys.argv[2]), cv2.COLOR_BGR2GRAY)
keyframe = Keyframe(0, gray, np.zeros((135, 240, 3), np.uint8))
keyframe.features
before = read_mib("RssAnon")
verify_candidates(keyframe, load_pictures(sys.argv[1]))
print(before, read_mib("RssAnon"), read_mib("RssFile"))
"""
"""A process that searches an index once. Prints MiB: its own memory before and after, and that of mapped files."""


def run(options: argparse.Namespace, folder: Path) -> int:
    """Scan the same minute played over and over, for a short and for a long time."""
    stills = folder / "known"
    stills.mkdir()
    for number in range(_KNOWN_STILLS):
        material.save(stills / f"still{number}s.jpg", draw(number))
    jobs.ingest(stills, folder / "known.db")
    # Without B-frames, so that the packets can be repeated as they are.
    with Writer(folder / "minute.mp4", bf="0") as writer:
        for shot in range(_SHOTS):
            _write_frames(writer, _push_in(resize(draw(shot * 7)), _MINUTE // _SHOTS))
    peaks = []
    print("| movie of 1280 x 720 | matches | largest process, MiB | processor s |\n|---|---|---|---|")
    for minutes in options.minutes:
        path = folder / f"reel{minutes}.mp4"
        _repeat(folder / "minute.mp4", path, minutes)
        scanned = jobs.scan(path, folder / "known.db")
        path.unlink()
        peaks.append(scanned.peak_mib)
        count = len(jobs.list_matches(scanned))
        print(f"| {minutes} minutes | {count} | {scanned.peak_mib:.0f} | {scanned.seconds:.0f} |", flush=True)
    short, long = options.minutes
    per_minute = (peaks[1] - peaks[0]) / (long - short)
    feature = peaks[1] + per_minute * (_FEATURE - long)
    print(f"\n{per_minute:.2f} MiB a minute: two hours would end at {feature:.0f} MiB")
    return 0


def _write_frames(writer: Writer, pictures: Iterator[Picture]) -> None:
    for picture in pictures:
        writer.write(picture)


def _push_in(picture: Picture, length: int) -> Iterator[Picture]:
    return (moves.view(picture, 1 + 0.1 * number / length, 0.5, 0.5) for number in range(length))


def _repeat(minute: Path, path: Path, times: int) -> None:
    """Write the same packets again and again, at later times: a long movie without encoding it."""
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


def measure_bytes(options: argparse.Namespace, folder: Path) -> int:
    """Bytes of stills and clips at both levels; disk and memory of two catalogues, and what follows for 100,000."""
    random = np.random.default_rng(options.seed)
    to_know, _ = known.split_pictures(options.pictures, random)
    sources = folder / "sources"
    sources.mkdir()
    pictures = itertools.chain(map(material.load, to_know), map(draw, itertools.count()))
    for number, picture in enumerate(itertools.islice(pictures, _MEASURED_STILLS)):
        material.save(sources / f"still{number}s.jpg", picture)
    film_set = moves.build_set(random, draw(1, 1920, 1080), [draw(2), draw(3)])
    with Writer(sources / "moving.mp4") as writer:
        _write_frames(writer, (film_set.render(frame / RATE, frame / RATE / 30 - 1) for frame in range(_MINUTE)))
    with Writer(sources / "slow.mp4") as writer:
        _write_frames(writer, _push_in(resize(draw(4)), _MINUTE))
    full = _measure_sizes(sources, folder / "full.db", "full")
    light = _measure_sizes(sources, folder / "light.db", "light")
    print("| stored of | full, kB | light, kB |\n|---|---|---|")
    for name in full:
        print(f"| {name} | {full[name]:.0f} | {light[name]:.0f} |")
    _measure_index(options, folder, to_know, random)
    return 0


def _measure_sizes(sources: Path, catalogue: Path, level: str) -> dict[str, float]:
    """KB of a still and of a minute of a clip."""
    jobs.ingest(sources, catalogue, level)
    stills: list[float] = []
    clips: dict[str, float] = {}
    with Catalogue.open(catalogue, write=False) as opened:
        for asset, fingerprint in opened.fingerprints(set(Origin)):
            kilobytes = len(fingerprint.data) / 1000
            if asset.path.endswith(".jpg"):
                stills.append(kilobytes)
            else:
                clips[f"a minute of a clip, {asset.path.removesuffix('.mp4')}"] = kilobytes
    return {"a still, median": median(stills), "a still, largest": max(stills), **clips}


def _measure_index(options: argparse.Namespace, folder: Path, to_know: list[Path], random: np.random.Generator) -> None:
    """Print what two catalogues take on disk and in a worker, and extrapolate."""
    catalogues = known.make_catalogues(options.keep or folder, to_know, options.known, random)
    picture = folder / "asked.png"
    material.save(picture, resize(draw(99), 640, 360))
    print(
        "\n| known stills, full | catalogue, MB | index file, MB | a worker's own MiB | of it for these | mapped MiB |"
    )
    print("|---" * 6 + "|")
    own: list[float] = []
    disk: list[float] = []
    for count, path in zip(options.known, catalogues, strict=True):
        index = folder / f"index{count}"
        with Catalogue.open(path, write=False) as opened:
            stored = opened.list_fingerprints(set(Origin))
            write_index.write_beside(str(index), path, stored, folder / f"segments{count}")
        out = jobs.run_program([sys.executable, "-c", _SEARCH_ONCE, str(index), str(picture)]).out
        before, after, mapped = map(float, out.split())
        own.append(after - before)
        disk.append(path.stat().st_size / 1e6)
        segments = sum(file.stat().st_size for file in (folder / f"segments{count}").iterdir())
        file_size = (index.stat().st_size + segments) / 1e6
        print(
            f"| {count} | {disk[-1]:.0f} | {file_size:.0f} | {after:.0f} | {after - before:.0f} | {mapped:.0f} |",
            flush=True,
        )
    smaller, larger = options.known
    own_an_item = (own[1] - own[0]) / (larger - smaller)
    disk_an_item = (disk[1] - disk[0]) / (larger - smaller)
    large_disk = disk_an_item * _LARGE_CATALOGUE / 1000
    large_own = (own[1] + own_an_item * (_LARGE_CATALOGUE - larger)) / 1024
    print(f"\nan item: {disk_an_item * 1000:.1f} kB of catalogue, "
          f"{own_an_item * 1024:.1f} KiB of every worker's own memory; 100,000 items: "
          f"{large_disk:.1f} GB of catalogue, "
          f"and {large_own:.1f} GiB in every worker")  # fmt: skip

"""A look at an index of a thousand stills and at one of a hundred thousand: time, memory, disk."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import jobs, known, material
from benchmarks.matching.material import draw, resize
from provenance.catalogue.store import Catalogue
from provenance.fingerprint import pictures
from provenance.matching import array_file, index_file
from provenance.matching.array_file import Arrays
from provenance.matching.picture.segments import SegmentBuilder
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

_REAL = 100
"""Stills that everything is made of."""
_SEGMENT = 10_000
"""Stills of a segment: about as many as a large one has."""
_FLIPPED = 26
"""Bits of 64 that are flipped in the signatures of a filler, some twice: as far from each other as real ones."""
_LOOKS = 24
"""Pictures that are looked for, half of them known."""
_POSTING_COLUMNS = ("items", "signatures", "scales", "angles", "places")

_LOOK = """
import json, re, sys, time
import cv2, numpy as np
from provenance.fingerprint.shots import Keyframe
from provenance.matching.known import load_pictures
from provenance.matching.picture.verify import verify_candidates

def read_mib(name):
    return int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

def look(path):
    gray = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2GRAY)
    keyframe = Keyframe(0, gray, np.zeros((135, 240, 3), np.uint8))
    start = time.process_time()
    keyframe.features
    features = time.process_time() - start
    index.index.find_candidates(keyframe.features, 24)
    candidates = time.process_time() - start - features
    found = verify_candidates(keyframe, index)
    whole = time.process_time() - start - candidates
    return features, candidates, whole, [index.items[one.item].known.digest for one in found if one.is_match]

before = read_mib("RssAnon")
start = time.process_time()
index = load_pictures(sys.argv[1])
loaded = time.process_time() - start
look(sys.argv[2])
rows = [look(path) for path in sys.argv[2:]]
print(json.dumps([loaded, read_mib("RssAnon") - before, read_mib("RssAnon"), read_mib("RssFile"), rows]))
"""
"""A process that loads an index and looks at pictures. Prints seconds, own and mapped MiB, and the looks."""


def run(options: argparse.Namespace, folder: Path) -> int:
    """Print a table with one line an index, and what the larger one costs beside the smaller."""
    random = np.random.default_rng(options.seed)
    to_know, to_show = known.split_pictures(options.pictures, random)
    stills = list(known.make_crops(to_know, _REAL))
    catalogue = folder / "known.db"
    packed = [pictures.pack("picture", [known.fingerprint_picture(still)]) for still in stills]
    known.fill_catalogue(catalogue, packed)
    asked = _write_pictures(folder, stills, to_show, random)
    builder = SegmentBuilder()
    for fingerprint in packed:
        builder.add(fingerprint.data)
    real = builder.make_arrays()
    looks: list[float] = []
    print("| stills | index, kB a still | load, s | candidates, ms | a look, ms | own MiB | mapped MiB | found |")
    print("|---" * 8 + "|")
    for count in options.known:
        index = folder / f"index{count}"
        size = _write_index(index, catalogue, real, count, random)
        out = jobs.run_program([sys.executable, "-c", _LOOK, str(index), *map(str, asked)]).out
        loaded, _, own, mapped, rows = json.loads(out)
        candidates = median(row[1] for row in rows) * 1000
        found = sum(f"sha256:{number}" in row[3] for number, row in enumerate(rows[: _LOOKS // 2]))
        false = sum(bool(row[3]) for row in rows[_LOOKS // 2 :])
        look = median(row[2] for row in rows) * 1000
        looks.append(look)
        print(
            f"| {count:,} | {size / count / 1000:.1f} | {loaded:.2f} | {candidates:.1f} | {look:.0f} | {own:.0f} "
            f"| {mapped:.0f} | {found} of {_LOOKS // 2}, {false} false |",
            flush=True,
        )
    print(f"\na look at the larger one: {looks[-1] / looks[0]:.2f} times one at the smaller")
    return 0


def _write_pictures(
    folder: Path, stills: list[material.Picture], to_show: list[Path], random: np.random.Generator
) -> list[Path]:
    """Known stills cropped and small, then unknown ones."""
    paths = []
    for number in range(_LOOKS):
        if number < _LOOKS // 2:
            picture = material.crop(stills[number], 0.7, *random.random(2))
        else:
            picture = material.load(to_show[number]) if number < len(to_show) else draw(60_000 + number)
        paths.append(material.save(folder / f"asked{number}.png", resize(picture, 640, 360)))
    return paths


def _write_index(path: Path, catalogue: Path, real: Arrays, count: int, random: np.random.Generator) -> int:
    """Write an index of `count` stills: the real ones, and fillers made of them. Returns the bytes of its files."""
    with Catalogue.open(catalogue, write=False) as opened:
        rows = list(opened.list_fingerprints(set(Origin)))
    size = 0
    with open(path, "xb") as file:
        table = index_file.TableWriter(file, catalogue)
        for first in range(0, count, _SEGMENT):
            stills = min(_SEGMENT, count - first)
            segment = path.with_name(f"{path.name}.{first}")
            with open(segment, "xb") as segment_file:
                arrays = _make_segment(real, stills, random, keep_first=first == 0)
                array_file.write_arrays(segment_file, arrays)
            table.refer_to_segment(str(segment))
            size += segment.stat().st_size
            for number in range(first, first + stills):
                row = rows[number % len(rows)]
                table.add(
                    Known(f"sha256:{number}", f"still{number}.jpg", Origin.UNKNOWN), "picture", row.row, row.size, 1
                )
        table.finish()
    return size + path.stat().st_size


def _make_segment(real: Arrays, stills: int, random: np.random.Generator, *, keep_first: bool) -> Arrays:
    """A segment of `stills` pictures: copies of the real ones, whose postings go to other pictures at other places."""
    copies = -(-stills // _REAL)
    cells = np.repeat(np.arange(len(real["starts"]) - 1, dtype=np.uint32), np.diff(real["starts"]))
    columns: dict[str, list[NDArray[np.generic]]] = {"cells": [], **{name: [] for name in _POSTING_COLUMNS}}
    for copy in range(copies):
        rows = {name: real[name].copy() for name in _POSTING_COLUMNS}
        if not (keep_first and copy == 0):
            # Each keypoint goes to a picture at random: nothing but single words is like that of a real one.
            rows["items"] = random.integers(0, _REAL, len(cells)).astype(np.uint32)
            rows["places"] = random.permutation(rows["places"])
            flips = random.integers(0, 64, (len(cells), _FLIPPED)).astype(np.uint64)
            for column in flips.T:
                rows["signatures"] ^= np.left_shift(np.uint64(1), column)
        rows["items"] = rows["items"] + np.uint32(copy * _REAL)
        columns["cells"].append(cells)
        for name in _POSTING_COLUMNS:
            columns[name].append(rows[name])
    order = np.argsort(np.concatenate(columns.pop("cells")), kind="stable")
    arrays: Arrays = {name: np.concatenate(parts)[order] for name, parts in columns.items()}
    arrays["starts"] = (real["starts"].astype(np.int64) * copies).astype(np.uint32)
    hashes = random.integers(0, 2**63, (stills, 4)).astype(np.uint64)
    hashes[: len(real["hashes"])] = real["hashes"][:stills]
    arrays["hashes"] = hashes
    arrays["contours"] = random.permutation(hashes)
    for name in ("part_starts", "part_sizes", "qualities", "counts"):
        arrays[name] = np.resize(real[name], stills)
    return arrays

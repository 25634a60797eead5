"""Known stills under hard edits, in cuts between unrelated shots under the same edits, beside PDQ a frame.

What was made can be kept and scanned again with the rules of another day: nothing is rendered or ingested anew.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import shutil
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks.matching import jobs
from benchmarks.matching.edits import Moment
from benchmarks.matching.hard_edits import HARD_EDITS, MOVING
from benchmarks.matching.material import RATE, Picture, Writer, load, resize
from benchmarks.matching.recall import Codes, Material, compute_codes, find_by_pdq, make_material
from benchmarks.matching.score import Score, Shot, print_hard_tables, select_within

_SHORTEST_SHOT = 18
"""Frames."""
_LONGEST_SHOT = 34
"""Frames, exclusive: a second on average, as in a trailer. Longer shots are searched no more often."""
_WORKERS = 2
"""Worker processes of the program."""
_UNRELATED_IN_MOVIE = 50
"""Shots of a movie in which nothing is known."""


class _Plan(NamedTuple):
    """A shot that is to be made."""

    edit: str
    known: str
    """Stem of the known still; empty for an unrelated picture."""


def run(options: argparse.Namespace, folder: Path) -> int:
    """Make the movies or take those that were kept, scan them in one run, and print the tables."""
    kept = options.again or options.keep or folder / "kept"
    if not options.again:
        _make(options, folder, kept)
    # A copy: what a scan has found is kept in its catalogue, and found again without a search.
    catalogue = folder / "scanned.db"
    shutil.copy(kept / "known.db", catalogue)
    score = Score()
    _judge(kept, catalogue, score, options.only)
    return print_hard_tables(score, [("edit", name) for name in HARD_EDITS])


def _make(options: argparse.Namespace, folder: Path, kept: Path) -> None:
    """Write the catalogue of the known, and every movie with what is in it."""
    random = np.random.default_rng(options.seed)
    stock = make_material(folder, options, random)
    # Stills alone are shown here.
    for path in stock.clips:
        path.unlink()
    stock.clips.clear()
    (kept / "reels").mkdir(parents=True, exist_ok=True)
    jobs.ingest(stock.folder, kept / "known.db", workers=_WORKERS)
    codes = compute_codes(stock)
    for number, plans in enumerate(_plan_movies(options, stock, random)):
        path = kept / "reels" / f"reel{number:02d}.mp4"
        shots = _write_movie(path, plans, stock, random)
        hashed = _find_by_pdq(path, shots, codes)
        description = {"shots": [dataclasses.asdict(shot) for shot in shots], "hashed": hashed}
        (kept / f"{path.stem}.json").write_text(json.dumps(description))
        print(f"{path.stem}: {len(shots)} shots, {shots[-1].end / RATE:.0f} s", flush=True)


def _plan_movies(options: argparse.Namespace, stock: Material, random: np.random.Generator) -> list[list[_Plan]]:
    """Each movie has every edit of a known still once, each between unrelated shots; the last have unrelated ones only.

    No two movies show the same still under the same edit.
    """
    names = [name for name in HARD_EDITS if _is_wanted(name, options.only)]
    stills = [path.stem for path in stock.stills]
    order = np.random.default_rng(3).permutation(len(stills)).tolist()
    movies = []
    unrelated = 0
    for number in range(options.rounds):
        uses = []
        for turn, name in enumerate(names, number * len(names)):
            uses.append(_Plan(name, stills[order[turn % len(stills)]]))
        random.shuffle(uses)
        plans = []
        for edit, known in uses:
            plans += [_Plan(str(random.choice(names)), ""), _Plan(edit, known)]
        unrelated += len(uses)
        movies.append(plans)
    while unrelated < options.unrelated:
        count = min(_UNRELATED_IN_MOVIE, options.unrelated - unrelated)
        turns = range(unrelated, unrelated + count)
        movies.append([_Plan(names[turn % len(names)], "") for turn in turns])
        unrelated += count
    return movies


def _is_wanted(name: str, only: list[str]) -> bool:
    """Whether an edit is among those asked for, by any part of its name; all are if none was named."""
    return not only or any(part in name for part in only)


def _write_movie(path: Path, plans: list[_Plan], stock: Material, random: np.random.Generator) -> list[Shot]:
    shots = []
    with Writer(path, crf=str(int(random.integers(18, 27)))) as writer:
        for plan in plans:
            first = writer.frames
            picture = stock.choose_unrelated(random)
            if plan.known:
                picture = load(stock.folder / f"{plan.known}.jpg")
            _write_shot(writer, plan.edit, picture, stock, random)
            kind = "edit" if plan.known else "unrelated"
            shots.append(Shot(kind, plan.edit, plan.known, first, writer.frames))
    return shots


def _write_shot(writer: Writer, name: str, picture: Picture, stock: Material, random: np.random.Generator) -> None:
    edit = HARD_EDITS[name]
    behind, dice = resize(stock.choose_unrelated(random)), random.random(8)
    length = int(random.integers(_SHORTEST_SHOT, _LONGEST_SHOT))
    held: Picture | None = None
    for number in range(length):
        if held is None or name in MOVING:
            held = edit(picture, Moment(number / (length - 1), number, behind, dice))
        writer.write(held)


def _find_by_pdq(path: Path, shots: list[Shot], codes: Codes) -> list[list[str]]:
    """Stems that PDQ finds, shot by shot."""
    hashed = find_by_pdq(path, shots, codes)
    return [sorted(hashed[shot]) for shot in shots]


def _load_description(path: Path) -> tuple[list[Shot], list[list[str]]]:
    description = json.loads(path.read_text())
    return [Shot(**shot) for shot in description["shots"]], description["hashed"]


def _judge(kept: Path, catalogue: Path, score: Score, only: list[str]) -> None:
    """Scan all movies at once and judge their shots, those of the edits that are asked for."""
    scanned = jobs.scan(kept / "reels", catalogue, _WORKERS)
    found = jobs.list_matches_by_file(scanned)
    tried = 0
    for path in sorted(kept.glob("reel*.json")):
        shots, hashed = _load_description(path)
        for shot, stems in zip(shots, hashed, strict=True):
            if _is_wanted(shot.name, only):
                tried += 1
                score.add(shot, select_within(shot, found.get(path.stem, [])), set(stems))
    print(f"{tried} shots", flush=True)


def render_samples(folder: Path, pictures: list[Path]) -> None:
    """Save a frame of every edit, to look at: of each picture in turn, before the next one."""
    folder.mkdir(parents=True, exist_ok=True)
    pairs = itertools.cycle(itertools.pairwise([*pictures, pictures[0]]))
    for (name, edit), (one, other) in zip(HARD_EDITS.items(), pairs, strict=False):
        dice = np.random.default_rng(len(name)).random(8)
        frame = edit(load(one), Moment(0.5, 20, resize(load(other)), dice))
        cv2.imwrite(str(folder / f"{name.replace(' ', '-').replace('%', 'percent')}.jpg"), frame)

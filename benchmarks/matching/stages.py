"""Where the time of a search goes: a movie is searched in this very process, with a clock around each stage."""

from __future__ import annotations

import functools
import inspect
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import cv2

from provenance.catalogue.store import Catalogue
from provenance.decode import frames
from provenance.decode.movie import MovieStream
from provenance.fingerprint import features, shot_detection
from provenance.limits import Limits
from provenance.matching import known, search, write_index
from provenance.matching.picture import disguises, localise, track, verdict, verify
from provenance.matching.picture.index import PictureIndex
from provenance.media.source import source_from_bytes
from provenance.model.match import Match
from provenance.model.vocabulary import Origin

P = ParamSpec("P")
R = TypeVar("R")

_STAGES: tuple[tuple[str, Any, str], ...] = (
    ("decode", MovieStream, "_decode_frames"),
    ("thumbnails of frames", frames, "make_luma_thumbnail"),
    ("shot boundaries", shot_detection, "_is_shot_boundary"),
    ("keyframes shrunk", frames, "to_gray"),
    ("keyframes shrunk", frames, "to_rgb"),
    ("choice of keyframes", track, "select_keyframes"),
    ("keypoints", features, "extract_features"),
    ("candidates by keypoints", PictureIndex, "find_candidates"),
    ("candidates by hash", verify, "find_by_hash"),
    ("warps", verify, "estimate_warp"),
    ("guided pairs", verify, "match_under_warp"),
    ("blocks", verify, "warp_back"),
    ("blocks", verify, "check_blocks"),
    ("parts", verify, "find_region"),
    ("disguises", track, "find_disguised"),
    ("disguises", disguises, "find_by_hash"),
    ("in and out points", localise, "find_in_and_out"),
    ("verdict and motion", verdict, "_check_motion"),
    ("verdict and motion", track, "judge"),
)
"""What is measured, and the function that does it, where its callers look it up."""


class Clock:
    """Processor time by stage; what a stage calls that is a stage itself counts there alone."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.calls: Counter[str] = Counter()
        self._running = ["everything else"]
        self._since = time.process_time()

    def switch(self, stage: str | None) -> None:
        """Begin a stage, or end the one that runs: None."""
        now = time.process_time()
        self.seconds[self._running[-1]] += now - self._since
        self._since = now
        if stage is None:
            self._running.pop()
            return
        self._running.append(stage)
        self.calls[stage] += 1

    def wrap(self, stage: str, function: Callable[P, R]) -> Callable[P, R]:
        """The function, with its time counted."""

        @functools.wraps(function)
        def measured(*args: P.args, **options: P.kwargs) -> R:
            self.switch(stage)
            try:
                return function(*args, **options)
            finally:
                self.switch(None)

        return measured

    def wrap_iterator(self, stage: str, function: Callable[P, Iterator[R]]) -> Callable[P, Iterator[R]]:
        """The same for a function that gives its results one by one."""

        @functools.wraps(function)
        def measured(*args: P.args, **options: P.kwargs) -> Iterator[R]:
            rows = function(*args, **options)
            while True:
                self.switch(stage)
                try:
                    row = next(rows)
                except StopIteration:
                    return
                finally:
                    self.switch(None)
                yield row

        return measured


def measure(movie: Path, catalogue: Path, folder: Path, end: float = math.inf) -> tuple[Clock, list[Match]]:
    """Search a movie for everything that a catalogue knows, up to `end` seconds, with a clock around each stage."""
    cv2.setNumThreads(1)
    path = str(folder / f"{movie.stem}-{catalogue.stem}.index")
    with Catalogue.open(catalogue, write=False) as opened:
        stored = opened.list_fingerprints(set(Origin))
        index = write_index.write_beside(path, catalogue, stored, folder / f"{catalogue.stem}.segments")
    source = source_from_bytes(movie.read_bytes(), movie.name, Limits())
    # A first frame searched loads what every search needs, once in a process.
    list(search.search_range(source, index, 0.0, 0.1))
    plain = {(owner, name): getattr(owner, name) for _, owner, name in _STAGES}
    clock = Clock()
    try:
        for stage, owner, name in _STAGES:
            wrap = clock.wrap_iterator if inspect.isgeneratorfunction(plain[owner, name]) else clock.wrap
            setattr(owner, name, wrap(stage, plain[owner, name]))
        clock.switch("everything else")
        rows = list(search.search_range(source, index, 0.0, end))
        clock.switch(None)
    finally:
        for (owner, name), function in plain.items():
            setattr(owner, name, function)
    known.load_pictures.cache_clear()
    return clock, [row for row in rows if isinstance(row, Match)]


def print_table(title: str, clock: Clock, decode_seconds: float) -> None:
    """Print the stages, the dearest first. `decode_seconds`: what a plain decode of the same takes."""
    total = sum(clock.seconds.values())
    print(f"\n| {title}: {total / decode_seconds:.2f} plain decodes | processor s | × plain decode | times |")
    print("|---|---|---|---|")
    for stage, seconds in sorted(clock.seconds.items(), key=lambda row: -row[1]):
        print(f"| {stage} | {seconds:.2f} | {seconds / decode_seconds:.2f} | {clock.calls[stage]} |", flush=True)

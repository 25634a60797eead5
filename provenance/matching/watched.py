"""A deliverable shown to a watcher: a picture at once, a moving picture shot by shot."""

from __future__ import annotations

import math
from collections.abc import Iterator

import av.error

from provenance.fingerprint import shot_detection
from provenance.fingerprint.looks import View, Watcher
from provenance.media.decode import stills
from provenance.media.decode.animation import animation_in
from provenance.media.decode.av_container import opened_media
from provenance.media.decode.errors import Unseen, undecodable
from provenance.media.decode.interface import Moving
from provenance.media.decode.movie import reel_in
from provenance.media.decode.sequence import Strip
from provenance.media.kinds import is_moving, is_picture
from provenance.media.source import Source
from provenance.model import Match, Trouble


def watched(source: Source, watcher: Watcher) -> Iterator[Match | Trouble]:
    """What is known in a picture or a moving picture, and what could not be looked at. Nothing for anything else."""
    watcher.done()  # whatever a failed look left behind
    try:
        if moving := animation_in(source):
            yield from _watched(moving, watcher, source.digest)
        elif stills.shows(source.media_type):
            yield from watcher.picture(View(0, *stills.read(source)), source.digest)
        elif is_moving(source.media_type):
            yield from _reel(source, watcher)
        elif is_picture(source.media_type):
            raise stills.unsupported(source)
    except Unseen as fault:
        yield fault.trouble


def watched_stretch(source: Source, watcher: Watcher, start: float, end: float) -> Iterator[Match | Trouble]:
    """What is known in a movie between two times, in seconds from its first frame."""
    watcher.done()
    try:
        yield from _reel(source, watcher, start, end)
    except Unseen as fault:
        yield fault.trouble


def watched_strip(strip: Strip, watcher: Watcher, digest: str) -> Iterator[Match | Trouble]:
    """What is known in a frame sequence, with the numbers of its frames; `digest` names the sequence."""
    watcher.done()
    for row in _watched(strip, watcher, digest):
        yield strip.numbered(row) if isinstance(row, Match) else row


def _reel(source: Source, watcher: Watcher, start: float = 0.0, end: float = math.inf) -> Iterator[Match | Trouble]:
    try:
        with opened_media(source) as container:
            if reel := reel_in(container, source, start, end):
                yield from _watched(reel, watcher, source.digest)
                return
    except (av.error.FFmpegError, ValueError) as error:
        yield undecodable(error).trouble
    yield from watcher.done()


def _watched(moving: Moving, watcher: Watcher, digest: str) -> Iterator[Match | Trouble]:
    for shot in shot_detection.shots(moving):
        watcher.shot(shot, digest)
    yield from moving.troubles
    yield from watcher.done()

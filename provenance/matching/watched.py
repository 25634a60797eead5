"""A deliverable shown to a watcher: a picture at once, a moving picture shot by shot."""

from __future__ import annotations

import math
from collections.abc import Iterator

import av.error

from provenance.fingerprint import shot_detection
from provenance.fingerprint.features import GRAY_SIDE
from provenance.fingerprint.looks import Keyframe, Watcher
from provenance.fingerprint.pictures import THUMBNAIL_SIDE
from provenance.media.decode import stills
from provenance.media.decode.animation import find_animation
from provenance.media.decode.av_container import open_media
from provenance.media.decode.errors import DecodeError, decode_error
from provenance.media.decode.interface import MovingPicture
from provenance.media.decode.movie import find_movie_stream
from provenance.media.decode.sequence import FrameSequenceStream
from provenance.media.kinds import is_moving, is_picture
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.match import Match


def watched(source: Source, watcher: Watcher) -> Iterator[Match | Trouble]:
    """What is known in a picture or a moving picture, and what could not be looked at. Nothing for anything else."""
    watcher.done()  # whatever a failed look left behind
    try:
        if moving := find_animation(source):
            yield from _watched(moving, watcher, source.digest)
        elif stills.can_decode(source.media_type):
            yield from watcher.picture(
                Keyframe(0, *stills.decode_gray_and_thumbnail(source, GRAY_SIDE, THUMBNAIL_SIDE)), source.digest
            )
        elif is_moving(source.media_type):
            yield from _reel(source, watcher)
        elif is_picture(source.media_type):
            raise stills.unsupported(source)
    except DecodeError as fault:
        yield fault.trouble


def watched_stretch(source: Source, watcher: Watcher, start: float, end: float) -> Iterator[Match | Trouble]:
    """What is known in a movie between two times, in seconds from its first frame."""
    watcher.done()
    try:
        yield from _reel(source, watcher, start, end)
    except DecodeError as fault:
        yield fault.trouble


def watched_strip(strip: FrameSequenceStream, watcher: Watcher, digest: str) -> Iterator[Match | Trouble]:
    """What is known in a frame sequence, with the numbers of its frames; `digest` names the sequence."""
    watcher.done()
    for row in _watched(strip, watcher, digest):
        yield strip.numbered(row) if isinstance(row, Match) else row


def _reel(source: Source, watcher: Watcher, start: float = 0.0, end: float = math.inf) -> Iterator[Match | Trouble]:
    try:
        with open_media(source) as container:
            if reel := find_movie_stream(container, source, start, end):
                yield from _watched(reel, watcher, source.digest)
                return
    except (av.error.FFmpegError, ValueError) as error:
        yield decode_error(error).trouble
    yield from watcher.done()


def _watched(moving: MovingPicture, watcher: Watcher, digest: str) -> Iterator[Match | Trouble]:
    for shot in shot_detection.shots(moving):
        watcher.shot(shot, digest)
    yield from moving.troubles
    yield from watcher.done()

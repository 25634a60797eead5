"""The search of one deliverable for everything in the search index: a picture at once, a movie shot by shot, its sound.

Runs in workers. The index travels to them as the path of one file (`SearchIndex`), which each worker maps and loads
once; what it takes to search is imported here, and the parent never imports this module.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import av.error

from provenance.decode import stills
from provenance.decode.animation import find_animation
from provenance.decode.av_container import open_essence
from provenance.decode.errors import DecodeError, make_decode_error
from provenance.decode.interface import MovingPicture
from provenance.decode.movie import count_moving_pictures, find_movie_stream, name_moving_picture
from provenance.decode.sequence import FrameSequenceStream
from provenance.fingerprint import audio_tracks, shot_detection
from provenance.fingerprint.features import GRAY_SIDE
from provenance.fingerprint.pictures import THUMBNAIL_SIDE
from provenance.fingerprint.shots import Keyframe
from provenance.matching import known
from provenance.matching.audio import match_audio
from provenance.matching.picture import track
from provenance.matching.search_index import SearchIndex
from provenance.media.source import Source
from provenance.media.types import has_demuxer, has_sound, is_moving, is_picture
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.timecode import StartTimecode


def search_picture(source: Source, index: SearchIndex) -> Iterator[Match | Trouble]:
    """Find known material in a still, an animation or a whole movie. Yields nothing for a file that shows nothing."""
    if not index.has_pictures:
        return
    try:
        if animation := find_animation(source):
            yield from _search_shots(animation, index, source.digest)
        elif stills.can_decode(source.media_type):
            keyframe = Keyframe(0, *stills.decode_gray_and_thumbnail(source, GRAY_SIDE, THUMBNAIL_SIDE))
            yield from track.find_in_picture(keyframe, known.load_pictures(index.path).leave_out(source.digest))
        elif is_moving(source.media_type):
            yield from search_range(source, index)
        elif is_picture(source.media_type):
            raise stills.make_unsupported_error(source)
    except DecodeError as fault:
        yield fault.trouble


def search_range(
    source: Source, index: SearchIndex, start: float = 0.0, end: float = math.inf
) -> Iterator[Match | Trouble]:
    """Find known material in a movie between two times, in seconds from its first frame, `end` exclusive.

    All its moving pictures are searched, each in a pass of its own.
    """
    if not has_demuxer(source.media_type):
        yield stills.make_unsupported_error(source).trouble
        return
    number, count = 0, 1
    while number < count:
        # Opened for each: after one was decoded to its end, or could not be, the next begins in order.
        try:
            with open_essence(source) as container:
                count = count_moving_pictures(container)
                if movie := find_movie_stream(container, source, start, end, number):
                    movie.leave_out_deblocking()
                    rows = _search_shots(movie, index, source.digest)
                    yield from (name_moving_picture(row, number, count) for row in rows)
        except DecodeError as fault:
            yield name_moving_picture(fault.trouble, number, count)
        except (av.error.FFmpegError, ValueError) as error:
            yield name_moving_picture(make_decode_error(error).trouble, number, count)
        number += 1


def search_frames(sequence: FrameSequenceStream, index: SearchIndex, digest: str) -> Iterator[Match | Trouble]:
    """Find known material in a frame sequence, with the numbers of its frames; `digest` names the sequence."""
    for row in _search_shots(sequence, index, digest):
        yield sequence.add_frame_numbers(row) if isinstance(row, Match) else row


def search_audio(source: Source, index: SearchIndex) -> Iterator[Match | Trouble]:
    """Find known sounds in all audio tracks, with the timecode of the picture beside them."""
    if not index.has_audio or not has_sound(source.media_type):
        return
    if not has_demuxer(source.media_type):
        yield audio_tracks.make_unsupported_trouble(source)
        return
    fingerprints = []
    for row in audio_tracks.extract_tracks(source):
        if isinstance(row, Trouble):
            yield row
        else:
            fingerprints.append(row)
    matches = match_audio.find_matches(fingerprints, known.load_sounds(index.path))
    others = [match for match in matches if match.known.digest != source.digest]
    start = _start_timecode(source) if others else None
    for match in others:
        yield _with_timecode(match, start)


def _search_shots(moving: MovingPicture, index: SearchIndex, digest: str) -> Iterator[Match | Trouble]:
    """Find known material shot by shot, in one pass; then report what stood in the way of decoding."""
    library = known.load_pictures(index.path).leave_out(digest)
    for shot in shot_detection.detect_shots(moving):
        yield from track.find_in_shot(shot, library)
    yield from moving.troubles


def _with_timecode(match: Match, start: StartTimecode | None) -> Match:
    time = match.time
    if time is None or start is None:
        return match
    located = dataclasses.replace(time, timecode_in=start.format_at(time.start), timecode_out=start.format_at(time.end))
    return dataclasses.replace(match, time=located)


def _start_timecode(source: Source) -> StartTimecode | None:
    """Timecode of the picture that the sound belongs to."""
    try:
        with open_essence(source) as container:
            movie = find_movie_stream(container, source)
            return movie.start if movie else None
    except (av.error.FFmpegError, DecodeError):
        return None

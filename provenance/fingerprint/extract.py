"""Extract the picture fingerprint of a still, a clip or a frame sequence: the side of the known material.

Of a clip, one frame is fingerprinted for every sampling step in which the picture changes. As few packets as possible
are decoded for that. In an animation and in a frame sequence, of which every frame is decoded and may be a picture of
its own, one is fingerprinted wherever the picture changes, however soon that is.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import av.error
import cv2
import numpy as np
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from provenance.decode import frames, stills
from provenance.decode.animation import find_animation
from provenance.decode.av_container import open_essence
from provenance.decode.errors import STAGE, DecodeError, make_decode_error
from provenance.decode.interface import MovingPicture
from provenance.decode.movie import MovieStream, count_moving_pictures, find_movie_stream, name_moving_picture
from provenance.decode.sequence import FrameSequenceStream
from provenance.fingerprint import pictures
from provenance.fingerprint.features import GRAY_SIDE
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.fingerprint.shot_detection import compare_thumbnails
from provenance.fingerprint.shots import LUMA_SIZE
from provenance.media.arrays import Gray
from provenance.media.source import Source
from provenance.media.types import has_demuxer, is_moving, is_picture
from provenance.model.asset import Fingerprint, FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_SAMPLE_EVERY = {FingerprintLevel.FULL: 0.5, FingerprintLevel.LIGHT: 2.0}
"""Seconds between two sampled frames of a clip."""
_LONGEST_KEY_FRAME_INTERVAL = {FingerprintLevel.FULL: 1.0, FingerprintLevel.LIGHT: 3.0}
"""Seconds between two key frames of a long-GOP codec, up to which only key frames are decoded."""
_MOST_SAMPLES = {FingerprintLevel.FULL: 600, FingerprintLevel.LIGHT: 300}
"""Frames fingerprinted of one clip; a longer clip is sampled less often."""
_POINTS = {FingerprintLevel.FULL: pictures.FULL_POINTS, FingerprintLevel.LIGHT: pictures.LIGHT_POINTS}
"""Keypoints kept of one picture."""
_UNCHANGED_BITS = 12
"""Bits of 256 by which the perceptual hashes of two samples may differ while nothing has changed between them."""
_SAME_LIKENESS = 0.9
"""Likeness of luma thumbnails from which on a frame needs no fingerprint beside that of an earlier one."""
_LAST_KEPT = 2
"""Frames kept last with which one is compared: after an insert of one frame, the shot goes on as before."""
_LEAST_DEVIATION = 3.0
"""Gray levels of standard deviation of such a thumbnail, smoothed, below which there is nothing to find but noise."""
_TIME_TOLERANCE = 1e-6
"""Seconds by which a time may be off after it was computed from a time base."""


def extract_fingerprint(source: Source, level: FingerprintLevel) -> Iterator[Fingerprint | Trouble]:
    """Yield the fingerprint of a picture or a clip, and what could not be decoded. Yields nothing for other files."""
    try:
        # An animated picture can be decoded as a still as well, so animations come first.
        if animation := find_animation(source):
            yield from _fingerprint_clip(animation, animation.frames(), level, by_change=True)
        elif stills.can_decode(source.media_type):
            gray, thumbnail = stills.decode_gray_and_thumbnail(source, GRAY_SIDE, pictures.THUMBNAIL_SIDE)
            yield pictures.pack("picture", [pictures.make_fingerprint(gray, thumbnail, _POINTS[level])])
        elif is_moving(source.media_type) and has_demuxer(source.media_type):
            yield from _fingerprint_movie(source, level)
        # Reported only where everything is to be stored: ordinary files must not raise a warning.
        elif level is FingerprintLevel.FULL and (is_picture(source.media_type) or is_moving(source.media_type)):
            raise stills.make_unsupported_error(source)
    except DecodeError as error:
        yield error.trouble


def extract_sequence_fingerprint(
    sequence: FrameSequenceStream, level: FingerprintLevel, *, by_change: bool
) -> Iterator[Fingerprint | Trouble]:
    """Yield the fingerprint of a frame sequence, and what could not be decoded.

    `by_change`: decode every frame, and keep each that shows something else. Otherwise only the frames of the sampling
    steps are decoded.
    """
    samples = sequence if by_change else sequence.thin_out(_choose_step(sequence.duration, level))
    yield from _fingerprint_clip(samples, samples.frames(), level, by_change=by_change)


def _fingerprint_movie(source: Source, level: FingerprintLevel) -> Iterator[Fingerprint | Trouble]:
    """Yield one fingerprint of everything that the movie shows, in all of its moving pictures."""
    fingerprints: list[PictureFingerprint] = []
    number, count = 0, 1
    while number < count:
        # Opened for each: one that cannot be decoded must not cost the others.
        try:
            with open_essence(source) as container:
                count = count_moving_pictures(container)
                if movie := find_movie_stream(container, source, number=number):
                    fingerprints += _sample_movie(movie, level)
                    yield from (name_moving_picture(trouble, number, count) for trouble in movie.troubles)
        except DecodeError as error:
            yield name_moving_picture(error.trouble, number, count)
        except (av.error.FFmpegError, ValueError) as error:
            yield name_moving_picture(make_decode_error(error).trouble, number, count)
        number += 1
    if fingerprints:
        yield pictures.pack("video", fingerprints)


def _sample_movie(movie: MovieStream, level: FingerprintLevel) -> Iterator[PictureFingerprint]:
    step = _choose_step(movie.duration, level)
    is_wanted = choose_packets(movie, step, _LONGEST_KEY_FRAME_INTERVAL[level])
    return _Sampler(movie, level, by_change=False).fingerprint(movie.frames(is_wanted))


def _fingerprint_clip(
    moving: MovingPicture,
    decoded: Iterator[tuple[float, VideoFrame]],
    level: FingerprintLevel,
    *,
    by_change: bool,
) -> Iterator[Fingerprint | Trouble]:
    sampler = _Sampler(moving, level, by_change)
    fingerprints = list(sampler.fingerprint(decoded))
    yield from moving.troubles
    if sampler.is_cut_short:
        detail = f"it changes so often that only its first {len(fingerprints):,} pictures are kept to be found again"
        yield Trouble("", STAGE, Cause.OVERSIZED, detail)
    if fingerprints:
        yield pictures.pack("video", fingerprints)


def _choose_step(duration: float, level: FingerprintLevel) -> float:
    """Seconds between two samples of a clip of `duration` seconds."""
    return max(_SAMPLE_EVERY[level], duration / _MOST_SAMPLES[level])


@dataclass(slots=True)
class _Sampler:
    """Chooses the frames of a clip that are fingerprinted."""

    moving: MovingPicture
    level: FingerprintLevel
    by_change: bool
    """Whether a frame that shows something else is fingerprinted before the next sampling step, too."""
    is_cut_short: bool = False
    """Whether frames were left out because there are too many."""
    _next_sample: float = 0.0
    """Seconds from the first frame."""
    _last_hash: bytes = b""
    _kept: deque[Gray] = field(default_factory=lambda: deque(maxlen=_LAST_KEPT))
    """Smooth luma thumbnails of the frames that were fingerprinted last."""

    def fingerprint(self, decoded: Iterator[tuple[float, VideoFrame]]) -> Iterator[PictureFingerprint]:
        """Yield the fingerprints. `decoded`: seconds and frame."""
        step = _choose_step(self.moving.duration, self.level)
        count = 0
        for time, frame in decoded:
            is_due = time + _TIME_TOLERANCE >= self._next_sample
            if is_due:
                self._next_sample = time + step
            is_other = self.by_change and self._shows_something_else(frame)
            if not is_due and not is_other:
                continue
            gray = frames.to_gray(frame, GRAY_SIDE, self.moving.pixel_aspect)
            perceptual_hash, _ = pictures.compute_perceptual_hash(gray)
            is_unchanged = _count_different_bits(self._last_hash, perceptual_hash) < _UNCHANGED_BITS
            if self._last_hash and is_unchanged and not is_other:
                continue
            # A file may state no duration, or one that is too short: then the step alone is no bound.
            if count >= _MOST_SAMPLES[self.level] * 2:
                self.is_cut_short = self.by_change
                return
            count += 1
            self._last_hash = perceptual_hash
            self._kept.append(_make_smooth_thumbnail(frame))
            thumbnail = frames.to_rgb(frame, pictures.THUMBNAIL_SIDE, self.moving.pixel_aspect)
            yield pictures.make_fingerprint(gray, thumbnail, _POINTS[self.level], time)

    def _shows_something_else(self, frame: VideoFrame) -> bool:
        """Whether a frame shows anything, and none of the frames kept last shows the same wherever it has moved to."""
        luma = _make_smooth_thumbnail(frame)
        if luma.std() < _LEAST_DEVIATION:
            return False
        return all(compare_thumbnails(kept, luma) < _SAME_LIKENESS for kept in self._kept)


def _make_smooth_thumbnail(frame: VideoFrame) -> Gray:
    """(36, 64) uint8: the luma thumbnail of a frame without its grain, which is new in every frame."""
    return np.asarray(cv2.blur(frames.make_luma_thumbnail(frame, LUMA_SIZE), (3, 3)), np.uint8)


def _count_different_bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def choose_packets(
    movie: MovieStream, step: float, longest_interval: float
) -> Callable[[Packet[VideoStream]], bool] | None:
    """Choose which packets reach the decoder; None for all of them.

    `step`: seconds between two samples. `longest_interval`: seconds between key frames up to which they suffice.
    """
    if _is_intra(movie.stream.codec_context):
        return _make_step_filter(step)
    # Other frames of a long GOP need all the packets since their key frame: decode key frames alone, or everything.
    if _measure_key_frame_interval(movie) <= max(longest_interval, step):
        movie.stream.codec_context.skip_frame = "NONKEY"
        return lambda packet: packet.is_keyframe
    return None


def _is_intra(context: CodecContext) -> bool:
    """Whether every frame of the codec is decoded by itself, as those of ProRes and DNxHR are."""
    return context.codec.intra_only


def _make_step_filter(step: float) -> Callable[[Packet[VideoStream]], bool]:
    """Make a filter that passes one packet for every `step` seconds, and every packet that has no time."""
    next_time = -math.inf

    def is_wanted(packet: Packet[VideoStream]) -> bool:
        nonlocal next_time
        timestamp = packet.pts if packet.pts is not None else packet.dts
        if timestamp is None or packet.time_base is None:
            return True
        time = float(timestamp * packet.time_base)
        if time < next_time:
            return False
        next_time = time + step - _TIME_TOLERANCE
        return True

    return is_wanted


def _measure_key_frame_interval(movie: MovieStream) -> float:
    """Seconds of the longest interval between two key frames, infinite when there is none. Demuxes and rewinds."""
    key_times = []
    end = 0.0
    try:
        for packet in movie.container.demux(movie.stream):
            if packet.pts is None or packet.time_base is None:
                continue
            time = float(packet.pts * packet.time_base)
            end = max(end, time)
            if packet.is_keyframe:
                key_times.append(time)
        movie.container.seek(0, backward=True, any_frame=False)
    except av.error.FFmpegError:
        return math.inf
    if not key_times:
        return math.inf
    return max(after - before for before, after in zip(key_times, [*key_times[1:], end], strict=True))

"""What is kept of a source, so that it is found again: the known side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import av.error
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from provenance.fingerprint import pictures
from provenance.fingerprint.features import GRAY_SIDE
from provenance.fingerprint.pictures import PictureFingerprint
from provenance.media.decode import frames, stills
from provenance.media.decode.animation import find_animation
from provenance.media.decode.av_container import open_media
from provenance.media.decode.errors import DecodeError, decode_error
from provenance.media.decode.interface import MovingPicture
from provenance.media.decode.movie import MovieStream, find_movie_stream
from provenance.media.decode.sequence import FrameSequenceStream
from provenance.media.kinds import is_moving, is_picture
from provenance.media.source import Source
from provenance.model.asset import Fingerprint, FingerprintLevel
from provenance.model.evidence import Trouble

_STEP = {FingerprintLevel.FULL: 0.5, FingerprintLevel.LIGHT: 2.0}
"""Seconds between two looks at a clip."""
_DENSE = {FingerprintLevel.FULL: 1.0, FingerprintLevel.LIGHT: 3.0}
"""Seconds between key frames up to which they are enough."""
_MOST = {FingerprintLevel.FULL: 600, FingerprintLevel.LIGHT: 300}
"""Looks kept of one clip; longer ones are looked at less often."""
_POINTS = {FingerprintLevel.FULL: pictures.FULL_POINTS, FingerprintLevel.LIGHT: pictures.LIGHT_POINTS}
_SAME = 12
"""Bits of 256 by which two looks differ when nothing has changed between them."""


def learned(source: Source, depth: FingerprintLevel) -> Iterator[Fingerprint | Trouble]:
    """The fingerprint of a picture or a clip, and what stood in its way. Nothing for anything else."""
    try:
        if moving := find_animation(source):
            yield from _clip(moving, moving.frames(), depth)
        elif stills.can_decode(source.media_type):
            look = pictures.make(
                *stills.decode_gray_and_thumbnail(source, GRAY_SIDE, pictures.THUMBNAIL_SIDE), _POINTS[depth]
            )
            yield pictures.pack("picture", [look])
        elif is_moving(source.media_type):
            yield from _reel(source, depth)
        elif depth is FingerprintLevel.FULL and is_picture(source.media_type):
            raise stills.unsupported(source)
    except DecodeError as fault:
        yield fault.trouble


def learned_strip(strip: FrameSequenceStream, depth: FingerprintLevel) -> Iterator[Fingerprint | Trouble]:
    """The fingerprint of a frame sequence: a clip of which few frames are decoded."""
    sparse = strip.every(_step(strip.duration, depth))
    yield from _clip(sparse, sparse.frames(), depth)


def _reel(source: Source, depth: FingerprintLevel) -> Iterator[Fingerprint | Trouble]:
    try:
        with open_media(source) as container:
            if reel := find_movie_stream(container, source):
                sampled = _sampled(reel, _step(reel.duration, depth), _DENSE[depth])
                yield from _clip(reel, reel.frames(sampled), depth)
    except (av.error.FFmpegError, ValueError) as error:
        raise decode_error(error) from error


def _clip(
    moving: MovingPicture, seen: Iterator[tuple[float, VideoFrame]], depth: FingerprintLevel
) -> Iterator[Fingerprint | Trouble]:
    looks = list(_looks(moving, seen, depth))
    yield from moving.troubles
    if looks:
        yield pictures.pack("video", looks)


def _step(duration: float, depth: FingerprintLevel) -> float:
    """Seconds between two looks."""
    return max(_STEP[depth], duration / _MOST[depth])


def _looks(
    moving: MovingPicture, seen: Iterator[tuple[float, VideoFrame]], depth: FingerprintLevel
) -> Iterator[PictureFingerprint]:
    """A look for every step in which the picture changed."""
    step = _step(moving.duration, depth)
    due, last, kept = 0.0, b"", 0
    for time, frame in seen:
        if time + 1e-6 < due:
            continue
        due = time + step
        gray = frames.to_gray(frame, GRAY_SIDE, moving.pixel_aspect)
        bits, _ = pictures.hash_picture(gray)
        if last and (int.from_bytes(last) ^ int.from_bytes(bits)).bit_count() < _SAME:
            continue
        last, kept = bits, kept + 1
        yield pictures.make(
            gray, frames.to_rgb(frame, pictures.THUMBNAIL_SIDE, moving.pixel_aspect), _POINTS[depth], time
        )
        if kept >= _MOST[depth] * 2:
            return


def _sampled(reel: MovieStream, step: float, dense: float) -> Callable[[Packet[VideoStream]], bool] | None:
    """Which packets to decode: of intra codecs one a step, else key frames where dense enough; None for all."""
    if _is_intra(reel.stream.codec_context):
        return _one_a_step(step)
    if _key_frames_every(reel) <= max(dense, step):
        reel.stream.codec_context.skip_frame = "NONKEY"
        return lambda packet: packet.is_keyframe
    return None


def _is_intra(context: CodecContext) -> bool:
    return context.codec.intra_only


def _one_a_step(step: float) -> Callable[[Packet[VideoStream]], bool]:
    due = float("-inf")

    def wanted(packet: Packet[VideoStream]) -> bool:
        nonlocal due
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.time_base is None:
            return True
        time = float(at * packet.time_base)
        if time < due:
            return False
        due = time + step - 1e-6
        return True

    return wanted


def _key_frames_every(reel: MovieStream) -> float:
    """Longest stretch between two key frames, in seconds, by demuxing alone; the file is then at its start again."""
    times = []
    last = 0.0
    try:
        for packet in reel.container.demux(reel.stream):
            if packet.pts is None or packet.time_base is None:
                continue
            last = max(last, float(packet.pts * packet.time_base))
            if packet.is_keyframe:
                times.append(float(packet.pts * packet.time_base))
        reel.container.seek(0, backward=True, any_frame=False)
    except av.error.FFmpegError:
        return float("inf")
    if not times:
        return float("inf")
    return max(after - before for before, after in zip(times, [*times[1:], last], strict=True))

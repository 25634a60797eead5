"""What is kept of a source, so that it is found again: the known side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import av.error
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from provenance.fingerprint import pictures
from provenance.fingerprint.pictures import Look
from provenance.media.decode import frames, stills
from provenance.media.decode.animation import animation_in
from provenance.media.decode.av_container import opened_media
from provenance.media.decode.errors import Unseen, undecodable
from provenance.media.decode.interface import Moving
from provenance.media.decode.movie import Reel, reel_in
from provenance.media.decode.sequence import Strip
from provenance.media.kinds import is_moving, is_picture
from provenance.media.source import Source
from provenance.model import Depth, Fingerprint, Trouble

_STEP = {Depth.FULL: 0.5, Depth.LIGHT: 2.0}
"""Seconds between two looks at a clip."""
_DENSE = {Depth.FULL: 1.0, Depth.LIGHT: 3.0}
"""Seconds between key frames up to which they are enough."""
_MOST = {Depth.FULL: 600, Depth.LIGHT: 300}
"""Looks kept of one clip; longer ones are looked at less often."""
_POINTS = {Depth.FULL: pictures.FULL, Depth.LIGHT: pictures.LIGHT}
_SAME = 12
"""Bits of 256 by which two looks differ when nothing has changed between them."""


def learned(source: Source, depth: Depth) -> Iterator[Fingerprint | Trouble]:
    """The fingerprint of a picture or a clip, and what stood in its way. Nothing for anything else."""
    try:
        if moving := animation_in(source):
            yield from _clip(moving, moving.frames(), depth)
        elif stills.shows(source.media_type):
            look = pictures.look_at(*stills.read(source), _POINTS[depth])
            yield pictures.fingerprint("picture", [look])
        elif is_moving(source.media_type):
            yield from _reel(source, depth)
        elif depth is Depth.FULL and is_picture(source.media_type):
            raise stills.unsupported(source)
    except Unseen as fault:
        yield fault.trouble


def learned_strip(strip: Strip, depth: Depth) -> Iterator[Fingerprint | Trouble]:
    """The fingerprint of a frame sequence: a clip of which few frames are decoded."""
    sparse = strip.every(_step(strip.duration, depth))
    yield from _clip(sparse, sparse.frames(), depth)


def _reel(source: Source, depth: Depth) -> Iterator[Fingerprint | Trouble]:
    try:
        with opened_media(source) as container:
            if reel := reel_in(container, source):
                sampled = _sampled(reel, _step(reel.duration, depth), _DENSE[depth])
                yield from _clip(reel, reel.frames(sampled), depth)
    except (av.error.FFmpegError, ValueError) as error:
        raise undecodable(error) from error


def _clip(moving: Moving, seen: Iterator[tuple[float, VideoFrame]], depth: Depth) -> Iterator[Fingerprint | Trouble]:
    looks = list(_looks(moving, seen, depth))
    yield from moving.troubles
    if looks:
        yield pictures.fingerprint("video", looks)


def _step(duration: float, depth: Depth) -> float:
    """Seconds between two looks."""
    return max(_STEP[depth], duration / _MOST[depth])


def _looks(moving: Moving, seen: Iterator[tuple[float, VideoFrame]], depth: Depth) -> Iterator[Look]:
    """A look for every step in which the picture changed."""
    step = _step(moving.duration, depth)
    due, last, kept = 0.0, b"", 0
    for time, frame in seen:
        if time + 1e-6 < due:
            continue
        due = time + step
        gray = frames.gray(frame, moving.shape)
        bits, _ = pictures.hashed(gray)
        if last and (int.from_bytes(last) ^ int.from_bytes(bits)).bit_count() < _SAME:
            continue
        last, kept = bits, kept + 1
        yield pictures.look_at(gray, frames.small(frame, moving.shape), _POINTS[depth], time)
        if kept >= _MOST[depth] * 2:
            return


def _sampled(reel: Reel, step: float, dense: float) -> Callable[[Packet[VideoStream]], bool] | None:
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


def _key_frames_every(reel: Reel) -> float:
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

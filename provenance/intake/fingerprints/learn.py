"""What is kept of a source, so that it is found again: the known side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import av.error
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.stream import VideoStream

from provenance import fingerprints
from provenance.fingerprints import Look
from provenance.intake.av_open import opened_media
from provenance.intake.fingerprints import frames, stills
from provenance.intake.fingerprints.reel import STAGE, Reel, reel_in
from provenance.intake.source import Source
from provenance.model import Cause, Depth, Fingerprint, Trouble

_STEP = {Depth.FULL: 0.5, Depth.LIGHT: 2.0}
"""Seconds between two looks at a clip."""
_DENSE = {Depth.FULL: 1.0, Depth.LIGHT: 3.0}
"""Seconds between key frames up to which they are enough."""
_MOST = {Depth.FULL: 600, Depth.LIGHT: 300}
"""Looks kept of one clip; longer ones are looked at less often."""
_POINTS = {Depth.FULL: fingerprints.FULL, Depth.LIGHT: fingerprints.LIGHT}
_SAME = 12
"""Bits of 256 by which two looks differ when nothing has changed between them."""


def learned(source: Source, depth: Depth) -> Iterator[Fingerprint | Trouble]:
    """The fingerprint of a picture or a clip, and what stood in its way. Nothing for anything else."""
    if source.media_type in stills.FORMATS:
        yield from _picture(source, depth)
    elif is_moving(source.media_type):
        yield from _clip(source, depth)


def is_moving(media_type: str) -> bool:
    """Whether a file of this type is looked at as a moving picture."""
    return media_type.startswith("video/") or media_type == "application/mxf"


def _picture(source: Source, depth: Depth) -> Iterator[Fingerprint | Trouble]:
    try:
        gray, small = stills.read(source)
    except stills.TooLarge as error:
        yield Trouble("", STAGE, Cause.OVERSIZED, str(error))
        return
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises for damage
        yield Trouble("", STAGE, Cause.MALFORMED, f"cannot be decoded: {error}"[:200])
        return
    yield fingerprints.fingerprint("picture", [fingerprints.look_at(gray, small, _POINTS[depth])])


def _clip(source: Source, depth: Depth) -> Iterator[Fingerprint | Trouble]:
    try:
        with opened_media(source) as container:
            reel = reel_in(container, source)
            if reel is None:
                return
            looks = list(_looks(reel, depth))
    except (av.error.FFmpegError, ValueError) as error:
        yield Trouble("", STAGE, Cause.MALFORMED, f"cannot be decoded: {error}"[:200])
        return
    yield from reel.troubles
    if looks:
        yield fingerprints.fingerprint("video", looks)


def _looks(reel: Reel, depth: Depth) -> Iterator[Look]:
    """A look for every step in which the picture changed."""
    step = max(_STEP[depth], reel.duration / _MOST[depth])
    due, last, kept = 0.0, b"", 0
    for time, frame in reel.frames(_sampled(reel, step, _DENSE[depth])):
        if time + 1e-6 < due:
            continue
        due = time + step
        gray = frames.gray(frame, reel.shape)
        bits, _ = fingerprints.hashed(gray)
        if last and (int.from_bytes(last) ^ int.from_bytes(bits)).bit_count() < _SAME:
            continue
        last, kept = bits, kept + 1
        yield fingerprints.look_at(gray, frames.small(frame, reel.shape), _POINTS[depth], time)
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

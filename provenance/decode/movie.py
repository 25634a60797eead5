"""A movie as it is read: every packet once, broken ones counted and passed over, times from the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias, TypeVar

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from provenance import timecode
from provenance.decode.errors import STAGE, DecodeError
from provenance.decode.frames import check_pixel_aspect
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.match import Match
from provenance.model.vocabulary import Cause
from provenance.units import format_count

_LONGEST_STEP = 10.0
"""Seconds; a longer step between two frames is a damaged time, not a pause …"""
_FORMATS_WITH_PAUSES = ("mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm")
"""… but in these, as FFmpeg names them, which state a time for every frame: there a still may be one long frame."""
_WITHOUT_PRESENTATION_TIMES = "avi"
"""A format, as FFmpeg names it, that states in which order frames are decoded, and not when each is shown."""
_LOWEST_RATE = Fraction(1, 10)
"""Frames a second; lower and higher rates make no sense."""
_HIGHEST_RATE = 1000
_DEFAULT_RATE = Fraction(24)
"""Frames a second of a movie that names no rate that makes sense."""
_STREAM_SLACK = 0.25
"""Seconds by which a picture may end before the duration of its own stream."""
_CONTAINER_SLACK = 1.0
"""The same before the duration of the container, which counts for the sound as well."""
_RELATIVE_SLACK = 0.01
"""Share of the duration that is allowed if it is more."""

_MOST_MOVING_PICTURES = 16
"""In one file; each is decoded in a pass of its own."""

Row = TypeVar("Row", Match, Trouble, Match | Trouble)
PacketFilter: TypeAlias = "Callable[[Packet[VideoStream]], bool]"  # PyAV's Packet takes no parameter at run time
"""Whether a packet is to be decoded."""
GetTime: TypeAlias = Callable[[VideoFrame], float | None]
"""Tells the seconds at which a frame is shown, on the clock of the file; None where the file says none."""


@dataclass(slots=True)
class MovieStream:
    """One moving picture of an open container."""

    container: InputContainer
    stream: VideoStream
    begin: float = 0.0
    end: float = math.inf
    """Seconds from the first frame: the range that is decoded."""
    troubles: list[Trouble] = field(default_factory=list)
    last_duration: float = 0.0
    _broken_packets: int = 0
    _damaged_frames: int = 0
    _last_error: str = ""

    @property
    def rate(self) -> Fraction:
        """Frames a second, 24 when the file names none that makes sense."""
        rate = self.stream.average_rate or self.stream.guessed_rate
        if rate and _LOWEST_RATE <= rate <= _HIGHEST_RATE:
            return rate
        return _DEFAULT_RATE

    @property
    def duration(self) -> float:
        """Seconds, as the file says; 0 when it does not."""
        if self._has_own_duration:
            return float((self.stream.duration or 0) * (self.stream.time_base or 0))
        # In microseconds.
        return (self.container.duration or 0) / 1_000_000

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel divided by its height."""
        return check_pixel_aspect(self.stream.sample_aspect_ratio)

    def leave_out_deblocking(self) -> None:
        """Leave the edges of blocks in frames that no other frame is made from. Before the first one is decoded.

        Of H.264 a tenth of the cost of decoding; keyframes and what rests on them stay exact.
        """
        self.stream.codec_context.options = {"skip_loop_filter": "noref"}

    @property
    def start(self) -> timecode.StartTimecode:
        """Timecode of the first frame, from the stream, a timecode track or the container, in this order."""
        tracks = [track.metadata for track in self.container.streams.data]
        for tags in (self.stream.metadata, *tracks, self.container.metadata):
            for name, text in tags.items():
                if name.lower() == "timecode":
                    return timecode.parse_start(text, self.rate)
        return timecode.parse_start(None, self.rate)

    @property
    def _has_own_duration(self) -> bool:
        return bool(self.stream.duration and self.stream.time_base)

    @property
    def _slack(self) -> float:
        """Seconds by which an undamaged picture may end before its duration."""
        least = _STREAM_SLACK if self._has_own_duration else _CONTAINER_SLACK
        return max(least, _RELATIVE_SLACK * self.duration) + 1 / float(self.rate)

    @property
    def _delay(self) -> float:
        """Seconds of the duration before the first frame: an edit list may begin with nothing."""
        delay = float((self.stream.start_time or 0) * (self.stream.time_base or 0))
        # A start outside of the duration counts from somewhere else.
        if not 0 < delay < self.duration:
            return 0.0
        return delay

    @property
    def _stream_end(self) -> float:
        """Seconds from the first frame to the end of the picture, as the file says."""
        return self.duration - self._delay

    @property
    def _allows_pauses(self) -> bool:
        """Whether a frame may follow a pause of any length, up to the end of the picture."""
        return self.container.format.name in _FORMATS_WITH_PAUSES

    def frames(self, is_wanted: PacketFilter | None = None) -> Iterator[tuple[float, VideoFrame]]:
        """Yield seconds from the first frame, and the frame. `is_wanted`: which packets are decoded at all.

        Damage is added to `troubles` at the end. Raises `DecodeError` where there is nothing at `begin`.
        """
        step = 1 / float(self.rate)
        get_time = self._choose_time(is_wanted)
        first, last = self._seek_to_begin(get_time)
        # Looked up once, and not for every frame: each look makes fractions anew.
        stream_end = self._stream_end
        latest_after_pause = stream_end if self._allows_pauses else 0.0
        shown = math.inf
        for frame in self._decode_frames(is_wanted):
            presented = get_time(frame)
            if first is None:
                first = presented or 0.0
            time = last + step if presented is None else presented - first
            # Concatenated and damaged files jump in time: from there on frames follow the last one. Where packets are
            # left out, long steps are to be expected.
            is_continuous = last < time <= max(last + _LONGEST_STEP, latest_after_pause)
            if not is_continuous and is_wanted is None:
                first = (presented or 0.0) - last - step
                time = last + step
            last = time
            if time >= self.end - step / 2:
                # The last frame of the range is shown until this one.
                self.last_duration = max(0.0, time - shown)
                break
            if time < self.begin - step / 2:
                continue
            if frame.is_corrupt:
                self._damaged_frames += 1
            else:
                shown = time
                self.last_duration = _measure_duration(frame, stream_end - time)
                yield max(time, 0.0), frame
        self._report_damage()
        if is_wanted is None and self.end == math.inf:
            self._report_early_end(last + self.last_duration)

    def _choose_time(self, is_wanted: PacketFilter | None) -> GetTime:
        """How to tell when a frame is shown."""
        # What FFmpeg computes for a format without such times goes back and forth between reordered frames. They come
        # out in the order in which they are shown, one for each that is decoded. Where packets are left out, one comes
        # out with a packet long after its own; but then few are reordered.
        if is_wanted is None and self.container.format.name == _WITHOUT_PRESENTATION_TIMES:
            return _get_decoding_time
        return _get_presentation_time

    def _report_damage(self) -> None:
        if self._broken_packets:
            packets = format_count(self._broken_packets, "packet")
            self._add_trouble(f"{packets} could not be decoded: {self._last_error}")
        if self._damaged_frames:
            damaged = format_count(self._damaged_frames, "damaged frame")
            self._add_trouble(f"skipped {damaged}")

    def _report_early_end(self, last: float) -> None:
        """`last`: seconds from the first frame to the last."""
        if self._stream_end - last > self._slack:
            detail = f"should last {self.duration:.1f} s, but its picture ends after {max(last, 0):.1f} s"
            self._add_trouble(detail)

    def _add_trouble(self, detail: str) -> None:
        self.troubles.append(Trouble("", STAGE, Cause.MALFORMED, detail))

    def _seek_to_begin(self, get_time: GetTime) -> tuple[float | None, float]:
        """Go to the last keyframe before the range.

        The time of the file's first frame (None when it is still to come), and the seconds from there to just before
        the frame that comes next. Raises `DecodeError` where there is nothing.
        """
        before_first = -1 / float(self.rate)
        if self.begin == 0:
            return None, before_first
        try:
            first = next(map(get_time, self.container.decode(self.stream)), None)
            if first is None or self.stream.time_base is None:
                return None, before_first
            target = round((first + self.begin) / self.stream.time_base)
            self.container.seek(target, stream=self.stream)
            keyframe = next(map(get_time, self.container.decode(self.stream)), None)
            if keyframe is None:
                raise DecodeError(Cause.MALFORMED, "there is no picture, though the file says so")
            # Some files lead behind the place that was asked for. Then everything before the range is decoded and
            # dropped.
            is_before_range = keyframe - first <= self.begin
            if not is_before_range:
                target = 0
            # Decoding consumed the keyframe: go back to it.
            self.container.seek(target, stream=self.stream)
        except av.error.FFmpegError as error:
            raise DecodeError(Cause.MALFORMED, f"cannot be read from here on: {error.strerror}") from error
        if not is_before_range:
            return first, before_first
        return first, keyframe - first + before_first

    def _decode_frames(self, is_wanted: PacketFilter | None) -> Iterator[VideoFrame]:
        for packet in self._read_packets():
            # Empty packets at the end make the decoder give out the frames that it still holds.
            is_flush = not packet.size
            if is_wanted is not None and not is_flush and not is_wanted(packet):
                continue
            try:
                yield from packet.decode()
            except av.error.FFmpegError as error:
                self._count_broken(error)

    def _read_packets(self) -> Iterator[Packet[VideoStream]]:
        try:
            yield from self.container.demux(self.stream)
        except av.error.FFmpegError as error:
            self._count_broken(error)

    def _count_broken(self, error: av.error.FFmpegError) -> None:
        self._broken_packets += 1
        self._last_error = error.strerror or type(error).__name__


def _get_presentation_time(frame: VideoFrame) -> float | None:
    return frame.time


def _get_decoding_time(frame: VideoFrame) -> float | None:
    if frame.dts is None or frame.time_base is None:
        return None
    return float(frame.dts * frame.time_base)


def _measure_duration(frame: VideoFrame, rest: float) -> float:
    """Seconds for which a frame is shown if it is the last. `rest`: seconds to the end of the picture."""
    stated = float((frame.duration or 0) * (frame.time_base or 0))
    # Where frames are reordered, one may have the duration of another: the end of the stream bounds it.
    return max(0.0, min(stated, rest))


def count_moving_pictures(container: InputContainer) -> int:
    """How many moving pictures a container holds, covers not counted: two views, two angles, two programmes.

    Raises `DecodeError` for more than anybody puts into one file.
    """
    count = len(_list_moving_pictures(container))
    if count > _MOST_MOVING_PICTURES:
        detail = f"holds {count} moving pictures, more than {_MOST_MOVING_PICTURES}: none was looked at"
        raise DecodeError(Cause.OVERSIZED, detail)
    return count


def name_moving_picture(row: Row, number: int, count: int) -> Row:
    """Say in a match or a trouble which of several moving pictures it is about; of one alone nothing is said."""
    if count == 1:
        return row
    return replace(row, detail=f"picture stream {number + 1} of {count}: {row.detail}")


def _list_moving_pictures(container: InputContainer) -> list[VideoStream]:
    return [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]


def find_movie_stream(
    container: InputContainer, source: Source, begin: float = 0.0, end: float = math.inf, number: int = 0
) -> MovieStream | None:
    """The moving picture of a container with a number, from 0, covers not counted; None when there is none.

    `begin`, `end`: the range to decode, in seconds from its first frame. Raises `DecodeError` for one that is too large
    or has no decoder.
    """
    streams = _list_moving_pictures(container)
    if number >= len(streams):
        return None
    stream = streams[number]
    context = stream.codec_context
    if context is None:
        raise DecodeError(Cause.UNSUPPORTED, "its moving picture cannot be decoded here")
    if context.width * context.height > source.limits.pixels:
        raise DecodeError(Cause.OVERSIZED, f"{context.width} x {context.height} pixels")
    # The workers run side by side: threads inside each of them would only get in their way.
    context.thread_count = 1
    return MovieStream(container, stream, begin, end)

"""A moving picture as it is read: every packet once, what is broken told and passed over, times from the file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import av.error
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from provenance import timecode
from provenance.media.decode.errors import STAGE, DecodeError
from provenance.media.source import Source
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

_LONGEST_STEP = 10.0
"""Seconds; a longer step between two frames is a damaged time, not a pause."""


@dataclass(slots=True)
class MovieStream:
    """The one moving picture of an open container."""

    container: InputContainer
    stream: VideoStream
    begin: float = 0.0
    end: float = math.inf
    """Seconds from the first frame: the stretch that is looked at."""
    troubles: list[Trouble] = field(default_factory=list)
    _broken: int = 0
    _damaged: int = 0
    _error: str = ""

    @property
    def rate(self) -> Fraction:
        """Frames a second, 24 when the file names none that makes sense."""
        rate = self.stream.average_rate or self.stream.guessed_rate
        return rate if rate and Fraction(1, 10) <= rate <= 1000 else Fraction(24)

    @property
    def duration(self) -> float:
        """Seconds, as the file says; 0 when it does not."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        return (self.container.duration or 0) / 1_000_000

    @property
    def pixel_aspect(self) -> Fraction:
        """Width of a pixel against its height."""
        aspect = self.stream.sample_aspect_ratio
        return aspect if aspect and Fraction(1, 4) <= aspect <= 4 else Fraction(1)

    @property
    def start(self) -> timecode.Start:
        """Timecode of the first frame."""
        told = (self.stream.metadata, *(one.metadata for one in self.container.streams.data), self.container.metadata)
        texts = (text for tags in told for name, text in tags.items() if name.lower() == "timecode")
        return timecode.start(next(texts, None), self.rate)

    @property
    def _slack(self) -> float:
        """Seconds by which a whole picture may end earlier than it says; what a container says is for its sound too."""
        own = bool(self.stream.duration and self.stream.time_base)
        return max(0.25 if own else 1.0, 0.01 * self.duration) + 1 / float(self.rate)

    @property
    def _late(self) -> float:
        """Seconds of the duration before the first frame: an edit list may begin with nothing."""
        begins = float((self.stream.start_time or 0) * (self.stream.time_base or 0))
        return begins if 0 < begins < self.duration else 0.0

    def frames(self, wanted: Callable[[Packet[VideoStream]], bool] | None = None) -> Iterator[tuple[float, VideoFrame]]:
        """Seconds from the first frame, and the frame. `wanted`: which packets are decoded at all."""
        step = 1 / float(self.rate)
        first, last = self._entered()
        for frame in self._decoded(wanted):
            told = frame.time
            if first is None:
                first = told or 0.0
            time = told - first if told is not None else last + step
            if not last < time <= last + _LONGEST_STEP and wanted is None:
                first, time = (told or 0.0) - last - step, last + step
            last = time
            if time >= self.end - step / 2:
                break
            if time < self.begin - step / 2:
                continue
            if frame.is_corrupt:
                self._damaged += 1
            else:
                yield max(time, 0.0), frame
        if self._broken:
            many = f"{self._broken} packets" if self._broken > 1 else "a packet"
            detail = f"{many} could not be decoded: {self._error}"
            self.troubles.append(Trouble("", STAGE, Cause.MALFORMED, detail))
        if self._damaged:
            detail = f"{self._damaged} damaged frames were passed over"
            self.troubles.append(Trouble("", STAGE, Cause.MALFORMED, detail))
        if wanted is None and self.end == math.inf and self.duration - self._late - last > self._slack:
            detail = f"says {self.duration:.1f} s, its picture ends after {max(last, 0):.1f} s"
            self.troubles.append(Trouble("", STAGE, Cause.MALFORMED, detail))

    def _entered(self) -> tuple[float | None, float]:
        """Go to the last key frame before the stretch. Time of the file's first frame, and of what comes before.

        Where the file leads further than that, everything before the stretch is decoded and passed over. Raises
        `DecodeError` where there is nothing.
        """
        before = -1 / float(self.rate)
        if self.begin == 0:
            return None, before
        try:
            first = next((frame.time for frame in self.container.decode(self.stream)), None)
            if first is None or self.stream.time_base is None:
                return None, before
            there = round((first + self.begin) / self.stream.time_base)
            self.container.seek(there, stream=self.stream)
            entry = next((frame.time for frame in self.container.decode(self.stream)), None)
            if entry is None:
                raise DecodeError(Cause.MALFORMED, "there is no picture, though the file says so")
            reached = entry - first <= self.begin
            self.container.seek(there if reached else 0, stream=self.stream)
        except av.error.FFmpegError as error:
            raise DecodeError(Cause.MALFORMED, f"cannot be entered here: {error.strerror}") from error
        return first, (entry - first if reached else 0) + before

    def _decoded(self, wanted: Callable[[Packet[VideoStream]], bool] | None) -> Iterator[VideoFrame]:
        for packet in self._packets():
            if wanted is not None and packet.size and not wanted(packet):
                continue
            try:
                yield from packet.decode()
            except av.error.FFmpegError as error:
                self._broken, self._error = self._broken + 1, error.strerror or type(error).__name__

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        try:
            yield from self.container.demux(self.stream)
        except av.error.FFmpegError as error:
            self._broken, self._error = self._broken + 1, error.strerror or type(error).__name__


def find_movie_stream(
    container: InputContainer, source: Source, begin: float = 0.0, end: float = math.inf
) -> MovieStream | None:
    """The first moving picture of a container, covers passed over; None when it has none.

    `begin`, `end`: which stretch of it, in seconds.
    Further ones are told as a trouble of the reel. Raises `DecodeError` for one that is too large or has no decoder.
    """
    pictures = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not pictures:
        return None
    stream = pictures[0]
    context = stream.codec_context
    if context is None:
        raise DecodeError(Cause.UNSUPPORTED, "nothing here decodes its moving picture")
    if context.width * context.height > source.limits.pixels:
        raise DecodeError(Cause.OVERSIZED, f"{context.width} x {context.height} pixels")
    context.thread_count = 1  # the workers are the threads
    reel = MovieStream(container, stream, begin, end)
    if (others := len(pictures) - 1) and begin == 0:
        detail = f"holds {others + 1} moving pictures: only the first was looked at"
        reel.troubles.append(DecodeError(Cause.UNSUPPORTED, detail).trouble)
    return reel

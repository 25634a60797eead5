"""A moving picture as it is read: every packet once, what is broken told and passed over, times from the file."""

from __future__ import annotations

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
from provenance.intake.fingerprints.unseen import STAGE, Unseen
from provenance.intake.source import Source
from provenance.model import Cause, Trouble

_LONGEST_STEP = 10.0
"""Seconds; a longer step between two frames is a damaged time, not a pause."""


@dataclass(slots=True)
class Reel:
    """The one moving picture of an open container."""

    container: InputContainer
    stream: VideoStream
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
    def shape(self) -> Fraction:
        """Width of a pixel against its height."""
        shape = self.stream.sample_aspect_ratio
        return shape if shape and Fraction(1, 4) <= shape <= 4 else Fraction(1)

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
        first: float | None = None
        last = -1 / float(self.rate)
        for frame in self._decoded(wanted):
            step = 1 / float(self.rate)
            told = frame.time
            if first is None:
                first = told or 0.0
            time = told - first if told is not None else last + step
            if not last < time <= last + _LONGEST_STEP and wanted is None:
                first, time = (told or 0.0) - last - step, last + step
            last = time
            yield max(time, 0.0), frame
        if self._broken:
            many = f"{self._broken} packets" if self._broken > 1 else "a packet"
            detail = f"{many} could not be decoded: {self._error}"
            self.troubles.append(Trouble("", STAGE, Cause.MALFORMED, detail))
        if self._damaged:
            detail = f"{self._damaged} damaged frames were passed over"
            self.troubles.append(Trouble("", STAGE, Cause.MALFORMED, detail))
        if wanted is None and self.duration - self._late - last > self._slack:
            detail = f"says {self.duration:.1f} s, its picture ends after {max(last, 0):.1f} s"
            self.troubles.append(Trouble("", STAGE, Cause.MALFORMED, detail))

    def _decoded(self, wanted: Callable[[Packet[VideoStream]], bool] | None) -> Iterator[VideoFrame]:
        for packet in self._packets():
            if wanted is not None and packet.size and not wanted(packet):
                continue
            try:
                for frame in packet.decode():
                    if frame.is_corrupt:
                        self._damaged += 1
                    else:
                        yield frame
            except av.error.FFmpegError as error:
                self._broken, self._error = self._broken + 1, error.strerror or type(error).__name__

    def _packets(self) -> Iterator[Packet[VideoStream]]:
        try:
            yield from self.container.demux(self.stream)
        except av.error.FFmpegError as error:
            self._broken, self._error = self._broken + 1, error.strerror or type(error).__name__


def reel_in(container: InputContainer, source: Source) -> Reel | None:
    """The first moving picture of a container, covers passed over; None when it has none.

    Further ones are told as a trouble of the reel. Raises `Unseen` for one that is too large or has no decoder.
    """
    pictures = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not pictures:
        return None
    stream = pictures[0]
    context = stream.codec_context
    if context is None:
        raise Unseen(Cause.UNSUPPORTED, "nothing here decodes its moving picture")
    if context.width * context.height > source.limits.pixels:
        raise Unseen(Cause.OVERSIZED, f"{context.width} x {context.height} pixels")
    context.thread_count = 1  # the workers are the threads
    reel = Reel(container, stream)
    if others := len(pictures) - 1:
        detail = f"holds {others + 1} moving pictures: only the first was looked at"
        reel.troubles.append(Unseen(Cause.UNSUPPORTED, detail).trouble)
    return reel

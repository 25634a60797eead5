"""The sound of a file -> prints of every audio track, each decoded once.

A reader of the picture feeds the tracks from its own pass over the packets; what has no picture is passed over here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition

from provenance.fingerprint.audio_extractor import LONGEST, AudioExtractor, downmix
from provenance.media.decode.av_container import open_media
from provenance.media.source import Source
from provenance.model.asset import Fingerprint
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

STAGE = "sound"
_TRACKS = 32
"""Audio tracks of a file that are listened to."""
_HOURS = 64
"""Of all views of all tracks together: 370 MB of prints. Two hours of eight languages in surround fit."""


@dataclass(slots=True)
class Track:
    """One audio track while it is decoded: `feed` it its packets in order, the empty one at the end too."""

    stream: AudioStream
    ear: AudioExtractor
    _broken: int = 0

    def feed(self, packet: Packet[Any]) -> None:
        """Decode a packet. Damage is counted, and told at the end."""
        if self.ear.full:
            return
        try:
            for frame in self.stream.codec_context.decode(packet):
                if isinstance(frame, AudioFrame):
                    self.ear.add(frame)
        except (av.error.FFmpegError, ValueError):
            self._broken += 1

    def finish(self) -> Iterator[Fingerprint | Trouble]:
        """Its prints, and what stood in their way."""
        yield from self.ear.finish()
        name = f"audio track {self.ear.track + 1}"
        if self._broken:
            yield Trouble("", STAGE, Cause.MALFORMED, f"{name}: {self._broken} packets could not be decoded")
        if self.ear.full:
            yield Trouble(
                "", STAGE, Cause.OVERSIZED, f"{name}: listened to its first {self.ear.longest / 60:.0f} minutes"
            )


def tracks_of(container: InputContainer, sides: bool = True) -> list[Track]:
    """The audio tracks of an open file, ready to be fed. `sides`: whether sides and surrounds are kept."""
    zero = first_frame(container)
    streams = container.streams.audio[:_TRACKS]
    for stream in streams:
        stream.codec_context.thread_count = 1  # the workers are the threads
    longest = min(LONGEST, _HOURS * 3600 / max(1, sum(_views_of(stream, sides) for stream in streams)))
    return [Track(stream, AudioExtractor(number, zero, longest, sides)) for number, stream in enumerate(streams)]


def _views_of(stream: AudioStream, sides: bool) -> int:
    names = [channel.name for channel in stream.codec_context.layout.channels]
    return len(downmix(names, np.zeros((len(names), 1), np.float32), sides))


def first_frame(container: InputContainer) -> float:
    """Seconds of the time stamps at the first frame of the picture, of anything where nothing moves."""
    for stream in container.streams.video:
        moving = stream.average_rate and stream.frames != 1 and not stream.disposition & Disposition.attached_pic
        if moving and stream.start_time is not None and stream.time_base:
            return float(stream.start_time * stream.time_base)
    return float(Fraction(container.start_time or 0, av.time_base))


def extract_tracks(source: Source, sides: bool = True) -> Iterator[Fingerprint | Trouble]:
    """Prints of every audio track of a file, and what stood in their way. Nothing for a file without sound."""
    try:
        with open_media(source) as container:
            tracks = tracks_of(container, sides)
            if len(container.streams.audio) > len(tracks):
                yield Trouble("", STAGE, Cause.OVERSIZED, f"more than {_TRACKS} audio tracks: not all listened to")
            try:
                _feed(container, tracks)
            except av.error.FFmpegError as error:
                yield Trouble("", STAGE, Cause.MALFORMED, f"ends before its end: {error.strerror}"[:200])
            for track in tracks:
                yield from track.finish()
    except av.error.FFmpegError as error:
        yield Trouble("", STAGE, Cause.MALFORMED, f"cannot be opened: {error.strerror}"[:200])


def _feed(container: InputContainer, tracks: list[Track]) -> None:
    by_index = {track.stream.index: track for track in tracks}
    if by_index:
        for packet in container.demux([track.stream for track in tracks]):
            by_index[packet.stream.index].feed(packet)

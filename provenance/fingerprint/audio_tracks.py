"""The sound of a file -> audio fingerprints of every track, each track decoded once.

A reader of the picture can feed the tracks from its own pass over the packets; here the packets of the picture are
skipped.
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

from provenance.decode.av_container import open_essence
from provenance.decode.errors import DecodeError
from provenance.fingerprint.audio import METHOD, VERSION, bundle
from provenance.fingerprint.audio_extractor import MAX_SECONDS, AudioExtractor, downmix
from provenance.media.source import Source
from provenance.media.types import has_demuxer, has_sound
from provenance.model.asset import Fingerprint, FingerprintLevel
from provenance.model.evidence import Trouble
from provenance.model.vocabulary import Cause

STAGE = "sound"
_MAX_TRACKS = 32
"""Audio tracks of a file that are analysed at most."""
_MAX_DOWNMIX_HOURS = 64
"""Hours of all downmixes of all tracks together (370 MB): two hours of eight languages in surround fit."""


@dataclass(slots=True)
class AudioTrack:
    """One audio track while it is decoded: `feed` it its packets in order, the empty one at the end included."""

    stream: AudioStream
    extractor: AudioExtractor
    _damaged_packets: int = 0

    def feed(self, packet: Packet[Any]) -> None:
        """Decode a packet. Damaged ones are counted, and reported by `finish`."""
        if self.extractor.is_full:
            return
        try:
            for frame in self.stream.codec_context.decode(packet):
                if isinstance(frame, AudioFrame):
                    self.extractor.feed(frame)
        except (av.error.FFmpegError, ValueError):
            self._damaged_packets += 1

    def finish(self) -> Iterator[Fingerprint | Trouble]:
        """Yield the fingerprints of the track's downmixes, then the troubles."""
        yield from self.extractor.finish()
        name = f"audio track {self.extractor.track + 1}"
        if self._damaged_packets:
            detail = f"{name}: {self._damaged_packets} packets could not be decoded"
            yield Trouble("", STAGE, Cause.MALFORMED, detail)
        if self.extractor.is_full:
            detail = f"{name}: only the first {self.extractor.max_seconds / 60:.0f} minutes were analysed"
            yield Trouble("", STAGE, Cause.OVERSIZED, detail)


def open_tracks(container: InputContainer, keep_sides: bool = True) -> list[AudioTrack]:
    """Prepare the audio tracks of an open file to be fed. `keep_sides`: keep the sides and surrounds of each."""
    time_origin = find_first_frame_time(container)
    streams = container.streams.audio[:_MAX_TRACKS]
    downmix_count = 0
    for stream in streams:
        # The pool of workers uses all cores already.
        stream.codec_context.thread_count = 1
        downmix_count += _count_downmixes(stream, keep_sides)
    max_seconds = min(MAX_SECONDS, _MAX_DOWNMIX_HOURS * 3600 / max(1, downmix_count))
    return [
        AudioTrack(stream, AudioExtractor(number, time_origin, max_seconds, keep_sides))
        for number, stream in enumerate(streams)
    ]


def _count_downmixes(stream: AudioStream, keep_sides: bool) -> int:
    channels = [channel.name for channel in stream.codec_context.layout.channels]
    one_sample = np.zeros((len(channels), 1), np.float32)
    return len(downmix(channels, one_sample, keep_sides))


def find_first_frame_time(container: InputContainer) -> float:
    """Seconds of the time stamps at the first frame of the picture, or of anything in a file without moving picture."""
    for stream in container.streams.video:
        # Cover art is a video stream as well, of one frame.
        is_cover = stream.frames == 1 or bool(stream.disposition & Disposition.attached_pic)
        is_moving = stream.average_rate and not is_cover
        if is_moving and stream.start_time is not None and stream.time_base:
            return float(stream.start_time * stream.time_base)
    return float(Fraction(container.start_time or 0, av.time_base))


def extract_tracks(source: Source, keep_sides: bool = True) -> Iterator[Fingerprint | Trouble]:
    """Yield the fingerprints of every audio track of a file, and the troubles. Nothing for a file without sound."""
    try:
        with open_essence(source) as container:
            tracks = open_tracks(container, keep_sides)
            if len(container.streams.audio) > len(tracks):
                detail = f"the file has more than {_MAX_TRACKS} audio tracks; the rest was not analysed"
                yield Trouble("", STAGE, Cause.OVERSIZED, detail)
            try:
                _feed_packets(container, tracks)
            except av.error.FFmpegError as error:
                # The fingerprints of the readable part are still worth having.
                detail = f"the sound could not be read to its end: {error.strerror}"
                yield Trouble("", STAGE, Cause.MALFORMED, detail[:200])
            for track in tracks:
                yield from track.finish()
    except DecodeError as fault:
        yield Trouble("", STAGE, fault.cause, str(fault))
    except av.error.FFmpegError as error:
        yield Trouble("", STAGE, Cause.MALFORMED, f"the sound could not be opened: {error.strerror}"[:200])


def _feed_packets(container: InputContainer, tracks: list[AudioTrack]) -> None:
    """Read all audio packets in one pass, whichever track they belong to."""
    track_of_stream = {track.stream.index: track for track in tracks}
    if not track_of_stream:
        return
    for packet in container.demux([track.stream for track in tracks]):
        track_of_stream[packet.stream.index].feed(packet)


def make_unsupported_trouble(source: Source) -> Trouble:
    """The trouble of a file with sound that has no decoder here."""
    return Trouble("", STAGE, Cause.UNSUPPORTED, f"sound of type {source.media_type} cannot be decoded here")


def extract_fingerprint(source: Source, level: FingerprintLevel) -> Iterator[Fingerprint | Trouble]:
    """Yield one fingerprint of all audio tracks together, and the troubles. Nothing for a file without sound.

    Sides and surrounds are kept at the full level alone: without them a fingerprint is half as large and finds less.
    """
    if not has_sound(source.media_type):
        return
    if not has_demuxer(source.media_type):
        # As for pictures: reported only where everything is to be stored.
        if level is FingerprintLevel.FULL:
            yield make_unsupported_trouble(source)
        return
    parts = []
    for row in extract_tracks(source, keep_sides=level is FingerprintLevel.FULL):
        if isinstance(row, Trouble):
            yield row
        else:
            parts.append(row.data)
    if parts:
        yield Fingerprint(METHOD, VERSION, bundle(parts))

"""The sound of a file -> prints: every audio track decoded once, its channels laid together as views.

Channels are not all mixed into one: dialogue is in the centre and music is not, so what is drowned in the sum is often
bare in a view. Stereo gives its middle and its sides (where a centred voice cancels out), surround its centre, front,
front sides and surrounds; channels without known places are views of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from provenance.intake.av_open import opened_media
from provenance.intake.fingerprints.spectrum import Analysis
from provenance.intake.source import Source
from provenance.model import Cause, Fingerprint, Trouble
from provenance.soundprint import METHOD, RATE, VERSION, Floats, Soundprint, dumped

STAGE = "sound"
_TRACKS, _CHANNELS = 32, 16
"""Audio tracks of a file, and channels of unknown places in a track, that are listened to."""
_LONGEST = 12 * 3600
"""Seconds of one track that are listened to."""
_GAP, _LONGEST_GAP = 0.05, 600.0
"""Seconds without a sample that are silence, and seconds from which a time stamp is not believed."""
_FAINT = 0.02
"""Loudness of sides, to that of their middle, under which they hold only what a codec left."""
_SURROUND = frozenset({"SL", "SR", "BL", "BR", "BC", "TFL", "TFR", "TBL", "TBR"})


def views(channels: Sequence[str], samples: Floats) -> dict[str, Floats]:
    """Views of (channels, n) samples whose channels have such places as `FL`, `FR`, `FC`."""
    if len(channels) == 1:
        return {"mid": samples[0]}
    if len(channels) == 2:  # plain WAV does not say that they are left and right
        return {"mid": (samples[0] + samples[1]) / 2, "side": (samples[0] - samples[1]) / 2}
    place = {name: samples[number] for number, name in enumerate(channels)}
    if not {"FL", "FR"} <= place.keys() or len(place) != len(samples):
        return {f"channel {number + 1}": one for number, one in enumerate(samples[:_CHANNELS])}
    behind = [one for name, one in place.items() if name in _SURROUND]
    made = {"front": (place["FL"] + place["FR"]) / 2, "front side": (place["FL"] - place["FR"]) / 2}
    if "FC" in place:
        made["centre"] = place["FC"]
    if behind:
        made["surround"] = np.mean(behind, axis=0, dtype=np.float32)
    return made


@dataclass(slots=True)
class Track:
    """One audio track while it is decoded. Feed it its packets in order, an empty one last."""

    stream: AudioStream
    number: int
    zero: float
    """Seconds of the time stamps at the first frame of the file."""
    broken: int = 0
    """Packets that could not be decoded."""
    cut: bool = False
    """Whether it is longer than what is listened to."""
    _start: float | None = None
    _next: float = 0.0
    _resampler: av.AudioResampler | None = None
    _format: tuple[str, str, int] | None = None
    _views: dict[str, Analysis] = field(default_factory=dict)
    _power: dict[str, float] = field(default_factory=dict)
    _length: int = 0

    def feed(self, packet: Packet[Any]) -> None:
        """Decode a packet. Damage is counted, and told at the end."""
        try:
            frames = self.stream.codec_context.decode(packet)
        except (av.error.FFmpegError, ValueError):
            self.broken += 1
            return
        for frame in frames:
            if isinstance(frame, AudioFrame):
                self._hear(frame)

    def prints(self) -> Iterator[Fingerprint]:
        """One for every view in which there is something to be found."""
        for piece in self._resampler.resample(None) if self._resampler else ():
            self._add(piece)
        loudest = max(self._power.values(), default=0.0)
        for view, analysis in self._views.items():
            if "side" in view and self._power[view] < _FAINT**2 * loudest:
                continue
            marks, packed = analysis.finish()
            if marks.strong.any():
                sound = Soundprint(self.number, view, self._start or 0.0, analysis.length, marks, packed)
                yield Fingerprint(METHOD, VERSION, dumped(sound))

    def _hear(self, frame: AudioFrame) -> None:
        if self._length > _LONGEST * RATE:
            self.cut = True
            return
        at = float(frame.pts * frame.time_base) - self.zero if frame.pts is not None and frame.time_base else self._next
        if self._start is None:
            self._start = self._next = at if abs(at) < _LONGEST else 0.0
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        missing = at - self._next
        if shape != self._format or _GAP < missing < _LONGEST_GAP:
            self._turn(shape, missing if _GAP < missing < _LONGEST_GAP else 0.0)
        assert self._resampler is not None
        frame.pts = None
        self._next += frame.samples / frame.sample_rate
        for piece in self._resampler.resample(frame):
            self._add(piece)

    def _turn(self, shape: tuple[str, str, int], silent: float) -> None:
        """Begin anew after a change of format or a gap."""
        for piece in self._resampler.resample(None) if self._resampler else ():
            self._add(piece)
        self._format, self._resampler = shape, av.AudioResampler("fltp", None, RATE)
        self._next += silent
        for analysis in self._views.values():
            analysis.hear(np.zeros(round(silent * RATE), np.float32))

    def _add(self, piece: AudioFrame) -> None:
        names = [channel.name for channel in piece.layout.channels]
        samples = np.nan_to_num(piece.to_ndarray().astype(np.float32, copy=False), posinf=0.0, neginf=0.0)
        for view, heard in views(names, np.clip(samples, -8, 8)).items():
            analysis = self._views.setdefault(view, Analysis())
            if analysis.length < self._length:  # a view that begins late: its channels were not there before
                analysis.hear(np.zeros(self._length - analysis.length, np.float32))
            analysis.hear(heard)
            self._power[view] = self._power.get(view, 0.0) + float(np.dot(heard, heard))
        self._length += samples.shape[1]


def tracks_of(container: InputContainer) -> list[Track]:
    """Every audio track of an open file, ready to be fed."""
    moving = [stream for stream in container.streams.video if stream.average_rate and stream.frames != 1]
    zero = Fraction(container.start_time or 0, av.time_base)
    if moving and moving[0].start_time is not None and moving[0].time_base:
        zero = moving[0].start_time * moving[0].time_base
    return [Track(stream, number, float(zero)) for number, stream in enumerate(container.streams.audio[:_TRACKS])]


def learned(source: Source) -> Iterator[Fingerprint | Trouble]:
    """Prints of every audio track of a file, and what stood in their way. Nothing for a file without sound."""
    try:
        with opened_media(source) as container:
            tracks = tracks_of(container)
            if len(container.streams.audio) > _TRACKS:
                yield Trouble("", STAGE, Cause.OVERSIZED, f"more than {_TRACKS} audio tracks: not all listened to")
            try:
                _decode(container, tracks)
            except av.error.FFmpegError as error:
                yield Trouble("", STAGE, Cause.MALFORMED, f"ends before its end: {error.strerror}"[:200])
            yield from _told(tracks)
    except av.error.FFmpegError as error:
        yield Trouble("", STAGE, Cause.MALFORMED, f"cannot be opened: {error.strerror}"[:200])


def _decode(container: InputContainer, tracks: Sequence[Track]) -> None:
    by_index = {track.stream.index: track for track in tracks}
    if by_index:
        for packet in container.demux([track.stream for track in tracks]):
            by_index[packet.stream.index].feed(packet)


def _told(tracks: Sequence[Track]) -> Iterator[Fingerprint | Trouble]:
    for track in tracks:
        yield from track.prints()
        if track.broken:
            what = f"audio track {track.number + 1}: {track.broken} packets could not be decoded"
            yield Trouble("", STAGE, Cause.MALFORMED, what)
        if track.cut:
            what = f"audio track {track.number + 1}: listened to its first {_LONGEST // 3600} hours"
            yield Trouble("", STAGE, Cause.OVERSIZED, what)

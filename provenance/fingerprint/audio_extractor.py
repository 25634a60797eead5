"""Decoded audio frames of one track -> audio fingerprints of its downmixes, in bounded memory.

Step 1 of sound in docs/matching.md. The channels are not all mixed into one: dialogue is in the centre and music is
not, so a clip that is masked in the sum is often bare in another downmix. Stereo gives its middle and its sides (where
a centred voice cancels out); surround gives its centre, front, front sides and surrounds; a channel whose place is not
known is a downmix of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import av
import numpy as np
from av.audio.frame import AudioFrame

from provenance.fingerprint.audio import METHOD, RATE, VERSION, AudioFingerprint, to_bytes
from provenance.fingerprint.spectrum import AudioAnalyser
from provenance.media.arrays import Floats
from provenance.model.asset import Fingerprint

MAX_SECONDS = 12 * 3600
"""Seconds of one track that are analysed at most."""
_MAX_UNPLACED_CHANNELS = 16
"""Channels without a known place that are analysed at most."""
_SHORTEST_GAP = 0.02
"""Seconds without a sample that are taken for silence: a frame of AAC is 21 ms."""
_LONGEST_GAP = 2 * 3600.0
"""Seconds from which the time stamp after a gap is not believed."""
_FAINT_SIDES = 0.02
"""Loudness of sides, relative to the loudest downmix, below which they hold only the residue of a codec."""
_LOUDEST_SAMPLE = 8.0
"""Samples are clipped here; full scale is 1."""
_SIDE_DOWNMIXES = frozenset({"side", "front side", "surround"})
_SURROUND_CHANNELS = frozenset({"SL", "SR", "BL", "BR", "BC", "TFL", "TFR", "TBL", "TBR"})


def downmix(channels: Sequence[str], samples: Floats, keep_sides: bool = True) -> dict[str, Floats]:
    """Mix (channels, n) float32 samples into downmixes: name -> (n,) float32.

    `channels` are the places that FFmpeg names, such as `FL`, `FR`, `FC`. Without `keep_sides`, sides and surrounds
    are left out.
    """
    downmixes = _downmix_all(channels, samples)
    if keep_sides:
        return downmixes
    return {name: mixed for name, mixed in downmixes.items() if name not in _SIDE_DOWNMIXES}


def _downmix_all(channels: Sequence[str], samples: Floats) -> dict[str, Floats]:
    if len(channels) == 1:
        return {"mid": samples[0]}
    if len(channels) == 2:
        # Plain WAV does not say that its two channels are left and right.
        return {"mid": (samples[0] + samples[1]) / 2, "side": (samples[0] - samples[1]) / 2}
    by_place = dict(zip(channels, samples, strict=False))
    has_front = "FL" in by_place and "FR" in by_place
    are_places_distinct = len(by_place) == len(samples)
    if not has_front or not are_places_distinct:
        return {f"channel {number}": one for number, one in enumerate(samples[:_MAX_UNPLACED_CHANNELS], 1)}
    downmixes = {
        "front": (by_place["FL"] + by_place["FR"]) / 2,
        "front side": (by_place["FL"] - by_place["FR"]) / 2,
    }
    if "FC" in by_place:
        downmixes["centre"] = by_place["FC"]
    surrounds = [one for place, one in by_place.items() if place in _SURROUND_CHANNELS]
    if surrounds:
        downmixes["surround"] = np.mean(surrounds, axis=0, dtype=np.float32)
    return downmixes


@dataclass(slots=True)
class AudioExtractor:
    """Makes the fingerprints of one audio track: `feed` it the decoded frames in order, then `finish` once."""

    track: int
    """Number of the audio track in its file, from 0."""
    time_origin: float = 0.0
    """Seconds of the time stamps at the first frame of the file; fingerprints count their start from there."""
    max_seconds: float = MAX_SECONDS
    """Seconds of the track that are analysed."""
    keep_sides: bool = True
    """Whether sides and surrounds are kept; without them a fingerprint is half as large and finds less."""
    _start: float | None = None
    """Seconds from the time origin to the first sample; None before the first frame."""
    _next_time: float = 0.0
    """Seconds from the time origin at which the next frame should begin."""
    _resampler: av.AudioResampler | None = None
    _format: tuple[str, str, int] | None = None
    """Sample format, channel layout and sample rate that the resampler expects."""
    _analysers: dict[str, AudioAnalyser] = field(default_factory=dict)
    """By name of the downmix."""
    _power: dict[str, float] = field(default_factory=dict)
    """Sum of the squared samples, by name of the downmix."""
    _length: int = 0
    """Samples at `RATE` fed to the analysers."""

    @property
    def is_full(self) -> bool:
        """Whether so much was analysed that further frames are ignored."""
        return self._length >= self.max_seconds * RATE

    def feed(self, frame: AudioFrame) -> None:
        """Add the next frame, in any format. Raises `av.error.FFmpegError` or `ValueError` for a nonsensical one."""
        if self.is_full:
            return
        if frame.sample_rate <= 0:
            raise ValueError("the audio frame has no sample rate")
        time = self._next_time
        if frame.time is not None:
            time = frame.time - self.time_origin
        if self._start is None:
            self._start = time if abs(time) < MAX_SECONDS else 0.0
            self._next_time = self._start
        # Time stamps may lie: a gap that is too long is not believed, and no gap adds more than is analysed in all.
        gap = time - self._next_time
        silence = 0.0
        if _SHORTEST_GAP < gap < _LONGEST_GAP:
            silence = min(gap, self.max_seconds)
        frame_format = (frame.format.name, frame.layout.name, frame.sample_rate)
        if frame_format != self._format or silence:
            self._restart_resampler(frame_format, silence)
        assert self._resampler is not None
        # `_next_time` keeps the place of the samples; the resampler needs no time stamps.
        frame.pts = None
        self._next_time += frame.samples / frame.sample_rate
        for piece in self._resampler.resample(frame):
            self._feed_analysers(piece)

    def finish(self) -> Iterator[Fingerprint]:
        """Yield a fingerprint of every downmix in which there is something to find."""
        self._flush_resampler()
        loudest = max(self._power.values(), default=0.0)
        while self._analysers:
            # Each analyser is dropped before the next one finishes: together they would need the memory of all.
            name = next(iter(self._analysers))
            analyser = self._analysers.pop(name)
            if "side" in name and self._power[name] < _FAINT_SIDES**2 * loudest:
                continue
            landmarks, packed_signs, levels = analyser.finish()
            if landmarks.strong.any():
                start = self._start or 0.0
                sound = AudioFingerprint(self.track, name, start, analyser.length, landmarks, packed_signs, levels)
                yield Fingerprint(METHOD, VERSION, to_bytes(sound))

    def _restart_resampler(self, frame_format: tuple[str, str, int], silence: float) -> None:
        """Begin anew after a change of format, or after a gap of so many seconds of silence."""
        self._flush_resampler()
        self._format = frame_format
        # It gives pieces of a second, RATE samples each: 50 decoded frames in one cost what one costs.
        self._resampler = av.AudioResampler("fltp", None, RATE, RATE)
        self._next_time += silence
        self._length += round(silence * RATE)
        self._pad_with_silence()

    def _flush_resampler(self) -> None:
        resampler, self._resampler = self._resampler, None
        if resampler is None:
            return
        for piece in resampler.resample(None):
            self._feed_analysers(piece)

    def _feed_analysers(self, piece: AudioFrame) -> None:
        """Downmix a resampled frame and feed the analysers."""
        channels = [channel.name for channel in piece.layout.channels]
        # Float files may hold NaN, infinity and samples far over full scale.
        samples = np.nan_to_num(piece.to_ndarray().astype(np.float32, copy=False), posinf=0.0, neginf=0.0)
        samples = np.clip(samples, -_LOUDEST_SAMPLE, _LOUDEST_SAMPLE)
        downmixes = downmix(channels, samples, self.keep_sides)
        for name in downmixes:
            self._analysers.setdefault(name, AudioAnalyser())
        # A downmix whose channels appear only now was silent until here.
        self._pad_with_silence()
        for name, mixed in downmixes.items():
            self._analysers[name].feed(mixed)
            self._power[name] = self._power.get(name, 0.0) + float(np.dot(mixed, mixed))
        self._length += samples.shape[1]

    def _pad_with_silence(self) -> None:
        """Bring every downmix to the same length."""
        for analyser in self._analysers.values():
            missing = self._length - analyser.length
            if missing > 0:
                analyser.feed(np.zeros(missing, np.float32))

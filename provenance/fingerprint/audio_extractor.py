"""Decoded audio frames of one track -> prints of its views, in bounded memory.

Channels are not all mixed into one: dialogue is in the centre and music is not, so what is drowned in the sum is often
bare in a view. Stereo gives its middle and its sides (where a centred voice cancels out), surround its centre, front,
front sides and surrounds; channels without known places are views of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import av
import numpy as np
from av.audio.frame import AudioFrame

from provenance.fingerprint.audio import METHOD, RATE, VERSION, AudioFingerprint, to_bytes
from provenance.fingerprint.spectrum import Analysis
from provenance.media.arrays import Floats
from provenance.model.asset import Fingerprint

LONGEST = 12 * 3600
"""Seconds of one track that are listened to at most."""
_CHANNELS = 16
"""Channels of unknown places that are listened to."""
_GAP, _LONGEST_GAP = 0.02, 2 * 3600.0
"""Seconds without a sample that are silence (a frame of AAC is 21 ms), and from which a time stamp is not believed."""
_FAINT = 0.02
"""Loudness of sides, to that of their middle, under which they hold only what a codec left."""
_SIDES = frozenset({"side", "front side", "surround"})
_SURROUND = frozenset({"SL", "SR", "BL", "BR", "BC", "TFL", "TFR", "TBL", "TBR"})


def downmix(channels: Sequence[str], samples: Floats, sides: bool = True) -> dict[str, Floats]:
    """Views of (channels, n) samples whose channels have such places as `FL`, `FR`, `FC`; `sides`: those, too."""
    return {view: one for view, one in _downmix_all(channels, samples).items() if sides or view not in _SIDES}


def _downmix_all(channels: Sequence[str], samples: Floats) -> dict[str, Floats]:
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
class AudioExtractor:
    """Listens to one audio track: `add` its decoded frames in order, then `finish` once."""

    track: int
    """Number of the audio track in its file, from 0."""
    zero: float = 0.0
    """Seconds of the time stamps at the first frame of the file; prints tell their start from there."""
    longest: float = LONGEST
    """Seconds that are listened to."""
    sides: bool = True
    """Whether sides and surrounds are kept; without them a print is half as large, and finds less."""
    _start: float | None = None
    _next: float = 0.0
    _resampler: av.AudioResampler | None = None
    _format: tuple[str, str, int] | None = None
    _views: dict[str, Analysis] = field(default_factory=dict)
    _power: dict[str, float] = field(default_factory=dict)
    _length: int = 0

    @property
    def full(self) -> bool:
        """Whether it has heard so much that it listens no more."""
        return self._length >= self.longest * RATE

    def add(self, frame: AudioFrame) -> None:
        """The next frame, in any format. Raises `av.error.FFmpegError` or `ValueError` for one that makes no sense."""
        if self.full:
            return
        if frame.sample_rate <= 0:
            raise ValueError("no sample rate")
        at = self._next if frame.time is None else frame.time - self.zero
        if self._start is None:
            self._start = self._next = at if abs(at) < LONGEST else 0.0
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        silent = min(at - self._next, self.longest) if _GAP < at - self._next < _LONGEST_GAP else 0.0
        if shape != self._format or silent:
            self._turn(shape, silent)
        assert self._resampler is not None
        frame.pts = None
        self._next += frame.samples / frame.sample_rate
        for piece in self._resampler.resample(frame):
            self._hear(piece)

    def finish(self) -> Iterator[Fingerprint]:
        """A print of every view in which there is something to be found."""
        self._flush()
        loudest = max(self._power.values(), default=0.0)
        while self._views:
            view = next(iter(self._views))
            analysis = self._views.pop(view)
            if "side" in view and self._power[view] < _FAINT**2 * loudest:
                continue
            marks, packed = analysis.finish()
            if marks.strong.any():
                sound = AudioFingerprint(self.track, view, self._start or 0.0, analysis.length, marks, packed)
                yield Fingerprint(METHOD, VERSION, to_bytes(sound))

    def _turn(self, shape: tuple[str, str, int], silent: float) -> None:
        """Begin anew after a change of format or a gap. Pieces of a second: 50 frames in one cost what one does."""
        self._flush()
        self._format, self._resampler = shape, av.AudioResampler("fltp", None, RATE, RATE)
        self._next += silent
        self._length += round(silent * RATE)
        self._even_out()

    def _flush(self) -> None:
        resampler, self._resampler = self._resampler, None
        for piece in resampler.resample(None) if resampler else ():
            self._hear(piece)

    def _hear(self, piece: AudioFrame) -> None:
        names = [channel.name for channel in piece.layout.channels]
        samples = np.nan_to_num(piece.to_ndarray().astype(np.float32, copy=False), posinf=0.0, neginf=0.0)
        heard = downmix(names, np.clip(samples, -8, 8), self.sides)
        for view in heard:
            self._views.setdefault(view, Analysis())
        self._even_out()  # a view that begins late: its channels were not there before
        for view, one in heard.items():
            self._views[view].hear(one)
            self._power[view] = self._power.get(view, 0.0) + float(np.dot(one, one))
        self._length += samples.shape[1]

    def _even_out(self) -> None:
        """Silence wherever a view lags behind."""
        for analysis in self._views.values():
            if analysis.length < self._length:
                analysis.hear(np.zeros(self._length - analysis.length, np.float32))

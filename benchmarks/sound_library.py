"""Tunes that share what music libraries share: samples of one set of instruments, a drum kit, loops, the tune itself.

A small sampler: every instrument has one recording for every four semitones, and what lies between is played from the
nearest one at another speed. All tunes are played from the same recordings, so that two of them hold the same samples,
note by note, without one being a copy of the other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.sound_material import RATE, Sound, make_babble

_NOTE_SECONDS = 3.0
"""Length of each recording."""
_EVERY = 4
"""Semitones from one recording to the next."""
_RELEASE = int(0.06 * RATE)
"""Samples in which a note fades when it is let go."""
_INSTRUMENTS = ("bass", "keys", "lead", "pad")
_DRUMS = ("kick", "snare", "hat", "open")
_BARS = 10
_LOOP_BARS = 2
_PROGRESSIONS = ((0, 5, 3, 4), (0, 3, 5, 4), (0, 4, 5, 3), (5, 3, 0, 4))
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_TEMPOS = (90.0, 100.0, 120.0)
"""Beats a minute: few, as in a music library, so that the notes of many tunes fall together."""
_KEYS = (0, 2, 5)


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a tune."""

    instrument: str
    pitch: int
    """Semitones, 69 for 440 Hz; of a drum, 0."""
    beat: float
    beats: float
    """How long it sounds."""
    gain: float


@dataclass(frozen=True, slots=True)
class Tune:
    """What is played, and how fast."""

    notes: tuple[Note, ...]
    tempo: float
    """Beats a minute."""


def compose(rng: np.random.Generator, drums: tuple[Note, ...] | None = None, tempo: float | None = None) -> Tune:
    """A tune of ten bars: chords, bass, keys, a melody and drums; the drums and the tempo of another where given."""
    tempo = tempo or float(rng.choice(_TEMPOS))
    key = int(rng.choice(_KEYS))
    progression = _PROGRESSIONS[int(rng.integers(len(_PROGRESSIONS)))]
    notes: list[Note] = []
    for bar in range(_BARS):
        degree = progression[bar % 4]
        chord = [_find_pitch(key, degree + step) for step in (0, 2, 4)]
        notes += [Note("pad", 48 + pitch, 4.0 * bar, 4.0, 0.25) for pitch in chord]
        for beat in range(4):
            if rng.random() < 0.8:
                notes.append(Note("bass", 36 + chord[0], 4 * bar + beat, float(rng.choice([0.5, 1.0])), 0.8))
        for half in range(8):
            if rng.random() < 0.6:
                notes.append(Note("keys", 60 + int(rng.choice(chord)), 4 * bar + half / 2, 0.5, rng.uniform(0.3, 0.6)))
            if rng.random() < 0.45:
                pitch = 72 + _find_pitch(key, int(rng.integers(7)))
                beats = float(rng.choice([0.5, 1.0, 1.5]))
                notes.append(Note("lead", pitch, 4 * bar + half / 2, beats, rng.uniform(0.4, 0.7)))
    if drums is None:
        drums = _compose_drums(rng)
    return Tune((*notes, *drums), tempo)


def _find_pitch(key: int, degree: int) -> int:
    """Semitones of a degree of the scale in a key."""
    return key + _SCALE[degree % 7] + 12 * (degree // 7)


def _compose_drums(rng: np.random.Generator) -> tuple[Note, ...]:
    """A pattern of one bar, over and over."""
    pattern = [Note("hat", 0, half / 2, 0.5, 0.4) for half in range(8) if rng.random() < 0.9]
    pattern += [Note("kick", 0, beat, 1, 1.0) for beat in (0, 1.5, 2, 2.5) if rng.random() < 0.7]
    pattern += [Note("snare", 0, beat, 1, 0.8) for beat in (1, 3)]
    if rng.random() < 0.5:
        pattern.append(Note("open", 0, 3.5, 0.5, 0.5))
    return tuple(replace(note, beat=note.beat + 4 * bar) for bar in range(_BARS) for note in pattern)


def find_drums(tune: Tune) -> tuple[Note, ...]:
    """The drums of a tune."""
    return tuple(note for note in tune.notes if note.instrument in _DRUMS)


def change_melody(tune: Tune, rng: np.random.Generator) -> Tune:
    """Another melody on the same instrument, of the same pitches, over the same drums, chords and bass."""
    pitches = sorted({note.pitch for note in tune.notes if note.instrument == "lead"})
    notes = list(_leave_out(tune, "lead").notes)
    for half in range(8 * _BARS):
        if rng.random() < 0.45:
            beats = float(rng.choice([0.5, 1.0, 1.5]))
            notes.append(Note("lead", int(rng.choice(pitches)), half / 2, beats, rng.uniform(0.4, 0.7)))
    return replace(tune, notes=tuple(notes))


def _leave_out(tune: Tune, *instruments: str) -> Tune:
    return replace(tune, notes=tuple(note for note in tune.notes if note.instrument not in instruments))


def _talk_over(sound: Sound, rng: np.random.Generator) -> Sound:
    """(n,): the sound under dialogue that is 6 dB louder."""
    # A made-up voice needs no program, and masks as well as any other.
    talk = make_babble(len(sound) / RATE, 0, rng)
    talk = np.resize(talk, len(sound))
    gain = 2 * np.sqrt(np.mean(sound**2) / np.mean(talk**2))
    return np.asarray(sound + talk * gain, np.float32)


def transpose(tune: Tune, semitones: int) -> Tune:
    """The tune in another key. Drums have no key."""
    return replace(tune, notes=tuple(_transpose_note(note, semitones) for note in tune.notes))


def _transpose_note(note: Note, semitones: int) -> Note:
    if note.instrument in _DRUMS:
        return note
    return replace(note, pitch=note.pitch + semitones)


def humanise(tune: Tune, rng: np.random.Generator, milliseconds: float) -> Tune:
    """The tune as somebody else plays it: no note quite at its time, nor as loud as before."""
    jitter = milliseconds / 1000 * tune.tempo / 60
    notes = []
    for note in tune.notes:
        beat = max(0.0, note.beat + rng.normal(0, jitter))
        notes.append(replace(note, beat=beat, gain=note.gain * rng.uniform(0.6, 1.3)))
    return replace(tune, notes=tuple(notes))


def exchange_instruments(tune: Tune) -> Tune:
    """The tune with its keys and its melody played by each other's instrument."""
    other = {"keys": "lead", "lead": "keys"}
    notes = (replace(note, instrument=other.get(note.instrument, note.instrument)) for note in tune.notes)
    return replace(tune, notes=tuple(notes))


def play(tune: Tune) -> Sound:
    """(n,): the tune, played from the recordings."""
    beat = 60 / tune.tempo * RATE
    out = np.zeros(int(4 * _BARS * beat) + 2 * RATE, np.float32)
    for note in tune.notes:
        start = int(note.beat * beat)
        sample = _find_sample(note.instrument, note.pitch)
        length = len(sample)
        if note.instrument not in _DRUMS:
            length = min(length, int(note.beats * beat) + _RELEASE)
        length = min(length, len(out) - start)
        sound = sample[:length] * np.float32(note.gain)
        fade = min(_RELEASE, length)
        sound[length - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
        out[start : start + length] += sound
    return np.asarray(out * (0.1 / np.sqrt(np.mean(out**2))), np.float32)


@functools.cache
def _find_sample(instrument: str, pitch: int) -> Sound:
    """(n,): the nearest recording, at the speed that gives the pitch."""
    if instrument in _DRUMS:
        return _record_drum(instrument)
    root = round(pitch / _EVERY) * _EVERY
    recording = _record_note(instrument, root)
    ratio = 2 ** ((pitch - root) / 12)
    place = np.arange(int((len(recording) - 1) / ratio)) * ratio
    return np.asarray(np.interp(place, np.arange(len(recording)), recording), np.float32)


@functools.cache
def _record_note(instrument: str, pitch: int) -> Sound:
    """(n,): one recording of an instrument; no two are alike."""
    rng = np.random.default_rng((_INSTRUMENTS.index(instrument), pitch))
    time = np.arange(int(_NOTE_SECONDS * RATE)) / RATE
    frequency = 440 * 2 ** ((pitch - 69) / 12) * rng.uniform(0.998, 1.002)
    decay = {"bass": 1.5, "keys": 2.5, "lead": 0.8, "pad": 0.1}[instrument]
    attack = {"bass": 0.005, "keys": 0.003, "lead": 0.02, "pad": 0.15}[instrument]
    vibrato = rng.uniform(0, 0.003) * np.sin(2 * np.pi * rng.uniform(4, 6) * time) * (instrument in ("lead", "pad"))
    phase = 2 * np.pi * np.cumsum(frequency * (1 + vibrato)) / RATE
    out = np.zeros(len(time))
    for number in range(1, 16):
        if number * frequency > 8000:
            break
        partial = number * (1 + 0.0004 * number * number * (instrument == "keys"))
        gain = rng.uniform(0.3, 1) / number ** rng.uniform(0.7, 1.3)
        swell = 1 + 0.2 * np.sin(2 * np.pi * rng.uniform(0.3, 2) * time + rng.uniform(0, 6))
        out += gain * swell * np.sin(partial * phase + rng.uniform(0, 6)) * np.exp(-time * decay * (0.6 + 0.2 * number))
    out += rng.normal(size=len(time)) * (0.3 * np.exp(-time / 0.02) + 0.004)
    return np.asarray(out * np.minimum(1, time / attack) * 0.2, np.float32)


@functools.cache
def _record_drum(drum: str) -> Sound:
    """(n,): a hit."""
    rng = np.random.default_rng(100 + _DRUMS.index(drum))
    seconds = {"kick": 0.4, "snare": 0.35, "hat": 0.12, "open": 0.5}[drum]
    time = np.arange(int(seconds * RATE)) / RATE
    noise = rng.normal(size=len(time))
    if drum == "kick":
        sweep = 2 * np.pi * np.cumsum(50 + 110 * np.exp(-time / 0.03)) / RATE
        return np.asarray(np.sin(sweep) * np.exp(-time / 0.12) + 0.3 * noise * np.exp(-time / 0.005), np.float32)
    if drum == "snare":
        shell = np.sin(2 * np.pi * 190 * time) + 0.6 * np.sin(2 * np.pi * 331 * time)
        return np.asarray(0.5 * shell * np.exp(-time / 0.06) + 0.5 * noise * np.exp(-time / 0.09), np.float32)
    metal = np.sin(2 * np.pi * np.outer(rng.uniform(1800, 9000, 12), time)).sum(0)
    body = np.diff(noise, prepend=0) * 0.4 + 0.08 * metal
    return np.asarray(body * np.exp(-time / (seconds / 4)), np.float32)


def cut_loop(tune: Tune) -> Sound:
    """(n,): the first two bars of a tune, as a loop."""
    return play(tune)[: int(4 * _LOOP_BARS * 60 / tune.tempo * RATE)]


def lay_loop(loop: Sound, tune: Tune) -> Sound:
    """(n,): another tune with the loop under it, from its third bar on, twice."""
    out = play(tune)
    start = int(8 * 60 / tune.tempo * RATE)
    for repetition in range(2):
        first = start + repetition * len(loop)
        part = loop[: max(0, len(out) - first)]
        out[first : first + len(part)] += part
    return out


@dataclass(frozen=True, slots=True)
class Relative:
    """A sound that has something in common with a known tune."""

    relation: str
    sound: Sound


_RELATIONS: dict[str, Callable[[Tune, np.random.Generator], Sound]] = {
    "another tune": lambda tune, rng: play(compose(rng, tempo=tune.tempo)),
    "another tune over its drums": lambda tune, rng: play(compose(rng, find_drums(tune), tune.tempo)),
    "another melody over the rest": lambda tune, rng: play(change_melody(tune, rng)),
    "the same under dialogue": lambda tune, rng: _talk_over(play(change_melody(tune, rng)), rng),
    "no melody": lambda tune, _: play(_leave_out(tune, "lead")),
    "its drums alone": lambda tune, _: play(_leave_out(tune, "bass", "keys", "lead", "pad")),
    "its loop in another tune": lambda tune, rng: lay_loop(cut_loop(tune), compose(rng, tempo=tune.tempo)),
    "in another key": lambda tune, rng: play(transpose(tune, int(rng.choice([-3, -2, -1, 1, 2, 3])))),
    "in another tempo": lambda tune, rng: play(replace(tune, tempo=tune.tempo * float(rng.choice([0.93, 0.96, 1.05])))),
    "in another key and tempo": lambda tune, rng: play(
        replace(transpose(tune, int(rng.choice([-2, 2]))), tempo=tune.tempo * float(rng.choice([0.94, 1.06])))
    ),
    "another performance": lambda tune, rng: play(humanise(tune, rng, 12)),
    "on other instruments": lambda tune, _: play(exchange_instruments(tune)),
}


COPY = "itself, under dialogue"
"""The one relation that is a copy."""


def make_relatives(tune: Tune, rng: np.random.Generator) -> Iterator[Relative]:
    """Yield a relative of each kind, and the tune itself under dialogue."""
    yield Relative(COPY, _talk_over(play(tune), rng))
    for relation, make in _RELATIONS.items():
        yield Relative(relation, make(tune, rng))

"""Speech and music to measure with: from Debian packages where they are installed, synthesised where not.

`apt-get install espeak-ng flite wesnoth-1.16-music` gives seven voices and forty pieces of orchestral music. Without
them the same functions make babble from a glottal pulse and three resonances, and tunes of plucked and bowed tones with
drums: worse to listen to, but they need nothing.
"""

from __future__ import annotations

import glob
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples a second."""
Sound = NDArray[np.float32]
"""(n,) or (2, n) samples at `RATE`, full scale 1."""

MUSIC = "/usr/share/games/wesnoth/*/data/core/music/*.ogg"
DIALOGUE = ("flite:rms", "espeak:en-gb+f3", "flite:slt")
"""Voices of the bed. They differ from those of the lines: a synthetic voice says the same word the same way twice."""
LINES = ("flite:awb", "flite:kal16", "espeak:en-us", "espeak:en-gb-scotland+m4")
"""Voices of the known clips."""
VOICES = DIALOGUE + LINES
_PROGRAMS = {"flite": "flite", "espeak": "espeak-ng"}
_PIECE_SECONDS = 80
"""Seconds of a piece of music that are used."""
_CHARACTERS_PER_SECOND = 14
"""Speed at which a made-up voice speaks."""
_SYLLABLES_PER_SECOND = 5
_WORDS = """
    captain sister town radio quiet child driver teacher nurse letter coast broken lantern wooden boxes long road north
    blue house empty theatre map before rain began cold morning while others slept without word after war near harbour
    never found always wanted left behind would sell carried almost forgot kept asking about painted window garden seven
    brothers market river stone winter paper silver train station evening doctor yellow mountain bridge summer kitchen
    table piano thunder candle story village forest money silence corner engine shadow bottle promise island feather
    hammer pocket soldier mirror orchard signal question answer dangerous beautiful impossible together tomorrow
"""


def load_audio(path: str, seconds: float | None = None) -> Sound:
    """(2, n): a sound file, only its first `seconds` where given."""
    resampler = av.AudioResampler("fltp", "stereo", RATE)
    parts: list[Sound] = []
    length = 0
    with av.open(path) as file:
        for frame in file.decode(audio=0):
            for piece in resampler.resample(frame):
                parts.append(piece.to_ndarray().astype(np.float32))
                length += parts[-1].shape[1]
            if seconds and length > seconds * RATE:
                break
    return np.asarray(np.concatenate(parts, axis=1))


def make_sentences(rng: np.random.Generator) -> Iterator[str]:
    """Yield lines of dialogue without end, of words in random order."""
    # A phrase said twice by one voice would be the same sound.
    words = _WORDS.split()
    while True:
        yield " ".join(rng.choice(words, 9))


def speak(text: str, voice: str, rng: np.random.Generator, *, made: bool = False) -> Sound:
    """(n,): a line in one of the `VOICES`; in a made-up voice when its program is not installed, or when `made`."""
    engine, name = voice.split(":")
    program = shutil.which(_PROGRAMS[engine])
    if program is None or made:
        return make_babble(len(text) / _CHARACTERS_PER_SECOND, VOICES.index(voice), rng)
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder, "line.wav"))
        if engine == "flite":
            command = [program, "-voice", name, "-t", text, "-o", out]
        else:
            command = [program, "-v", name, "-w", out, text]
        subprocess.run(command, check=True, capture_output=True)
        return np.asarray(load_audio(out)[0])


def load_music(most: int, rng: np.random.Generator, *, made: bool = False) -> list[Sound]:
    """Up to `most` pieces of music, (2, n), up to 80 s long; made-up ones when none are installed, or when `made`."""
    files = [] if made else sorted(glob.glob(MUSIC))[:most]
    if files:
        return [load_audio(path, _PIECE_SECONDS) for path in files]
    return [make_tune(60, rng) for _ in range(most)]


def make_babble(seconds: float, voice: int, rng: np.random.Generator) -> Sound:
    """(n,): syllables of a pulse train through three resonances, hiss for consonants, and pauses between words."""
    count = max(1, round(seconds * _SYLLABLES_PER_SECOND))
    length = int(seconds * RATE / count)
    return np.concatenate([_make_syllable(length, voice, rng) for _ in range(count)])


def _make_syllable(length: int, voice: int, rng: np.random.Generator) -> Sound:
    if rng.random() < 0.15:
        return np.zeros(length, np.float32)
    time = np.arange(length) / RATE
    pitch = (90 + 25 * voice) * rng.uniform(0.85, 1.2) * (1 + rng.uniform(-0.1, 0.1) * time * 5)
    phase = np.cumsum(pitch) / RATE
    envelope = np.minimum(1, time / 0.02) * np.minimum(1, (time[-1] - time) / 0.03)
    formants = rng.uniform(280, 850), rng.uniform(900, 2300), rng.uniform(2300, 3400)
    voiced = np.zeros(length)
    for harmonic in range(1, int(4000 / pitch.mean())):
        frequency = harmonic * pitch.mean()
        gain = sum(1 / (1 + ((frequency - formant) / 90) ** 2) for formant in formants)
        voiced += gain * np.sin(2 * np.pi * harmonic * phase + harmonic * harmonic)
    hiss = np.diff(rng.normal(size=length + 1)) * np.exp(-((time / 0.04) ** 2)) * rng.uniform(0, 2)
    return np.asarray((voiced * envelope + hiss) * 0.1, np.float32)


def make_tune(seconds: float, rng: np.random.Generator) -> Sound:
    """(2, n): a melody over chords with drums, in a key, a tempo and with instruments of its own."""
    beat = int(RATE * 60 / rng.uniform(70, 150))
    major_scale = np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])
    pitches = 110 * 2 ** ((rng.integers(12) + major_scale) / 12)
    instruments = [rng.uniform(0.3, 1.2, 12) / np.arange(1, 13) ** rng.uniform(0.6, 2) for _ in range(3)]
    out = np.zeros((2, int(seconds * RATE) + 4 * beat), np.float32)
    for start in range(0, int(seconds * RATE), beat):
        for octave, harmonics, chance in zip((1, 2, 4), instruments, (0.5, 0.8, 0.6), strict=True):
            if rng.random() < chance:
                note = _make_note(rng.choice(pitches) * octave, int(beat * rng.choice([0.5, 1, 2])), harmonics, rng)
                out[:, start : start + len(note)] += note * rng.uniform(0.3, 1, (2, 1))
        drum = rng.normal(size=beat // 2) * np.exp(-np.arange(beat // 2) / rng.uniform(300, 3000)) * rng.uniform(0, 0.6)
        out[:, start : start + len(drum)] += drum
    return np.asarray(out[:, : int(seconds * RATE)] * np.float32(0.1))


def _make_note(pitch: float, length: int, harmonics: NDArray[np.float64], rng: np.random.Generator) -> Sound:
    """(length,): a tone whose higher harmonics fade sooner; `harmonics` are their gains."""
    time = np.arange(length) / RATE
    wave = np.zeros(length)
    for number, gain in enumerate(harmonics, 1):
        tone = np.sin(2 * np.pi * pitch * number * time + rng.uniform(0, 6))
        wave += gain * tone * np.exp(-time * number * rng.uniform(0.5, 3))
    return np.asarray(wave * np.minimum(1, time / 0.01) * np.minimum(1, (time[-1] - time) / 0.02), np.float32)

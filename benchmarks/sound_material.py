"""Speech and music to measure with: from Debian packages where they are installed, synthesised where not.

`apt-get install espeak-ng flite wesnoth-1.16-music` gives seven voices and forty pieces of orchestral music. Without
them the same functions make babble from a glottal pulse and three resonances, and tunes of plucked and bowed tones with
drums: worse to listen to, but nothing is needed to measure with them.
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
Sound = NDArray[np.float32]
"""(n,) or (2, n) samples at `RATE`."""

MUSIC = "/usr/share/games/wesnoth/*/data/core/music/*.ogg"
DIALOGUE = ("flite:rms", "espeak:en-gb+f3", "flite:slt")
LINES = ("flite:awb", "flite:kal16", "espeak:en-us", "espeak:en-gb-scotland+m4")
"""Voices of the bed and of what is looked for: apart, for a synthetic voice says the same word the same way twice."""
VOICES = DIALOGUE + LINES
_WORDS = """
    captain sister town radio quiet child driver teacher nurse letter coast broken lantern wooden boxes long road north
    blue house empty theatre map before rain began cold morning while others slept without word after war near harbour
    never found always wanted left behind would sell carried almost forgot kept asking about painted window garden seven
    brothers market river stone winter paper silver train station evening doctor yellow mountain bridge summer kitchen
    table piano thunder candle story village forest money silence corner engine shadow bottle promise island feather
    hammer pocket soldier mirror orchard signal question answer dangerous beautiful impossible together tomorrow
"""


def load_audio(path: str, seconds: float | None = None) -> Sound:
    """(2, n): a sound file, its first `seconds` only where given."""
    resampler, parts = av.AudioResampler("fltp", "stereo", RATE), []
    with av.open(path) as file:
        for frame in file.decode(audio=0):
            parts += [piece.to_ndarray() for piece in resampler.resample(frame)]
            if seconds and sum(part.shape[1] for part in parts) > seconds * RATE:
                break
    return np.asarray(np.concatenate(parts, axis=1))


def make_sentences(rng: np.random.Generator) -> Iterator[str]:
    """Lines of dialogue without end: words in any order, for a phrase said twice by one voice is the same sound."""
    words = _WORDS.split()
    while True:
        yield " ".join(rng.choice(words, 9))


def speak(text: str, voice: str, rng: np.random.Generator, *, made: bool = False) -> Sound:
    """(n,): a line in one of the `VOICES`, in a made-up voice when the program for it is not there."""
    engine, name = voice.split(":")
    program = shutil.which({"flite": "flite", "espeak": "espeak-ng"}[engine])
    if program is None or made:
        return make_babble(len(text) / 14, VOICES.index(voice), rng)
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder, "line.wav"))
        flite, espeak = ["-voice", name, "-t", text, "-o", out], ["-v", name, "-w", out, text]
        order = [program, *(flite if engine == "flite" else espeak)]
        subprocess.run(order, check=True, capture_output=True)
        return np.asarray(load_audio(out)[0])


def load_music(most: int, rng: np.random.Generator, *, made: bool = False) -> list[Sound]:
    """Up to `most` pieces of music, (2, n), up to 80 s long; `made` up even where there are better ones."""
    files = [] if made else sorted(glob.glob(MUSIC))[:most]
    return [load_audio(path, 80) for path in files] or [make_tune(60, rng) for _ in range(most)]


def make_babble(seconds: float, voice: int, rng: np.random.Generator) -> Sound:
    """(n,): syllables of a pulse train through three resonances, hiss for consonants, and pauses between words."""
    count = max(1, round(seconds * 5))
    length = int(seconds * RATE / count)
    return np.concatenate([_make_syllable(length, voice, rng) for _ in range(count)])


def _make_syllable(length: int, voice: int, rng: np.random.Generator) -> Sound:
    if rng.random() < 0.15:
        return np.zeros(length, np.float32)
    time = np.arange(length) / RATE
    pitch = (90 + 25 * voice) * rng.uniform(0.85, 1.2) * (1 + rng.uniform(-0.1, 0.1) * time * 5)
    phase, rising = np.cumsum(pitch) / RATE, np.minimum(1, time / 0.02) * np.minimum(1, (time[-1] - time) / 0.03)
    first, second, third = rng.uniform(280, 850), rng.uniform(900, 2300), rng.uniform(2300, 3400)
    voiced = np.zeros(length)
    for part in range(1, int(4000 / pitch.mean())):
        height = part * pitch.mean()
        gain = sum(1 / (1 + ((height - peak) / 90) ** 2) for peak in (first, second, third))
        voiced += gain * np.sin(2 * np.pi * part * phase + part * part)
    hiss = np.diff(rng.normal(size=length + 1)) * np.exp(-((time / 0.04) ** 2)) * rng.uniform(0, 2)
    return np.asarray((voiced * rising + hiss) * 0.1, np.float32)


def make_tune(seconds: float, rng: np.random.Generator) -> Sound:
    """(2, n): a melody over chords with drums, in a key, a tempo and instruments of its own."""
    beat = int(RATE * 60 / rng.uniform(70, 150))
    scale = 110 * 2 ** ((rng.integers(12) + np.array([0, 2, 4, 5, 7, 9, 11, 12, 14, 16])) / 12)
    colours = [rng.uniform(0.3, 1.2, 12) / np.arange(1, 13) ** rng.uniform(0.6, 2) for _ in range(3)]
    out = np.zeros((2, int(seconds * RATE) + 4 * beat), np.float32)
    for start in range(0, int(seconds * RATE), beat):
        for octave, colour, chance in ((1, colours[0], 0.5), (2, colours[1], 0.8), (4, colours[2], 0.6)):
            if rng.random() < chance:
                note = _make_note(rng.choice(scale) * octave, int(beat * rng.choice([0.5, 1, 2])), colour, rng)
                out[:, start : start + len(note)] += note * rng.uniform(0.3, 1, (2, 1))
        drum = rng.normal(size=beat // 2) * np.exp(-np.arange(beat // 2) / rng.uniform(300, 3000)) * rng.uniform(0, 0.6)
        out[:, start : start + len(drum)] += drum
    return np.asarray(out[:, : int(seconds * RATE)] * np.float32(0.1))


def _make_note(pitch: float, length: int, colour: NDArray[np.float64], rng: np.random.Generator) -> Sound:
    time = np.arange(length) / RATE
    wave = np.zeros(length)
    for part, gain in enumerate(colour, 1):
        tone = np.sin(2 * np.pi * pitch * part * time + rng.uniform(0, 6))
        wave += gain * tone * np.exp(-time * part * rng.uniform(0.5, 3))
    return np.asarray(wave * np.minimum(1, time / 0.01) * np.minimum(1, (time[-1] - time) / 0.02), np.float32)

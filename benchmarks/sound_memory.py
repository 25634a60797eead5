"""What it takes to listen to a feature and to search it: memory of a short one and of a long one, and speed.

python -m benchmarks.sound_memory [--minutes 20 120]

A made stereo track is given to an ear second by second, never whole, and known sounds are looked up in its prints at
every speed; one of them stands three minutes before the end and must be found there.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from benchmarks.sound_material import RATE, Sound, make_babble, make_tune
from provenance.fingerprint.audio_extractor import AudioExtractor
from provenance.matching.audio.match_audio import FREE_SPEEDS, KnownSounds, find_matches
from provenance.model.asset import Fingerprint
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

_LOOP = 97
"""Seconds of speech and music that go round, at lengths and levels that never meet again in the same way."""


def feed_second(ear: AudioExtractor, sound: Sound, second: int) -> None:
    """One second of (2, n) samples more."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound, np.float32), "fltp", "stereo")
    frame.rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), second * RATE
    ear.feed(frame)


def extract_long_track(minutes: int, clip: Sound) -> list[Fingerprint]:
    """Prints of a made track with the clip three minutes before its end."""
    rng = np.random.default_rng(minutes)
    speech, music = make_babble(_LOOP, 0, rng), make_tune(_LOOP - 14, rng)
    placed, ear = 60 * (minutes - 3), AudioExtractor(0)
    for second in range(60 * minutes):
        voice = np.take(speech, range(second * RATE, (second + 1) * RATE), mode="wrap")
        under = np.take(music, range(second * RATE, (second + 1) * RATE), axis=1, mode="wrap")
        noise = rng.normal(0, 1e-3, under.shape)
        sound = (voice + under * rng.uniform(0.3, 1) + noise).astype(np.float32)
        inside = clip[:, max(0, second - placed) * RATE :][:, :RATE] if second >= placed else clip[:, :0]
        sound[:, : inside.shape[1]] += inside * 0.5
        feed_second(ear, sound, second)
    return list(ear.finish())


def measure_length(minutes: int) -> None:
    """Print one line about one length."""
    rng = np.random.default_rng(0)
    clips = [make_tune(12, rng) for _ in range(10)]
    known = []
    for number, clip in enumerate(clips):
        ear = AudioExtractor(0)
        for second in range(12):
            feed_second(ear, clip[:, second * RATE : (second + 1) * RATE], second)
        known += [(Known(f"sha256:{number}", str(number), Origin.GENERATED), one) for one in ear.finish()]
    sounds = KnownSounds(known)
    prints = extract_long_track(minutes, clips[7])
    printed = read_peak_memory()
    began = time.process_time()
    found = [(one.known.path, round(one.time.start - 60 * (minutes - 3), 2)) for one in find_matches(prints, sounds, FREE_SPEEDS)
             if one.time]  # fmt: skip
    speed = 60 * minutes / (time.process_time() - began)
    kept = sum(len(one.data) for one in prints)
    print(f"{minutes:4} min: peak memory {printed:.0f} MiB listening, {read_peak_memory():.0f} MiB searching at {len(FREE_SPEEDS)} speeds "
          f"({speed:.0f} x realtime); {len(prints)} prints of {kept / 2**20:.1f} MiB; found {found}")  # fmt: skip


def read_peak_memory() -> float:
    """The most resident memory of this process so far, MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """One process for each length."""
    parser = argparse.ArgumentParser(description="Memory of listening to and searching a long track.")
    parser.add_argument("--minutes", type=int, nargs="+", default=[20, 120])
    lengths = parser.parse_args().minutes
    if len(lengths) == 1:
        measure_length(lengths[0])
        return
    for minutes in lengths:
        subprocess.run([sys.executable, "-m", __spec__.name, "--minutes", str(minutes)], check=True)


if __name__ == "__main__":
    main()

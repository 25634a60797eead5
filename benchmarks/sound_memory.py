"""What it takes to fingerprint the sound of a feature and to search it: memory and speed, short and long.

python -m benchmarks.sound_memory [--minutes 20 120]

A synthetic stereo track is fed to an audio extractor second by second, never whole, and known sounds are searched in
its fingerprints at every speed; one of them is three minutes before the end and must be found there.
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
from provenance.matching.audio.match_audio import FREE_SPEEDS, KnownSounds, find_matches, index_sounds
from provenance.model.asset import Fingerprint
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

_SPEECH_LOOP = 97
"""Seconds of speech that are repeated."""
_MUSIC_LOOP = 83
"""Seconds of music that are repeated: the two loops never meet again in the same way."""
_CLIP = 12
"""Seconds of each known sound."""
_CLIP_COUNT = 10
_PLACED = 7
"""Number of the known sound that is in the track."""
_BEFORE_END = 3
"""Minutes from there to the end of the track."""


def feed_second(extractor: AudioExtractor, sound: Sound, second: int) -> None:
    """Feed one second of (2, n) samples."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound, np.float32), "fltp", "stereo")
    frame.rate, frame.time_base, frame.pts = RATE, Fraction(1, RATE), second * RATE
    extractor.feed(frame)


def extract_long_track(minutes: int, clip: Sound) -> list[Fingerprint]:
    """Fingerprints of a synthetic track with the clip three minutes before its end."""
    rng = np.random.default_rng(minutes)
    speech, music = make_babble(_SPEECH_LOOP, 0, rng), make_tune(_MUSIC_LOOP, rng)
    clip_start = 60 * (minutes - _BEFORE_END)
    extractor = AudioExtractor(0)
    for second in range(60 * minutes):
        samples = range(second * RATE, (second + 1) * RATE)
        voice = np.take(speech, samples, mode="wrap")
        bed = np.take(music, samples, axis=1, mode="wrap")
        noise = rng.normal(0, 1e-3, bed.shape)
        sound = (voice + bed * rng.uniform(0.3, 1) + noise).astype(np.float32)
        if second >= clip_start:
            part = clip[:, (second - clip_start) * RATE :][:, :RATE]
            sound[:, : part.shape[1]] += part * 0.5
        feed_second(extractor, sound, second)
    return list(extractor.finish())


def extract_known_sounds(clips: list[Sound]) -> KnownSounds:
    """Index the clips; the path of each is its number."""
    entries = []
    for number, clip in enumerate(clips):
        asset = Known(f"sha256:{number}", str(number), Origin.GENERATED)
        extractor = AudioExtractor(0)
        for second in range(_CLIP):
            feed_second(extractor, clip[:, second * RATE : (second + 1) * RATE], second)
        entries += [(asset, fingerprint) for fingerprint in extractor.finish()]
    return index_sounds(entries)


def measure_length(minutes: int) -> None:
    """Print one line about a track of this length."""
    rng = np.random.default_rng(0)
    clips = [make_tune(_CLIP, rng) for _ in range(_CLIP_COUNT)]
    known = extract_known_sounds(clips)
    fingerprints = extract_long_track(minutes, clips[_PLACED])
    extracting_mib = read_peak_memory()
    start = time.process_time()
    matches = find_matches(fingerprints, known, FREE_SPEEDS)
    speed = 60 * minutes / (time.process_time() - start)
    clip_start = 60 * (minutes - _BEFORE_END)
    found = [(match.known.path, round(match.time.start - clip_start, 2)) for match in matches if match.time]
    stored_mib = sum(len(one.data) for one in fingerprints) / 2**20
    print(
        f"{minutes:4} min: peak memory {extracting_mib:.0f} MiB extracting, "
        f"{read_peak_memory():.0f} MiB searching at {len(FREE_SPEEDS)} speeds ({speed:.0f} x realtime); "
        f"{len(fingerprints)} fingerprints of {stored_mib:.1f} MiB; found {found}"
    )


def read_peak_memory() -> float:
    """The most resident memory of this process so far, in MiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Measure each length in a process of its own: a high-water mark never falls."""
    parser = argparse.ArgumentParser(description="Memory of fingerprinting and searching a long track.")
    parser.add_argument("--minutes", type=int, nargs="+", default=[20, 120])
    lengths = parser.parse_args().minutes
    if len(lengths) == 1:
        measure_length(lengths[0])
        return
    for minutes in lengths:
        subprocess.run([sys.executable, "-m", __spec__.name, "--minutes", str(minutes)], check=True)


if __name__ == "__main__":
    main()

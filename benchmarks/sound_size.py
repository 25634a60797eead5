"""What a thousand hours of known sound take: disk, loading, memory of a worker, and the time of one search.

python -m benchmarks.sound_size [--hours 10 1000]

Fillers are the landmarks of made-up tunes and voices, each at another pitch and tempo and with a fifth of the landmarks
left out, so their density is the real one. Segments of 25 hours are laid out by the code of the product, one of them
for all: the files of the others are links to it. Twelve known clips more are in a segment of their own; they stand in
the mix that is searched, half of them at another pitch or tempo.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.sound import play_at_speed, stretch
from benchmarks.sound_material import RATE, Sound, make_babble, make_tune
from benchmarks.sound_memory import feed_second
from provenance.fingerprint.audio import METHOD, VERSION, AudioFingerprint, Landmarks, bundle, from_bytes, to_bytes
from provenance.fingerprint.audio_extractor import AudioExtractor
from provenance.matching import known
from provenance.matching.array_file import write_arrays
from provenance.matching.audio.match_audio import find_matches
from provenance.matching.audio.segment import SoundSegmentBuilder
from provenance.matching.index_file import SOUND, SOUNDS, TableWriter
from provenance.model.asset import Fingerprint
from provenance.model.match import Known
from provenance.model.vocabulary import Origin

_CLIP_SECONDS = 30
_BASES = 16
"""Tunes and voices that the fillers are made of."""
_SEGMENT_HOURS = 25
_KEPT = 0.8
"""Share of the landmarks of a filler that are kept."""
_PLACED = 12
_PLACED_SECONDS = 12
_SLOT_SECONDS = 25
_GAIN = 0.7
"""Loudness of a placed clip against the voice over it."""


def extract(sound: Sound) -> AudioFingerprint:
    """The fingerprint of (n,) samples."""
    extractor = AudioExtractor(0, keep_sides=False)
    for second in range(len(sound) // RATE):
        part = sound[second * RATE : (second + 1) * RATE]
        feed_second(extractor, np.stack([part, part]), second)
    (fingerprint,) = extractor.finish()
    return from_bytes(fingerprint.data)


def vary(sound: AudioFingerprint, rng: np.random.Generator) -> AudioFingerprint:
    """A filler: the landmarks of a sound at another pitch and tempo, a part of them left out."""
    landmarks = sound.landmarks
    kept = rng.random(len(landmarks.times)) < _KEPT
    times = landmarks.times[kept] * np.float32(rng.uniform(0.9, 1.0))
    bins = np.clip(landmarks.bins[kept] * np.float32(2 ** rng.uniform(-0.4, 0.4)), 19, 470)
    varied = Landmarks(times, bins.astype(np.float32), landmarks.strong[kept])
    return AudioFingerprint(0, "mid", 0.0, sound.length, varied, sound.packed_signs, sound.levels)


def write_segment(path: Path, bundles: list[bytes]) -> None:
    """Lay out a segment as the product does."""
    builder = SoundSegmentBuilder()
    for one in bundles:
        builder.add(one)
    with open(path, "wb") as file:
        write_arrays(file, builder.make_arrays())


def write_index(path: Path, hours: int, fillers: tuple[Path, list[bytes]], clips: tuple[Path, list[bytes]]) -> None:
    """A search index file over so many hours of fillers, and the clips."""
    segment, bundles = fillers
    copies = max(1, hours // _SEGMENT_HOURS)
    with open(path, "wb") as file:
        table = TableWriter(file)
        place = table.append_data(bundles[0])
        for copy in range(copies):
            linked = path.with_name(f"{path.name}.{copy}.segment")
            os.link(segment, linked)
            table.refer_to_segment(str(linked), SOUNDS)
            for number in range(len(bundles)):
                asset = Known(f"sha256:{copy}-{number}", f"filler {copy}-{number}", Origin.GENERATED)
                table.add(asset, SOUND, place, len(bundles[0]), 0)
        table.refer_to_segment(str(clips[0]), SOUNDS)
        for number, data in enumerate(clips[1]):
            asset = Known(f"sha256:clip {number}", f"clip {number}", Origin.GENERATED)
            table.add(asset, SOUND, table.append_data(data), len(data), 0)
        table.finish()
    megabytes = (table.outside_size + path.stat().st_size) / 1e6
    print(
        f"{hours:5} hours: {megabytes:.0f} MB on disk, {megabytes * 1e6 / hours / 3600:.0f} bytes a second", flush=True
    )


def make_mix(clips: list[Sound], rng: np.random.Generator) -> Sound:
    """(n,): the clips under voices, every second one at another pitch or tempo."""
    out = make_babble(_SLOT_SECONDS * len(clips), 0, rng)[: _SLOT_SECONDS * len(clips) * RATE]
    loudness = float(np.sqrt(np.mean(out**2)))
    for number, clip in enumerate(clips):
        wide = np.stack([clip, clip])
        if number % 4 == 1:
            wide = stretch(wide, 1.05)
        elif number % 4 == 3:
            wide = play_at_speed(stretch(wide, 2 ** (2 / 12)), 2 ** (2 / 12))
        start = (number * _SLOT_SECONDS + 5) * RATE
        gain = _GAIN * loudness / float(np.sqrt(np.mean(wide[0] ** 2)))
        part = wide[0][: len(out) - start]
        out[start : start + len(part)] += part * np.float32(gain)
    return np.asarray(out, np.float32)


def measure(index: str, mix: str) -> None:
    """Load an index in this process alone, search the mix in it, and print what that took."""
    start = time.process_time()
    sounds = known.load_sounds(index)
    loading = time.process_time() - start
    data = Path(mix).read_bytes()
    heard = Fingerprint(METHOD, VERSION, data)
    start = time.process_time()
    matches = find_matches([heard], sounds)
    searching = time.process_time() - start
    found = {match.known.path for match in matches}
    clips = {path for path in found if path.startswith("clip")}
    rollup = Path("/proc/self/smaps_rollup").read_text()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in rollup.splitlines()[1:]}
    print(
        f"      {len(sounds)} sounds loaded in {loading:.2f} s, {from_bytes(data).seconds:.0f} s of mix searched in "
        f"{searching:.1f} s, {len(clips)} of {_PLACED} clips found, {len(found - clips)} fillers reported; "
        f"own memory {kilobytes['Anonymous'] / 1024:.0f} MiB, with what is mapped {kilobytes['Rss'] / 1024:.0f} MiB",
        flush=True,
    )


def measure_sizes(sizes: list[int], folder: Path) -> None:
    """Print two lines for each number of hours."""
    rng = np.random.default_rng(5)
    bases = [extract(make_tune(_CLIP_SECONDS, rng)[0]) for _ in range(_BASES // 2)]
    bases += [extract(make_babble(_CLIP_SECONDS, number % 7, rng)) for number in range(_BASES // 2)]
    clips = [make_tune(_PLACED_SECONDS, rng)[0] for _ in range(_PLACED)]
    mix = folder / "mix"
    mix.write_bytes(to_bytes(extract(make_mix(clips, rng))))
    packed = [bundle([to_bytes(extract(clip))]) for clip in clips]
    write_segment(folder / "clips.segment", packed)
    laid_out: dict[int, tuple[Path, list[bytes]]] = {}
    for hours in sizes:
        one = min(hours, _SEGMENT_HOURS)
        if one not in laid_out:
            count = one * 3600 // _CLIP_SECONDS
            fillers = [bundle([to_bytes(vary(bases[number % _BASES], rng))]) for number in range(count)]
            path = folder / f"{one} hours.segment"
            start = time.process_time()
            write_segment(path, fillers)
            print(f"      {one} hours laid out in {time.process_time() - start:.0f} s", flush=True)
            laid_out[one] = path, fillers
        index = folder / f"index {hours}"
        write_index(index, hours, laid_out[one], (folder / "clips.segment", packed))
        # In a process of its own, in which nothing else is in memory.
        subprocess.run([sys.executable, "-m", __spec__.name, "--measure", str(index), str(mix)], check=True)


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=int, nargs="+", default=[10, 1000])
    parser.add_argument("--measure", nargs=2, metavar=("INDEX", "MIX"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(*options.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure_sizes(options.hours, Path(folder))


if __name__ == "__main__":
    main()

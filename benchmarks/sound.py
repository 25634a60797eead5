"""How well known sounds are found under dialogue: recall, false matches, in-points, cost; one line a condition.

Ten-minute mixes of three voices, a music bed 22 dB below them and noise, into which known clips of 4.5 to 30 s are
mixed at a level below the dialogue, encoded, and read back as a deliverable. A false match is a known sound told where
neither it nor another part of the same piece of music was placed. Pairs are those of a mix and a known sound of which
nothing is in it.
"""

from __future__ import annotations

import argparse
import fnmatch
import io
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import av
import numpy as np
from av.audio.stream import AudioStream

from benchmarks.sound_material import DIALOGUE, LINES, RATE, Sound, load_music, make_sentences, speak
from provenance.fingerprint.audio import from_bytes
from provenance.fingerprint.audio_tracks import extract_tracks
from provenance.limits import DEFAULT
from provenance.matching.audio.match_audio import FILM_SPEEDS, FREE_SPEEDS, KnownSounds, find_matches
from provenance.media.source import source_from_bytes
from provenance.model.asset import Fingerprint
from provenance.model.match import Known, Match
from provenance.model.vocabulary import Origin

_LOUDNESS = 0.1
_SLOT = 30.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A known sound: (2, n) samples, and the piece of music (or line) it is from."""

    kind: str
    sound: Sound
    piece: int


@dataclass(frozen=True, slots=True)
class Condition:
    """What happens to the clips of one mix."""

    name: str
    level: float
    """Decibels to the dialogue."""
    speed: float = 1.0
    codec: str = "aac 128"
    layout: str = "mono"
    """`mono`: everything in the middle; `stereo`: music is as wide as it is; `5.1`: dialogue in the centre alone."""
    speeds: Sequence[float] = FILM_SPEEDS


CONDITIONS = (
    Condition("0 dB", 0),
    Condition("-6 dB", -6),
    Condition("-12 dB", -12),
    Condition("-12 dB, Opus 64", -12, codec="libopus 64"),
    Condition("-18 dB", -18),
    Condition("-24 dB", -24),
    Condition("-18 dB, stereo", -18, layout="stereo"),
    Condition("-24 dB, 5.1", -24, codec="aac 320", layout="5.1"),
    Condition("-6 dB, 1000/1001", -6, 1 / 1.001),
    Condition("-6 dB, 1001/1000", -6, 1.001),
    Condition("-6 dB, 24/25", -6, 24 / 25),
    Condition("-6 dB, 25/24", -6, 25 / 24),
    Condition("-6 dB, 25/23.976", -6, 25 / 23.976),
    Condition("-12 dB, 25/24", -12, 25 / 24),
    *(
        Condition(f"-6 dB, {speed} free", -6, speed, speeds=FREE_SPEEDS)
        for speed in (0.98, 0.9875, 0.9975, 1.003, 1.01, 1.02)
    ),
)


def make_known_clips(music: Sequence[Sound], lines: Iterator[str], rng: np.random.Generator, made: bool) -> list[Clip]:
    """90 excerpts of music and 55 spoken lines."""
    clips = []
    for number in range(90):
        piece = number % len(music)
        length = min(int(rng.uniform(4.5, 30) * RATE), music[piece].shape[1])
        start = int(rng.integers(music[piece].shape[1] - length + 1))
        clips.append(Clip("music", music[piece][:, start : start + length], piece))
    for number in range(55):
        line = _make_dialogue(4.5, LINES[number % len(LINES) :][:1], lines, rng, made)
        clips.append(Clip("voice", np.stack([line, line]), -1 - number))
    return clips


def _make_dialogue(
    seconds: float, voices: Sequence[str], lines: Iterator[str], rng: np.random.Generator, made: bool
) -> Sound:
    """(n,): lines by these voices, at least so long, each as loud as the next within 3 dB, with pauses."""
    parts: list[Sound] = []
    while sum(map(len, parts)) < seconds * RATE:
        line = speak(next(lines), voices[int(rng.integers(len(voices)))], rng, made=made)
        pause = np.zeros(int(RATE * (0.1 + 0.3 * rng.exponential())), np.float32)
        parts += [line * np.float32(_LOUDNESS / _measure_loudness(line) * rng.uniform(0.7, 1.3)), pause]
    return np.concatenate(parts[:-1])


def _make_bed(
    music: Sequence[Sound], lines: Iterator[str], rng: np.random.Generator, made: bool
) -> tuple[Sound, Sound]:
    """Ten minutes of dialogue, (n,), and of the music and noise under it, (2, n)."""
    length = 600 * RATE
    bed = np.concatenate([one * (_LOUDNESS * 10 ** (-22 / 20) / _measure_loudness(one)) for one in music], axis=1)
    bed = np.resize(np.roll(bed, int(rng.integers(bed.shape[1])), axis=1).T, (length, 2)).T.astype(np.float32)
    bed += rng.normal(size=(1, length)).astype(np.float32) * np.float32(_LOUDNESS * 10 ** (-45 / 20))
    dialogue = np.zeros(length, np.float32)
    talk = _make_dialogue(600, DIALOGUE, lines, rng, made)[:length]
    dialogue[: len(talk)] = talk
    return dialogue, bed


def _measure_loudness(sound: Sound) -> float:
    return float(np.sqrt(np.mean(sound**2)))


def mix(
    dialogue: Sound, bed: Sound, clips: Sequence[Clip], condition: Condition, rng: np.random.Generator
) -> tuple[Sound, list[float]]:
    """(channels, n) samples, and the second at which each clip starts: one in every half minute."""
    front, starts = bed.copy(), []
    for number, clip in enumerate(clips):
        sound = play_at_speed(clip.sound, condition.speed)
        start = int((number + rng.uniform(0, 1 - sound.shape[1] / RATE / (_SLOT * 1.05))) * _SLOT * RATE)
        end = min(start + sound.shape[1], front.shape[1])
        loudness = _LOUDNESS * 10 ** (condition.level / 20) / _measure_loudness(sound.mean(0))
        front[:, start:end] += sound[:, : end - start] * np.float32(loudness)
        starts.append(start / RATE)
    if condition.layout == "5.1":
        nothing = np.zeros_like(dialogue)
        return np.stack([front[0], front[1], dialogue, nothing, front[0] * 0.3, front[1] * 0.3]), starts
    if condition.layout == "mono":
        front = np.stack([front.mean(0)] * 2)
    return front + dialogue, starts


def play_at_speed(sound: Sound, speed: float) -> Sound:
    """(2, n): the sound at another speed, pitch and all."""
    if speed == 1:
        return sound
    length = round(sound.shape[1] / speed)
    spectrum = np.fft.rfft(sound)[:, : length // 2 + 1]
    spectrum = np.pad(spectrum, ((0, 0), (0, length // 2 + 1 - spectrum.shape[1])))
    return np.asarray(np.fft.irfft(spectrum, length) * (length / sound.shape[1]), np.float32)


def encode(sound: Sound, codec: str) -> bytes:
    """The sound as a file: codec and kilobits a second."""
    name, _, rate = codec.partition(" ")
    out = io.BytesIO()
    layout = {1: "mono", 2: "stereo", 6: "5.1"}[len(sound)]
    with av.open(out, "w", format={"aac": "mp4", "libopus": "matroska"}.get(name, "wav")) as file:
        stream = file.add_stream(name, rate=RATE, layout=layout)
        assert isinstance(stream, AudioStream)
        stream.bit_rate = int(rate or 0) * 1000
        kind = "fltp" if name == "aac" else "flt" if name == "libopus" else "s16"
        resampler = av.AudioResampler(kind, layout, RATE)
        for start in range(0, sound.shape[1], RATE):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[:, start : start + RATE]), "fltp", layout)
            frame.rate, frame.pts = RATE, start
            for piece in resampler.resample(frame):
                file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return out.getvalue()


def extract_fingerprints(data: bytes) -> list[Fingerprint]:
    """What is kept of a file."""
    return [one for one in extract_tracks(source_from_bytes(data, "sound", DEFAULT)) if isinstance(one, Fingerprint)]


@dataclass(slots=True)
class Score:
    """Figures of one condition."""

    found: dict[str, list[bool]]
    errors: list[float]
    false: list[Match]
    late: list[str] = field(default_factory=list)
    pairs: int = 0
    media: float = 0.0
    seconds: float = 0.0

    def line(self, name: str) -> str:
        every = [one for kind in self.found.values() for one in kind]
        kinds = " ".join(f"{kind} {np.mean(one):.2f}" for kind, one in self.found.items() if one)
        near = np.mean([error <= 0.05 for error in self.errors]) if self.errors else 0.0
        worst = sum(one.verdict == "confirmed-copy" for one in self.false)
        return (
            f"{name:<22} recall {np.mean(every):.2f} ({kinds})  in within 50 ms {near:.2f}, "
            f"median {np.median(self.errors or [0]) * 1000:.0f} ms  false {len(self.false)} of {self.pairs} pairs "
            f"({worst} confirmed)  {self.media / self.seconds:.0f} x realtime"
        )


def score_deliverable(condition: Condition, deliverable: bytes, clips: Sequence[Clip], chosen: Sequence[int],
            starts: Sequence[float], sounds: KnownSounds, score: Score) -> None:  # fmt: skip
    """Read and match one deliverable, and add what came of it to the score."""
    began = time.process_time()
    found = find_matches(extract_fingerprints(deliverable), sounds, condition.speeds)
    score.seconds += time.process_time() - began
    for number, start in zip(chosen, starts, strict=True):
        errors = [
            abs(one.time.start - start)
            for one in found
            if one.time and one.known.path == str(number) and abs(one.time.start - start) < 5
        ]
        score.found[clips[number].kind].append(bool(errors))
        score.errors += [min(errors)] if errors else []
        if errors and min(errors) > 0.05:
            score.late += [f"{clips[number].kind} {number} at {start:.2f}: in-point {min(errors) * 1000:.0f} ms off"]
    placed = [
        (clips[number].piece, start, start + clips[number].sound.shape[1] / RATE / condition.speed)
        for number, start in zip(chosen, starts, strict=True)
    ]
    score.pairs += sum(clip.piece not in {piece for piece, _, _ in placed} for clip in clips)
    score.false += [one for one in found if not _is_there(one, clips[int(one.known.path)].piece, placed)]


def _is_there(match: Match, piece: int, placed: Sequence[tuple[int, float, float]]) -> bool:
    """Whether the piece that a match is of stands, in any of its excerpts, where it is told."""
    time = match.time
    return any(one == piece and time and time.start < end and start < time.end for one, start, end in placed)


def _describe_false_match(false: Match, clips: Sequence[Clip]) -> str:
    kind = clips[int(false.known.path)].kind
    return f"{kind} {false.known.path} at {false.time} of {false.known_time}: {false.verdict}, {false.detail}"


def main() -> None:
    """Print one line a condition."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="mixes of each condition")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--made", action="store_true", help="use made-up voices and music even where better ones are")
    parser.add_argument("--only", default="*", help="conditions of these names, such as '-6 dB*'")
    parser.add_argument("--show", action="store_true", help="tell every false match and late in-point")
    asked = parser.parse_args()
    rng = np.random.default_rng(asked.seed)
    music, lines = load_music(41, rng, made=asked.made), make_sentences(rng)
    music = [piece for piece in music if piece.shape[1] > 20 * RATE]
    clips = make_known_clips([piece for number, piece in enumerate(music) if number % 4], lines, rng, asked.made)
    known = [
        (Known(f"sha256:{number}", str(number), Origin.GENERATED), one)
        for number, clip in enumerate(clips)
        for one in extract_fingerprints(encode(clip.sound, "pcm_s16le"))
    ]
    seconds = sum(clip.sound.shape[1] for clip in clips) / RATE
    kept = sum(len(one.data) for _, one in known)
    views = sum(from_bytes(one.data).seconds for _, one in known)
    print(f"{len(clips)} known clips, {seconds:.0f} s, {len(known)} prints: {kept / seconds:.0f} bytes a second, "
          f"{kept / views:.0f} a second of view")  # fmt: skip
    sounds = KnownSounds(known)
    conditions = [one for one in CONDITIONS if fnmatch.fnmatch(one.name, asked.only)]
    scores = {one.name: Score({"music": [], "voice": []}, [], []) for one in conditions}
    for turn in range(asked.rounds):
        bed = _make_bed(music[::4], lines, np.random.default_rng((asked.seed, turn)), asked.made)
        for condition in conditions:
            rng = np.random.default_rng((asked.seed, turn, 1))
            chosen = [int(one) for one in rng.permutation(len(clips))[:20]]
            mix, starts = mix(*bed, [clips[one] for one in chosen], condition, rng)
            score = scores[condition.name]
            score.media += mix.shape[1] / RATE
            score_deliverable(condition, encode(mix, condition.codec), clips, chosen, starts, sounds, score)
            print(f"round {turn + 1}: {score.line(condition.name)}", file=sys.stderr, flush=True)
    for name, score in scores.items():
        print(score.line(name))
        for told in (*score.late, *(_describe_false_match(one, clips) for one in score.false)) if asked.show else ():
            print("   ", told)


if __name__ == "__main__":
    main()

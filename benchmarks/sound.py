"""How well known sounds are found under dialogue: recall, false matches, in points, cost; one line a condition.

Ten-minute mixes of three voices, a music bed 22 dB below them and noise, into which known clips of 4.5 to 30 s are
mixed at a level below the dialogue, encoded, and read back as a deliverable. A false match is a known sound reported
where neither it nor another part of the same piece of music was placed. Pairs are those of a mix and a known sound of
which nothing is in it.
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
import av.error
import av.filter
import numpy as np
from av.audio.stream import AudioStream

from benchmarks.sound_library import Tune, compose, make_relatives, play
from benchmarks.sound_material import DIALOGUE, LINES, RATE, Sound, load_music, make_sentences, speak
from provenance.fingerprint.audio import from_bytes
from provenance.fingerprint.audio_tracks import extract_tracks
from provenance.limits import DEFAULT
from provenance.matching.audio.match_audio import FILM_SPEEDS, FREE_SPEEDS, KnownSounds, find_matches, index_sounds
from provenance.media.source import source_from_bytes
from provenance.model.asset import Fingerprint
from provenance.model.match import COPY, Known, Match
from provenance.model.vocabulary import Origin

_LOUDNESS = 0.1
"""Root mean square of the dialogue; full scale is 1."""
_BED_DECIBELS = -22
_NOISE_DECIBELS = -45
_MIX_SECONDS = 600
_SLOT = 30.0
"""Seconds of a mix in which one clip is placed."""
_MUSIC_CLIPS = 90
_VOICE_CLIPS = 55
_CLIPS_IN_MIX = 20
_SHORTEST_CLIP = 4.5
_LONGEST_CLIP = 30.0
_MUSIC_PIECES = 41
_SHORTEST_PIECE = 20
"""Seconds of a piece of music that is used."""
_BED_EVERY = 4
"""One piece of music in this many is for the bed; the clips are of the others."""
_PRECISE = 0.05
"""Seconds by which an in point may miss and count as right."""
_SAME_PLACE = 5.0
"""Seconds by which a match may miss and still be the one of a placed clip."""


@dataclass(frozen=True, slots=True)
class Clip:
    """A known sound."""

    kind: str
    """`music` or `voice`."""
    sound: Sound
    """(2, n) samples."""
    piece: int
    """Number of the piece of music, or of the line, that it is from."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What is done to the clips of one mix."""

    name: str
    level: float
    """Decibels to the dialogue."""
    speed: float = 1.0
    codec: str = "aac 128"
    """Codec and kilobits a second."""
    layout: str = "mono"
    """`mono`: everything in the middle; `stereo`: music is as wide as it is; `5.1`: dialogue in the centre alone."""
    speeds: Sequence[float] = FILM_SPEEDS
    """Speeds at which clips are looked up."""
    semitones: float = 0.0
    """Semitones by which the pitch is shifted, at the same length."""
    length: float = 1.0
    """How many times as long the clip is made, at the same pitch."""
    is_backwards: bool = False


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
    Condition("-6 dB, 0.98 free", -6, 0.98, speeds=FREE_SPEEDS),
    Condition("-6 dB, 0.9875 free", -6, 0.9875, speeds=FREE_SPEEDS),
    Condition("-6 dB, 0.9975 free", -6, 0.9975, speeds=FREE_SPEEDS),
    Condition("-6 dB, 1.003 free", -6, 1.003, speeds=FREE_SPEEDS),
    Condition("-6 dB, 1.01 free", -6, 1.01, speeds=FREE_SPEEDS),
    Condition("-6 dB, 1.02 free", -6, 1.02, speeds=FREE_SPEEDS),
    *(Condition(f"pitch {semitones:+}", 0, semitones=semitones) for semitones in (-3, -1.4, 2, 3)),
    *(Condition(f"stretched to {length:.0%}", 0, length=length) for length in (0.92, 0.96, 1.04, 1.08)),
    *(Condition(f"speed {speed}", 0, speed) for speed in (0.95, 0.97, 1.033, 1.05)),
    Condition("backwards", 0, is_backwards=True),
    *(Condition(f"-6 dB, pitch {semitones:+}", -6, semitones=semitones) for semitones in (-3, -1.4, 2, 3)),
    *(Condition(f"-6 dB, stretched to {length:.0%}", -6, length=length) for length in (0.92, 0.96, 1.04, 1.08)),
    *(Condition(f"-6 dB, speed {speed}", -6, speed) for speed in (0.95, 0.97, 1.033, 1.05)),
    Condition("-6 dB, backwards", -6, is_backwards=True),
)


def make_known_clips(music: Sequence[Sound], lines: Iterator[str], rng: np.random.Generator, made: bool) -> list[Clip]:
    """90 excerpts of music and 55 spoken lines."""
    clips = []
    for number in range(_MUSIC_CLIPS):
        piece = number % len(music)
        length = min(int(rng.uniform(_SHORTEST_CLIP, _LONGEST_CLIP) * RATE), music[piece].shape[1])
        start = int(rng.integers(music[piece].shape[1] - length + 1))
        clips.append(Clip("music", music[piece][:, start : start + length], piece))
    for number in range(_VOICE_CLIPS):
        voice = LINES[number % len(LINES)]
        line = _make_dialogue(_SHORTEST_CLIP, [voice], lines, rng, made)
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
        gain = np.float32(_LOUDNESS / _measure_loudness(line) * rng.uniform(0.7, 1.3))
        parts += [line * gain, pause]
    return np.concatenate(parts[:-1])


def _make_background(
    music: Sequence[Sound], lines: Iterator[str], rng: np.random.Generator, made: bool
) -> tuple[Sound, Sound]:
    """Ten minutes of dialogue, (n,), and of the music and noise under it, (2, n)."""
    length = _MIX_SECONDS * RATE
    loudness = _LOUDNESS * 10 ** (_BED_DECIBELS / 20)
    pieces = np.concatenate([piece * (loudness / _measure_loudness(piece)) for piece in music], axis=1)
    shifted = np.roll(pieces, int(rng.integers(pieces.shape[1])), axis=1)
    bed = np.resize(shifted.T, (length, 2)).T.astype(np.float32)
    noise = rng.normal(size=(1, length)).astype(np.float32)
    bed += noise * np.float32(_LOUDNESS * 10 ** (_NOISE_DECIBELS / 20))
    dialogue = np.zeros(length, np.float32)
    talk = _make_dialogue(_MIX_SECONDS, DIALOGUE, lines, rng, made)[:length]
    dialogue[: len(talk)] = talk
    return dialogue, bed


def _measure_loudness(sound: Sound) -> float:
    """Root mean square."""
    return float(np.sqrt(np.mean(sound**2)))


def mix_clips(
    dialogue: Sound, bed: Sound, clips: Sequence[Clip], condition: Condition, rng: np.random.Generator
) -> tuple[Sound, list[float]]:
    """(channels, n) samples, and the second at which each clip starts: one in every half minute."""
    front = bed.copy()
    starts: list[float] = []
    for number, clip in enumerate(clips):
        sound = change_clip(clip.sound, condition)
        slot_share = sound.shape[1] / RATE / (_SLOT * 1.05)
        start = int((number + rng.uniform(0, max(0.0, 1 - slot_share))) * _SLOT * RATE)
        end = min(start + sound.shape[1], front.shape[1])
        gain = _LOUDNESS * 10 ** (condition.level / 20) / _measure_loudness(sound.mean(0))
        front[:, start:end] += sound[:, : end - start] * np.float32(gain)
        starts.append(start / RATE)
    if condition.layout == "5.1":
        silence = np.zeros_like(dialogue)
        return np.stack([front[0], front[1], dialogue, silence, front[0] * 0.3, front[1] * 0.3]), starts
    if condition.layout == "mono":
        front = np.stack([front.mean(0)] * 2)
    return front + dialogue, starts


def change_clip(sound: Sound, condition: Condition) -> Sound:
    """(2, n): the clip as the condition has it."""
    ratio = 2 ** (condition.semitones / 12)
    if condition.is_backwards:
        sound = sound[:, ::-1]
    # A shifted pitch is a stretch, played as much faster.
    return play_at_speed(stretch(sound, condition.length * ratio), condition.speed * ratio)


def stretch(sound: Sound, length: float) -> Sound:
    """(2, n): the sound so many times as long at its pitch, by FFmpeg, which overlaps pieces of it where they fit."""
    if length == 1:
        return sound
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=RATE, format="fltp", layout="stereo")
    tempo, sink = graph.add("atempo", f"{1 / length:.6f}"), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    parts: list[Sound] = []
    for start in range(0, sound.shape[1], RATE):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[:, start : start + RATE]), "fltp", "stereo")
        frame.rate, frame.pts = RATE, start
        graph.push(frame)
        _pull_frames(graph, parts)
    graph.push(None)
    _pull_frames(graph, parts)
    return np.concatenate(parts, axis=1)


def _pull_frames(graph: av.filter.Graph, parts: list[Sound]) -> None:
    """Add what a filter has ready."""
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)
        samples = frame.to_ndarray().astype(np.float32)
        parts.append(samples if frame.format.is_planar else samples.reshape(-1, 2).T)


def play_at_speed(sound: Sound, speed: float) -> Sound:
    """(2, n): the sound at another speed; its pitch changes with it."""
    if speed == 1:
        return sound
    length = round(sound.shape[1] / speed)
    bins = length // 2 + 1
    spectrum = np.fft.rfft(sound)[:, :bins]
    spectrum = np.pad(spectrum, ((0, 0), (0, bins - spectrum.shape[1])))
    return np.asarray(np.fft.irfft(spectrum, length) * (length / sound.shape[1]), np.float32)


_CONTAINERS = {"aac": "mp4", "libopus": "matroska"}
_SAMPLE_FORMATS = {"aac": "fltp", "libopus": "flt"}
_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def encode(sound: Sound, codec: str) -> bytes:
    """The sound as a file; `codec`: name and kilobits a second. PCM is written as WAV."""
    name, _, kilobits = codec.partition(" ")
    layout = _LAYOUTS[len(sound)]
    out = io.BytesIO()
    with av.open(out, "w", format=_CONTAINERS.get(name, "wav")) as file:
        stream = file.add_stream(name, rate=RATE, layout=layout)
        assert isinstance(stream, AudioStream)
        stream.bit_rate = int(kilobits or 0) * 1000
        resampler = av.AudioResampler(_SAMPLE_FORMATS.get(name, "s16"), layout, RATE)
        for start in range(0, sound.shape[1], RATE):
            samples = np.ascontiguousarray(sound[:, start : start + RATE])
            frame = av.AudioFrame.from_ndarray(samples, "fltp", layout)
            frame.rate, frame.pts = RATE, start
            for piece in resampler.resample(frame):
                file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return out.getvalue()


def extract_fingerprints(data: bytes) -> list[Fingerprint]:
    """Audio fingerprints of a file."""
    rows = extract_tracks(source_from_bytes(data, "sound", DEFAULT))
    return [row for row in rows if isinstance(row, Fingerprint)]


@dataclass(slots=True)
class Score:
    """Figures of one condition."""

    found: dict[str, list[bool]] = field(default_factory=lambda: {"music": [], "voice": []})
    """By kind of clip, whether each placed one was found."""
    copies: int = 0
    """Placed clips that were told as confirmed copies."""
    errors: list[float] = field(default_factory=list)
    """Seconds by which in points miss."""
    false: list[Match] = field(default_factory=list)
    imprecise: list[str] = field(default_factory=list)
    """In points that miss by more than 50 ms."""
    pairs: int = 0
    """Pairs of a mix and a known sound of which nothing is in it."""
    media: float = 0.0
    """Seconds of sound that were searched."""
    seconds: float = 0.0
    """Processor time that this took."""

    def describe(self, name: str) -> str:
        """One line."""
        every = [*self.found["music"], *self.found["voice"]]
        kinds = " ".join(f"{kind} {np.mean(found):.2f}" for kind, found in self.found.items() if found)
        precise = 0.0
        if self.errors:
            precise = float(np.mean(np.array(self.errors) <= _PRECISE))
        median = np.median(self.errors or [0]) * 1000
        confirmed = sum(match.verdict == COPY for match in self.false)
        return (
            f"{name:<22} recall {np.mean(every):.2f} ({kinds}), copies {self.copies / len(every):.2f}  "
            f"in points within 50 ms {precise:.2f}, "
            f"median {median:.0f} ms  false {len(self.false)} of {self.pairs} pairs "
            f"({confirmed} confirmed)  {self.media / self.seconds:.0f} x realtime"
        )


@dataclass(frozen=True, slots=True)
class Placed:
    """A clip in a mix."""

    number: int
    clip: Clip
    start: float
    """Second of the mix."""
    end: float


def score_deliverable(
    condition: Condition, deliverable: bytes, clips: Sequence[Clip], placed: Sequence[Placed], sounds: KnownSounds,
    score: Score,
) -> None:  # fmt: skip
    """Read and match one deliverable, and add the outcome to the score."""
    start = time.process_time()
    matches = find_matches(extract_fingerprints(deliverable), sounds, condition.speeds)
    score.seconds += time.process_time() - start
    for one in placed:
        errors = _measure_errors(matches, one)
        score.copies += bool(_measure_errors([match for match in matches if match.verdict == COPY], one))
        score.found[one.clip.kind].append(bool(errors))
        if not errors:
            continue
        error = min(errors)
        score.errors.append(error)
        if error > _PRECISE:
            line = f"{one.clip.kind} {one.number} at {one.start:.2f}: in point {error * 1000:.0f} ms off"
            score.imprecise.append(line)
    pieces = {one.clip.piece for one in placed}
    score.pairs += sum(clip.piece not in pieces for clip in clips)
    score.false += [match for match in matches if not _is_there(match, clips, placed)]


def _measure_errors(matches: Sequence[Match], placed: Placed) -> list[float]:
    """Seconds by which the in points of the matches of a placed clip miss."""
    errors = []
    for match in matches:
        if match.time is None or match.known.path != str(placed.number):
            continue
        error = abs(match.time.start - placed.start)
        if error < _SAME_PLACE:
            errors.append(error)
    return errors


def _is_there(match: Match, clips: Sequence[Clip], placed: Sequence[Placed]) -> bool:
    """Whether any excerpt of the same piece is where a match is reported."""
    piece = clips[int(match.known.path)].piece
    if match.time is None:
        return False
    for one in placed:
        overlaps = match.time.start < one.end and one.start < match.time.end
        if one.clip.piece == piece and overlaps:
            return True
    return False


def _describe_false_match(match: Match, clips: Sequence[Clip]) -> str:
    kind = clips[int(match.known.path)].kind
    return f"{kind} {match.known.path} at {match.time} of {match.known_time}: {match.verdict}, {match.detail}"


def _extract_known(clips: Sequence[Clip]) -> KnownSounds:
    """Fingerprint and index the known clips; the path of each is its number. Prints what they take."""
    known = []
    for number, clip in enumerate(clips):
        asset = Known(f"sha256:{number}", str(number), Origin.GENERATED)
        known += [(asset, fingerprint) for fingerprint in extract_fingerprints(encode(clip.sound, "pcm_s16le"))]
    seconds = sum(clip.sound.shape[1] for clip in clips) / RATE
    stored = sum(len(fingerprint.data) for _, fingerprint in known)
    downmix_seconds = sum(from_bytes(fingerprint.data).seconds for _, fingerprint in known)
    print(
        f"{len(clips)} known clips, {seconds:.0f} s, {len(known)} fingerprints: {stored / seconds:.0f} bytes a second, "
        f"{stored / downmix_seconds:.0f} a second of downmix"
    )
    return index_sounds(known)


def measure_library(groups: int, seed: int) -> None:
    """Search relatives of known tunes: what shares samples, drums, a loop or the tune itself, and is no copy.

    A copy is counted for the tune that it is a relative of, and for the others.
    """
    rng = np.random.default_rng(seed)
    tunes = [compose(rng) for _ in range(groups)]
    sounds = index_sounds([(_name_tune(number), _fingerprint_tune(tune)) for number, tune in enumerate(tunes)])
    counts: dict[str, list[int]] = {}
    for number, tune in enumerate(tunes):
        for relative in make_relatives(tune, rng):
            matches = find_matches(extract_fingerprints(encode(relative.sound[None], "pcm_s16le")), sounds)
            copied = {match.known.path for match in matches if match.verdict == COPY}
            own = len(copied & {_name_tune(number).path})
            count = counts.setdefault(relative.relation, [0, 0, 0, 0])
            reported = len({match.known.path for match in matches})
            for place, more in enumerate((groups, reported, own, len(copied) - own)):
                count[place] += more
        print(f"tune {number + 1} of {groups}", file=sys.stderr, flush=True)
    for relation, (pairs, found, own, others) in counts.items():
        print(f"{relation:<28} {pairs:5} pairs, {found:4} reported, as copies of it {own:3}, of other tunes {others:3}")


def _name_tune(number: int) -> Known:
    return Known(f"sha256:tune {number}", f"tune {number}", Origin.GENERATED)


def _fingerprint_tune(tune: Tune) -> Fingerprint:
    (fingerprint,) = extract_fingerprints(encode(play(tune)[None], "pcm_s16le"))
    return fingerprint


def _parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1, help="mixes of each condition")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--made", action="store_true", help="use made-up voices and music even where better ones are")
    parser.add_argument("--only", default="*", help="conditions of these names, such as '-6 dB*'")
    parser.add_argument("--show", action="store_true", help="print every false match and imprecise in point")
    parser.add_argument("--library", type=int, default=0, help="search relatives of so many tunes of a music library")
    return parser.parse_args()


def main() -> None:
    """Print one line a condition."""
    options = _parse_options()
    if options.library:
        measure_library(options.library, options.seed)
        return
    rng = np.random.default_rng(options.seed)
    lines = make_sentences(rng)
    pieces = load_music(_MUSIC_PIECES, rng, made=options.made)
    music = [piece for piece in pieces if piece.shape[1] > _SHORTEST_PIECE * RATE]
    music_of_clips = [piece for number, piece in enumerate(music) if number % _BED_EVERY]
    clips = make_known_clips(music_of_clips, lines, rng, options.made)
    sounds = _extract_known(clips)
    conditions = [condition for condition in CONDITIONS if fnmatch.fnmatch(condition.name, options.only)]
    scores = {condition.name: Score() for condition in conditions}
    for turn in range(options.rounds):
        bed_rng = np.random.default_rng((options.seed, turn))
        dialogue, bed = _make_background(music[::_BED_EVERY], lines, bed_rng, options.made)
        for condition in conditions:
            # The same clips at the same places in every condition.
            rng = np.random.default_rng((options.seed, turn, 1))
            numbers = [int(number) for number in rng.permutation(len(clips))[:_CLIPS_IN_MIX]]
            mix, starts = mix_clips(dialogue, bed, [clips[number] for number in numbers], condition, rng)
            placed = []
            for number, start in zip(numbers, starts, strict=True):
                seconds = clips[number].sound.shape[1] / RATE / condition.speed * condition.length
                placed.append(Placed(number, clips[number], start, start + seconds))
            score = scores[condition.name]
            score.media += mix.shape[1] / RATE
            score_deliverable(condition, encode(mix, condition.codec), clips, placed, sounds, score)
            print(f"round {turn + 1}: {score.describe(condition.name)}", file=sys.stderr, flush=True)
    for name, score in scores.items():
        print(score.describe(name))
        if options.show:
            for line in (*score.imprecise, *(_describe_false_match(match, clips) for match in score.false)):
                print("   ", line)


if __name__ == "__main__":
    main()

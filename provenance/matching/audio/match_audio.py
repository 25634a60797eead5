"""Known sounds found again in the sound of a deliverable.

Two stages: landmarks name candidates, phase correlation decides. Both are the same for every downmix of every track, at
every speed that is asked for; what several of them find is reported once. The steps are those of docs/matching.md.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from provenance.fingerprint.audio import METHOD, RATE, AudioFingerprint, from_bytes
from provenance.matching.audio.align import LONGEST_BREAK, Alignment, align
from provenance.matching.audio.backwards import find_backwards_candidates, mirror_sound
from provenance.matching.audio.index import AudioCandidate, LandmarkIndex
from provenance.matching.audio.landmark_line import align_landmarks, pitch_landmarks
from provenance.matching.audio.play import KnownSound
from provenance.matching.audio.segment import SoundSegment, SoundSegmentBuilder
from provenance.matching.audio.triplets import ChangedCandidate, TripletIndex
from provenance.matching.audio.verdict import measure_missing, measure_missing_beside
from provenance.model.asset import Fingerprint, is_comparable
from provenance.model.match import COPY, SHARES, Known, Match, Span

FILM_SPEEDS = (1.0, 24 / 25, 25 / 24)
"""Speeds at which clips are looked up. Each finds what is up to 0.3 % beside it: 1000/1001 is found with 1."""
FREE_SPEEDS = (1.0, 0.98, 0.985, 0.99, 0.995, 1.005, 1.01, 1.015, 1.02, 24 / 25, 25 / 24)
"""The same with everything within 2 % of the known speed."""
_SPEED_NAMES = {
    1.0: "",
    24 / 25: "24/25",
    25 / 24: "25/24",
    1.001: "1001/1000",
    1 / 1.001: "1000/1001",
    25 / 23.976: "25/23.976",
    23.976 / 25: "23.976/25",
}
_SAME_SPEED = 2e-4
"""Difference below which two speeds are the same."""
_SAME_PLACE = RATE // 50
"""Samples (20 ms) below which two alignments of one known sound are the same."""
_SAME_CANDIDATE = 4 * _SAME_PLACE
"""Samples (80 ms) below which a candidate is at the place of an alignment."""
_NEAR_PLACE = RATE // 2
"""Samples (half a second) below which a candidate at another pitch or tempo is at the place of an alignment."""
_NEARLY_WHOLE = 0.8
"""Share of the quarter seconds of a known sound that agree from which on other places of it are not looked at …"""
_SMALL_REST = 0.05
"""… for candidates of which only such a share is elsewhere."""
_SAME_PITCH = 0.15
"""Semitones below which two pitches are the same."""
_SAME_TEMPO = 2e-3
"""Difference below which two speeds that landmarks tell are the same."""
_SAME_USE = 0.5
"""Share of the shorter one's time from which two detections of one asset in one track are the same use."""

# A match that has all three is a sure copy. Less is shared content: a word, a drum loop, or a sound mostly masked.
_SURE_SECONDS = 2.0
"""Seconds from in point to out point."""
_SURE_SHARE = 0.5
"""Share of the quarter seconds that agree."""
_SURE_SIGMA = 15.0
"""Standard deviations over chance."""
_SURE_COVERAGE = 0.5
"""Share of the known sound that is heard …"""
_SURE_LENGTH = 10.0
"""… or seconds of it: samples and loops that tunes share are shorter."""
_MOST_MISSING = 0.02
"""Share of it that may be missing. Copies reach 0.016, the same tune on other instruments has 0.024 and more."""

_LEAST_SECONDS = 1.0
"""Seconds that must agree: a synthetic voice says the same word the same way twice."""
_NEARLY_ALL = 0.8
"""Share of a known sound that must agree when it is shorter than that."""
_BRIEF_SECONDS = 3.0
"""Seconds under which more must stand out …"""
_BRIEF_SIGMA = 12.0
"""… by this many standard deviations: two voices at one pitch agree for a second or two, by 9."""

# Of a sound at another pitch or tempo, landmarks are the evidence.
_LEAST_CHANGED_SECONDS = 2.5
"""Seconds from the first landmark that agrees to the last."""
_FEWEST_LANDMARKS = 40
"""Landmarks that agree."""
_LANDMARK_SIGMA = 15.0
"""Standard deviations over chance."""
_LEAST_LANDMARK_EVIDENCE = 18.0
"""Landmarks that agree, times their share: few must be nearly all. Tunes of the same synthetic notes reach 11."""

_MIDDLES = ("mid", "front")
"""Downmixes in which everything of a track can be heard."""
_MOST_DOWNMIXES = 16
"""Downmixes of one track, at most."""
_RECENT_SPACE = 100_000_000
"""Bytes of the known sounds that stay in memory."""

LoadFingerprint = Callable[[int], bytes]
"""Number of a known sound -> the bytes of its fingerprint."""


class KnownSounds:
    """All known sounds, ready to be searched for.

    Holds what is looked up alone; a fingerprint is loaded when its sound is a candidate.
    """

    def __init__(self, segments: Sequence[SoundSegment], assets: Sequence[Known], load: LoadFingerprint) -> None:
        """`assets`: that of each known sound, in the order of the segments; `load` gives the bytes of the n-th."""
        self._assets = assets
        self._load = load
        self._index = LandmarkIndex([segment.pairs for segment in segments])
        self._triplets = TripletIndex([segment.triplets for segment in segments])
        self._places = [segment.places for segment in segments]
        self._ends = list(itertools.accumulate(map(len, self._places)))
        self._recent: dict[tuple[int, bool], KnownSound] = {}

    def __len__(self) -> int:
        return len(self._assets)

    def asset(self, entry: int) -> Known:
        """The asset that a known sound belongs to."""
        return self._assets[entry]

    def _describe_downmix(self, entry: int) -> tuple[int, str]:
        """Number of the track of a known sound, and the name of the downmix that it is."""
        segment = bisect.bisect_right(self._ends, entry)
        place = self._places[segment][entry - self._ends[segment] + len(self._places[segment])]
        return int(place["track"]), place["downmix"].decode("ascii", "replace")

    def find_middle(self, entry: int) -> int | None:
        """The middle of the track whose sides an entry is. None where there is none, and for a middle itself."""
        track, downmix = self._describe_downmix(entry)
        if downmix in _MIDDLES:
            return None
        digest = self._assets[entry].digest
        # The downmixes of an asset come one after another.
        for other in range(max(0, entry - _MOST_DOWNMIXES), min(len(self), entry + _MOST_DOWNMIXES)):
            other_track, other_downmix = self._describe_downmix(other)
            is_middle = other_track == track and other_downmix in _MIDDLES
            if is_middle and self._assets[other].digest == digest:
                return other
        return None

    def load_sound(self, entry: int, is_backwards: bool = False) -> KnownSound:
        """Load a known sound, or the same mirrored. The last ones stay in memory: candidates come one after another."""
        sound = self._recent.pop((entry, is_backwards), None)
        if sound is None and is_backwards:
            sound = KnownSound(mirror_sound(self.load_sound(entry).fingerprint))
        elif sound is None:
            sound = KnownSound(from_bytes(self._load(entry)))
        # The one that was asked for longest ago goes first.
        while self._recent and sound.space + sum(other.space for other in self._recent.values()) > _RECENT_SPACE:
            del self._recent[next(iter(self._recent))]
        self._recent[entry, is_backwards] = sound
        return sound

    def find_candidates(self, deliverable: AudioFingerprint, speed: float) -> Iterator[AudioCandidate]:
        """Yield where any of them might be."""
        return self._index.find_candidates(deliverable.landmarks, speed)

    def find_backwards_candidates(self, deliverable: AudioFingerprint) -> Iterator[AudioCandidate]:
        """Yield where any of them might be played backwards."""
        return find_backwards_candidates(deliverable, self._index)

    def find_changed_candidates(self, deliverable: AudioFingerprint) -> Iterator[ChangedCandidate]:
        """Yield where any of them might be at another pitch or tempo."""
        return self._triplets.find_candidates(deliverable.landmarks)


def index_sounds(entries: Iterable[tuple[Known, Fingerprint]], load: LoadFingerprint | None = None) -> KnownSounds:
    """Index audio fingerprints of one downmix each. Those of other methods and versions are skipped and not numbered.

    `load` gives the bytes of the n-th one again; without it they are kept in memory. Raises
    `MalformedAudioFingerprint`.
    """
    builder = SoundSegmentBuilder()
    assets: list[Known] = []
    kept: list[bytes] = []
    for asset, fingerprint in entries:
        if _is_readable(fingerprint):
            builder.add_sound(fingerprint.data, 0)
            assets.append(asset)
            if load is None:
                kept.append(fingerprint.data)
    return KnownSounds([builder.make_segment()], assets, load or kept.__getitem__)


def _is_readable(fingerprint: Fingerprint) -> bool:
    return fingerprint.method == METHOD and is_comparable(METHOD, fingerprint.version)


@dataclass(frozen=True, slots=True)
class _Detection:
    """A known sound found in one downmix of a deliverable."""

    alignment: Alignment
    known: Known
    deliverable: AudioFingerprint


def find_matches(
    deliverable: Sequence[Fingerprint], sounds: KnownSounds, speeds: Sequence[float] = FILM_SPEEDS
) -> list[Match]:
    """Find known sounds in the audio fingerprints of one deliverable, in the order of time.

    Spans are seconds, without timecodes. Raises `MalformedAudioFingerprint`; fingerprints of other methods and versions
    are skipped.
    """
    detections: list[_Detection] = []
    middles: dict[int, AudioFingerprint] = {}
    for fingerprint in deliverable:
        if not _is_readable(fingerprint):
            continue
        sound = from_bytes(fingerprint.data)
        if sound.downmix in _MIDDLES:
            middles[sound.track] = sound
        alignments = _align_candidates(sound, sounds, speeds)
        detections += [_Detection(alignment, sounds.asset(alignment.entry), sound) for alignment in alignments]
    matches = [_to_match(detection, sounds, middles) for detection in _remove_duplicates(detections)]
    return sorted(matches, key=_sort_key)


def _sort_key(match: Match) -> tuple[float, str, str]:
    start = 0.0
    if match.time:
        start = match.time.start
    return start, match.known.path, match.known.digest


def _align_candidates(deliverable: AudioFingerprint, sounds: KnownSounds, speeds: Sequence[float]) -> list[Alignment]:
    """Find every known sound in one downmix."""
    alignments: list[Alignment] = []
    for speed in speeds:
        # Step 4: candidates.
        for candidate in sounds.find_candidates(deliverable, speed):
            # A long use has a candidate in every minute, and neighbouring speeds have the same ones.
            if any(_is_explained(candidate, alignment) for alignment in alignments):
                continue
            if _is_covered(candidate, alignments):
                continue
            # Step 5: phase correlation.
            known = sounds.load_sound(candidate.entry)
            parts = align(known, deliverable, candidate)
            alignments += [part for part in parts if is_match(part, known.fingerprint)]
    alignments += _align_backwards(deliverable, sounds, alignments)
    alignments += _align_changed(deliverable, sounds, alignments)
    return [_measure_coverage(alignment, sounds) for alignment in _merge_parts(alignments)]


def _measure_coverage(alignment: Alignment, sounds: KnownSounds) -> Alignment:
    """The same with the share of the known sound that is heard."""
    length = sounds.load_sound(alignment.entry).fingerprint.length
    return replace(alignment, coverage=(alignment.end - alignment.start) * alignment.speed / max(1, length))


def _align_backwards(deliverable: AudioFingerprint, sounds: KnownSounds, found: Sequence[Alignment]) -> list[Alignment]:
    """Step 6: the same with every known sound played backwards."""
    alignments: list[Alignment] = []
    for candidate in sounds.find_backwards_candidates(deliverable):
        mirrored = sounds.load_sound(candidate.entry, is_backwards=True)
        # Where a mirrored sound starts is known only with its length.
        candidate = replace(candidate, offset=candidate.offset - mirrored.fingerprint.length / candidate.speed)
        if any(_is_explained(candidate, alignment) for alignment in alignments):
            continue
        if _is_covered(candidate, (*found, *alignments)):
            continue
        parts = align(mirrored, deliverable, candidate)
        alignments += [replace(part, is_backwards=True) for part in parts if is_match(part, mirrored.fingerprint)]
    return alignments


def _align_changed(deliverable: AudioFingerprint, sounds: KnownSounds, found: Sequence[Alignment]) -> list[Alignment]:
    """Steps 7 and 8: known sounds at another pitch or tempo, where they were not found as they are."""
    alignments: list[Alignment] = []
    landmarks = pitch_landmarks(deliverable.landmarks, deliverable.length, strong_only=False)
    for candidate in sounds.find_changed_candidates(deliverable):
        if any(_is_near(candidate, alignment) for alignment in (*found, *alignments)):
            continue
        if _is_covered(candidate, found):
            continue
        known = sounds.load_sound(candidate.entry)
        source = known.fingerprint
        known_landmarks = pitch_landmarks(source.landmarks, source.length, strong_only=True)
        parts = align_landmarks(known_landmarks, landmarks, candidate)
        for part in parts:
            if is_changed_match(part):
                alignments += _align_as_on_tape(part, known, deliverable) or [part]
    return alignments


def _align_as_on_tape(part: Alignment, known: KnownSound, deliverable: AudioFingerprint) -> list[Alignment]:
    """The same by phase correlation, where pitch and speed were changed together. Empty where they were not."""
    assert part.semitones is not None
    if abs(part.semitones - 12 * math.log2(part.speed)) > _SAME_PITCH:
        return []
    candidate = AudioCandidate(part.entry, part.speed, part.offset, part.start, part.end, part.landmarks)
    parts = align(known, deliverable, candidate)
    return [one for one in parts if is_match(one, known.fingerprint)]


def is_changed_match(alignment: Alignment) -> bool:
    """Whether so many landmarks agree that it is no chance."""
    is_long = alignment.end - alignment.start >= _LEAST_CHANGED_SECONDS * RATE
    has_many = alignment.landmarks >= _FEWEST_LANDMARKS
    stands_out = alignment.sigma >= _LANDMARK_SIGMA
    return is_long and has_many and stands_out and alignment.landmarks * alignment.share >= _LEAST_LANDMARK_EVIDENCE


def _is_near(candidate: ChangedCandidate, alignment: Alignment) -> bool:
    """Whether a rough candidate is at the place of a known sound that was found already."""
    return not alignment.is_backwards and _is_within(candidate, alignment, _NEAR_PLACE)


def is_match(alignment: Alignment, known: AudioFingerprint) -> bool:
    """Whether so much of the known sound agrees as its height over chance demands."""
    is_brief = alignment.agreeing_samples < _BRIEF_SECONDS * RATE
    if is_brief and alignment.sigma < _BRIEF_SIGMA:
        return False
    return alignment.agreeing_samples >= min(_LEAST_SECONDS * RATE, _NEARLY_ALL * known.length)


def _is_explained(candidate: AudioCandidate, alignment: Alignment) -> bool:
    """Whether a candidate is at the place of a known sound that was found already."""
    return _is_within(candidate, alignment, _SAME_CANDIDATE)


def _is_covered(candidate: AudioCandidate | ChangedCandidate, alignments: Iterable[Alignment]) -> bool:
    """Whether the same known sound was found nearly whole all the time that a candidate lasts, at another place of it.

    Music repeats itself: one bar is like another. Candidates that have more in common come before those that have less.
    """
    # What is left of the candidate's time when each alignment has taken its part of it.
    missing = [(candidate.first, candidate.last)]
    for alignment in alignments:
        if alignment.entry != candidate.entry or alignment.share < _NEARLY_WHOLE:
            continue
        rest: list[tuple[float, float]] = []
        for first, last in missing:
            parts = (first, min(last, alignment.start)), (max(first, alignment.end), last)
            rest += [part for part in parts if part[0] < part[1]]
        missing = rest
    uncovered = sum(last - first for first, last in missing)
    return uncovered < _SMALL_REST * (candidate.last - candidate.first)


def _is_within(candidate: AudioCandidate | ChangedCandidate, alignment: Alignment, distance: float) -> bool:
    """Whether both are of one known sound, and closer to each other in it than so many samples."""
    if alignment.entry != candidate.entry:
        return False
    first = max(candidate.first, alignment.start)
    last = min(candidate.last, alignment.end)
    if last < first:
        return False
    middle = (first + last) / 2
    aligned_sample = (middle - alignment.offset) * alignment.speed
    candidate_sample = (middle - candidate.offset) * candidate.speed
    return abs(aligned_sample - candidate_sample) < distance


def _merge_parts(alignments: Iterable[Alignment]) -> list[Alignment]:
    """Merge alignments of one known sound at one speed and one place: a long use is found part by part."""
    merged: list[Alignment] = []
    for part in sorted(alignments, key=lambda one: (one.entry, one.start)):
        for number, earlier in enumerate(merged):
            if _is_continuation(earlier, part):
                merged[number] = _merge(earlier, part)
                break
        else:
            merged.append(part)
    return merged


def _is_continuation(earlier: Alignment, later: Alignment) -> bool:
    """Whether two alignments are parts of one use."""
    if earlier.entry != later.entry or later.start > earlier.end + LONGEST_BREAK:
        return False
    # Which known sample does each of them put at the start of the later one?
    earlier_sample = (later.start - earlier.offset) * earlier.speed
    later_sample = (later.start - later.offset) * later.speed
    if earlier.is_backwards != later.is_backwards or abs(earlier_sample - later_sample) >= _SAME_PLACE:
        return False
    if earlier.semitones is None or later.semitones is None:
        return earlier.semitones == later.semitones and abs(earlier.speed - later.speed) < _SAME_SPEED
    is_same_pitch = abs(earlier.semitones - later.semitones) < _SAME_PITCH
    return is_same_pitch and abs(earlier.speed - later.speed) < _SAME_TEMPO


def _merge(earlier: Alignment, later: Alignment) -> Alignment:
    """Both as one, with the speed and offset of the part that weighs more."""
    lengths = later.end - later.start + earlier.end - earlier.start
    return replace(
        max(later, earlier, key=lambda part: part.weight),
        start=min(later.start, earlier.start),
        end=max(later.end, earlier.end),
        share=(later.agreeing_samples + earlier.agreeing_samples) / lengths,
        weight=later.weight + earlier.weight,
        landmarks=later.landmarks + earlier.landmarks,
    )


def _remove_duplicates(detections: Sequence[_Detection]) -> list[_Detection]:
    """Of detections that overlap in one track and are of one asset, keep the one with most samples that agree.

    Of the others, what lies beside it is kept.
    """
    kept: list[_Detection] = []
    for detection in sorted(detections, key=lambda one: -one.alignment.weight):
        # The same clip is audible in several downmixes of a track, and known from several downmixes of its asset.
        if not any(_measure_overlap(detection, better) > _SAME_USE for better in kept):
            kept.append(detection)
        # A loop agrees with itself at every repetition: where one place of it ends, another goes on.
        elif rest := _find_rest(detection, kept):
            kept.append(rest)
    return kept


def _find_rest(detection: _Detection, kept: Sequence[_Detection]) -> _Detection | None:
    """The longest part of a detection in which nothing better of its asset was found; None where that is too little."""
    alignment = detection.alignment
    if alignment.share < _SURE_SHARE:
        return None
    starts, ends = [], []
    for better in kept:
        if _measure_overlap(detection, better) <= 0:
            continue
        if abs(better.alignment.speed - alignment.speed) >= _SAME_SPEED:
            return None
        starts.append(better.alignment.end)
        ends.append(better.alignment.start)
    # Between the end of each and the beginning of the next.
    starts = [alignment.start, *sorted(starts)]
    ends = [*sorted(ends), alignment.end]
    first, last = max(zip(starts, ends, strict=True), key=lambda gap: gap[1] - gap[0])
    if last - first < _SURE_SECONDS * RATE:
        return None
    share_of_weight = (last - first) / (alignment.end - alignment.start)
    coverage = alignment.coverage * share_of_weight
    rest = replace(alignment, start=first, end=last, weight=alignment.weight * share_of_weight, coverage=coverage)
    return replace(detection, alignment=rest)


def _measure_overlap(one: _Detection, other: _Detection) -> float:
    """Share, 0 to 1, of the shorter one's time that both have; 0 for different assets or tracks."""
    if one.known.digest != other.known.digest or one.deliverable.track != other.deliverable.track:
        return 0.0
    first, second = one.alignment, other.alignment
    common = min(first.end, second.end) - max(first.start, second.start)
    shorter = min(first.end - first.start, second.end - second.start)
    return max(0.0, common / max(1, shorter))


def _to_match(detection: _Detection, sounds: KnownSounds, middles: Mapping[int, AudioFingerprint]) -> Match:
    """A detection as a match, its times in seconds from the first frame of either file."""
    alignment, deliverable = detection.alignment, detection.deliverable
    known = sounds.load_sound(alignment.entry).fingerprint
    missing = None
    if alignment.semitones is None:
        missing = _measure_missing(detection, sounds, middles.get(deliverable.track))
    known_first = max(0.0, (alignment.start - alignment.offset) * alignment.speed / RATE)
    known_last = max(0.0, (alignment.end - alignment.offset) * alignment.speed / RATE)
    if alignment.is_backwards:
        known_first, known_last = max(0.0, known.seconds - known_last), known.seconds - known_first
    return Match(
        known=detection.known,
        method=METHOD,
        verdict=decide_verdict(alignment, missing),
        time=Span(deliverable.start + alignment.start / RATE, deliverable.start + alignment.end / RATE),
        known_time=Span(known_first + known.start, known_last + known.start),
        score=round(alignment.share, 3),
        detail=_describe(alignment, deliverable, missing, has_levels=len(known.levels) > 0),
    )


def _measure_missing(detection: _Detection, sounds: KnownSounds, middle: AudioFingerprint | None) -> float | None:
    """Share of the known sound that is missing, in the downmix in which it was found and in the middle of its track."""
    alignment, deliverable = detection.alignment, detection.deliverable
    sound = sounds.load_sound(alignment.entry, alignment.is_backwards)
    missing = measure_missing(sound, deliverable, alignment)
    entry = sounds.find_middle(alignment.entry)
    if missing is None or entry is None or middle is None:
        return missing
    known_middle = sounds.load_sound(entry, alignment.is_backwards)
    beside = measure_missing_beside(known_middle, middle, alignment, (sound, deliverable))
    return missing if beside is None else max(missing, beside)


def decide_verdict(alignment: Alignment, missing: float | None) -> str:
    """Step 9: a confirmed copy where the alignment is long, whole and sure; otherwise shared content.

    A sample or a loop that two tunes share is too short for either of them. Of one that they share all through, the
    rest is missing: the melody of the known tune. Where that cannot be told (None), nothing is proven.
    """
    if alignment.semitones is not None or missing is None or missing > _MOST_MISSING:
        return SHARES
    seconds = (alignment.end - alignment.start) / RATE
    covers_enough = alignment.coverage >= _SURE_COVERAGE or seconds >= _SURE_LENGTH
    is_long = seconds >= _SURE_SECONDS and covers_enough
    is_whole = alignment.share >= _SURE_SHARE
    stands_out = alignment.sigma >= _SURE_SIGMA
    if is_long and is_whole and stands_out:
        return COPY
    return SHARES


def _describe(alignment: Alignment, deliverable: AudioFingerprint, missing: float | None, has_levels: bool) -> str:
    """What a match rests on, for the report."""
    parts = [f"audio track {deliverable.track + 1} ({deliverable.downmix})", *_describe_change(alignment)]
    if alignment.landmarks:
        parts.append(f"{alignment.landmarks} landmarks, {alignment.share:.0%} of those of the known sound, agree")
    else:
        parts.append(f"{alignment.share:.0%} of its quarter seconds agree")
    parts.append(f"{alignment.sigma:.0f} standard deviations above chance")
    if not has_levels:
        parts.append("its levels are not known, so that nothing tells whether it is whole")
    if missing is not None and missing > _MOST_MISSING:
        parts.append(f"{missing:.0%} of what it holds is missing")
    return ", ".join(parts)


def _describe_change(alignment: Alignment) -> list[str]:
    """How the known sound was changed, in words. Empty when it was not."""
    parts = []
    if alignment.is_backwards:
        parts.append("plays backwards")
    if alignment.semitones is None:
        if abs(alignment.speed - 1) > _SAME_SPEED / 2:
            direction = "faster" if alignment.speed > 1 else "slower"
            parts.append(f"runs {abs(alignment.speed - 1):.1%} {direction}".replace("%", " %"))
            parts.append(f"at {alignment.speed:.4f} times its speed{_name_speed(alignment.speed)}")
        return parts
    has_other_pitch = abs(alignment.semitones) >= _SAME_PITCH
    if has_other_pitch:
        direction = "up" if alignment.semitones > 0 else "down"
        parts.append(f"pitch {abs(alignment.semitones):.1f} semitones {direction}")
    if abs(alignment.speed - 1) > _SAME_TEMPO:
        stretch = f"stretched to {1 / alignment.speed:.1%}".replace("%", " %")
        parts.append(stretch if has_other_pitch else f"{stretch}, pitch kept")
    return parts


def _name_speed(speed: float) -> str:
    """The film speed that this is, as ` (24/25)`; empty when it is none, or the known speed."""
    nearest = min(_SPEED_NAMES, key=lambda film_speed: abs(film_speed - speed))
    if not _SPEED_NAMES[nearest] or abs(nearest - speed) >= _SAME_SPEED:
        return ""
    return f" ({_SPEED_NAMES[nearest]})"

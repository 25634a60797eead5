"""A known sound played backwards: step 6 of sound in docs/matching.md.

The spectrogram of a sound that plays backwards is its spectrogram mirrored in time, and so are its landmarks and its
whitened samples. The landmarks of the deliverable are mirrored and looked up as they are; the known sound is mirrored
for phase correlation, because it is the shorter one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provenance.fingerprint.audio import HOP, AudioFingerprint, Landmarks, pack_signs
from provenance.matching.audio.index import AudioCandidate, LandmarkIndex

_SPEED = 1.0
"""The only speed that is tried: what is up to 0.3 % beside it is found as well."""


_FEWEST_PAIRS = 6
"""Pairs in common that make a candidate: more than forwards, because few sounds are played backwards."""
_MAX_CANDIDATES = 16
"""Candidates that are followed up in a minute, best first."""


def mirror_landmarks(landmarks: Landmarks, length: int) -> Landmarks:
    """Landmarks of the same sound of `length` samples played backwards."""
    # A sound that ends within a frame would have landmarks before its start.
    times = (length / HOP - landmarks.times[::-1]).clip(0)
    return Landmarks(times.astype("float32"), landmarks.bins[::-1], landmarks.strong[::-1])


def mirror_sound(sound: AudioFingerprint) -> AudioFingerprint:
    """The fingerprint of the same sound played backwards. Its levels begin with the last cell, even a shorter one."""
    signs = sound.unpack_signs(0, sound.length)[::-1]
    landmarks = mirror_landmarks(sound.landmarks, sound.length)
    return replace(sound, landmarks=landmarks, packed_signs=pack_signs(signs), levels=sound.levels[::-1])


def find_backwards_candidates(deliverable: AudioFingerprint, index: LandmarkIndex) -> Iterator[AudioCandidate]:
    """Yield where known sounds might play backwards.

    The offset of each is where the *end* of the mirrored sound would be: its start is as much before as it is long.
    """
    landmarks = mirror_landmarks(deliverable.landmarks, deliverable.length)
    for mirrored in index.find_candidates(landmarks, _SPEED, _FEWEST_PAIRS, _MAX_CANDIDATES):
        # Sample s of the mirrored deliverable is sample length - s of the deliverable.
        first = deliverable.length - mirrored.last
        last = deliverable.length - mirrored.first
        yield replace(mirrored, offset=deliverable.length - mirrored.offset, first=first, last=last)

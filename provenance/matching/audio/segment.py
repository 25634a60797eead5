"""A segment of the sound index: what is looked up of some known sounds, as arrays that a worker maps as they are.

Both indices, over pairs and over triplets of landmarks, follow from the landmarks in the fingerprints. They are laid
out once, by the process that has the catalogue open; a fingerprint itself is read when its sound is a candidate.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import from_bytes, unbundle
from provenance.matching.array_file import Arrays
from provenance.matching.audio.index import KnownPairs, PairSegment, lay_out_pairs, pair_known
from provenance.matching.audio.posting_lists import PostingLists
from provenance.matching.audio.triplets import KnownTriplets, TripletSegment, collect_triplets, lay_out_triplets

LAYOUT = 1
"""Raised when a segment is laid out in another way: all of them are then made anew."""
_PLACE = np.dtype([("part", "<u2"), ("track", "<u2"), ("downmix", "S16")])
"""One known sound: its number in the fingerprint of its asset, its track, the name of its downmix."""


class SoundSegment(NamedTuple):
    """The known sounds of some assets."""

    pairs: PairSegment
    triplets: TripletSegment
    places: NDArray[np.void]
    """(sounds,): `_PLACE`."""
    counts: NDArray[np.uint32]
    """(assets,): sounds of each, one a downmix of a track."""


@dataclass(slots=True)
class SoundSegmentBuilder:
    """Lays out a segment from packed fingerprints."""

    counts: list[int] = field(default_factory=list)
    """Sounds of each fingerprint."""
    _pairs: list[KnownPairs] = field(default_factory=list)
    _triplets: list[KnownTriplets] = field(default_factory=list)
    _places: list[tuple[int, int, bytes]] = field(default_factory=list)

    def add(self, data: bytes | memoryview) -> int:
        """Add the bundle of one asset. Returns its number of sounds. Raises `MalformedAudioFingerprint`."""
        before = len(self._places)
        for part, packed in enumerate(unbundle(data)):
            self.add_sound(bytes(packed), part)
        self.counts.append(len(self._places) - before)
        return self.counts[-1]

    def add_sound(self, packed: bytes, part: int) -> None:
        """Add one fingerprint of a bundle."""
        sound = from_bytes(packed)
        self._pairs.append(pair_known(sound.landmarks))
        self._triplets.append(collect_triplets(sound.landmarks))
        self._places.append((part, sound.track, sound.downmix.encode("ascii", "replace")))

    def make_segment(self) -> SoundSegment:
        """The segment."""
        counts = np.array(self.counts, np.uint32)
        places = np.array(self._places, _PLACE)
        return SoundSegment(lay_out_pairs(self._pairs), lay_out_triplets(self._triplets), places, counts)

    def make_arrays(self) -> Arrays:
        """The arrays of the segment, for a file."""
        segment = self.make_segment()
        pairs, triplets = segment.pairs, segment.triplets
        return {
            "pair_bounds": pairs.lists.bounds,
            "pair_rests": pairs.lists.rests,
            "pair_times": pairs.times,
            "pair_starts": pairs.starts,
            "triplet_bounds": triplets.lists.bounds,
            "triplet_rests": triplets.lists.rests,
            "triplet_firsts": triplets.firsts,
            "triplet_lengths": triplets.lengths,
            "landmark_times": triplets.times,
            "landmark_pitches": triplets.pitches,
            "landmark_starts": triplets.starts,
            "places": segment.places.view(np.uint8),
            "counts": segment.counts,
        }


def open_segment(arrays: Arrays) -> SoundSegment:
    """The segment of the arrays in a file. Nothing is copied."""
    pair_lists = PostingLists(arrays["pair_bounds"], arrays["pair_rests"])
    triplet_lists = PostingLists(arrays["triplet_bounds"], arrays["triplet_rests"])
    triplets = TripletSegment(
        triplet_lists,
        arrays["triplet_firsts"],
        arrays["triplet_lengths"],
        arrays["landmark_times"],
        arrays["landmark_pitches"],
        arrays["landmark_starts"],
    )
    pairs = PairSegment(pair_lists, arrays["pair_times"], arrays["pair_starts"])
    return SoundSegment(pairs, triplets, arrays["places"].view(_PLACE), arrays["counts"])

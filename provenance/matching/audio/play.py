"""A known sound as it would be heard in a deliverable: at any speed, from any sample on.

A candidate is compared again and again, each time at a slightly better speed. So the sign samples are laid out four
times as dense, block by block and once: any sample at any speed then lies on a line between two of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from provenance.fingerprint.audio import AudioFingerprint
from provenance.media.arrays import Floats

_DENSITY = 4
"""Samples that are laid out for each one."""
_BLOCK = 8192
"""Sign samples (1 s) that are laid out at once."""
_CONTEXT = 256
"""Sign samples on either side of a block, so that blocks leave no seam."""
_MAX_BLOCKS = 600
"""Blocks (ten minutes, 79 MB) that are kept."""


@dataclass(slots=True)
class KnownSound:
    """A known sound, ready to be played."""

    fingerprint: AudioFingerprint
    _blocks: dict[int, Floats] = field(default_factory=dict)
    """(_DENSITY * _BLOCK,) float32 each."""

    def play(self, speed: float, offset: float, start: int, end: int) -> tuple[int, Floats]:
        """The sound between two samples of a deliverable, where it is so fast and starts at `offset`.

        Returns the first sample of the deliverable in which it is anything, and (n,) float32 samples from there.
        """
        start = max(start, int(np.ceil(offset)))
        end = min(end, int(offset + self.fingerprint.length / speed))
        if end <= start:
            return start, np.zeros(0, np.float32)
        known_start = (start - offset) * speed
        # At its own speed the sign samples are exact, and cost nothing.
        if speed == 1:
            first = round(known_start)
            return start, self.fingerprint.unpack_signs(first, first + end - start).astype(np.float32)
        return start, self._sample(known_start + speed * np.arange(end - start, dtype=np.float64))

    def _sample(self, places: NDArray[np.float64]) -> Floats:
        """(n,) float32: the sound at (n,) ascending places, in sign samples."""
        first, last = int(places[0] // _BLOCK), int((places[-1] + 1) // _BLOCK)
        dense = np.concatenate([self._find_block(number) for number in range(first, last + 1)])
        dense_places = np.clip((places - first * _BLOCK) * _DENSITY, 0, len(dense) - 2)
        before = dense_places.astype(np.int64)
        within = (dense_places - before).astype(np.float32)
        return np.asarray(dense[before] * (1 - within) + dense[before + 1] * within)

    def _find_block(self, number: int) -> Floats:
        block = self._blocks.get(number)
        if block is None:
            block = self._lay_out(number * _BLOCK)
            # The block that was laid out first is the farthest from where candidates are now.
            if len(self._blocks) == _MAX_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[number] = block
        return block

    def _lay_out(self, start: int) -> Floats:
        """(_DENSITY * _BLOCK,) float32: a block, by padding the spectrum of its sign samples."""
        signs = self.fingerprint.unpack_signs(start - _CONTEXT, start + _BLOCK + _CONTEXT).astype(np.float32)
        dense = np.fft.irfft(np.fft.rfft(signs), _DENSITY * len(signs)) * np.float32(_DENSITY)
        return np.asarray(dense[_DENSITY * _CONTEXT : -_DENSITY * _CONTEXT], np.float32)

    @property
    def space(self) -> int:
        """Bytes that it takes at most, with all its blocks."""
        return len(self.fingerprint.packed_signs) + min(_MAX_BLOCKS, self.fingerprint.length // _BLOCK + 2) * (
            4 * _DENSITY * _BLOCK
        )

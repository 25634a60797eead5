"""The open watermark of the library `invisible-watermark`, method dwtDct: its layout in a picture, and its payloads.

1. The chroma U of the picture is summed over 2 x 2 pixels: one level of a Haar wavelet. Despite the name of the method
   there is no cosine transform.
2. The sums are divided into blocks of 4 x 4, row after row. Each block has one bit of the payload; after its last bit
   the payload starts again, all over the picture.
3. The bit of a block is read from the strongest of its values, without the first: divided by 36, the remainder is more
   than 18 for a 1. This is the vote of the block.
4. A bit is 1 if its blocks vote for 1 more often than all blocks of the picture do. Flat and overexposed areas, which
   always vote the same, therefore only weaken a mark.

Writers differ in two ways that affect the pixels. Some pass red in place of blue, as diffusers did before 2024. And
some pass floating point numbers, as SDXL and FLUX pipelines do: the library then centres U on 0.5 and not on 128. So
every bit is read in four ways; any single way misses most of the pictures that come from pipelines.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provenance.decode.lossless_pixels import Pixels

MIN_PIXELS = 256 * 256
"""Pixels of the smallest picture that the library accepts."""
MAX_PIXELS = 16_000_000
"""Pixels after which more of a picture adds nothing: every bit has a thousand blocks by then."""

_STEP = 36
"""Quantisation step of the library, in the wavelet's units: half the sum of U over 2 x 2 pixels."""
_CHROMA_OFFSET = 256
"""The offset 128 of an 8-bit U in the wavelet's units: half of 4 x 128."""
_WAYS = ("whole numbers", "floating point", "whole numbers, red for blue", "floating point, red for blue")
_MIN_RESEMBLANCE = 5.0
"""Standard deviations. In the first rows of 479 unmarked pictures, read for all payloads, two results were higher;
marked pictures have 20 to 50."""

Plane = NDArray[np.float32]
Votes = NDArray[np.bool_]
"""Ways x blocks: the vote of each block, row after row, in each of the four ways."""


@dataclass(frozen=True, slots=True)
class Payload:
    """The bits that a generator writes."""

    bits: str
    least: int
    """Number of correct bits from which a picture counts as marked. Unmarked pictures reached 39 of 48 and 23 of 32."""

    def count_matching_bits(self, bits: str) -> int:
        """Number of correct bits; 0 for bits of another length."""
        if len(bits) != len(self.bits):
            return 0
        return sum(map(str.__eq__, self.bits, bits))


def _encode_letters(text: bytes, least: int) -> Payload:
    return Payload("".join(f"{byte:08b}" for byte in text), least)


STABLE_DIFFUSION_1 = _encode_letters(b"StableDiffusionV1", 120)
STABLE_DIFFUSION_1_INPAINTING = _encode_letters(b"StableDiffusionV1-Inpainting", 198)
STABLE_DIFFUSION_2 = _encode_letters(b"SDV2", 32)
SDXL = Payload("101100111110110010010000011110111011000110011110", 44)
FLUX = Payload("001010101111111010000111100111001111010100101110", 44)
PAYLOADS = (STABLE_DIFFUSION_1, STABLE_DIFFUSION_1_INPAINTING, STABLE_DIFFUSION_2, SDXL, FLUX)


@dataclass(frozen=True, slots=True)
class WatermarkBits:
    """Bits read from a picture that belong to a known payload."""

    bits: str
    way: str
    """How they were read, for a person: one of four ways."""


def has_likely_watermark(samples: Pixels) -> bool:
    """Whether these rows resemble any payload more than chance does. They must start with the first row."""
    votes = _collect_votes(samples)
    strongest = max(_measure_resemblance(votes, payload).max() for payload in PAYLOADS)
    return bool(strongest >= _MIN_RESEMBLANCE)


def find_watermarks(samples: Pixels) -> Iterator[WatermarkBits]:
    """Each payload that is in the picture, as read in the best of the four ways.

    A watermark is only ever evidence that there is a mark: its absence proves nothing.
    """
    votes = _collect_votes(samples)
    for payload in PAYLOADS:
        resemblance = _measure_resemblance(votes, payload)
        best: WatermarkBits | None = None
        most_matching = -1
        for bits, way, strength in zip(_decode(votes, payload), _WAYS, resemblance, strict=True):
            if strength < _MIN_RESEMBLANCE:
                continue
            matching = payload.count_matching_bits(bits)
            if matching > most_matching:
                best = WatermarkBits(bits, way)
                most_matching = matching
        if best and most_matching >= payload.least:
            yield best


def _collect_votes(samples: Pixels) -> Votes:
    """The votes of all blocks. `samples`: rows x columns x at least 3 channels, 8 bits, the first three RGB."""
    # Only whole blocks have a vote: 4 x 4 sums of 2 x 2 pixels.
    height = samples.shape[0] // 8 * 8
    width = samples.shape[1] // 8 * 8
    # Step 1. Sums of four 8-bit samples need 16 bits.
    pairs = np.add(samples[0:height:2, :width, :3], samples[1:height:2, :width, :3], dtype=np.uint16)
    first, green, last = np.moveaxis(pairs[:, 0::2] + pairs[:, 1::2], -1, 0).astype(np.float32)
    # Steps 2 and 3, for both orders of red and blue.
    strongest = [*_find_strongest(first, green, last), *_find_strongest(last, green, first)]
    return np.stack([np.abs(values) % _STEP > _STEP / 2 for values in strongest])


def _find_strongest(red: Plane, green: Plane, blue: Plane) -> tuple[Plane, Plane]:
    """The strongest value of each block, row after row, with the chroma centred on 128 and with it centred on 0.5."""
    # 0.246 is half of the factor 0.492 of U, because the planes are sums of four pixels and the wavelet halves them.
    chroma = 0.246 * (blue - (0.299 * red + 0.587 * green + 0.114 * blue))
    # The library leaves out the first value of a block; a copy of its neighbour cannot change the maximum.
    chroma[0::4, 0::4] = chroma[0::4, 1::4]
    blocks = chroma.reshape(chroma.shape[0] // 4, 4, chroma.shape[1] // 4, 4)
    highest = blocks.max(axis=1).max(axis=2).reshape(-1)
    lowest = blocks.min(axis=1).min(axis=2).reshape(-1)
    # Centred on 128 all values are positive, so the strongest is the highest. Centred on 0.5, which is 1 in the
    # wavelet's units, the lowest may be stronger.
    about_128 = highest + _CHROMA_OFFSET
    about_half = np.maximum(highest + 1, -lowest - 1)
    return about_128, about_half


def _average_votes(votes: Votes, payload: Payload) -> tuple[NDArray[np.float64], int]:
    """Ways x bits: the share of blocks with that bit that vote for 1; and the number of blocks that were counted."""
    length = len(payload.bits)
    rounds = votes.shape[1] // length
    if not rounds:
        return np.zeros((len(votes), length)), 0
    # Only whole repetitions of the payload, so that every bit has the same number of blocks.
    repetitions = votes[:, : rounds * length].reshape(len(votes), rounds, length)
    return repetitions.mean(axis=1), rounds * length


def _decode(votes: Votes, payload: Payload) -> list[str]:
    """The bits as read in each way."""
    shares, _ = _average_votes(votes, payload)
    # Step 4.
    bits = shares > shares.mean(axis=1, keepdims=True)
    return ["".join(map(str, row)) for row in bits.astype(int)]


def _measure_resemblance(votes: Votes, payload: Payload) -> NDArray[np.float64]:
    """For each way, how many standard deviations it is closer to the payload than chance; 0 where all votes agree."""
    shares, block_count = _average_votes(votes, payload)
    expected = np.fromiter(map(int, payload.bits), float)
    mean = shares.mean(axis=1)
    # Pearson's correlation of the shares with the payload, with the spread that single votes have: by chance it is
    # distributed with a standard deviation of one over the square root of the number of blocks.
    covariance = (shares - mean[:, None]) @ (expected - expected.mean()) / len(expected)
    spread = np.sqrt(mean * (1 - mean)) * expected.std()
    correlation: NDArray[np.float64] = np.divide(covariance, spread, out=np.zeros(len(mean)), where=spread > 0)
    return correlation * math.sqrt(block_count)

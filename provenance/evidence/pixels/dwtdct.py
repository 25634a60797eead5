"""The open watermark of the library `invisible-watermark`, method dwtDct: how it lies in a picture, and who writes it.

The chroma U of the picture, summed over 2 x 2 pixels (one level of a Haar wavelet; despite the name there is no cosine
transform), in blocks of 4 x 4 such sums, row after row: of the strongest value of a block, the first left out, the rest
after division by 36 is more than half for a 1. Bits of the payload follow each other and begin anew all over the
picture.

Writers differ in two ways that the pixels keep. Some hand over red for blue, as diffusers did before 2024. And some
hand over floating point numbers, as SDXL and FLUX pipelines do: the library then centres U about 0.5 and no longer
about 128. Every bit is therefore read in four ways; reading in one alone loses most of the pictures out of pipelines.

A bit is 1 where its blocks say so more often than all blocks together do: flat and blown-out parts, which always say
the same, then only weaken a mark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from provenance.media.decode.lossless_pixels import Pixels

MIN_PIXELS = 256 * 256
"""Pixels of the smallest picture that the library marks."""
MAX_PIXELS = 16_000_000
"""Pixels beyond which more of a picture tells nothing new: every bit is read a thousand times."""

_STEP = 36
_WAYS = ("whole numbers", "floating point", "whole numbers, red for blue", "floating point, red for blue")
_STRIKING = 5.0
"""Standard deviations. In the first rows of 479 unmarked pictures, read for all payloads, two came to more; marked ones
come to 20 and 50."""

Plane = NDArray[np.float32]
Votes = NDArray[np.bool_]
"""Ways x blocks: what each block says, row after row, in each of the four ways."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Bits that a generator writes, and how many must be there. Unmarked pictures came to 39 of 48 and 23 of 32."""

    bits: str
    least: int

    def count_matching_bits(self, bits: str) -> int:
        """How many bits are as they should be; 0 for bits of another length."""
        return sum(map(str.__eq__, self.bits, bits)) if len(bits) == len(self.bits) else 0


def _letters(text: bytes, least: int) -> Payload:
    return Payload("".join(f"{byte:08b}" for byte in text), least)


STABLE_DIFFUSION_1 = _letters(b"StableDiffusionV1", 120)
STABLE_DIFFUSION_1_INPAINTING = _letters(b"StableDiffusionV1-Inpainting", 198)
STABLE_DIFFUSION_2 = _letters(b"SDV2", 32)
SDXL = Payload("101100111110110010010000011110111011000110011110", 44)
FLUX = Payload("001010101111111010000111100111001111010100101110", 44)
PAYLOADS = (STABLE_DIFFUSION_1, STABLE_DIFFUSION_1_INPAINTING, STABLE_DIFFUSION_2, SDXL, FLUX)


@dataclass(frozen=True, slots=True)
class WatermarkBits:
    """Bits read out of a picture that belong to a known payload, and how they were read."""

    bits: str
    way: str


def has_likely_watermark(samples: Pixels) -> bool:
    """Whether any payload is more than chance in these rows. They must begin with the picture."""
    votes = _votes(samples)
    return any(bool((_resemblance(votes, payload) >= _STRIKING).any()) for payload in PAYLOADS)


def find_watermarks(samples: Pixels) -> Iterator[WatermarkBits]:
    """Each payload that is there, in the way in which most of its bits are right. Only ever that there is a mark."""
    votes = _votes(samples)
    for payload in PAYLOADS:
        alike = _resemblance(votes, payload) >= _STRIKING
        read = [
            WatermarkBits(bits, way) for bits, way in compress(zip(_decode(votes, payload), _WAYS, strict=True), alike)
        ]
        best = max(read, key=lambda found: payload.count_matching_bits(found.bits), default=None)
        if best and payload.count_matching_bits(best.bits) >= payload.least:
            yield best


def _votes(samples: Pixels) -> Votes:
    height, width = (side // 8 * 8 for side in samples.shape[:2])
    pairs = np.add(samples[0:height:2, :width, :3], samples[1:height:2, :width, :3], dtype=np.uint16)
    first, green, last = np.moveaxis(pairs[:, 0::2] + pairs[:, 1::2], -1, 0).astype(np.float32)
    said = [_strongest(*ends) for ends in ((first, green, last), (last, green, first))]
    return np.stack([np.abs(value) % _STEP > _STEP / 2 for values in said for value in values])


def _strongest(red: Plane, green: Plane, blue: Plane) -> Iterator[Plane]:
    """The strongest value of each block, with the chroma about 128, where all of it is positive, and about 0.5."""
    chroma = 0.246 * (blue - (0.299 * red + 0.587 * green + 0.114 * blue))
    chroma[0::4, 0::4] = chroma[0::4, 1::4]  # the first of a block does not count
    blocks = chroma.reshape(chroma.shape[0] // 4, 4, chroma.shape[1] // 4, 4)
    most, least = blocks.max(axis=1).max(axis=2).reshape(-1), blocks.min(axis=1).min(axis=2).reshape(-1)
    yield most + 256
    yield np.maximum(most + 1, -least - 1)


def _shares(votes: Votes, payload: Payload) -> tuple[NDArray[np.float64], int]:
    """Ways x bits: how many of the blocks that hold a bit say 1; and how many blocks there are in all."""
    length = len(payload.bits)
    rounds = votes.shape[1] // length
    if not rounds:
        return np.zeros((len(votes), length)), 0
    return votes[:, : rounds * length].reshape(len(votes), rounds, length).mean(axis=1), rounds * length


def _decode(votes: Votes, payload: Payload) -> list[str]:
    """The bits as each way reads them."""
    shares, _ = _shares(votes, payload)
    return ["".join("01"[bit] for bit in row) for row in (shares > shares.mean(axis=1, keepdims=True)).astype(int)]


def _resemblance(votes: Votes, payload: Payload) -> NDArray[np.float64]:
    """For each way, how many standard deviations it is nearer to the payload than chance; 0 where all votes agree."""
    shares, blocks = _shares(votes, payload)
    wanted = np.fromiter(map(int, payload.bits), float)
    mean = shares.mean(axis=1)
    together = (shares - mean[:, None]) @ (wanted - wanted.mean()) / len(wanted)
    spread = np.sqrt(mean * (1 - mean)) * wanted.std()
    alike: NDArray[np.float64] = np.divide(together, spread, out=np.zeros(len(mean)), where=spread > 0)
    return alike * math.sqrt(blocks)

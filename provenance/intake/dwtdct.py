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
from itertools import product

import numpy as np
from numpy.typing import NDArray

from provenance.intake.pixels import Samples

SMALLEST = 256 * 256
"""Pixels of the smallest picture that the library marks."""
ENOUGH = 16_000_000
"""Pixels beyond which more of a picture tells nothing new: every bit is read a thousand times."""

_STEP = 36
_CENTRES = {"whole numbers": 128.0, "floating point": 0.5}
_ORDERS = {"": (0, 1, 2), ", red for blue": (2, 1, 0)}
_STRIKING = 5.0
"""Standard deviations. In 466 unmarked pictures of all kinds the first rows came to 5.0, read for all payloads; in
marked ones to 20 and more."""

Votes = NDArray[np.bool_]
"""What each block says, row after row."""


@dataclass(frozen=True, slots=True)
class Payload:
    """Bits that a generator writes, and how many must be there. Unmarked pictures came to 39 of 48 and 23 of 32."""

    bits: str
    least: int

    def agreement(self, bits: str) -> int:
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
class Watermark:
    """Bits read out of a picture that belong to a known payload, and how they were read."""

    bits: str
    way: str


def striking(samples: Samples) -> bool:
    """Whether any payload is more than chance in these rows. They must begin with the picture."""
    return any(_resemblance(votes, payload) >= _STRIKING for _, votes in _ways(samples) for payload in PAYLOADS)


def watermarks(samples: Samples) -> Iterator[Watermark]:
    """Each payload that is there, in the way in which most of its bits are right. Only ever that there is a mark."""
    ways = list(_ways(samples))
    for payload in PAYLOADS:
        read = [Watermark(_decoded(votes, len(payload.bits)), way) for way, votes in ways
                if _resemblance(votes, payload) >= _STRIKING]  # fmt: skip
        best = max(read, key=lambda found: payload.agreement(found.bits), default=None)
        if best and payload.agreement(best.bits) >= payload.least:
            yield best


def _ways(samples: Samples) -> Iterator[tuple[str, Votes]]:
    """The votes of all blocks in the four ways in which a picture may have been handed over."""
    height, width = (side // 8 * 8 for side in samples.shape[:2])
    if not height or not width:
        return
    pairs = np.add(samples[0:height:2, :width, :3], samples[1:height:2, :width, :3], dtype=np.uint16)
    sums = (pairs[:, 0::2] + pairs[:, 1::2]).astype(np.float32)
    for (swapped, (red, green, blue)), (numbers, centre) in product(_ORDERS.items(), _CENTRES.items()):
        luma = 0.299 * sums[..., red] + 0.587 * sums[..., green] + 0.114 * sums[..., blue]
        chroma = 0.246 * (sums[..., blue] - luma) + 2 * centre
        yield f"{numbers}{swapped}", _votes(chroma)


def _votes(chroma: NDArray[np.float32]) -> Votes:
    high, wide = chroma.shape[0] // 4, chroma.shape[1] // 4
    blocks = chroma.reshape(high, 4, wide, 4).transpose(0, 2, 1, 3).reshape(-1, 16)
    strongest: Votes = np.abs(blocks[:, 1:]).max(axis=1) % _STEP > _STEP / 2
    return strongest


def _decoded(votes: Votes, length: int) -> str:
    """The bits of a payload of that length."""
    place = np.arange(len(votes)) % length
    said, counts = np.bincount(place, votes, length), np.bincount(place, minlength=length)
    return "".join("01"[share] for share in (said > votes.mean() * counts).astype(int))


def _resemblance(votes: Votes, payload: Payload) -> float:
    """How many standard deviations the votes are nearer to the payload than chance; 0 where they all say the same."""
    length = len(payload.bits)
    place = np.arange(len(votes)) % length
    ones = np.fromiter(map(int, payload.bits), float, length)
    said, counts = np.bincount(place, votes, length), np.bincount(place, minlength=length)
    wanted = ones - ones @ counts / len(votes)
    spread = math.sqrt(votes.var() * (wanted**2 @ counts))
    return float(wanted @ (said - votes.mean() * counts)) / spread if spread else 0.0

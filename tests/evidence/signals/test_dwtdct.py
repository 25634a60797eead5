"""Watermarks of generators, by the bits that were read."""

from __future__ import annotations

import pytest

from fixtures.media.hidden import list_bits
from provenance.evidence.signals.dwtdct import Dwtdct
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

SDXL = "101100111110110010010000011110111011000110011110"
FLUX = "001010101111111010000111100111001111010100101110"


def read(bits: str, carrier: str = "watermark", key: str = "dwtDct") -> list[Evidence]:
    return list(Dwtdct().read([Statement(carrier, "chroma of the pixels", key, bits, Standing.INFERRED)]))


def wrong(bits: str, count: int) -> str:
    return "".join("10"[int(bit)] for bit in bits[:count]) + bits[count:]


@pytest.mark.parametrize(
    ("bits", "tool", "origin", "may_be_wrong"),
    [
        (list_bits("StableDiffusionV1"), "Stable Diffusion 1", Origin.GENERATED, 16),
        (list_bits("StableDiffusionV1-Inpainting"), "Stable Diffusion 1 inpainting", Origin.PARTLY_GENERATED, 26),
        (list_bits("SDV2"), "Stable Diffusion 2", Origin.GENERATED, 0),
        (SDXL, "Stable Diffusion XL", Origin.GENERATED, 4),
        (FLUX, "FLUX", Origin.GENERATED, 4),
    ],
)
def test_each_payload_names_its_writer_until_too_much_is_wrong(
    bits: str, tool: str, origin: Origin, may_be_wrong: int
) -> None:
    [evidence] = read(wrong(bits, may_be_wrong))
    assert (evidence.tool, evidence.origin, evidence.standing) == (tool, origin, Standing.INFERRED)
    assert f"{len(bits) - may_be_wrong} of {len(bits)} bits" in evidence.detail
    assert not read(wrong(bits, may_be_wrong + 1))


@pytest.mark.parametrize("bits", ["", "0" * 48, "1" * 48, "0" * 32, "1" * 32, "0" * 136, "1" * 136, SDXL + "0", "nö"])
def test_nothing_else_counts(bits: str) -> None:
    assert not read(bits)


def test_the_same_bits_written_as_text_are_no_watermark() -> None:
    assert not read(SDXL, carrier="png")
    assert not read(SDXL, key="Comment")

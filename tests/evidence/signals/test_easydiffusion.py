"""Easy Diffusion, a field for every setting."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.easydiffusion import Easydiffusion
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Easydiffusion().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize(
    "fields",
    [
        {"use_stable_diffusion_model": "sd-v1-5", "prompt": "a fox", "seed": "7", "num_inference_steps": "25"},
        {"Stable Diffusion model": "sd-v1-5", "Prompt": "a fox", "Negative Prompt": "blurry", "Seed": "7"},
    ],
)
def test_both_spellings(fields: dict[str, str]) -> None:
    [evidence] = read(*fields.items())
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "Easy Diffusion")
    assert "a fox" in evidence.detail
    assert "sd-v1-5" in evidence.detail


@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": "Enter your name", "seed": "7"},
        {"Stable Diffusion model": "sd-v1-5"},
        {"Stable Diffusion model": "sd-v1-5", "Prompt": "x"},
        {"Description": "Stable Diffusion model, seed, prompt"},
    ],
)
def test_single_fields_are_nothing(fields: dict[str, str]) -> None:
    assert not read(*fields.items())


def test_fields_of_different_carriers_do_not_add_up() -> None:
    said = [
        Statement("png", "", "Stable Diffusion model", "x"),
        Statement("exif", "", "Prompt", "x"),
        Statement("exif", "", "Seed", "1"),
    ]
    assert not list(Easydiffusion().read(said))

"""Fields of Stable Diffusion."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.stable_diffusion import StableDiffusion
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(StableDiffusion().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize("key", ["SD:mode", "StableDiffusionVersion"])
def test_fields(key: str) -> None:
    [evidence] = read((key, "txt2img"))
    assert evidence.origin is Origin.GENERATED


@pytest.mark.parametrize(
    ("key", "value"),
    [("aesthetic_score", "6.5"), ("mode", "RGB"), ("SD:mode", ""), ("Description", "Stable Diffusion")],
)
def test_other_fields_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

"""NovelAI, by its words."""

from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.novelai import Novelai
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Novelai().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


COMMENT = {
    "prompt": "1girl, harbour",
    "steps": 28,
    "scale": 5.0,
    "seed": 2043807047,
    "sampler": "k_euler_ancestral",
    "uc": "lowres",
    "v4_prompt": {"caption": {"base_caption": "1girl"}},
    "signed_hash": "qgMcL4iA4GQ=",
}
NAMES = (
    ("Title", "NovelAI generated image"),
    ("Software", "NovelAI"),
    ("Source", "NovelAI Diffusion V4.5 4BDE2A90"),
)


def test_the_settings_speak_for_all_fields_of_a_block() -> None:
    [evidence] = read(*NAMES, ("Comment", json.dumps(COMMENT)))
    assert (evidence.where, evidence.tool) == ("the place of Comment", "NovelAI")
    assert "2043807047" in evidence.detail


@pytest.mark.parametrize("pair", [*NAMES, ("Software", "NovelAI Diffusion V4.5 4BDE2A90"), NAMES[0]])
def test_each_name_stands_alone(pair: tuple[str, str]) -> None:
    assert [row.origin for row in read(pair)] == [Origin.GENERATED]


def test_webp_and_the_alpha_channel_hold_json_in_json() -> None:
    inner = json.dumps({"Comment": json.dumps(COMMENT), "Software": "NovelAI", "Description": "1girl"})
    assert read(("UserComment", inner), carrier="exif")
    assert read(("parameters", inner), carrier="stealth")


def test_the_first_model_wrote_less() -> None:
    old = {"steps": 50, "sampler": "k_euler_ancestral", "seed": 2253955223, "strength": 0.4, "scale": 10.0, "uc": "x"}
    assert read(("Comment", json.dumps(old)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Title", "AI generated image"),
        ("Title", "How NovelAI works"),
        ("Description", "NovelAI"),
        ("Keywords", "NovelAI"),
        ("Source", "NovelAI blog"),
        ("Source", "Stable Diffusion 1D44365E"),
        ("Comment", '{"c": "a", "uc": "b", "sampler": "x", "steps": 1, "scale": 1}'),  # Draw Things
        ("Comment", '{"uc": "user comment"}'),
    ],
)
def test_talk_of_it_is_nothing(key: str, value: str) -> None:
    assert not read((key, value))

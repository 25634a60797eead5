"""Generation settings as one JSON object."""

from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.settings_json import SettingsJson
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(SettingsJson().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


SPACE = {
    "prompt": "a harbour at dawn",
    "negative_prompt": "blurry",
    "resolution": "1024 x 1024",
    "guidance_scale": 5.5,
    "num_inference_steps": 24,
    "seed": 443800072,
    "sampler": "DPM++ 2M Karras",
    "Model": "harbour v16",
    "use_upscaler": None,
}
FOOOCUS = {
    "adm_guidance": "(1.5, 0.8, 0.3)",
    "base_model": "juggernautXL_v8",
    "prompt": "a goldfish",
    "sampler": "dpmpp_2m_sde_gpu",
    "seed": "6952411511246973023",
    "steps": 30,
    "version": "Fooocus v2.2.0",
}
EASY = {"prompt": "a fox", "seed": 7, "num_inference_steps": 25, "use_stable_diffusion_model": "sd-v1-5"}


def test_prompt_model_and_seed_are_told() -> None:
    [evidence] = read(("parameters", json.dumps(SPACE)))
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, None)
    for word in ("a harbour at dawn", "harbour v16", "443800072"):
        assert word in evidence.detail


@pytest.mark.parametrize(
    ("key", "settings", "tool"),
    [
        ("parameters", FOOOCUS, "Fooocus"),
        ("Comment", {"Prompt": "x", "Performance": "Speed", "Guidance Scale": 4, "Seed": 1}, "Fooocus"),
        ("UserComment", EASY, "Easy Diffusion"),
        ("parameters", {"Prompt": "x", "steps": 30, "cfg": 8, "software": "RuinedFooocus"}, "RuinedFooocus"),
        ("generation_data", {"prompt": "x", "steps": 25, "cfgScale": 7, "seed": "-1"}, None),
        ("parameters-json", {"PositivePrompt": "x", "Steps": 20, "CfgScale": 5, "Seed": 9}, None),
        ("COMMENT", {"prompt": "x", "num_inference_steps": 30, "seed": 1, "guidance_scale": 5}, None),
    ],
)
def test_writers(key: str, settings: dict[str, object], tool: str | None) -> None:
    [evidence] = read((key, json.dumps(settings)))
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, tool)


@pytest.mark.parametrize(
    "value",
    [
        {"prompt": "Press any key", "seed": 1},
        {"steps": 100, "seed": 42, "sampler": "NUTS", "cfg": 1},
        {"prompt": "", "steps": 20, "seed": 1, "cfg": 7},
        {"prompt": {"steps": 20, "seed": 1}},
        {"prompt": "x", "steps": None, "seed": [], "cfg": {}},
        {"prompt": "x", "steps": True, "seed": False},
        ["prompt", "steps", "seed"],
        "prompt steps seed",
    ],
)
def test_other_json_is_nothing(value: object) -> None:
    assert not read(("parameters", json.dumps(value)))


def test_other_fields_and_sentences_are_nothing() -> None:
    assert not read(("Title", json.dumps(SPACE)), ("parameters", "see " + json.dumps(SPACE)))

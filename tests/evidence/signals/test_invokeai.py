"""InvokeAI, every generation of its keys."""

from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.invokeai import Invokeai
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Invokeai().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


METADATA = {
    "app_version": "6.10.0",
    "generation_mode": "sdxl_txt2img",
    "positive_prompt": "a harbour at dawn",
    "negative_prompt": "",
    "seed": 242772932,
    "steps": 15,
    "model": {"name": "harbourXL", "base": "sdxl"},
}
SD_METADATA = {
    "model": "stable diffusion",
    "model_weights": "deliberate_v08",
    "app_id": "invoke-ai/InvokeAI",
    "app_version": "2.3.0",
    "image": {"prompt": [{"prompt": "a fire", "weight": 1}], "steps": 50, "sampler": "k_lms", "seed": 42},
}


def test_metadata_of_version_3_and_later() -> None:
    [evidence] = read(("invokeai_metadata", json.dumps(METADATA)))
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "InvokeAI 6.10.0")
    for word in ("a harbour at dawn", "harbourXL", "242772932"):
        assert word in evidence.detail


@pytest.mark.parametrize("app", ["invoke-ai/InvokeAI", "lstein/stable-diffusion"])
def test_metadata_of_version_2(app: str) -> None:
    [evidence] = read(("sd-metadata", json.dumps({**SD_METADATA, "app_id": app})))
    assert evidence.tool == "InvokeAI 2.3.0"
    assert "a fire" in evidence.detail


@pytest.mark.parametrize(
    "command",
    [
        "banana sushi -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms",
        '"fire" -s50 -S1592514025 -W384 -H384 -C7.5 -I /tmp/fire-drawing.png -A ddim -f 0.4',
        '!fix "./outputs/000017.png" -s 50 -S 1432851274 -W 512 -H 512 -C 7.5 -A ddim -f 0.83',
    ],
)
def test_the_command_of_version_1(command: str) -> None:
    [evidence] = read(("Dream", command))
    assert evidence.origin is Origin.GENERATED


def test_graphs_and_workflows() -> None:
    made = {"nodes": {"a": {"type": "sdxl_model_loader"}, "b": {"type": "denoise_latents"}}}
    drawn = {"nodes": [{"data": {"type": "flux_denoise"}}, {"data": {"type": "flux_vae_decode"}}]}
    old = {"nodes": {"a": {"type": "t2l"}, "b": {"type": "l2i"}}}
    for key, graph in (("invokeai_graph", made), ("invokeai_workflow", drawn), ("invokeai_graph", old)):
        [evidence] = read((key, json.dumps(graph)))
        assert evidence.origin is Origin.GENERATED


def test_a_graph_that_only_enlarges_or_resizes() -> None:
    [evidence] = read(("invokeai_graph", json.dumps({"nodes": {"a": {"type": "spandrel_image_to_image"}}})))
    assert evidence.origin is Origin.ENHANCED
    assert not read(
        ("invokeai_graph", json.dumps({"nodes": {"a": {"type": "img_resize"}, "b": {"type": "img_paste"}}}))
    )


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Dream", "I had a dream -s last night"),
        ("Dream", "a -S b -C c"),
        ("sd-metadata", '{"card": "SD", "model": "SanDisk", "image": {"count": 3}}'),
        ("invokeai_metadata", "{}"),
        ("invokeai_metadata", "null"),
        ("invokeai_metadata", '{"width": 512, "height": 512}'),
        ("invokeai_graph", '{"nodes": [1, null, {"type": 2}]}'),
        ("Description", "-s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms"),
        ("sd-metadata", '{"app_id": "x", "image": {"prompt": [], "seed": 1}}'),
    ],
)
def test_the_same_keys_with_other_content(key: str, value: str) -> None:
    assert not read((key, value))

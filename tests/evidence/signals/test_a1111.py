"""Stable Diffusion parameters text."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.a1111 import A1111
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

WEBUI = """a harbour at dawn, (fog:1.2), <lora:film:0.6>
Negative prompt: blurry, watermark
Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5.5, Seed: 3623174757, Size: 1024x1024, \
Model hash: 45a21ea00a, Model: harbourXL_v16, Lora hashes: "film: 5a1b2c3d4e5f, b: 00", Version: v1.10.1"""


def read(value: str, key: str = "parameters", carrier: str = "png") -> list[Evidence]:
    return list(A1111().read([Statement(carrier, f'tEXt chunk "{key}"', key, value)]))


def test_prompt_model_and_seed_are_told() -> None:
    [evidence] = read(WEBUI)
    assert (evidence.origin, evidence.standing) == (Origin.GENERATED, Standing.TRACE)
    assert evidence.tool == "AUTOMATIC1111 v1.10.1"
    assert "a harbour at dawn" in evidence.detail
    assert "harbourXL_v16" in evidence.detail
    assert "3623174757" in evidence.detail
    assert "blurry" not in evidence.detail


@pytest.mark.parametrize(
    ("line", "tool"),
    [
        ("Steps: 24, Sampler: Euler a, CFG scale: 6, Seed: 1, RNG: CPU, Version: neo", "Forge neo"),
        ("Steps: 24, Sampler: Euler, CFG scale: 1, Seed: 1, Version: f2.0.1v1.10.1", "Forge f2.0.1v1.10.1"),
        ("Steps: 20, Size: 768x1024, Seed: 8, CFG scale: 3, App: SD.Next, Version: 0d7c025", "SD.Next"),
        ("Steps: 20, Sampler: euler_simple, CFG Scale: 8.0, Seed: 0, Version: ComfyUI", "ComfyUI"),
        ("Steps: 30, Sampler: dpmpp_2m_sde_gpu, CFG scale: 4, Seed: 2, Version: Fooocus v2.5.5", "Fooocus v2.5.5"),
        (
            'Steps: 25, Sampler: Euler a, CFG scale: 5, Seed: 1, Civitai resources: [{"type":"checkpoint"}]',
            "Civitai",
        ),
        ("Steps: 30, Sampler: DDIM, CFG scale: 7.5, Size: 512x512, Model: 69.safetensors", "A1111-style parameters"),
    ],
)
def test_the_program_is_named_by_its_version(line: str, tool: str) -> None:
    [evidence] = read(f"a cat\n{line}")
    assert evidence.tool == tool


@pytest.mark.parametrize(
    ("carrier", "key"),
    [
        ("exif", "UserComment"),
        ("exif", "ImageDescription"),
        ("jpeg", "Comment"),
        ("tags", "COMMENT"),
        ("isobmff", "©cmt"),
        ("xmp", "exif:UserComment[x-default]"),
        ("xmp", "dc:description[1]"),
    ],
)
def test_every_place_it_is_written_to(carrier: str, key: str) -> None:
    assert len(read(WEBUI, key, carrier)) == 1


def test_no_negative_prompt_and_windows_line_ends() -> None:
    assert read("a cat\r\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5\r\n")


def test_line_breaks_lost_on_the_way() -> None:
    assert read(WEBUI.replace("\n", " "))
    assert read(WEBUI.replace("\n", ""))


def test_hires_prompts_in_quotes_do_not_break_the_line() -> None:
    [evidence] = read('x\nSteps: 9, Hires prompt: "a, Seed: none, \\"b\\"", Sampler: Euler, Seed: 77, Model: m')
    assert "seed 77" in evidence.detail


@pytest.mark.parametrize(
    "value",
    [
        "Steps: 1000, Seed: 42, dt: 0.01, T: 300",  # molecular dynamics
        "Steps: 5000, Sampler: NUTS, Seed: 42, Chains: 4",  # statistics
        "In this article I used Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 12345 with Midjourney.",
        "Steps: open the door, Seed: a small one, Sampler: of tea",
        "Steps: 20, Sampler: , CFG scale: x",
        "Steps: 20",
        "Seed: 1",
        "alpha=0.3\nbeta=1\nsteps=100\nseed=3",
        '{"steps": 20, "sampler": "Euler a", "cfg": 7}',
        "Negative prompt: none",
        "",
    ],
)
def test_other_texts_are_nothing(value: str) -> None:
    assert not read(value)
    assert not read(value, "UserComment", "exif")


def test_other_fields_are_nothing() -> None:
    for key in ("Title", "Keywords", "dc:subject[1]", "Copyright", "file name"):
        assert not read(WEBUI, key)


@pytest.mark.parametrize("key", ["postprocessing", "extras"])
def test_upscaling_alone_is_enhanced(key: str) -> None:
    [evidence] = read("Postprocess upscale by: 4, Postprocess upscaler: R-ESRGAN 4x+", key)
    assert evidence.origin is Origin.ENHANCED
    assert not read("a second pass was made at the lab", key)

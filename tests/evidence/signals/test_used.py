"""What each signal tells of the making: legal asks which model, which references, which words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

import provenance.evidence.signals as package
from provenance.evidence.interface import Signal
from provenance.model.evidence import Statement, Used
from provenance.model.vocabulary import About, Standing
from provenance.registry import load_members

SIGNALS = load_members(package, Signal)
LONG = "a harbour at dawn, " * 20_000


def used(signal: str, fields: Mapping[str, object], carrier: str = "png", where: str = "a place") -> list[Used | None]:
    """What every piece of evidence tells; values that are no text are written as JSON."""
    rows = [
        Statement(carrier, where, key, value if isinstance(value, str) else json.dumps(value))
        for key, value in fields.items()
    ]
    return [row.used for row in SIGNALS[signal].read(rows)]


A1111 = """a harbour, <lora:film:0.6>, <lyco:grain:1>
Negative prompt: blurry, watermark
Steps: 20, Sampler: DPM++ 2M, CFG scale: 5.5, Seed: 36, Size: 8x8, Model hash: 45a2, Model: harbourXL, \
Lora hashes: "film: 5a1b, extra: 00", ControlNet 0: "Module: canny, Model: control_canny [fe], Weight: 1", \
Refiner: refinerXL, Version: v1.10.1"""
CIVITAI = """a cat
Negative prompt: bad
Steps: 25, Sampler: Euler a, CFG scale: 5, Seed: 1, Civitai resources: [{"type":"checkpoint","modelVersionId":7,\
"modelName":"Illustrious","modelVersionName":"v2"},{"type":"lora","weight":0.8,"modelVersionId":12}], \
Civitai metadata: {}"""
INVOKE: dict[str, Any] = {
    "app_version": "4.2.7", "generation_mode": "sdxl_img2img", "positive_prompt": "IMG_1.jpg of a harbour",
    "negative_prompt": "blurry", "seed": 5, "model": {"key": "k", "name": "juggernautXL"},
    "loras": [{"model": {"name": "film"}, "weight": 0.5}],
    "ipAdapters": [{"image": {"image_name": "still.png"}, "ip_adapter_model": {"name": "ip-plus"}}],
    "init_image": "plate.png",
}  # fmt: skip
NOVEL = {"steps": 28, "sampler": "k_euler", "seed": 2, "uc": "lowres", "prompt": "1girl", "signed_hash": "x"}
DRAW = {"c": "a cat", "uc": "dog", "sampler": "x", "scale": 7, "seed": 9, "steps": 5, "model": "m.ckpt",
        "lora": [{"model": "l.ckpt", "weight": 1}]}  # fmt: skip
FOOOCUS = {"prompt": "a cat", "negative_prompt": "dog", "base_model": "juggernaut", "seed": "1", "steps": 30,
           "refiner_model": "None", "loras": [["offset.safetensors", 0.1]], "version": "Fooocus v2.5.5"}  # fmt: skip


@pytest.mark.parametrize(
    ("signal", "fields", "expected"),
    [
        (
            "a1111",
            {"parameters": A1111},
            Used(
                "a harbour, <lora:film:0.6>, <lyco:grain:1>", "blurry, watermark", "harbourXL, refinerXL",
                ("film", "grain", "extra", "control_canny [fe]"), "36", (), "v1.10.1",
            ),
        ),
        (
            "a1111",
            {"UserComment": CIVITAI},
            Used("a cat", "bad", "Illustrious v2", ("Civitai model version 12",), "1"),
        ),
        (
            "a1111",
            {"parameters": "a cat\nSteps: 20, CFG scale: 7, Seed: 1, Model hash: 45a2"},
            Used("a cat", None, "hash 45a2", (), "1"),
        ),
        (
            "ai_fields",
            {"Iptc4xmpExt:AISystemUsed": "Painter", "Iptc4xmpExt:AISystemVersionUsed": "3",
             "Iptc4xmpExt:AIPromptInformation": "a cat"},
            Used("a cat", None, "Painter", version="3"),
        ),
        (
            "drawthings", {"Comment": DRAW}, Used("a cat", "dog", "m.ckpt", ("l.ckpt",), "9"),
        ),
        (
            "easydiffusion",
            {"use_stable_diffusion_model": "sd15", "prompt": "a cat", "negative_prompt": "dog", "seed": "4",
             "use_lora_model": "film"},
            Used("a cat", "dog", "sd15", ("film",), "4"),
        ),
        ("fooocus", {"Software": "Fooocus v2.5.5"}, Used(version="v2.5.5")),
        (
            "invokeai",
            {"invokeai_metadata": INVOKE},
            Used(
                "IMG_1.jpg of a harbour", "blurry", "juggernautXL", ("film", "ip-plus"), "5",
                ("still.png", "plate.png"), "4.2.7",
            ),
        ),
        (
            "invokeai",
            {"Dream": '"fire" -s 50 -S 15925 -W 384 -H 384 -C 7.5 -I /tmp/fire.png -A ddim -f 0.4'},
            Used("fire", seed="15925", inputs=("/tmp/fire.png",)),
        ),
        (
            "invokeai",
            {"sd-metadata": {"app_id": "invoke-ai/InvokeAI", "app_version": "2.3", "model_weights": "sd15",
                             "image": {"prompt": [{"prompt": "fire"}], "seed": 1, "init_img": "a.png"}}},
            Used("fire", None, "sd15", (), "1", ("a.png",), "2.3"),
        ),
        (
            "invokeai",
            {"invokeai_workflow": {"nodes": [
                {"data": {"type": "denoise_latents", "inputs": {}}},
                {"data": {"type": "lora_loader", "inputs": {"lora": {"value": {"name": "film"}}}}},
                {"data": {"type": "main_model_loader", "inputs": {"model": {"value": {"name": "sd15"}}}}},
                {"data": {"type": "image", "inputs": {"image": {"value": {"image_name": "plate.png"}}}}},
            ]}},
            Used(None, None, "sd15", ("film",), None, ("plate.png",)),
        ),
        ("luma", {"Comment": "Generated by Luma AI's Uni-1 model (https://lumalabs.ai)"}, Used(model="Uni-1")),
        (
            "midjourney",
            {"Description": "https://a.b/ref.png a harbour --ar 4:3 --no text, people --seed 12 "
             "--sref https://a.b/s.jpg --v 6.1 Job ID: 1c4a2b7e-0f5d-4c1a-9b8e-2f6d7a8b9c0d"},
            Used("a harbour", "text, people", "Midjourney 6.1", (), "12", ("https://a.b/ref.png", "https://a.b/s.jpg")),
        ),
        (
            "novelai",
            {"Comment": NOVEL, "Source": "NovelAI Diffusion V4.5 4BDE", "Software": "NovelAI"},
            Used("1girl", "lowres", "NovelAI Diffusion V4.5 4BDE", (), "2"),
        ),
        (
            "novelai",
            {"UserComment": {"Comment": json.dumps(NOVEL), "Source": "Stable Diffusion F1", "Software": "NovelAI"}},
            Used("1girl", "lowres", "Stable Diffusion F1", (), "2"),
        ),
        (
            "settings_json",
            {"parameters": FOOOCUS},
            Used("a cat", "dog", "juggernaut", ("offset.safetensors",), "1", (), "Fooocus v2.5.5"),
        ),
        ("stable_diffusion", {"StableDiffusionVersion": "1.5"}, Used(version="1.5")),
        (
            "swarmui",
            {"parameters": {"sui_image_params": {"prompt": "a cat", "negativeprompt": "dog", "model": "flux", "seed": 3,
                            "loras": ["film"], "loraweights": ["1"], "imageformat": "PNG", "swarm_version": "0.9"}}},
            Used("a cat", "dog", "flux", ("film",), "3", (), "0.9"),
        ),
        ("topaz", {"Software": "Topaz Photo AI 3.4.1"}, Used(version="3.4.1")),
        ("topaz", {"videoai": "Enhanced using prob-3; mode: auto at 29"}, Used(model="prob-3")),
    ],
)  # fmt: skip
def test_what_was_used(signal: str, fields: Mapping[str, object], expected: Used) -> None:
    assert used(signal, fields) == [expected]


@pytest.mark.parametrize(
    ("signal", "fields"),
    [
        ("bytedance", {"ImageDescription": {"product": "dreamina", "exportType": "generation"}}),
        ("credit_line", {"photoshop:Credit": "Made with Google AI"}),
        ("named_software", {"Software": "reve.com"}),
        ("fooocus", {"fooocus_scheme": "a1111"}),
    ],
)
def test_marks_that_know_nothing_say_nothing(signal: str, fields: Mapping[str, object]) -> None:
    assert used(signal, fields) == [None]


def test_a_long_prompt_is_kept_whole_and_the_sentence_stays_short() -> None:
    [row] = SIGNALS["a1111"].read(
        [Statement("png", "a place", "parameters", f"{LONG}\nSteps: 20, CFG scale: 7, Seed: 1, Model: m")]
    )
    assert row.used
    assert row.used.prompt == LONG.strip()
    assert len(row.detail) < 300


def manifest(key: str, value: object, where: str = "assertion") -> Statement:
    text = value if isinstance(value, str) else json.dumps(value)
    return Statement("c2pa", f"active manifest m, {where}", key, text, Standing.SIGNED)


REFERENCE = Statement(
    "c2pa", "active manifest m, c2pa.ingredient.v3 (inputTo)", "ingredient/title", "ref.jpg", about=About.INPUT
)
PARENT = Statement("c2pa", "active manifest m, c2pa.ingredient.v3 (parentOf)", "ingredient/title", "plate.jpg")
ELSEWHERE = Statement("c2pa", "manifest other, c2pa.ingredient.v3 (inputTo)", "ingredient/title", "other.jpg")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("assertion/c2pa.ai_generated_content", {"model": "Flux.2", "prompt": "a cat"}, Used("a cat", None, "Flux.2")),
        (
            "assertion/c2pa.ai-disclosure",
            {"modelType": "c2pa.types.model", "modelName": "Painter", "modelIdentifier": "urn:p:3"},
            Used(model="Painter (urn:p:3)"),
        ),
        (
            "assertion/com.adobe.generative-ai",
            {"description": "Adobe Firefly", "version": "1.0", "prompt": "a cat"},
            Used("a cat", version="1.0"),
        ),
        ("c2pa.edited/parameters/com.adobe.tool", "generative_fill", Used()),
    ],
)
def test_manifests_tell_models_and_what_was_fed_in(key: str, value: object, expected: Used) -> None:
    [row] = SIGNALS["c2pa_vendor"].read([manifest(key, value), PARENT, ELSEWHERE])
    assert row.used == (expected if expected != Used() else None)
    [row] = SIGNALS["c2pa_vendor"].read([manifest(key, value), REFERENCE, PARENT, ELSEWHERE])
    assert row.used
    assert row.used.inputs == ("ref.jpg",)


def test_a_source_type_names_what_was_fed_in() -> None:
    code = manifest("c2pa.created/digitalSourceType", "trainedAlgorithmicMedia", "c2pa.actions.v2, action 1")
    [row] = SIGNALS["digital_source_type"].read([code, REFERENCE])
    assert row.used == Used(inputs=("ref.jpg",))
    [row] = SIGNALS["digital_source_type"].read([code])
    assert row.used is None


def node(kind: str, /, **inputs: object) -> dict[str, object]:
    return {"class_type": kind, "inputs": inputs}


def graph(prompt: Mapping[str, object]) -> Used:
    [found] = used("comfyui", {"prompt": prompt})
    assert found
    return found


FULL = {
    "1": node("UNETLoader", unet_name="flux.safetensors"),
    "2": node("LoraLoader", lora_name="film.safetensors", model=["1", 0], clip=["3", 0]),
    "3": node("DualCLIPLoader", clip_name1="t5.safetensors"),
    "4": node("Power Lora Loader (rgthree)", model=["2", 0], lora_1={"on": True, "lora": "grain.safetensors"},
              lora_2={"on": False, "lora": "off.safetensors"}),
    "5": node("CLIPTextEncode", text=["6", 0], clip=["3", 0]),
    "6": node("PrimitiveStringMultiline", value="a harbour at dawn"),
    "7": node("CLIPTextEncode", text="blurry", clip=["3", 0]),
    "8": node("ControlNetLoader", control_net_name="canny.safetensors"),
    "9": node("LoadImage", image="plate.png", upload="image"),
    "10": node("ControlNetApplyAdvanced", positive=["5", 0], negative=["7", 0], control_net=["8", 0], image=["9", 0]),
    "11": node("VHS_LoadVideo", video="clip.mov [input]", force_rate=0),
    "12": node("CFGGuider", model=["4", 0], positive=["10", 0], negative=["10", 1], cfg=1),
    "13": node("RandomNoise", noise_seed=4711),
    "14": node("SamplerCustomAdvanced", noise=["13", 0], guider=["12", 0], sampler=["15", 0], sigmas=["16", 0],
               latent_image=["17", 0]),
    "15": node("KSamplerSelect", sampler_name="euler"),
    "16": node("BasicScheduler", steps=20, scheduler="normal", denoise=1, model=["4", 0]),
    "17": node("VAEEncode", pixels=["11", 0]),
    "18": node("SaveImage", filename_prefix="out/x.png", images=["14", 0]),
}  # fmt: skip


def test_a_graph_tells_words_of_both_sides_models_adapters_and_files() -> None:
    assert graph(FULL) == Used(
        "a harbour at dawn",
        "blurry",
        "flux.safetensors",
        ("film.safetensors", "grain.safetensors", "canny.safetensors"),
        "4711",
        ("plate.png", "clip.mov"),
    )


def test_a_node_that_asks_a_service_names_its_own_model() -> None:
    found = graph({"1": node("Veo3VideoGenerationNode", prompt="waves", negative_prompt="text", model="veo-3.0", seed=8,
                             aspect_ratio="16:9", image=["2", 0]),
                   "2": node("LoadImage", image="first frame.jpg"),
                   "3": node("SaveVideo", video=["1", 0], filename_prefix="v")})  # fmt: skip
    assert found == Used("waves", "text", "veo-3.0", (), "8", ("first frame.jpg",))


def test_upscaling_tells_its_model_and_what_went_in() -> None:
    found = graph({"1": node("LoadImage", image="plate.png"),
                   "2": node("UpscaleModelLoader", model_name="ESRGAN_x4.pth"),
                   "3": node("ImageUpscaleWithModel", upscale_model=["2", 0], image=["1", 0])})  # fmt: skip
    assert found == Used(model="ESRGAN_x4.pth", inputs=("plate.png",))


def test_graphs_on_the_screen_tell_the_same_by_position_or_by_slot() -> None:
    def shown(widgets: list[object], *slots: str) -> dict[str, object]:
        named = [{"name": name, "widget": {"name": name}, "link": None} for name in slots]
        links = [{"name": name, "link": number} for number, name in enumerate(("model", "positive", "negative"), 1)]
        return {
            "nodes": [
                {"id": 3, "type": "KSampler", "inputs": [*links, *named], "widgets_values": widgets, "outputs": []},
                {"id": 4, "type": "CheckpointLoader", "widgets_values": ["v1-inference.yaml", "sd15.ckpt"]},
                {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["a harbour"]},
                {"id": 7, "type": "CLIPTextEncode", "widgets_values": ["blurry"]},
                {"id": 8, "type": "LoadImage", "widgets_values": ["plate.png", "image"],
                 "properties": {"cnr_id": "comfy-core", "ver": "0.3.26"}},
                {"id": 9, "type": "VHS_VideoCombine",
                 "widgets_values": {"videopreview": {"params": {"filename": "made.mp4"}}}},
            ],
            "links": [[1, 4, 0, 3, 0, "MODEL"], [2, 6, 0, 3, 1, "C"], [3, 7, 0, 3, 2, "C"]],
        }  # fmt: skip

    expected = Used("a harbour", "blurry", "sd15.ckpt", (), "36", ("plate.png",), "0.3.26")
    widgets = [36, "randomize", 20, 8, "euler", "normal", 1]
    slots = ("seed", "steps", "cfg", "sampler_name", "scheduler", "denoise")
    assert used("comfyui", {"workflow": shown(widgets)}) == [expected]
    assert used("comfyui", {"workflow": shown(widgets, *slots)}) == [expected]


def test_a_civitai_job_tells_its_request_and_the_resources_of_its_graph() -> None:
    job = {
        "r": node("CheckpointLoaderSimple", ckpt_name="urn:air:sdxl:checkpoint:civitai:2@3"),
        "l": node("LoraLoader", lora_name="urn:air:sdxl:lora:civitai:1@2", model=["r", 0], clip=["r", 1]),
        "6": node("CLIPTextEncode", text="other words", clip=["l", 1]),
        "11": node("KSampler", model=["l", 0], positive=["6", 0], seed=1, steps=5),
        "extraMetadata": json.dumps({"prompt": "a snake", "negativePrompt": "bad", "steps": 25, "seed": 18}),
    }
    assert graph(job) == Used(
        "a snake", "bad", "urn:air:sdxl:checkpoint:civitai:2@3", ("urn:air:sdxl:lora:civitai:1@2",), "18"
    )


def test_every_sampler_tells_its_prompt_and_seed() -> None:
    found = graph({
        "1": node("LoaderOfOwn", ckpt_name="base.safetensors", vae_name="sdxl_vae.safetensors"),
        "2": node("CLIPTextEncode", text="a harbour", clip=["1", 1]),
        "3": node("KSampler", model=["1", 0], positive=["2", 0], seed=7, steps=20, latent_image=["9", 0]),
        "4": node("CLIPTextEncode", text="a face", clip=["1", 1]),
        "5": node("FaceDetailer", image=["8", 0], model=["1", 0], positive=["4", 0], seed=11, steps=20),
        "6": node("KSampler", model=["1", 0], positive=["2", 0], seed=7, steps=20, latent_image=["3", 0]),
        "8": node("VAEDecode", samples=["6", 0], vae=["1", 2]),
        "9": node("EmptyLatentImage", width=8),
    })  # fmt: skip
    assert found == Used("a harbour\na face", None, "base.safetensors", (), "7, 11")


@pytest.mark.parametrize(
    ("encoder", "between"),
    [
        (node("CLIPTextEncode", text="a harbour"), node("ConditioningCombine", conditioning_1=["e", 0])),
        (node("CLIPTextEncodeFlux", clip_l="", t5xxl="a harbour"), node("FluxGuidance", conditioning=["e", 0])),
        (node("TextEncodeAceStepAudio", tags="a harbour"), node("ConditioningConcat", conditioning_to=["e", 0])),
        (node("TextEncodeQwenImageEdit", prompt="a harbour"), node("ReferenceLatent", conditioning=["e", 0])),
        (node("CLIPTextEncode", text="a harbour"), node("ControlNetApply", conditioning=["e", 0], image=["l", 0])),
        (node("CLIPTextEncode", text="a harbour"), node("Context Big (rgthree)", base_ctx=["e", 0])),
    ],
)  # fmt: skip
def test_a_prompt_flows_through_conditioning(encoder: dict[str, object], between: dict[str, object]) -> None:
    found = graph({
        "e": encoder, "b": between, "l": node("LoadLatent", latent="x"),
        "m": node("NunchakuFluxDiTLoader", model_path="svdq-flux.safetensors"),
        "w": node("ModelSamplingFlux", model=["r", 0]), "r": node("Reroute (rgthree)", **{"": ["m", 0]}),
        "k": node("KSampler", model=["w", 0], positive=["b", 0], seed=3, steps=4),
    })  # fmt: skip
    assert (found.prompt, found.model, found.seed) == ("a harbour", "svdq-flux.safetensors", "3")


def screen(*nodes: dict[str, object], links: list[list[object]]) -> Used:
    [found] = used("comfyui", {"workflow": {"nodes": list(nodes), "links": links}})
    assert found
    return found


SAMPLER = {"id": 1, "type": "KSampler", "widgets_values": [5, "fixed", 20],
           "inputs": [{"name": "model", "link": 1}, {"name": "positive", "link": 2}]}  # fmt: skip


def test_names_given_to_results_and_bypassed_nodes_are_followed() -> None:
    found = screen(
        SAMPLER,
        {"id": 2, "type": "GetNode", "widgets_values": ["the model"]},
        {"id": 3, "type": "SetNode", "widgets_values": ["the model"], "inputs": [{"name": "MODEL", "link": 3}]},
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["sd15.ckpt"]},
        {"id": 5, "type": "ReferenceLatent", "mode": 4, "inputs": [{"name": "conditioning", "type": "C", "link": 4}],
         "outputs": [{"name": "C", "type": "C", "links": [2]}]},
        {"id": 6, "type": "CLIPTextEncode", "widgets_values": ["old words"],
         "inputs": [{"name": "text", "link": 5, "widget": {"name": "text"}}]},
        {"id": 7, "type": "PrimitiveNode", "widgets_values": ["a harbour"]},
        links=[[1, 2, 0, 1, 0, "M"], [2, 5, 0, 1, 1, "C"], [3, 4, 0, 3, 0, "M"], [4, 6, 0, 5, 0, "C"],
               [5, 7, 0, 6, 0, "S"]],
    )  # fmt: skip
    assert (found.prompt, found.model, found.seed) == ("a harbour", "sd15.ckpt", "5")


def test_bypassed_nodes_in_a_circle_end() -> None:
    around = {"type": "Bypassed", "mode": 4, "inputs": [{"name": "c", "type": "C", "link": 2}],
              "outputs": [{"name": "C", "type": "C", "links": [2]}]}  # fmt: skip
    found = screen(SAMPLER, {"id": 2, **around}, links=[[1, 9, 0, 1, 0, "M"], [2, 2, 0, 1, 1, "C"]])
    assert (found.prompt, found.seed) == (None, "5")


def test_a_component_names_the_model_that_it_loads_and_a_definition_does_not() -> None:
    found = screen(
        SAMPLER,
        {"id": 2, "type": "workflow/Basics", "widgets_values": ["vae-ft-mse.safetensors", "film.safetensors", "words"]},
        links=[[1, 2, 0, 1, 0, "M"], [2, 2, 1, 1, 1, "C"]],
    )  # fmt: skip
    assert found.model == "film.safetensors"
    [found_in_group] = used("comfyui", {"workflow": {
        "nodes": [SAMPLER, {"id": 2, "type": "workflow/Basics", "widgets_values": ["film.safetensors"]}],
        "links": [[1, 2, 0, 1, 0, "M"], [2, 2, 1, 1, 1, "C"]],
        "extra": {"groupNodes": {"Basics": {"external": [], "nodes": [
            {"type": "CheckpointLoaderSimple", "widgets_values": ["old.safetensors"]},
            {"type": "LoraLoader", "widgets_values": ["old lora.safetensors"]},
        ]}}},
    }})  # fmt: skip
    assert found_in_group
    assert (found_in_group.model, found_in_group.adapters) == ("film.safetensors", ())


def test_an_invokeai_graph_tells_the_prompts_that_flow_into_its_sampler() -> None:
    fields: dict[str, dict[str, Any]] = {
        "p": {"type": "compel", "prompt": "a harbour"}, "q": {"type": "compel", "prompt": "old words"},
        "s": {"type": "string", "value": "blurry"}, "n": {"type": "noise", "seed": 11},
        "m": {"type": "main_model_loader", "model": {"name": "sd15"}}, "d": {"type": "denoise_latents", "steps": 20},
    }  # fmt: skip
    links = [("p", "positive_conditioning", "d"), ("q", "negative_conditioning", "d"), ("s", "prompt", "q"),
             ("n", "noise", "d"), ("m", "unet", "d")]  # fmt: skip
    expected = Used("a harbour", "blurry", "sd15", (), "11")
    ran = {
        "nodes": {node_id: {"id": node_id, **entry} for node_id, entry in fields.items()},
        "edges": [{"source": {"node_id": source, "field": "out"}, "destination": {"node_id": target, "field": name}}
                  for source, name, target in links],
    }  # fmt: skip
    assert used("invokeai", {"invokeai_graph": ran}) == [expected]
    drawn_nodes: list[object] = []
    for node_id, entry in fields.items():
        inputs = {name: {"value": value} for name, value in entry.items() if name != "type"}
        drawn_nodes.append({"id": node_id, "data": {"type": entry["type"], "inputs": inputs}})
    on_screen = {
        "nodes": drawn_nodes,
        "edges": [{"source": source, "target": target, "targetHandle": name} for source, name, target in links],
    }
    assert used("invokeai", {"invokeai_workflow": on_screen}) == [expected]

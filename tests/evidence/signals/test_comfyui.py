"""ComfyUI graphs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from provenance.evidence.signals.comfyui import Comfyui
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

Json = dict[str, Any]


def node(kind: str, /, **inputs: object) -> Json:
    return {"class_type": kind, "inputs": inputs, "_meta": {"title": kind}}


API: Json = {
    "3": node(
        "KSampler",
        seed=851616030078638,
        steps=20,
        cfg=8.0,
        sampler_name="euler",
        scheduler="normal",
        denoise=1.0,
        model=["4", 0],
        positive=["6", 0],
        negative=["7", 0],
        latent_image=["5", 0],
    ),
    "4": node("CheckpointLoaderSimple", ckpt_name="v1-5-pruned-emaonly.ckpt"),
    "5": node("EmptyLatentImage", width=512, height=512, batch_size=1),
    "6": node("CLIPTextEncode", text="a lighthouse at night", clip=["4", 1]),
    "7": node("CLIPTextEncode", text="text, watermark", clip=["4", 1]),
    "8": node("VAEDecode", samples=["3", 0], vae=["4", 2]),
    "9": node("SaveImage", filename_prefix="ComfyUI", images=["8", 0]),
}
RESIZE: Json = {
    "1": node("LoadImage", image="plate.png", upload="image"),
    "2": node("ImageScale", upscale_method="lanczos", width=1920, height=1080, crop="center", image=["1", 0]),
    "3": node("SaveImage", filename_prefix="resized", images=["2", 0]),
}
UPSCALE: Json = {
    "1": node("LoadImage", image="plate.png"),
    "2": node("UpscaleModelLoader", model_name="RealESRGAN_x4.pth"),
    "3": node("ImageUpscaleWithModel", upscale_model=["2", 0], image=["1", 0]),
    "4": node("SaveImage", filename_prefix="up", images=["3", 0]),
}


def slot(name: str, kind: str, link: int | None) -> Json:
    return {"name": name, "type": kind, "link": link}


def on_screen(mode: int = 0) -> Json:
    """A graph as the editor saves it."""
    return {
        "last_node_id": 9,
        "nodes": [
            {
                "id": 3,
                "type": "KSampler",
                "mode": mode,
                "inputs": [
                    slot("model", "MODEL", 1),
                    slot("positive", "CONDITIONING", 4),
                    slot("negative", "CONDITIONING", 6),
                ],
                "outputs": [{"name": "LATENT", "type": "LATENT", "links": [7]}],
                "widgets_values": [851616030078638, "randomize", 20, 8, "euler", "normal", 1],
            },
            {"id": 4, "type": "CheckpointLoaderSimple", "mode": 0, "widgets_values": ["v1-5.ckpt"], "outputs": []},
            {"id": 6, "type": "CLIPTextEncode", "mode": 0, "widgets_values": ["a lighthouse at night"], "inputs": []},
            {"id": 7, "type": "CLIPTextEncode", "mode": 0, "widgets_values": ["watermark"], "inputs": []},
        ],
        "links": [[1, 4, 0, 3, 0, "MODEL"], [4, 6, 0, 3, 1, "CONDITIONING"], [6, 7, 0, 3, 2, "CONDITIONING"]],
        "version": 0.4,
    }


def read(value: object, key: str = "prompt", carrier: str = "png") -> list[Evidence]:
    text = value if isinstance(value, str) else json.dumps(value)
    return list(Comfyui().read([Statement(carrier, f"the place of {key}", key, text)]))


def test_what_was_run_is_told_with_prompt_model_and_seed() -> None:
    [evidence] = read(API)
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "ComfyUI")
    for word in ("KSampler", "a lighthouse at night", "v1-5-pruned-emaonly.ckpt", "851616030078638"):
        assert word in evidence.detail


def test_what_stood_on_the_screen() -> None:
    [evidence] = read(on_screen(), "workflow")
    assert evidence.origin is Origin.GENERATED
    assert "a lighthouse at night" in evidence.detail


@pytest.mark.parametrize("mode", [2, 4])
def test_a_muted_or_bypassed_sampler_did_not_run(mode: int) -> None:
    assert not read(on_screen(mode), "workflow")


@pytest.mark.parametrize("links", [[], None])
def test_a_screen_graph_without_its_list_of_links(links: list[object] | None) -> None:
    drawn = {**on_screen(), "links": links}
    [evidence] = read(drawn, "workflow")
    assert evidence.origin is Origin.GENERATED
    for number, link in ((1, 1), (2, 4)):
        drawn["nodes"][number]["outputs"] = [{"name": "out", "type": "ANY", "links": [link]}]
    [evidence] = read(drawn, "workflow")
    assert evidence.used
    assert (evidence.used.prompt, evidence.used.model) == ("a lighthouse at night", "v1-5.ckpt")
    for slot_ in drawn["nodes"][0]["inputs"]:
        slot_["link"] = None
    assert not read(drawn, "workflow"), "a sampler that nothing flows into makes nothing"


@pytest.mark.parametrize(
    ("carrier", "key", "value"),
    [
        ("exif", "Model", "prompt:" + json.dumps(API)),
        ("exif", "Make", "workflow:" + json.dumps(on_screen())),
        ("exif", "ImageDescription", "Workflow: " + json.dumps(on_screen())),
        ("exif", "Make", "Prompt: " + json.dumps(API)),
        ("exif", "UserComment", json.dumps({"prompt": API})),
        ("exif", "UserComment", json.dumps(API) + "\0\0"),
        ("tags", "PROMPT", json.dumps(API)),
        ("tags", "workflow", json.dumps(json.dumps(on_screen()))),
        ("tags", "comment", json.dumps({"prompt": json.dumps(API), "workflow": json.dumps(RESIZE)})),
        ("isobmff", "prompt", json.dumps(API)),
        ("png", "comf", "prompt\0" + json.dumps(API)),
        ("png", "comf", json.dumps(API)),
    ],
)
def test_every_place_and_form(carrier: str, key: str, value: str) -> None:
    evidence = read(value, key, carrier)
    assert [row.origin for row in evidence] == [Origin.GENERATED]


def test_numbers_that_json_does_not_know() -> None:
    assert read(json.dumps({**API, "10": {**node("Note", x=1), "is_changed": [float("nan")]}}))


@pytest.mark.parametrize(
    "graph",
    [
        # another pack: its own names, its own model loader
        {
            "1": node("WanVideoModelLoader", model="wan2.1.safetensors", quantization="fp8"),
            "2": node("WanVideoSampler", model=["1", 0], text_embeds=["3", 0], steps=30, cfg=6, shift=5, seed=1),
            "3": node("WanVideoTextEncode", positive_prompt="a fox", negative_prompt="", t5=["4", 0]),
        },
        # a sampler that is not called one
        {
            "1": node("SUPIR_model_loader_v2", supir_model="SUPIR.safetensors"),
            "2": node(
                "UltimateSDUpscale", model=["1", 0], positive=["3", 0], negative=["3", 0], seed=1, steps=20, cfg=7
            ),
            "3": node("CLIPTextEncode", text="x"),
        },
        # a pipe instead of a model
        {"1": node("easy fullLoader", ckpt_name="x"), "2": node("easy fullkSampler", pipe=["1", 0], steps=20, seed=3)},
        # a guider instead of a model
        {
            "1": node("BasicGuider", model=["9", 0], conditioning=["8", 0]),
            "2": node("SamplerCustomAdvanced", noise=["3", 0], guider=["1", 0], sampler=["4", 0], sigmas=["5", 0]),
        },
        # partner nodes ask a service
        {
            "1": node("OpenAIGPTImage1", prompt="a poster", seed=0, quality="low", size="auto", n=1),
            "2": node("SaveImage", images=["1", 0], filename_prefix="x"),
        },
        {
            "1": node("KlingTextToVideoNode", prompt="rain", negative_prompt="", aspect_ratio="16:9", mode="pro"),
            "2": node("SaveVideo", video=["1", 0], filename_prefix="x"),
        },
        {"1": node("GeminiImage2Node", prompt="a", model="g", seed=1), "2": node("PreviewImage", images=["1", 0])},
        {"1": node("ChatterBoxTTS", text="hello", seed=1), "2": node("SaveAudio", audio=["1", 0])},
        {"1": node("RecraftReplaceBackgroundNode", prompt="a beach", seed=1, n=1, image=["3", 0]),
         "2": node("SaveImage", images=["1", 0]), "3": node("LoadImage", image="plate.png")},
        {"1": node("FluxProDepthNode", prompt="a room", control_image=["3", 0], guidance=15, steps=50, seed=0),
         "2": node("SaveImage", images=["1", 0]), "3": node("LoadImage", image="depth.png")},
    ],
)  # fmt: skip
def test_generating_nodes_of_any_pack(graph: Json) -> None:
    assert [row.origin for row in read(graph)] == [Origin.GENERATED]


@pytest.mark.parametrize(
    "graph",
    [
        RESIZE,
        {"1": node("CheckpointLoaderSimple", ckpt_name="x"), "2": node("VAEDecode", samples=["5", 0], vae=["1", 2])},
        # the sample rate of a sound, and speech that becomes text
        {"1": node("LoadAudio"), "2": node("WhisperModelLoader", model="large-v3"),
         "3": node("AudioSampleRate", audio=["1", 0], model=["2", 0], sampler="sinc", steps=1)},
        {"1": node("LoadAudio"), "2": node("AudioSampleRate", audio=["1", 0], pipe=["1", 1], prompt="x")},
        # the background removed by a prompt
        *({"1": node("LoadImage", image="plate.png"), "2": node(kind, image=["1", 0], prompt="person", model="general"),
           "3": node("SaveImage", images=["2", 0])}
          for kind in ("BiRefNetRMBG", "Image Rembg (Remove Background)", "easy imageRemBg", "RemoveBackground",
                       "SAM3Cut", "InspyrenetRembgAdvanced", "ImageMattingByText", "TextCutout")),
        {"1": node("LoadImage", image="plate.png"),
         "2": node("KeepWhatIsNamed", image=["1", 0], prompt="the red car", model="vit_l", box_threshold=0.3),
         "3": node("SaveImage", images=["2", 0])},
        # what only prepares a detailer, or finds what one would work on
        {"1": node("CheckpointLoaderSimple", ckpt_name="x"),
         "2": node("ToDetailerPipe", model=["1", 0], clip=["1", 1], vae=["1", 2], positive=["3", 0], negative=["3", 0]),
         "3": node("CLIPTextEncode", text="a face", clip=["1", 1]),
         "4": node("EditDetailerPipe", detailer_pipe=["2", 0], wildcard="x")},
        {
            "1": node("LoadAudio"),
            "2": node("AudioResampler", audio=["1", 0], sample_rate=48000),
            "3": node("SaveAudio"),
        },
        {"1": node("LoadImage"), "2": node("ColorSampler", image=["1", 0], steps=4), "3": node("SaveImage")},
        {
            "1": node("LoadImage"),
            "2": node(
                "GroundingDinoSAMSegment (segment anything)",
                prompt="person",
                threshold=0.3,
                sam_model=["3", 0],
                image=["1", 0],
            ),
            "3": node("SAMModelLoader (segment anything)", model_name="sam_vit_h"),
            "4": node("SaveImage", images=["2", 0]),
        },
        {
            "1": node("LoadImage"),
            "2": node("Florence2Run", image=["1", 0], prompt="describe", seed=1, florence2_model=["3", 0]),
            "3": node("ShowText", text=["2", 2]),
        },
        {
            "1": node("GeminiNode", prompt="name three films", model="gemini", seed=42),
            "2": node("ShowText", text=["1", 0]),
        },
        {
            "1": node("CheckpointLoaderSimple"),
            "2": node("BasicScheduler", model=["1", 0], scheduler="x", steps=20, denoise=1),
        },
        {
            "1": node("CheckpointLoaderSimple"),
            "2": node("ModelSamplingSD3", model=["1", 0], shift=3),
            "3": node("ModelSave"),
        },
        {
            "1": node("LoadImage"),
            "2": node(
                "Save Image w/Metadata", images=["1", 0], seed_value=1, steps=20, cfg=8, positive="x", modelname="m"
            ),
        },
    ],
)  # fmt: skip
def test_graphs_without_a_generating_node_are_no_evidence(graph: Json) -> None:
    assert not read(graph)
    assert not read({"prompt": graph}, "comment", "tags")


def test_an_upscale_model_alone_is_enhanced() -> None:
    [evidence] = read(UPSCALE)
    assert evidence.origin is Origin.ENHANCED


def test_a_civitai_job_that_only_upscales_tells_its_request() -> None:
    request = {"prompt": "a lighthouse", "steps": 25, "workflow": "txt2img", "seed": 1311178179}
    [evidence] = read({**UPSCALE, "extraMetadata": json.dumps(request)}, "UserComment", "exif")
    assert evidence.origin is Origin.GENERATED
    assert "1311178179" in evidence.detail
    [plain] = read({**UPSCALE, "extraMetadata": json.dumps({"source": "upload"})}, "UserComment", "exif")
    assert plain.origin is Origin.ENHANCED


def test_subgraphs_count_where_they_are_used() -> None:
    inner = {"id": "b0e5ca93-2731-42b9-8e0a-d28ea851ff81", **{k: on_screen()[k] for k in ("nodes", "links")}}
    outer = {"nodes": [{"id": 30, "type": inner["id"], "mode": 0}], "links": [], "definitions": {"subgraphs": [inner]}}
    assert read(outer, "workflow")
    outer["nodes"] = [{"id": 30, "type": "LoadImage", "mode": 0}]
    assert not read(outer, "workflow")


def test_a_subgraph_whose_links_are_objects() -> None:
    inner = on_screen()
    inner["links"] = [{"id": link[0], "origin_id": link[1], "target_id": link[3]} for link in inner["links"]]
    inner["id"] = "s"
    assert read({"nodes": [{"id": 1, "type": "s"}], "links": [], "definitions": {"subgraphs": [inner]}}, "workflow")


def test_group_nodes_count_where_they_are_used() -> None:
    group: Json = {
        "nodes": [{**n, "id": -1} for n in on_screen()["nodes"]],
        "links": [[0, 0, 1, 0, 3, "MODEL"]],
        "external": [],
    }
    for entry in group["nodes"]:
        for given in entry.get("inputs", []):
            given["link"] = None
    used = {"nodes": [{"id": 1, "type": "workflow>Base"}], "links": [], "extra": {"groupNodes": {"Base": group}}}
    assert read(used, "workflow")
    assert not read({**used, "nodes": [{"id": 1, "type": "SaveImage"}]}, "workflow")


def test_a_damaged_graph_still_names_its_sampler() -> None:
    [evidence] = read(json.dumps(API)[:-40])
    assert "damaged" in evidence.detail
    assert not read(json.dumps(RESIZE)[:-40])
    assert not read("A tutorial. The API graph starts so: " + json.dumps(API)[:-40])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("prompt", "Enter your name:"),
        ("prompt", '{"text": "a cat", "seed": 1}'),
        ("workflow", '{"nodes": [], "links": []}'),
        ("workflow", '{"nodes": [{"id": 1, "type": "webhook", "name": "n8n"}, {"type": "sampler"}]}'),
        ("workflow", "review, approve, publish"),
        ("comment", 'How to read "class_type": "KSampler" in a file'),
        ("nodes", '{"nodes": [1, null, {"type": 3}, {"type": [], "mode": {}}], "links": 7}'),
    ],
)
def test_other_programs_use_the_same_keys(key: str, value: str) -> None:
    assert not read(value, key)


def test_cycles_end() -> None:
    loop = {"1": node("CLIPTextEncode", text=["2", 0]), "2": node("Text", text=["1", 0])}
    loop["3"] = node("KSampler", model=["1", 0], positive=["1", 0], seed=["2", 0])
    assert read(loop)


def drawn(kind: str, widgets: list[object], *linked: str, more: list[Json] | None = None) -> Json:
    """A graph on the screen: one node with values by position, fed by nodes 100, 101 …"""
    slots = [slot(name, "ANY", number) for number, name in enumerate(linked, 100)]
    node_ = {"id": 1, "type": kind, "mode": 0, "inputs": slots, "widgets_values": widgets,
             "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": []}]}  # fmt: skip
    links = [[number, number, 0, 1, 0, "ANY"] for number in range(100, 100 + len(linked))]
    return {"nodes": [node_, *(more or [])], "links": links, "version": 0.4}


FACE = [384, True, 768, 924734257942473, "randomize", 20, 8, "euler", "normal", 0.5, 5, True, True, 0.5, 10, ""]


@pytest.mark.parametrize(
    ("kind", "widgets", "linked"),
    [
        ("FaceDetailer", FACE, ("image", "model", "clip", "vae", "positive", "negative", "bbox_detector")),
        ("FaceDetailerPipe", FACE, ("image", "detailer_pipe")),
        ("DetailerForEachPipe", FACE, ("image", "segs", "basic_pipe")),
        ("DetailerForEachPipeForAnimateDiff", FACE, ("image_frames", "segs", "basic_pipe")),
        ("SEGSDetailer", FACE, ("image", "segs", "basic_pipe")),
        ("MaskDetailerPipe", FACE, ("image", "mask", "basic_pipe")),
        ("## face-detailer-start [e2abf2]", [256, 20, 8, 0.45, True, "a face"], ("basic_pipe", "image")),
        ("SomebodysInpainter", [7, "fixed", 20, "dpmpp_2m", "karras"], ("model", "positive", "negative", "pixels")),
        ("SomebodysInpainter", [7000007, True, 20, "uni_pc", "sgm_uniform"], ("model", "positive", "mask")),
    ],
)
def test_unnamed_values_count_by_their_content(kind: str, widgets: list[object], linked: tuple[str, ...]) -> None:
    [evidence] = read(drawn(kind, widgets, *linked), "workflow")
    assert evidence.origin is Origin.GENERATED
    if kind != "## face-detailer-start [e2abf2]":
        assert evidence.used
        assert evidence.used.seed in {"924734257942473", "7", "7000007"}


@pytest.mark.parametrize(
    ("kind", "widgets", "linked"),
    [
        ("BasicPipeToDetailerPipe", ["", "Select the LoRA"], ("basic_pipe", "bbox_detector")),
        ("DetailerPipeToBasicPipe", [], ("detailer_pipe",)),
        ("UnsamplerDetailerHookProvider", [25, 0, 21], ()),
        ("FaceDetailer", FACE, ("image", "bbox_detector")),
        ("ImageBlend", [0.5, "normal"], ("image1", "image2")),
        ("ModelMergeSimple", [0.5, "simple"], ("model1", "model2")),
        ("ImpactMakeTileSEGS", [512, 1.5, 200, 100, 0.7, "Reuse fast"], ("images", "filter_in_segs_opt")),
        ("TextToConsole", ["euler", "normal"], ("text",)),
    ],
)
def test_similar_nodes_and_values_are_nothing(kind: str, widgets: list[object], linked: tuple[str, ...]) -> None:
    assert not read(drawn(kind, widgets, *linked), "workflow")


def test_a_result_that_is_fed_everywhere_flows_in_without_a_link() -> None:
    graph = on_screen()
    for slot_ in graph["nodes"][0]["inputs"]:
        slot_["link"] = None
    graph["nodes"].append({"id": 20, "type": "Anything Everywhere", "mode": 0, "inputs": []})
    assert read(graph, "workflow")
    graph["nodes"][-1]["mode"] = 4
    assert not read(graph, "workflow")

"""Marks as generators really write them, in the fields that they use, and the one signal that reads each.

The forms are those of the generators' own source code and of real files; the words in them are made up.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

import provenance.evidence.signals as package
from provenance.evidence.interface import Signal
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin
from provenance.registry import load_members
from tests.evidence.build import jpeg, packet, png, png_chunk, segment, tiff
from tests.evidence.looking import Look

SIGNALS = load_members(package, Signal)
ALL, PART, LESS = Origin.GENERATED, Origin.PARTLY_GENERATED, Origin.ENHANCED

MOCHI = (
    "Include in Image: a harbour; at dawn; Exclude from Image: blurry; Model: dreamshaper-v5; Steps: 20; "
    "Guidance Scale: 11.0; Seed: 3141592; Size: 512x512; Scheduler: DPM-Solver++; "
    "ML Compute Unit: CPU & Neural Engine; Generator: Mochi Diffusion 5.2"
)
STATE = {
    "Seed": {"Seed": "4711", "IsRandomizeEnabled": False},
    "Prompt": {"Prompt": "a harbour", "NegativePrompt": "blurry"},
    "Sampler": {"Steps": 20, "CfgScale": 7},
    "Model": {"SelectedModelName": "sdxl.safetensors"},
}
PROJECT = json.dumps({"Version": 2, "ProjectType": "TextToImage", "State": STATE})
ENLARGED = json.dumps({"Version": 2, "ProjectType": "Upscale", "State": {"Upscaler": {"Scale": 2}}})
MATRIX = {
    "PositivePrompt": "a harbour",
    "NegativePrompt": "",
    "Steps": 20,
    "Sampler": "Euler",
    "CfgScale": 7,
    "Seed": 5,
}
KRITA = (
    "a harbour <lora:film:0.6>\nNegative prompt: blurry\nSteps: 20, Sampler: Default - DPM++ 2M, CFG scale: 7.0, "
    "Seed: 5, Size: 1024x768, Model hash: unknown, Model: sdxl.safetensors, Denoising strength: 0.6"
)
KRITA_GRAPH = "\nNegative prompt: \nSteps: 0, Sampler: , CFG scale: 0.0, Seed: 99, Size: 64x64, Model: Unknown"
SDCPP = (
    "a harbour\nSteps: 20, CFG scale: 1.000000, Guidance: 3.500000, Eta: 0.000000, Seed: 42, Size: 512x512, Model: , "
    "RNG: cuda, Sampler RNG: cuda, Sampler: NONE, Unet: flux1-dev-q4.gguf, VAE: ae.safetensors, "
    "Version: stable-diffusion.cpp"
)
FORGE = (
    "a cat\nSteps: 4, Sampler: Euler, Schedule type: Simple, Distilled CFG Scale: 3.5, Seed: 1, Size: 896x1152, "
    "Model hash: 1e0, Model: flux1-schnell, Version: f2.0.1v1.10.1"
)
QUOTED = "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512, Model: x\nPublished by the agency"
SDCPP_BARE = "a harbour\nSteps: 4, Seed: 42, Size: 512x512, Model: flux.gguf, RNG: cuda, Version: stable-diffusion.cpp"
TRAINED = "http://cv.iptc.org/newscodes/digitalsourcetype"
DST = "Iptc4xmpExt:DigitalSourceType"

# Carrier, key, value, signal, origin; where it matters, the prompt or the model that is named.
MARKS: dict[str, tuple[str, str, str, str, Origin, str]] = {
    "Mochi, caption": ("iptc", "Caption-Abstract", MOCHI, "mochi_diffusion", ALL, "a harbour; at dawn"),
    "Mochi, XMP": ("xmp", "dc:description[x-default]", MOCHI, "mochi_diffusion", ALL, "dreamshaper-v5"),
    "Mochi, upscaled": (
        "iptc",
        "Caption-Abstract",
        MOCHI.replace("512x512;", "512x512; Upscaler: RealESRGAN;"),
        "mochi_diffusion",
        ALL,
        "",
    ),
    "Mochi, program": ("iptc", "OriginatingProgram", "Mochi Diffusion", "mochi_diffusion", ALL, ""),
    "Stability Matrix, PNG": ("png", "smproj", PROJECT, "stability_matrix", ALL, "sdxl.safetensors"),
    "Stability Matrix, WebP": ("exif", "Software", PROJECT, "stability_matrix", ALL, "a harbour"),
    "Stability Matrix, upscaled": ("png", "smproj", ENLARGED, "stability_matrix", LESS, ""),
    "Stability Matrix, settings": ("png", "parameters-json", json.dumps(MATRIX), "settings_json", ALL, "a harbour"),
    "Stability Matrix, WebP settings": ("exif", "ImageDescription", json.dumps(MATRIX), "settings_json", ALL, ""),
    "Krita AI, picture": ("png", "parameters", KRITA, "a1111", ALL, "sdxl.safetensors"),
    "Krita AI, own graph": ("png", "parameters", KRITA_GRAPH, "a1111", ALL, ""),
    "Krita AI, layer": ("psd", "layer name", "[Generated] a harbour (4711)", "krita_ai", PART, "a harbour"),
    "stable-diffusion.cpp": ("png", "parameters", SDCPP, "a1111", ALL, "flux1-dev-q4.gguf"),
    "stable-diffusion.cpp without sampler": ("png", "parameters", SDCPP_BARE, "a1111", ALL, "flux.gguf"),
    "stable-diffusion.cpp, JPEG": ("jpeg", "Comment", "parameters\0" + SDCPP, "a1111", ALL, "a harbour"),
    "FLUX reference code, Make": ("exif", "Make", "Black Forest Labs", "named_software", ALL, ""),
    "FLUX reference code, Software": ("exif", "Software", "AI generated;txt2img;flux", "named_software", ALL, ""),
    "FLUX.2 reference code": ("exif", "Software", "AI generated;img2img;flux2", "named_software", ALL, ""),
    "imaginAIry": ("exif", "Software", "Imaginairy / Stable Diffusion SD 1.5", "named_software", ALL, ""),
    "MFLUX, tool": ("xmp", "xmp:CreatorTool", "MFLUX 0.11.1", "named_software", ALL, ""),
    "MFLUX, credit": ("xmp", "photoshop:Credit", "Generated by MFLUX", "credit_line", ALL, ""),
    "MFLUX, IPTC": ("iptc", "Credit", "Generated by MFLUX", "credit_line", ALL, ""),
    "MFLUX, settings": (
        "exif",
        "UserComment",
        json.dumps(
            {
                "mflux_version": "0.11",
                "model": "dev",
                "seed": 4,
                "steps": 20,
                "guidance": None,
                "height": 1024,
                "width": 1024,
                "prompt": "a harbour",
            }
        ),
        "settings_json",
        ALL,
        "a harbour",
    ),
    "ArtBot": (
        "exif",
        "Software",
        "ArtBot - Create images with Stable Diffusion, utilizing the AI Horde",
        "named_software",
        ALL,
        "",
    ),
    "Stable UI": (
        "exif",
        "Software",
        "Stable UI - Create images with Stable Diffusion using the AI Horde",
        "named_software",
        ALL,
        "",
    ),
    "Ideogram": ("exif", "Make", "Ideogram AI", "named_software", ALL, ""),
    "Google, IIM": ("iptc", "Credit", "Made with Google AI", "credit_line", ALL, ""),
    "Google Photos": ("xmp", "photoshop:Credit", "AI-Generated with Google Photos", "credit_line", PART, ""),
    "Apple": ("xmp", "photoshop:Credit", "Apple Photos Clean Up", "credit_line", PART, ""),
    "code as a fragment": ("xmp", DST, f"{TRAINED}#trainedAlgorithmicMedia", "digital_source_type", ALL, ""),
    "code as a fragment of a folder": ("xmp", DST, f"{TRAINED}/#compositeSynthetic", "digital_source_type", PART, ""),
    "code with https": (
        "xmp",
        DST,
        f"{TRAINED.replace('http', 'https')}#TrainedAlgorithmicMedia",
        "digital_source_type",
        ALL,
        "",
    ),
    "label of today": ("xmp", DST, "Created using Generative AI", "digital_source_type", ALL, ""),
    "label of an edit": ("xmp", DST, "Edited using generative AI", "digital_source_type", PART, ""),
    "label of a composite": ("xmp", DST, "Composite including generative AI elements", "digital_source_type", PART, ""),
    "older label": ("xmp", DST, "Trained algorithmic media", "digital_source_type", ALL, ""),
    "older label of an edit": ("xmp", DST, "Composite with trained algorithmic media", "digital_source_type", PART, ""),
    "older label of a composite": (
        "xmp",
        DST,
        "Composite including synthetic elements",
        "digital_source_type",
        PART,
        "",
    ),
    "label of an enhancement": ("xmp", DST, "Algorithmically-altered media", "digital_source_type", LESS, ""),
    "constant": ("xmp", DST, "TRAINED_ALGORITHMIC_MEDIA", "digital_source_type", ALL, ""),
    "schema.org": (
        "xmp",
        DST,
        "https://schema.org/TrainedAlgorithmicMediaDigitalSource",
        "digital_source_type",
        ALL,
        "",
    ),
    "bare code": (
        "c2pa",
        "metadata/Iptc4xmpExt:DigitalSourceType",
        "trainedAlgorithmicMedia",
        "digital_source_type",
        ALL,
        "",
    ),
    "Forge without CFG": (
        "png",
        "parameters",
        FORGE,
        "a1111",
        ALL,
        "flux1-schnell",
    ),
    "ComfyUI saver without CFG": (
        "png",
        "parameters",
        "a cat\nSteps: 9, Sampler: euler_ancestral, Seed: 0, Size: 832x1216, Model: z_image",
        "a1111",
        ALL,
        "",
    ),
    "settings with a template behind them": (
        "png",
        "parameters",
        "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5\nTemplate: a {cat|dog}\nin the rain",
        "a1111",
        ALL,
        "a cat",
    ),
    "settings with a caption behind them": (
        "exif",
        "ImageDescription",
        "a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x512, Model: x\nPublished by the agency",
        "a1111",
        ALL,
        "",
    ),
    "settings padded": ("exif", "UserComment", "a cat\nSteps: 20, CFG scale: 7, Seed: 5\0\0\0", "a1111", ALL, ""),
    "diffusers script": (
        "png",
        "parameters",
        json.dumps({"prompt": "a cat", "num_inference_steps": 30, "seed": 1, "model": "sdxl"}),
        "settings_json",
        ALL,
        "sdxl",
    ),
    "video script": (
        "tags",
        "comment",
        json.dumps({"prompt": "waves", "seed": 3, "steps": 8, "resolution": "832x480", "model_type": "t2v"}),
        "settings_json",
        ALL,
        "waves",
    ),
    "a schedule of diffusion": (
        "tags",
        "comment",
        json.dumps({"prompt": "waves", "seed": 3, "steps": 8, "scheduler": "dpmpp_2m_sde"}),
        "settings_json",
        ALL,
        "",
    ),
}


def find(carrier: str, key: str, value: str) -> dict[str, list[Evidence]]:
    rows = [Statement(carrier, "a place", key, value)]
    found = {name: list(signal.read(rows)) for name, signal in SIGNALS.items()}
    return {name: evidence for name, evidence in found.items() if evidence}


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_is_found_by_its_signal_alone(name: str) -> None:
    carrier, key, value, signal, origin, named = MARKS[name]
    found = find(carrier, key, value)
    assert found.keys() == {signal}
    [evidence] = found[signal]
    assert evidence.origin is origin
    used = evidence.used
    assert not named or (used and named in (used.prompt, used.model))


def test_settings_of_a_tab_that_only_enlarged_are_none() -> None:
    idle = "\nNegative prompt: \nSteps: 0, Sampler: , CFG scale: 0, Seed: 0, Size: 2048x2048, Model hash: , Model: "
    assert not find("png", "parameters", idle)


def test_mochi_diffusion_in_a_jpeg(tmp_path: Path) -> None:
    def dataset(number: int, text: str) -> bytes:
        return bytes([0x1C, 2, number]) + len(text.encode()).to_bytes(2, "big") + text.encode()

    records = dataset(65, "Mochi Diffusion") + dataset(70, "5.2") + dataset(120, MOCHI)
    block = b"8BIM\x04\x04\0\0" + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)
    look = Look(jpeg(segment(0xED, b"Photoshop 3.0\0" + block)), tmp_path)
    [evidence] = look.own.evidence
    assert (evidence.signal, evidence.carrier, look.origin) == ("mochi_diffusion", "iptc", ALL)
    assert evidence.used
    assert (evidence.used.negative_prompt, evidence.used.seed, evidence.used.version) == ("blurry", "3141592", "5.2")


def test_stability_matrix_in_a_png(tmp_path: Path) -> None:
    look = Look(png([png_chunk(b"tEXt", b"smproj\0" + PROJECT.encode())]), tmp_path)
    assert [row.signal for row in look.own.evidence] == ["stability_matrix"]
    look = Look(png([png_chunk(b"tEXt", b"smproj\0" + ENLARGED.encode())]), tmp_path)
    assert look.origin is LESS


def test_the_make_of_a_generator_in_exif(tmp_path: Path) -> None:
    fields = {
        0x010F: (2, b"Black Forest Labs\0"),
        0x0110: (2, b"flux-dev\0"),
        0x0131: (2, b"AI generated;txt2img;flux\0"),
    }
    look = Look(jpeg(segment(0xE1, b"Exif\0\0" + tiff([fields]))), tmp_path)
    [evidence] = look.own.evidence
    assert (evidence.signal, evidence.tool, look.origin) == ("named_software", "FLUX", ALL)


@pytest.mark.parametrize("value", ["Created using Generative AI", f"{TRAINED}#trainedAlgorithmicMedia"])
def test_a_printed_source_type_in_xmp(value: str, tmp_path: Path) -> None:
    data = packet(f"<Iptc4xmpExt:DigitalSourceType>{value}</Iptc4xmpExt:DigitalSourceType>")
    look = Look(jpeg(segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + data)), tmp_path)
    assert look.origin is ALL


@pytest.mark.parametrize("member", ["maindoc.xml", "stack.xml"])
def test_layers_of_krita_documents(member: str, tmp_path: Path) -> None:
    def write(name: str) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as document:
            document.writestr("mimetype", "application/x-krita")
            document.writestr(
                member, f'<DOC xmlns="urn:k"><layers><layer name="Sky"/><layer name="{name}"/></layers></DOC>'
            )
        return packed.getvalue()

    look = Look(write("[Generated] a harbour (4711)"), tmp_path)
    [evidence] = look.own.evidence
    assert (evidence.signal, look.origin, evidence.where) == ("krita_ai", PART, f"{member}, layer 2")
    assert evidence.used
    assert (evidence.used.prompt, evidence.used.seed) == ("a harbour", "4711")
    for name in ("[Generated] a harbour", "Generated (4711)", "my [Generated] a (4711)", "[Edited] a (4711)"):
        assert Look(write(name), tmp_path).origin is Origin.UNKNOWN
    damaged = write("x").replace(b"</DOC>", b"<//OC>")
    assert any(row.stage == "layers" for row in Look(damaged, tmp_path).own.troubles)

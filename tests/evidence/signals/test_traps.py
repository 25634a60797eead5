"""Files that speak of AI, or look like it, and are not made by it: no signal may say that they are."""

from __future__ import annotations

import json

import pytest

import provenance.evidence.signals as package
from provenance.evidence.interface import Signal
from provenance.model.evidence import Statement
from provenance.model.vocabulary import Origin
from provenance.registry import load_members

ARTICLE = (
    "How Midjourney, DALL-E, Stable Diffusion, Adobe Firefly, Sora, Flux, Imagen, Gemini, Luma AI, Suno, NovelAI and "
    "ComfyUI work: type a prompt, choose Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1. Trained algorithmic media."
)
CAMERA = [
    ("Make", "NIKON CORPORATION"),
    ("Model", "NIKON Z 9"),
    ("Software", "Ver.05.00"),
    ("Artist", "Jane Doe"),
    ("MakerNote", "Nikon\0\x02\x11\0\0"),
    ("ExposureTime", "1/250"),
]
TRAPS = {
    "an article": [(key, ARTICLE) for key in ("Description", "Comment", "UserComment", "dc:description[1]")],
    "keywords and names": [
        ("dc:subject[1]", "midjourney"),
        ("dc:subject[2]", "AI"),
        ("Keywords", "imagen, gemini, flux, luma, sora, firefly"),
        ("dc:title[x-default]", "Midjourney exhibition"),
        ("xmp:Label", "AI"),
        ("xmpMM:PreservedFileName", "ChatGPT Image.ai"),
    ],
    "a camera": CAMERA,
    "a number as artist": [*CAMERA, ("Artist", "0b8f1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d")],
    "permissions for training": [
        ("plus:DataMining", "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-GENAIMLTRAINING"),
        ("xmpRights:UsageTerms", "No generative AI training"),
        ("cawg.training-mining/entries/cawg.ai_generative_training", "notAllowed"),
    ],
    "editors": [
        ("Software", "Adobe Photoshop 26.1 (Windows)"),
        ("xmp:CreatorTool", "Adobe Photoshop Lightroom Classic 14.1"),
        ("photoshop:Credit", "Google Arts & Culture"),
        ("stEvt:softwareAgent", "Adobe Firefly"),
    ],
    "scientific programs": [
        ("parameters", "Steps: 10000, Seed: 42, dt: 0.002, T: 300 K"),
        ("parameters", '{"steps": 1000, "seed": 42, "sampler": "NUTS"}'),
        ("Software", "Matplotlib version3.9.2, https://matplotlib.org/"),
        ("prompt", ">>> plot(x, y)"),
        ("aesthetic_score", "6.7"),
    ],
    "encoders": [
        ("encoder", "Lavf60.16.100"),
        ("ENCODER", "Lavc60.31.102 libx264"),
        ("handler_name", "VideoHandler"),
        ("creation_time", "1970-01-01T00:00:00Z"),
        ("hyperframes_renderer", "1.2"),
        ("TSSE", "LAME3.100"),
        ("ISFT", "Lavf60"),
    ],
    "free software": [("Comment", "Created with GIMP"), ("Software", "GIMP 2.10.38"), ("date:create", "2026")],
    "workflows of other programs": [
        ("workflow", '{"nodes": [{"id": "1", "type": "n8n-nodes-base.openAi", "parameters": {"prompt": "x"}}]}'),
        ("workflow", json.dumps({"nodes": [{"id": 1, "type": "LoadImage"}, {"id": 2, "type": "SaveImage"}]})),
        ("prompt", '[{"role": "user", "content": "draw a cat"}]'),
    ],
    "a mobile game": [("Make", "Flux"), ("Model", "Luma"), ("Software", "Gemini 2 (MacPaw)")],
}  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
@pytest.mark.parametrize("carrier", ["png", "exif", "xmp", "tags", "c2pa"])
def test_no_signal_speaks_of_ai(trap: str, carrier: str) -> None:
    said = [Statement(carrier, "", key, value) for key, value in TRAPS[trap]]
    camera = {Origin.CAPTURED} if any(pair in CAMERA for pair in TRAPS[trap]) else set()
    for signal in load_members(package, Signal).values():
        assert {row.origin for row in signal.read(said)} <= camera, signal.name


def test_every_signal_has_its_page() -> None:
    for signal in load_members(package, Signal).values():
        for text in (signal.title, signal.written_by, signal.trust, signal.traps, signal.__doc__ or ""):
            assert text.strip(), signal.name

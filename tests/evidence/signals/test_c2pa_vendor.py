from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.c2pa_vendor import C2paVendor
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing


def read(key: str, value: object, about: About = About.ASSET, carrier: str = "c2pa") -> list[Evidence]:
    text = value if isinstance(value, str) else json.dumps(value)
    return list(C2paVendor().read([Statement(carrier, "manifest m, place", key, text, Standing.SIGNED, about)]))


DISCLOSURE = "assertion/c2pa.ai-disclosure"
MODEL = {"modelType": "c2pa.types.model.pytorch", "modelName": "Painter 3"}


@pytest.mark.parametrize(
    ("key", "value", "origin", "tool"),
    [
        (DISCLOSURE, MODEL, Origin.PARTLY_GENERATED, "Painter 3"),
        (
            DISCLOSURE,
            {**MODEL, "contentProfile": {"humanOversightLevel": "fully_autonomous"}},
            Origin.GENERATED,
            "Painter 3",
        ),
        (DISCLOSURE, {"contentProfile": {"humanOversightLevel": "human_validated"}}, Origin.PARTLY_GENERATED, None),
        (
            "assertion/com.adobe.generative-ai",
            {"description": "Adobe Firefly", "version": "1"},
            Origin.PARTLY_GENERATED,
            "Adobe Firefly 1",
        ),
        ("assertion/c2pa.ai_generated_content", {"model": "Flux.2", "ai_generated": True}, Origin.GENERATED, "Flux.2"),
        ("c2pa.edited/parameters/com.adobe.tool", "generative_fill", Origin.PARTLY_GENERATED, None),
        ("ingredient/metadata", {"com.adobe.inference": True}, Origin.PARTLY_GENERATED, None),
        ("actions/metadata", [{"x": {"com.adobe.inference": True}}], Origin.PARTLY_GENERATED, None),
        ("c2pa.created/description", "AI Generated Image", Origin.GENERATED, None),
        ("c2pa.created/description", "Created by Google Generative AI.", Origin.GENERATED, None),
        ("c2pa.created/softwareAgent", "Image Creator from Designer", Origin.GENERATED, "Image Creator from Designer"),
        ("c2pa.created/softwareAgent", "Azure OpenAI ImageGen", Origin.GENERATED, "Azure OpenAI ImageGen"),
        ("claim_generator", "Microsoft_Responsible_AI/1.0", Origin.GENERATED, "Microsoft_Responsible_AI/1.0"),
        ("ingredient/inputTo/dataTypes", [{"type": "c2pa.types.generator.prompt"}], Origin.GENERATED, None),
        ("ingredient/inputTo/dataTypes", [{"type": "c2pa.types.model.onnx"}], Origin.GENERATED, None),
        ("assertion/stds.schema-org.CreativeWork", {"providerName": "Suno, Inc."}, Origin.GENERATED, "Suno"),
    ],
)
def test_each_declaration_is_understood(key: str, value: object, origin: Origin, tool: str | None) -> None:
    (evidence,) = read(key, value)
    assert (evidence.origin, evidence.standing, evidence.tool) == (origin, Standing.SIGNED, tool)
    assert read(key, value, carrier="xmp") == []
    assert read(key, value, About.INPUT) == read(key, value, About.REMOVED) == []
    assert {row.origin for row in read(key, value, About.COMPONENT)} == {Origin.PARTLY_GENERATED}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("assertion/c2pa.training-mining", {"entries": {"c2pa.ai_generative_training": {"use": "allowed"}}}),
        ("assertion/cawg.training-mining", {"entries": {"cawg.ai_inference": {"use": "notAllowed"}}}),
        ("metadata/plus:DataMining", "DMI-PROHIBITED-AIMLTRAINING"),
        ("c2pa.edited/parameters/com.adobe.tool", "healing_brush"),
        ("c2pa.edited/parameters/com.adobe.acr", "Exposure2012"),
        ("ingredient/metadata", {"com.adobe.inference": False}),
        ("assertion/c2pa.ai_generated_content", {"model": "Flux.2", "ai_generated": False}),
        ("assertion/c2pa.ai_generated_content", "not JSON"),
        (DISCLOSURE, "[]"),
        ("c2pa.created/description", "This is not an AI generated image"),
        ("c2pa.edited/description", "AI Generated Image"),
        ("c2pa.created/softwareAgent", "Adobe Photoshop 27.0"),
        ("claim_generator", "Microsoft_Paint/1.0"),
        ("c2pa.watermarked.unbound/description", "watermark"),
        ("ingredient/inputTo/dataTypes", [{"type": "c2pa.types.dataset"}]),
        ("ingredient/parentOf/dataTypes", [{"type": "c2pa.types.model.onnx"}]),
        ("assertion/other", {"providerName": "Somebody"}),
        ("assertion/other", {"text": 'providerName: "Suno, Inc."'}),
    ],
)
def test_what_is_no_evidence(key: str, value: object) -> None:
    assert read(key, value) == []

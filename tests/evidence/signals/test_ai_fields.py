"""IPTC 2025.1 AI fields."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.ai_fields import AiFields
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing


def read(*pairs: tuple[str, str], carrier: str = "xmp", about: About = About.ASSET) -> list[Evidence]:
    said = [Statement(carrier, f"XMP packet, {key}", key, value, about=about) for key, value in pairs]
    return list(AiFields().read(said))


def test_the_system_names_the_tool() -> None:
    [evidence] = read(
        ("Iptc4xmpExt:AISystemUsed", "Firefly Image 4"),
        ("Iptc4xmpExt:AISystemVersionUsed", "4.1"),
        ("Iptc4xmpExt:AIPromptInformation[x-default]", "a red fox in snow"),
    )
    assert (evidence.origin, evidence.standing, evidence.tool) == (
        Origin.GENERATED,
        Standing.DECLARED,
        "Firefly Image 4",
    )
    assert evidence.where == "XMP packet, Iptc4xmpExt:AISystemUsed"
    assert "a red fox in snow" in evidence.detail


@pytest.mark.parametrize("field", ["AISystemUsed", "AISystemVersionUsed", "AIPromptInformation", "AIPromptWriterName"])
def test_any_one_field_declares_ai(field: str) -> None:
    [evidence] = read((f"Iptc4xmpExt:{field}", "something"))
    assert evidence.origin is Origin.GENERATED


@pytest.mark.parametrize(
    ("source_type", "origin"),
    [
        (
            "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia",
            Origin.PARTLY_GENERATED,
        ),
        ("https://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced", Origin.ENHANCED),
        ("http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia", Origin.GENERATED),
    ],
)
def test_the_source_type_beside_it_says_how_much(source_type: str, origin: Origin) -> None:
    [evidence] = read(("Iptc4xmpExt:AISystemUsed", "Firefly"), ("Iptc4xmpExt:DigitalSourceType", source_type))
    assert evidence.origin is origin


@pytest.mark.parametrize("value", ["", "  ", "none", "N/A", "-", "No"])
def test_fields_of_a_template_say_nothing(value: str) -> None:
    assert not read(("Iptc4xmpExt:AISystemUsed", value))


def test_permissions_and_captions_say_nothing() -> None:
    assert not read(
        ("plus:DataMining", "http://ns.useplus.org/ldf/vocab/DMI-PROHIBITED-AIMLTRAINING"),
        ("dc:description[x-default]", "An article about AISystemUsed and Midjourney"),
        ("photoshop:Credit", "AI News Agency"),
    )


def test_an_input_is_not_the_asset_and_a_component_is_a_part() -> None:
    assert not read(("Iptc4xmpExt:AISystemUsed", "Firefly"), about=About.INPUT)
    assert not read(("Iptc4xmpExt:AISystemUsed", "Firefly"), about=About.REMOVED)
    [evidence] = read(("Iptc4xmpExt:AISystemUsed", "Firefly"), about=About.COMPONENT)
    assert evidence.origin is Origin.PARTLY_GENERATED


@pytest.mark.parametrize("standing", [Standing.TRUSTED, Standing.SIGNED, Standing.BROKEN])
def test_the_standing_of_a_signature_is_kept(standing: Standing) -> None:
    said = Statement("c2pa", "cawg.metadata", "Iptc4xmpExt:AISystemUsed", "Firefly", standing)
    [evidence] = AiFields().read([said])
    assert evidence.standing is standing

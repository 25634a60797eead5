"""Generators that sign with their exact name."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.named_software import NamedSoftware
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(NamedSoftware().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize(
    ("carrier", "key", "value", "tool"),
    [
        ("exif", "Make", "Ideogram AI", "Ideogram"),
        ("exif", "Make", "Aphrodite AI", "Aphrodite AI"),
        ("exif", "Software", "Aphrodite AI\0", "Aphrodite AI"),
        ("exif", "Software", "reve.com", "Reve"),
        ("xmp", "xmp:CreatorTool", "reve.com", "Reve"),
        ("xmp", "xmp:CreatorTool", "Adobe Firefly", "Adobe Firefly"),
        ("xmp", "tiff:Make", "Ideogram AI", "Ideogram"),
    ],
)
def test_exact_names_in_exact_fields(carrier: str, key: str, value: str, tool: str) -> None:
    [evidence] = read((key, value), carrier=carrier)
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, tool)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("xmp:CreatorTool", "Adobe Photoshop 26.1 (Macintosh)"),
        ("xmp:CreatorTool", "Adobe Illustrator 29.0"),
        ("xmp:CreatorTool", "Adobe Firefly Services Conference Kit"),
        ("Software", "Adobe Firefly"),
        ("Software", "Gemini"),
        ("Software", "Imagen"),
        ("Software", "Flux"),
        ("Make", "Flux"),
        ("Make", "Sora"),
        ("ImageDescription", "Ideogram AI"),
        ("dc:subject[1]", "Ideogram AI"),
        ("dc:title[1]", "reve.com"),
        ("photoshop:Credit", "Aphrodite AI"),
        ("filename", "midjourney_firefly_sora.png"),
        ("Description", "An article about Midjourney, Adobe Firefly and Ideogram AI"),
    ],
)
def test_similar_names_and_other_fields_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

"""Topaz is an enhancer."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.topaz import Topaz
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Topaz().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize(
    ("carrier", "key", "value"),
    [
        ("exif", "Software", "Topaz Photo AI 3.1.2"),
        ("xmp", "xmp:CreatorTool", "Topaz Photo AI 2.0.5"),
        ("exif", "Software", "Topaz Gigapixel AI 7.1"),
        ("exif", "ImageDescription", "Upscaled with Gigapixel v8.3.1, model: Redefine"),
        ("tags", "VIDEOAI", "Enhanced using prob-3; mode: auto; Changed resolution to 3840x2160"),
    ],
)
def test_enhanced_never_generated(carrier: str, key: str, value: str) -> None:
    [evidence] = read((key, value), carrier=carrier)
    assert (evidence.origin, evidence.tool) == (Origin.ENHANCED, "Topaz")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ImageDescription", "A topaz on black velvet"),
        ("Software", "Adobe Photoshop 26.0"),
        ("Title", "Topaz Photo AI"),
        ("Description", "Upscaled with Gigapixel v8"),
        ("videoai", "  "),
        ("encoder", "Lavf60.16.100"),
    ],
)
def test_other_values_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

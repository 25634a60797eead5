"""Draw Things."""

from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.drawthings import Drawthings
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Drawthings().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


SETTINGS = {"c": "a fox", "uc": "", "sampler": "Euler", "seed": 77, "scale": 7.5, "steps": 30, "model": "sd_v1.5"}


def test_settings_in_png_and_xmp() -> None:
    for carrier, key in (("png", "Comment"), ("xmp", "exif:UserComment[x-default]")):
        [evidence] = read(("Software", "Draw Things"), (key, json.dumps(SETTINGS)), carrier=carrier)
        assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "Draw Things")
        assert "a fox" in evidence.detail
        assert evidence.where == f"the place of {key}"


def test_the_name_as_software() -> None:
    assert read(("Software", "Draw Things"), carrier="exif")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Description", "Draw Things"),
        ("Software", "Draw Things Together 2"),
        ("Comment", '{"c": 1, "uc": 2}'),
        ("Comment", '"c" is for cat'),
    ],
)
def test_other_values_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

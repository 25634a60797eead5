"""SwarmUI parameters."""

from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.swarmui import Swarmui
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Swarmui().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


PARAMETERS = {
    "sui_image_params": {
        "prompt": "wide shot of a cat",
        "model": "flux1-schnell",
        "seed": 697543491,
        "steps": 4,
        "swarm_version": "0.9.7.4",
    },
    "sui_extra_data": {"date": "2026-01-03", "generation_time": "6.44 sec"},
}


@pytest.mark.parametrize(
    ("carrier", "key"),
    [("png", "parameters"), ("exif", "UserComment"), ("exif", "Model"), ("tags", "COMMENT"), ("stealth", "parameters")],
)
def test_every_place_it_is_written_to(carrier: str, key: str) -> None:
    [evidence] = read((key, json.dumps(PARAMETERS, indent=2)), carrier=carrier)
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "SwarmUI 0.9.7.4")
    for word in ("wide shot of a cat", "flux1-schnell", "697543491"):
        assert word in evidence.detail


@pytest.mark.parametrize(
    "value", ["sui_image_params", '{"sui_image_params": 1}', '{"sui_image_params": {}}', '{"note": "sui_image_params"}']
)
def test_the_bare_word_is_nothing(value: str) -> None:
    assert not read(("parameters", value))

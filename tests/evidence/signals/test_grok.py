"""The Grok pair."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.grok import Grok
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "exif") -> list[Evidence]:
    return list(Grok().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


NUMBER = "0b8f1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d"
SIGNATURE = "Signature: " + "Ab3+/" * 68 + "=="


@pytest.mark.parametrize("field", ["ImageDescription", "UserComment"])
def test_both_halves(field: str) -> None:
    [evidence] = read((field, SIGNATURE), ("Artist", NUMBER))
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "Grok")
    assert evidence.where == f"the place of {field}"


@pytest.mark.parametrize(
    "pairs",
    [
        [("Artist", NUMBER)],
        [("ImageDescription", SIGNATURE)],
        [("ImageDescription", SIGNATURE), ("Artist", "Jane Doe")],
        [("ImageDescription", "Signature: Jane Doe"), ("Artist", NUMBER)],
        [("ImageDescription", "Signature: " + "A" * 100), ("Artist", NUMBER)],
        [("ImageDescription", "See " + SIGNATURE), ("Artist", NUMBER)],
        [("Copyright", SIGNATURE), ("Artist", NUMBER)],
        [("ImageDescription", SIGNATURE), ("Copyright", NUMBER)],
        [("Description", "A text about Grok"), ("Artist", "Grok")],
    ],
)
def test_one_half_is_nothing(pairs: list[tuple[str, str]]) -> None:
    assert not read(*pairs)

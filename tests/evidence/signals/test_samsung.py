"""Samsung photo editor."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.samsung import Samsung
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "trailer") -> list[Evidence]:
    return list(Samsung().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PhotoEditor_Re_Edit_Data", '{"originalPath": "x", "genAIType": 1}'),
        ("trailer", 'PhotoEditor_Re_Edit_Data{"isCropped":false,"genAIType":3}'),
        ("PhotoEditor_Re_Edit_Data", '{"inner": "{\\"genAIType\\":\\"2\\"}"}'),
    ],
)
def test_generative_edits(key: str, value: str) -> None:
    [evidence] = read((key, value))
    assert (evidence.origin, evidence.tool) == (Origin.PARTLY_GENERATED, "Samsung Galaxy AI")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PhotoEditor_Re_Edit_Data", '{"genAIType": 0}'),
        ("PhotoEditor_Re_Edit_Data", '{"brightness": 10}'),
        ("comment", '{"genAIType": 1}'),
        ("Description", "genAIType 1"),
    ],
)
def test_other_edits_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

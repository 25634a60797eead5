"""Civitai job numbers."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.civitai_job import CivitaiJob
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "exif") -> list[Evidence]:
    return list(CivitaiJob().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


NUMBER = "f89a16be-d486-456f-aa23-58de367250ba"


def test_both_fields_are_a_hint() -> None:
    [evidence] = read(("Software", NUMBER), ("Artist", "ai"))
    assert (evidence.origin, evidence.tool) == (Origin.POSSIBLY_GENERATED, "Civitai")


@pytest.mark.parametrize(
    "pairs",
    [
        [("Software", NUMBER)],
        [("Artist", "ai")],
        [("Artist", "Ai Weiwei"), ("Software", NUMBER)],
        [("Artist", "AI"), ("Software", NUMBER)],
        [("Artist", "ai"), ("Software", "Adobe Illustrator")],
        [("Artist", NUMBER), ("Software", "ai")],
    ],
)
def test_one_field_is_nothing(pairs: list[tuple[str, str]]) -> None:
    assert not read(*pairs)


def test_fields_of_different_carriers_do_not_add_up() -> None:
    assert not list(
        CivitaiJob().read([Statement("exif", "", "Software", NUMBER), Statement("png", "", "Artist", "ai")])
    )

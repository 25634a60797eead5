"""Fooocus marks."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.fooocus import Fooocus
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Fooocus().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize(
    ("carrier", "key", "value", "tool"),
    [
        ("png", "fooocus_scheme", "fooocus", "Fooocus"),
        ("png", "fooocus_scheme", "a1111", "Fooocus"),
        ("exif", "MakerNote", "fooocus", "Fooocus"),
        ("exif", "MakerNote", "a1111\0", "Fooocus"),
        ("exif", "Software", "Fooocus v2.5.5", "Fooocus v2.5.5"),
    ],
)
def test_marks(carrier: str, key: str, value: str, tool: str) -> None:
    [evidence] = read((key, value), carrier=carrier)
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, tool)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("MakerNote", "Nikon\0\x02\x10 fooocus"),
        ("MakerNote", "a1111 and more"),
        ("Software", "Not Fooocus"),
        ("Software", "Fooocus the dog"),
        ("Description", "fooocus"),
        ("fooocus_scheme", "other"),
    ],
)
def test_other_values_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

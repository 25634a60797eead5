"""Suno songs."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.suno import Suno
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "tags") -> list[Evidence]:
    return list(Suno().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


NUMBER = "d3adbeef-0000-4000-8000-00c0ffee0000"


@pytest.mark.parametrize(
    ("carrier", "key", "value"),
    [
        ("tags", "comment", f"made with suno; created=2026-03-01T12:00:00Z; id={NUMBER}"),
        ("tags", "COMMENT", f"Made with Suno Studio; created=2026-03-01T12:00:00Z; id={NUMBER}"),
        ("tags", "description", f"made with suno; created=2026-03-01T12:00:00.000Z; id={NUMBER}"),
        ("id3", "WOAS", f"https://suno.com/song/{NUMBER}"),
    ],
)
def test_marks(carrier: str, key: str, value: str) -> None:
    [evidence] = read((key, value), carrier=carrier)
    assert (evidence.origin, evidence.tool) == (Origin.GENERATED, "Suno")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("comment", "made with suno"),
        ("comment", "A song about Suno; id=7"),
        ("title", f"made with suno; created=x; id={NUMBER}"),
        ("lyrics", "suno suno"),
        ("WOAS", "https://suno.com/"),
        ("WOAS", "https://example.com/?u=https://suno.com/song/" + NUMBER),
        ("artist", "Suno"),
        ("encoder", "LAME3.100"),
    ],
)
def test_other_values_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

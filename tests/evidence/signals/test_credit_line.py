"""Credit lines of AI services."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.credit_line import CreditLine
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing


def read(*pairs: tuple[str, str], carrier: str = "xmp") -> list[Evidence]:
    return list(CreditLine().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("Made with Google AI", Origin.GENERATED),
        ("Made by Google AI", Origin.GENERATED),
        ("Edited with Google AI", Origin.PARTLY_GENERATED),
        ("Apple Photos Clean Up", Origin.PARTLY_GENERATED),
    ],
)
def test_exact_lines(line: str, origin: Origin) -> None:
    for key in ("photoshop:Credit", "Credit"):
        [evidence] = read((key, line))
        assert (evidence.origin, evidence.standing) == (origin, Standing.DECLARED)
        assert line in evidence.detail


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("photoshop:Credit", "Google AI Photo Desk"),
        ("photoshop:Credit", "Not made with Google AI"),
        ("photoshop:Credit", "Jane Doe / AP"),
        ("dc:description[x-default]", "Made with Google AI"),
        ("photoshop:Headline", "Apple Photos Clean Up"),
        ("dc:subject[3]", "Made with Google AI"),
    ],
)
def test_other_credits_and_other_fields_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

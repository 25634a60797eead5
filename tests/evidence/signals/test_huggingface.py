"""Hugging Face jobs."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.huggingface import Huggingface
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "png") -> list[Evidence]:
    return list(Huggingface().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


def test_a_job_is_a_hint() -> None:
    [evidence] = read(("hf-job-id", "0b8f1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d"))
    assert evidence.origin is Origin.POSSIBLY_GENERATED


@pytest.mark.parametrize(
    ("key", "value"),
    [("hf-job-id", "7"), ("job-id", "0b8f1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d"), ("Comment", "hf-job-id")],
)
def test_other_numbers_are_nothing(key: str, value: str) -> None:
    assert not read((key, value))

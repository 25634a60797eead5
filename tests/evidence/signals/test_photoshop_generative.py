"""Photoshop's note on generative tools: what counts, and what only looks like it."""

from __future__ import annotations

import pytest

from provenance.evidence.signals.photoshop_generative import PhotoshopGenerative
from provenance.model.evidence import Statement, Used
from provenance.model.vocabulary import About, Origin, Standing

NOTE = Statement("psd", "block GenI at byte 99, isUsingGenTech", "isUsingGenTech", "1")


def models(*names: str) -> list[Statement]:
    return [Statement("psd", "block GenI at byte 99", "externalModelList", name) for name in names]


def test_a_note_that_says_yes_makes_a_part_of_it_generated() -> None:
    (told,) = PhotoshopGenerative().read([NOTE, *models("A Model", "Another")])
    assert (told.origin, told.standing, told.tool) == (Origin.PARTLY_GENERATED, Standing.TRACE, "Adobe Photoshop")
    assert told.used == Used(model="A Model")
    assert "A Model, Another" in told.detail


def test_without_models_of_other_makers_nothing_is_said_of_what_was_used() -> None:
    (told,) = PhotoshopGenerative().read([NOTE])
    assert told.used is None


@pytest.mark.parametrize(
    "statement",
    [
        Statement("psd", "here", "isUsingGenTech", "0"),
        Statement("psd", "here", "isUsingGenTech", "False"),
        Statement("psd", "layer 1", "layer name", "isUsingGenTech"),
        Statement("psd", "here", "isUsingGenTech", "1", about=About.INPUT),
    ],
)
def test_what_is_no_mark(statement: Statement) -> None:
    assert list(PhotoshopGenerative().read([statement, *models("A Model")])) == []

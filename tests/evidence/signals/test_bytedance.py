"""Export notes of ByteDance apps."""

from __future__ import annotations

import json

import pytest

from provenance.evidence.signals.bytedance import Bytedance
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


def read(*pairs: tuple[str, str], carrier: str = "exif") -> list[Evidence]:
    return list(Bytedance().read([Statement(carrier, f"the place of {key}", key, value) for key, value in pairs]))


@pytest.mark.parametrize(
    ("note", "tool"),
    [
        ({"product": "dreamina", "exportType": "generation"}, "Dreamina"),
        ({"data": {"product": "dreamina_oversea", "exportType": "generation"}}, "Dreamina"),
        ({"product": "aweme", "aigc_info": {"aigc_type": 1}}, "Douyin"),
        ({"aigc_info": {"aigc_label_type": 1}}, "ByteDance"),
        ({"product": "doubao", "aigc_info": {"aigc_label_type": 2, "source": "x"}}, "ByteDance"),
        ({"aigc_info": json.dumps({"aigc_label_type": 1})}, "ByteDance"),
    ],
)
def test_notes_that_say_generation(note: dict[str, object], tool: str) -> None:
    for key in ("ImageDescription", "UserComment", "comment"):
        [evidence] = read((key, json.dumps(note)))
        assert (evidence.origin, evidence.tool) == (Origin.GENERATED, tool)


@pytest.mark.parametrize(
    "note",
    [
        {"product": "doubao"},
        {"product": "dreamina", "exportType": "edit"},
        {"product": "capcut", "exportType": "generation"},
        {"product": "aweme", "aigc_info": {"aigc_type": 0}},
        {"product": "xinghui", "aigc_info": {"aigc_label_type": 0}},
        {"aigc_info": {"aigc_label_type": 11}},
        {"aigc_label_type": 1},
    ],
)
def test_the_product_alone_says_nothing(note: dict[str, object]) -> None:
    assert not read(("UserComment", json.dumps(note)))


def test_talk_of_it_is_nothing() -> None:
    assert not read(("comment", 'They write "product": "dreamina", "exportType": "generation".'))

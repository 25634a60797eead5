"""Labels at the head of texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from provenance.model.vocabulary import Origin
from tests.evidence.looking import Look
from tests.growth import TIMES, grows_in_step

LABEL = {"Label": "1", "ContentProducer": "a-service", "ProduceID": "7"}


@pytest.mark.parametrize(
    "said",
    [
        f"AIGC: {json.dumps(LABEL)}",
        f"AIGC: '{json.dumps(LABEL)}'",
        'AIGC:\n  Label: "1"\n  ContentProducer: a-service\n  ProduceID: 7',
        "AIGC:\n    'Label': '1'  \n    'ContentProducer': a-service\n    'ProduceID' : 7",
    ],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_label_however_it_is_written(said: str, ends: str, tmp_path: Path) -> None:
    text = f"---\ntitle: A treatment\n{said}\ndate: 2026-01-01\n---\n\nWords.\n".replace("\n", ends)
    for mark in (b"", b"\xef\xbb\xbf"):
        look = Look(mark + text.encode(), tmp_path)
        assert look.origin is Origin.GENERATED
        assert [row.detail for row in look.own.evidence] == [
            "A Chinese AI label says that the content is generated, by a-service."
        ]


@pytest.mark.parametrize(
    "text",
    [
        f"Words first.\n---\nAIGC: {json.dumps(LABEL)}\n---\n",
        f"---\ntitle: never closed\nAIGC: {json.dumps(LABEL)}\n",
        "---\ntitle: About AIGC: what the law says\ntags: [AIGC]\n---\nWords.\n",
        "---\nAIGC:\ntitle: empty\n---\n",
    ],
)
def test_other_texts_say_nothing(text: str, tmp_path: Path) -> None:
    look = Look(text.encode(), tmp_path)
    assert (look.origin, look.own.statements, look.causes) == (Origin.UNKNOWN, (), set())


@pytest.mark.parametrize("piece", ["AIGC: ", " ", "\n a: ", "AIGC:\n a:b\n", "---"])
def test_work_grows_with_the_text(piece: str, tmp_path: Path) -> None:
    def looked(count: int) -> Look:
        return Look(b"---\nAIGC:\n a:" + piece.encode() * count + b"\n---\n", tmp_path)

    assert grows_in_step(lambda: looked(2_000), lambda: looked(TIMES * 2_000))

from __future__ import annotations

import pytest

from provenance.evidence.signals.unfinished_slate import UnfinishedSlate
from provenance.evidence.text.visible_text import LINE, LINE_IN_SHOTS, LINE_ONCE
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing


def read(line: str, key: str = LINE) -> list[Evidence]:
    return list(UnfinishedSlate().read([Statement("label", "middle, 1,2-3,4", key, line)]))


@pytest.mark.parametrize(
    ("key", "standing"),
    [(LINE, Standing.TRACE), (LINE_IN_SHOTS, Standing.TRACE), (LINE_ONCE, Standing.INFERRED)],
)
def test_it_says_nothing_of_the_origin(key: str, standing: Standing) -> None:
    [evidence] = read("SHOT MISSING", key)
    assert (evidence.origin, evidence.standing) == (Origin.UNKNOWN, standing)
    assert "SHOT MISSING" in evidence.detail


@pytest.mark.parametrize("line", ["gettyimages", "AI生成", "I saw SHOT MISSING yesterday"])
def test_other_lines_are_nothing(line: str) -> None:
    assert not read(line)

from __future__ import annotations

import pytest

from provenance.evidence.signals.stock_preview import StockPreview
from provenance.evidence.text.visible_text import LINE, LINE_IN_SHOTS, LINE_ONCE
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing


def read(line: str, key: str = LINE) -> list[Evidence]:
    return list(StockPreview().read([Statement("label", "middle, 1,2-3,4", key, line)]))


@pytest.mark.parametrize(
    ("key", "standing"),
    [(LINE, Standing.TRACE), (LINE_IN_SHOTS, Standing.TRACE), (LINE_ONCE, Standing.INFERRED)],
)
def test_it_says_nothing_of_the_origin(key: str, standing: Standing) -> None:
    [evidence] = read("gettyimages", key)
    assert (evidence.origin, evidence.standing) == (Origin.UNKNOWN, standing)
    assert "gettyimages" in evidence.detail


@pytest.mark.parametrize("line", ["VFX TBD", "AI生成", "I saw gettyimages yesterday"])
def test_other_lines_are_nothing(line: str) -> None:
    assert not read(line)

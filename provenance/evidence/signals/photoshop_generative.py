"""Photoshop: the document's own note on generative tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.parse_text import shorten
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_NOTE, _MODELS = "isUsingGenTech", "externalModelList"


class PhotoshopGenerative(Signal):
    """The field that says whether generative tools were used, with any value but zero."""

    name = "photoshop_generative"
    title = "Photoshop's note on generative tools"
    written_by = (
        "Photoshop since 2024, in every PSD and PSB: a block `GenI` with `isUsingGenTech` and the list of models of "
        "other makers that were asked (`externalModelList`)."
    )
    trust = (
        "A tool's own trace, not documented by Adobe: it tells that the document uses generative tools, not where and "
        "how much. Lost in every other format; Content Credentials of an export say more."
    )
    traps = "The block stands in documents without generated content too, with the value 0."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for a note that says yes."""
        models = [row.value for row in statements if row.key.startswith(_MODELS) and row.value.strip()]
        for statement in select_visible(statements):
            if statement.key == _NOTE and statement.value not in ("0", "False", ""):
                named = f", models of other makers: {shorten(', '.join(models), 100)}" if models else ""
                detail = f"Photoshop notes that generative tools were used in this document{named}."
                used = Used(model=models[0] if models else None)
                yield make_evidence(self.name, statement, Origin.PARTLY_GENERATED, detail, tool="Adobe Photoshop", used=used)

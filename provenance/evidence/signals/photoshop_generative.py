"""Photoshop: the document's own note on generative tools."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import shorten
from provenance.model.evidence import Evidence, Statement, Used
from provenance.model.vocabulary import Origin

_NOTE = "isUsingGenTech"
_MODELS = "externalModelList"
_NO = ("0", "False", "")
"""Values of the note that say that no generative tool was used."""


class PhotoshopGenerative(Signal):
    """Recognised by the field that says whether generative tools were used, with any value but zero."""

    name = "photoshop_generative"
    title = "Photoshop's note on generative tools"
    written_by = (
        "Photoshop since 2024, in every PSD and PSB: a block `GenI` with `isUsingGenTech` and the list of models of "
        "other makers that were asked (`externalModelList`)."
    )
    trust = (
        "A tool's own trace, not documented by Adobe: it says that generative tools were used in the document, but not "
        "where and how much. Lost in every other format; the Content Credentials of an export say more."
    )
    traps = "Documents without generated content have the block as well, with the value 0."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for a note that says yes."""
        # The models are statements of their own, `externalModelList/name`, because a Photoshop descriptor is nested.
        models = [row.value for row in statements if row.key.startswith(_MODELS) and row.value.strip()]
        for statement in select_visible(statements):
            if statement.key == _NOTE and statement.value not in _NO:
                detail = "Photoshop notes that generative tools were used in this document"
                used = Used()
                if models:
                    detail += f", with models of other makers: {shorten(', '.join(models), 100)}"
                    used = Used(model=models[0])
                detail += "."
                yield make_evidence(
                    self.name, statement, Origin.PARTLY_GENERATED, detail, tool="Adobe Photoshop", used=used
                )

"""IPTC Photo Metadata 2025.1: the fields that name the AI system and the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, shorten
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_FIELDS = {
    "aisystemused": "AI system",
    "aisystemversionused": "version",
    "aipromptinformation": "prompt",
    "aipromptwritername": "prompt writer",
}
_PLACEHOLDERS = frozenset(
    {"", "-", "--", "n/a", "na", "no", "none", "nil", "null", "false", "not applicable", "unknown"}
)
"""Values with which templates fill fields that do not apply."""
_ORIGIN_BY_SOURCE_TYPE = {
    "compositewithtrainedalgorithmicmedia": Origin.PARTLY_GENERATED,
    "compositedwithtrainedalgorithmicmedia": Origin.PARTLY_GENERATED,
    "compositesynthetic": Origin.PARTLY_GENERATED,
    "algorithmicallyenhanced": Origin.ENHANCED,
}
"""Digital source types that declare less than a whole generation."""


class AiFields(Signal):
    """Recognised by any of the four IPTC fields for AI that is filled in."""

    name = "ai_fields"
    title = "IPTC AI fields"
    written_by = (
        "Photo and asset managers since IPTC Photo Metadata 2025.1: Iptc4xmpExt:AISystemUsed, AISystemVersionUsed, "
        "AIPromptInformation and AIPromptWriterName in XMP, in any file that can carry it."
    )
    trust = (
        "A declaration in a standard field: anyone can write or strip it. It counts, because nobody declares AI "
        "against their own interest. A digital source type beside it says whether all or a part was generated."
    )
    traps = (
        "Fields left empty or filled with `none` by a template say nothing. plus:DataMining and other permissions for "
        "training are common on human work and say nothing about its making."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier that has any of the fields; it rests on the first of them."""
        # The four fields describe one making, so together they are one piece of evidence.
        carriers: dict[str, list[Statement]] = {}
        for statement in select_visible(statements):
            is_filled_in = statement.value.strip().casefold() not in _PLACEHOLDERS
            if is_filled_in and normalise_key(statement.key) in _FIELDS:
                carriers.setdefault(statement.carrier, []).append(statement)
        if not carriers:
            return
        origin = _find_declared_origin(statements)
        for fields in carriers.values():
            yield self._make_evidence(fields, origin)

    def _make_evidence(self, fields: Sequence[Statement], origin: Origin) -> Evidence:
        values = {normalise_key(field.key): field.value for field in fields}
        parts = [f'{_FIELDS[key]} "{shorten(value, 90)}"' for key, value in values.items()]
        detail = f"The IPTC fields for AI are filled in ({', '.join(parts)}), which declares that AI was used."
        tool = values.get("aisystemused")
        used = make_usage(
            values.get("aipromptinformation", ""), model=tool or "", version=values.get("aisystemversionused", "")
        )
        return make_evidence(self.name, fields[0], origin, detail, tool=tool, standing=Standing.DECLARED, used=used)


def _find_declared_origin(statements: Sequence[Statement]) -> Origin:
    """Find out how much was generated, from the digital source type declared in the same file: all, if none is."""
    for statement in select_visible(statements):
        if normalise_key(statement.key) == "digitalsourcetype":
            code = statement.value.strip().rstrip("/").rsplit("/", 1)[-1].casefold()
            if code in _ORIGIN_BY_SOURCE_TYPE:
                return _ORIGIN_BY_SOURCE_TYPE[code]
    return Origin.GENERATED

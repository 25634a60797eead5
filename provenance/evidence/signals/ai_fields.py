"""IPTC Photo Metadata 2025.1: the fields that name the AI system and the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import make_used
from provenance.evidence.text.parse_text import shorten, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_FIELDS = {
    "aisystemused": "AI system",
    "aisystemversionused": "version",
    "aipromptinformation": "prompt",
    "aipromptwritername": "prompt writer",
}
_EMPTY = frozenset({"", "-", "--", "n/a", "na", "no", "none", "nil", "null", "false", "not applicable", "unknown"})
_BESIDE = {
    "compositewithtrainedalgorithmicmedia": Origin.PARTLY_GENERATED,
    "compositedwithtrainedalgorithmicmedia": Origin.PARTLY_GENERATED,
    "compositesynthetic": Origin.PARTLY_GENERATED,
    "algorithmicallyenhanced": Origin.ENHANCED,
}


class AiFields(Signal):
    """The four IPTC fields; any that is filled in declares AI."""

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
        """One piece of evidence per carrier that has any of the fields, resting on the first of them."""
        groups: dict[str, list[Statement]] = {}
        for statement in select_visible(statements):
            if normalise_key(statement.key) in _FIELDS and statement.value.strip().casefold() not in _EMPTY:
                groups.setdefault(statement.carrier, []).append(statement)
        if not groups:
            return
        origin = _origin_beside(statements)
        for fields in groups.values():
            told = {normalise_key(field.key): field.value for field in fields}
            words = ", ".join(f'{_FIELDS[key]} "{shorten(value, 90)}"' for key, value in told.items())
            detail = f"The IPTC fields for AI are filled in ({words}), which declares that an AI system made it."
            tool = told.get("aisystemused")
            prompt, version = told.get("aipromptinformation", ""), told.get("aisystemversionused", "")
            used = make_used(prompt, model=tool or "", version=version)
            yield make_evidence(self.name, fields[0], origin, detail, tool=tool, standing=Standing.DECLARED, used=used)


def _origin_beside(statements: Sequence[Statement]) -> Origin:
    """How much was generated, by the digital source type declared in the same file."""
    for statement in select_visible(statements):
        if normalise_key(statement.key) == "digitalsourcetype":
            code = statement.value.strip().rstrip("/").rsplit("/", 1)[-1].casefold()
            if code in _BESIDE:
                return _BESIDE[code]
    return Origin.GENERATED

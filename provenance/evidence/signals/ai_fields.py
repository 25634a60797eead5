"""IPTC Photo Metadata 2025.1: the fields that name the AI system and the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.denials import is_bare_consent, is_no_prompt, is_placeholder, names_no_system
from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, shorten
from provenance.evidence.text.source_types import parse_source_type
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_FIELDS = {
    "aisystemused": "AI system",
    "aisystemversionused": "version",
    "aipromptinformation": "prompt",
    "aipromptwritername": "prompt writer",
}
_LESS_THAN_WHOLE = frozenset({Origin.PARTLY_GENERATED, Origin.ENHANCED})
"""Origins with which a digital source type declares less than a whole generation."""


class AiFields(Signal):
    """Recognised by a field that names an AI system or holds a prompt; a version or a writer alone is no evidence."""

    name = "ai_fields"
    title = "IPTC AI fields"
    written_by = (
        "Photo and asset managers since IPTC Photo Metadata 2025.1: Iptc4xmpExt:AISystemUsed, AISystemVersionUsed, "
        "AIPromptInformation and AIPromptWriterName in XMP, in any file that can carry it."
    )
    trust = (
        "A declaration in a standard field: anyone can write or strip it. A digital source type beside it says whether "
        "all or a part was generated. A bare yes, or a prompt beside a system that is denied, makes the file possibly "
        "generated."
    )
    traps = (
        "Denials and placeholders say nothing, in whatever language: `None`, `Keine`, `無し`, `N / A`, `No AI used`, "
        "`Not made with Midjourney`. plus:DataMining and other permissions for training are common on human work and "
        "say nothing about its making."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence per carrier that has any of the fields; it rests on the first that counts."""
        # The four fields describe one making, so together they are one piece of evidence.
        carriers: dict[str, dict[str, Statement]] = {}
        for statement in select_visible(statements):
            field = normalise_key(statement.key)
            if field in _FIELDS and statement.value.strip():
                carriers.setdefault(statement.carrier, {}).setdefault(field, statement)
        for fields in carriers.values():
            yield from self._read_fields(fields, statements)

    def _read_fields(self, fields: Mapping[str, Statement], statements: Sequence[Statement]) -> Iterator[Evidence]:
        # 1. Only a system or a prompt can declare AI.
        system, prompt = fields.get("aisystemused"), fields.get("aipromptinformation")
        is_named = system is not None and not names_no_system(system.value)
        is_prompted = prompt is not None and not is_no_prompt(prompt.value)
        declaring = [*([system] if system and is_named else []), *([prompt] if prompt and is_prompted else [])]
        if not declaring:
            return

        # 2. A bare yes names nothing, and a prompt beside a system that is denied contradicts it: a person must look.
        origin = _find_declared_origin(statements)
        is_contradicted = system is not None and not is_named
        if is_contradicted or (is_named and system and is_bare_consent(system.value) and not is_prompted):
            origin = Origin.POSSIBLY_GENERATED
        yield self._make_evidence(declaring[0], fields, origin)

    def _make_evidence(self, declaring: Statement, fields: Mapping[str, Statement], origin: Origin) -> Evidence:
        values = {key: row.value for key, row in fields.items() if not is_placeholder(row.value)}
        parts = [f'{name} "{shorten(values[key], 90)}"' for key, name in _FIELDS.items() if key in values]
        detail = f"The IPTC fields for AI are filled in ({', '.join(parts)}), which declares that AI was used."
        tool = None
        if not names_no_system(values.get("aisystemused", "")):
            tool = values.get("aisystemused")
        used = make_usage(
            values.get("aipromptinformation", ""), model=tool or "", version=values.get("aisystemversionused", "")
        )
        return make_evidence(self.name, declaring, origin, detail, tool=tool, standing=Standing.DECLARED, used=used)


def _find_declared_origin(statements: Sequence[Statement]) -> Origin:
    """Find out how much was generated, from the digital source type declared in the same file: all, if none is."""
    for statement in select_visible(statements):
        if normalise_key(statement.key) == "digitalsourcetype":
            kind = parse_source_type(statement.value)
            if kind and kind.origin in _LESS_THAN_WHOLE:
                return kind.origin
    return Origin.GENERATED

"""IPTC digital source types, by whichever carrier: the standard word for how an asset was made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.statement_context import StatementContext
from provenance.evidence.text.source_types import SourceType, parse_source_type
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.generation_settings import make_used
from provenance.evidence.text.parse_text import shorten, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import About, Origin, Standing

_KEYS = ("digitalsourcetype", "digitalsourcefiletype")
_CLEARING = frozenset({Origin.CAPTURED, Origin.CREATED})
_INCEPTION = frozenset({"c2pa.created", "c2pa.opened"})
_NO_ACTION = frozenset({"ingredient", "metadata", "assertion"})
_NON_EDITORIAL = frozenset({
    "c2pa.converted", "c2pa.published", "c2pa.repackaged", "c2pa.transcoded", "c2pa.resized.proportional",
    "c2pa.enhanced", "c2pa.edited.metadata", "c2pa.watermarked", "c2pa.watermarked.bound",
    "c2pa.watermarked.unbound", "c2pa.redacted",
})  # fmt: skip
_MADE = frozenset({Origin.GENERATED, Origin.PARTLY_GENERATED})
_OF = {
    About.ASSET: "",
    About.PARENT: "The asset was derived from another: ",
    About.COMPONENT: "Something placed in the asset is not its own: ",
}


class DigitalSourceType(Signal):
    """The code, read with the action that says it and the asset it is said of."""

    name = "digital_source_type"
    title = "Digital source type"
    written_by = (
        "Generators, editors and cameras: in C2PA actions (created, opened, edited …), in ingredients and signed "
        "metadata, in XMP as Iptc4xmpExt:DigitalSourceType and its predecessor DigitalSourceFileType, in IIM, and by "
        "Adobe as com.adobe.digitalSourceType when a partner's model did the work."
    )
    trust = (
        "Any code for generative AI counts, signed or not: nobody says so against their own interest. Codes for "
        "capture and creation clear an asset only when they stand on c2pa.created in the asset's own manifest and its "
        "signer is trusted; a later editor does not vouch for what it opened."
    )
    traps = (
        "algorithmicMedia is procedural, no generative AI, and clears nothing. A code within free text is no code. "
        "A generated ingredient that was only an input, or was taken out again, does not show in the asset. A scan may "
        "be of a printed AI picture. A trained watermark marks an asset and does not make it."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """One piece of evidence for each code that speaks of what shows in the asset."""
        agents = StatementContext(statements)
        for statement in select_visible(statements):
            if normalise_key(statement.key).endswith(_KEYS) and (kind := parse_source_type(statement.value)):
                origin, signal = _meaning(statement, kind)
                if origin:
                    detail = f"{_OF[statement.about]}{_sentence(statement, kind, signal)}"
                    said = _believed(statement, kind, origin)
                    tool, used = agents.find_program(statement), make_used(inputs=agents.find_inputs(statement))
                    yield make_evidence(self.name, said, origin, detail, tool=tool, standing=Standing.DECLARED, used=used)


def _meaning(statement: Statement, kind: SourceType) -> tuple[Origin | None, str | None]:
    """The origin that a code speaks for where it stands, and the rubric's name of the signal."""
    origin, signal = kind.origin, kind.inception
    action = _action(statement)
    if action and action not in _INCEPTION:
        origin, signal = _changed(action, kind)
    if statement.about is About.COMPONENT and origin not in (*_MADE, Origin.POSSIBLY_GENERATED):
        origin = None
    return origin, signal


def _changed(action: str, kind: SourceType) -> tuple[Origin | None, str | None]:
    """What a code means on an action that changed something which was there before."""
    origin = kind.origin
    if origin in _MADE:
        if action.startswith("c2pa.watermarked"):
            return Origin.ENHANCED, "nonEditorial"
        return Origin.PARTLY_GENERATED, "nonEditorial" if action in _NON_EDITORIAL else "perceptibleGenAI"
    if kind.code in ("composite", "digitalArt") and action not in _NON_EDITORIAL:
        return Origin.POSSIBLY_GENERATED, "perceptiblePossiblyGenAI"
    return (Origin.ENHANCED, "perceptibleNonGenAI") if origin is Origin.ENHANCED else (None, None)


def _believed(statement: Statement, kind: SourceType, origin: Origin) -> Statement:
    """The statement with no more trust than it deserves: who opened a picture cannot vouch for how it was made."""
    own = kind.clears and statement.about is About.ASSET and _action(statement) == "c2pa.created"
    if origin in _CLEARING and statement.standing is Standing.TRUSTED and not own:
        return dataclasses.replace(statement, standing=Standing.SIGNED)
    return statement


def _action(statement: Statement) -> str | None:
    """The C2PA action that says it, None when it is said of the asset as a whole."""
    head, slash, _ = statement.key.partition("/")
    return head if statement.carrier == "c2pa" and slash and head not in _NO_ACTION else None


def _sentence(statement: Statement, kind: SourceType, signal: str | None) -> str:
    action = _action(statement)
    said = f"the action {shorten(action, 60)}" if action else f"the field {shorten(statement.key, 60)}"
    rubric = f" (C2PA signal {signal})" if signal else ""
    told = f"{said} gives the digital source type {kind.code}, which means: {kind.meaning}{rubric}."
    return told if _OF[statement.about] else told[0].upper() + told[1:]

"""IPTC digital source types, read by any carrier: the standard field for how an asset was made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.generation_settings import make_usage
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, shorten
from provenance.evidence.text.source_types import SourceType, parse_source_type
from provenance.evidence.text.statement_context import StatementContext
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import AI_ORIGINS, SUSPECT, About, Origin, Standing

_FIELD_ENDINGS = ("digitalsourcetype", "digitalsourcefiletype")
_CLEARING = frozenset({Origin.CAPTURED, Origin.CREATED})
_INCEPTION_ACTIONS = frozenset({"c2pa.created", "c2pa.opened"})
"""Actions with which an asset begins."""
_NOT_ACTIONS = frozenset({"ingredient", "metadata", "assertion"})
"""First parts of C2PA keys that are not the name of an action."""
_NON_EDITORIAL_ACTIONS = frozenset({
    "c2pa.converted", "c2pa.published", "c2pa.repackaged", "c2pa.transcoded", "c2pa.resized.proportional",
    "c2pa.enhanced", "c2pa.edited.metadata", "c2pa.watermarked", "c2pa.watermarked.bound",
    "c2pa.watermarked.unbound", "c2pa.redacted",
})  # fmt: skip
"""Actions that do not change the content."""
_SUBJECTS = {
    About.ASSET: "",
    About.PARENT: "The asset was derived from another: ",
    About.COMPONENT: "The asset contains a component from elsewhere: ",
}
"""How the sentence begins, by the thing that the code is about."""


class DigitalSourceType(Signal):
    """Recognised by the code; its meaning depends on the action that carries it and the asset that it is about."""

    name = "digital_source_type"
    title = "Digital source type"
    written_by = (
        "Generators, editors and cameras: in C2PA actions (created, opened, edited …), in ingredients and signed "
        "metadata, in XMP as Iptc4xmpExt:DigitalSourceType and its predecessor DigitalSourceFileType, in IIM, and by "
        "Adobe as com.adobe.digitalSourceType when a partner's model did the work."
    )
    trust = (
        "Any code for generative AI counts, signed or not. Codes for "
        "capture and creation clear an asset only if they are on c2pa.created in the asset's own manifest and its "
        "signer is trusted; a later editor does not vouch for the files that it opened."
    )
    traps = (
        "algorithmicMedia is procedural: it is not generative AI, and it clears nothing. A code within free text is "
        "not a code. A generated ingredient that was only an input, or was removed again, does not show in the asset. "
        "A scan may be of a printed AI picture. A trained watermark marks an asset and does not make it."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield one piece of evidence for each code about something that is visible in the asset."""
        context = StatementContext(statements)
        for statement in select_visible(statements):
            kind = None
            if normalise_key(statement.key).endswith(_FIELD_ENDINGS):
                kind = parse_source_type(statement.value)
            if kind is None:
                continue
            # The same code means less on an action that edits than on one with which the asset begins.
            origin, signal = _interpret(statement, kind)
            if origin:
                yield make_evidence(
                    self.name,
                    _limit_trust(statement, kind, origin),
                    origin,
                    _describe(statement, kind, signal),
                    tool=context.find_program(statement),
                    standing=Standing.DECLARED,
                    used=make_usage(inputs=context.find_inputs(statement)),
                )


def _interpret(statement: Statement, kind: SourceType) -> tuple[Origin | None, str | None]:
    """Return the origin that a code declares in its place, and the C2PA rubric's name of that signal.

    The origin is None if the code says nothing about the asset.
    """
    origin, signal = kind.origin, kind.inception
    action = _find_action(statement)
    if action and action not in _INCEPTION_ACTIONS:
        origin, signal = _interpret_change(action, kind)
    # That one component was captured says nothing about the rest of the asset.
    if statement.about is About.COMPONENT and origin not in SUSPECT:
        origin = None
    return origin, signal


def _interpret_change(action: str, kind: SourceType) -> tuple[Origin | None, str | None]:
    """Return origin and signal of a code on an action that changed something already there."""
    is_editorial = action not in _NON_EDITORIAL_ACTIONS
    if kind.origin in AI_ORIGINS:
        # A watermark that a trained model embeds does not change what is visible.
        if action.startswith("c2pa.watermarked"):
            return Origin.ENHANCED, "nonEditorial"
        if is_editorial:
            return Origin.PARTLY_GENERATED, "perceptibleGenAI"
        return Origin.PARTLY_GENERATED, "nonEditorial"
    if kind.code in ("composite", "digitalArt") and is_editorial:
        return Origin.POSSIBLY_GENERATED, "perceptiblePossiblyGenAI"
    if kind.origin is Origin.ENHANCED:
        return Origin.ENHANCED, "perceptibleNonGenAI"
    return None, None


def _limit_trust(statement: Statement, kind: SourceType, origin: Origin) -> Statement:
    """Return the statement with no more trust than it deserves: only the maker of an asset can vouch for its making."""
    is_makers_word = statement.about is About.ASSET and _find_action(statement) == "c2pa.created"
    may_clear = kind.clears and is_makers_word
    if origin in _CLEARING and statement.standing is Standing.TRUSTED and not may_clear:
        return dataclasses.replace(statement, standing=Standing.SIGNED)
    return statement


def _find_action(statement: Statement) -> str | None:
    """Return the C2PA action that carries the code; None if the code is about the asset as a whole."""
    action, slash, _ = statement.key.partition("/")
    if statement.carrier == "c2pa" and slash and action not in _NOT_ACTIONS:
        return action
    return None


def _describe(statement: Statement, kind: SourceType, signal: str | None) -> str:
    action = _find_action(statement)
    source = f"field {shorten(statement.key, 60)}"
    if action:
        source = f"action {shorten(action, 60)}"
    # the rubric is about manifests: the same code in XMP or IIM is no C2PA
    rubric = f" (C2PA signal {signal})" if signal and statement.carrier == "c2pa" else ""
    subject = _SUBJECTS[statement.about]
    article = "the" if subject else "The"
    declaration = f"declares the digital source type {kind.code}, which means: {kind.meaning}{rubric}"
    return f"{subject}{article} {source} {declaration}."

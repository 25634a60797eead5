"""Marks of a camera beside marks of generation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provenance.model import AI_ORIGINS, About, Case, Evidence, Origin, Standing, Statement
from provenance.policy import words
from provenance.policy.family import Breach, Rule

_MAKER = ("Make", "Model")
_EXPOSURE = "ExposureTime"


class ContradictingEvidence(Rule):
    """Fires when an asset says both that AI made it, or a part of it, and that a camera took it. Neither is believed
    more for being there twice: both sides are laid out.
    """

    name = "contradicting_evidence"
    title = "Contradicting evidence"
    why = (
        "Camera data stays when a photograph is altered and is easily copied onto a generated picture. Either way it "
        "may be passed off as a real record."
    )
    remedy = "Find out which it is: ask for the camera original, and treat the asset as generated until it is shown."

    def judge(self, case: Case) -> Iterator[Breach]:
        """One breach that rests on both sides, marks of generation first."""
        generated = tuple(row for row in case.reading.evidence if row.origin in AI_ORIGINS)
        if not generated:
            return
        captured = tuple(row for row in case.reading.evidence if row.origin is Origin.CAPTURED)
        captured = captured or tuple(_camera(case.reading.statements))
        if captured:
            camera = words.tools(captured) or "a camera"
            yield Breach(f"Marks of generation stand beside data of {camera}.", generated + captured)


def _camera(statements: Iterable[Statement]) -> Iterator[Evidence]:
    """Camera data as evidence, when one carrier names both a maker or model and an exposure time."""
    said: dict[str, dict[str, Statement]] = {}
    for statement in statements:
        word = _word(statement.key)
        if statement.about is About.ASSET and word in (*_MAKER, _EXPOSURE) and statement.value.strip():
            said.setdefault(statement.carrier, {}).setdefault(word, statement)
    for carrier, words_of in said.items():
        maker = [words_of[word] for word in _MAKER if word in words_of]
        if maker and _EXPOSURE in words_of:
            yield Evidence(
                signal="camera_data",
                carrier=carrier,
                where=maker[0].where,
                origin=Origin.CAPTURED,
                standing=Standing.DECLARED,
                tool=_named([statement.value.strip() for statement in maker]),
                detail=f"Names a camera and an exposure time of {words.cut(words_of[_EXPOSURE].value.strip())}.",
            )


def _named(maker: list[str]) -> str:
    """Make and model without saying the make twice: `Canon EOS R5`, not `Canon Canon EOS R5`."""
    return words.cut(maker[-1] if maker[-1].startswith(maker[0]) else " ".join(maker))


def _word(key: str) -> str:
    """The field's own name in any carrier's spelling: `EXIF ExposureTime`, `exif:ExposureTime`, `Make`."""
    return key.replace("/", ":").replace(" ", ":").rsplit(":", 1)[-1]

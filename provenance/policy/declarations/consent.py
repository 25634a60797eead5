"""A performer's consent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.declaration import Entry
from provenance.policy.declaration_interface import Declaration, Objection, Surroundings
from provenance.policy.fields import Choice, Day, Digests, Field, Name, Sha256, Territories, Text, parse_day


class Consent(Declaration):
    """What a performer allowed, signed before the work began."""

    name = "consent"
    plural = "consents"
    title = "Consent"
    about = "What a performer allowed to be made of their likeness, voice or performance, signed before the processing."
    is_permission = True
    own_fields: ClassVar[tuple[Field, ...]] = (
        Field("performer", Name(), "who consents", is_required=True),
        Field("kind", Choice(("likeness", "voice", "performance")), "to the use of what", is_required=True),
        Field("scope", Text(), "to which use, reasonably specific", is_required=True),
        Field("signed_on", Day(), "the day of the signature", is_required=True),
        Field("reference", Text(), "where the signed paper is kept", is_required=True),
        Field("processed_from", Day(), "the first day of the processing"),
        Field("content", Digests(), "what was made"),
        Field("production", Text(), "the production that it is given for"),
        Field("territory", Territories(), "where it holds"),
        Field("until", Day(), "the last day on which it counts"),
        Field("reference_sha256", Sha256(), "of the signed paper"),
        Field("represented_by", Name(), "who signed for the performer: agent, union, estate"),
    )

    def object(self, entry: Entry, around: Surroundings) -> Iterator[Objection]:  # noqa: ARG002 - the interface
        """A consent that is signed after the work began is none."""
        signed, begun = parse_day(entry.get("signed_on")), parse_day(entry.get("processed_from"))
        if signed and begun and signed > begun:
            problem = f"{signed} is after {begun}, when the processing began"
            yield Objection(
                "signed_on", problem, "a consent comes before the processing: correct the days, or ask legal"
            )

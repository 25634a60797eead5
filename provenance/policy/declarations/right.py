"""A right to use material of others."""

from __future__ import annotations

from typing import ClassVar

from provenance.policy.declaration_interface import Declaration
from provenance.policy.fields import Choice, Day, Digests, Field, Name, Territories, Text


class Right(Declaration):
    """Where material comes from, whose it is, and whether the licence allows to alter it."""

    name = "right"
    plural = "rights"
    title = "Right"
    about = "Material of others that the production uses: archive, stock, music. It is not the production's own."
    own_fields: ClassVar[tuple[Field, ...]] = (
        Field("content", Digests(), "the material", is_required=True),
        Field("source", Text(), "where it comes from: archive, stock library", is_required=True),
        Field("holder", Name(), "who holds the right", is_required=True),
        Field("licence", Text(), "under which licence it is used", is_required=True),
        Field("alteration", Choice(("yes", "no", "ask")), "whether it may be altered: filled, extended, coloured"),
        Field("territory", Territories(), "where it may be shown"),
        Field("until", Day(), "the last day on which it may be shown"),
        Field("reference", Text(), "where the licence is kept"),
    )

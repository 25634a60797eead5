"""An intended use of generative AI."""

from __future__ import annotations

from typing import ClassVar

from provenance.model.declared import PresentedAsReal, Prominence, Purpose
from provenance.policy.declaration_interface import Declaration
from provenance.policy.fields import Choice, Day, Digests, Field, Name, Reference, Text


class Use(Declaration):
    """Who uses which tool for what, and whom they told."""

    name = "use"
    plural = "uses"
    title = "Intended use"
    about = "One use of a tool, as it is reported to the client. With `content` it speaks of exactly these files."
    own_fields: ClassVar[tuple[Field, ...]] = (
        Field("tool", Reference("tool"), "the tool, by its id in the register or its name", is_required=True),
        Field("who", Name(), "who uses it", is_required=True),
        Field("purpose", Choice(tuple(Purpose)), "what for", is_required=True),
        Field("description", Text(), "what is made, in words", is_required=True),
        Field("told_to", Name(), "the client's contact that was told"),
        Field("told_on", Day(), "the day on which they were told"),
        Field("deliverable", Text(), "the deliverable that it is made for"),
        Field("content", Digests(), "what was made"),
        Field("prominence", Choice(tuple(Prominence)), "whether it is part of the story"),
        Field("presented_as_real", Choice(tuple(PresentedAsReal)), "whether it passes for something real"),
        Field("disclosure", Text(), "what the audience is told, and where"),
        Field("from", Day(), "the first day of the work"),
        Field("until", Day(), "its last day"),
    )

"""Words that no prompt should contain."""

from __future__ import annotations

from typing import ClassVar

from provenance.policy.declaration_interface import Declaration
from provenance.policy.fields import Choice, Field, Text


class Watch(Declaration):
    """Names of cast, characters, artists, works and brands, to be looked for in prompts."""

    name = "watch"
    plural = "watches"
    title = "Watch list"
    about = "Names that are looked for in the prompts that marks of generation contain."
    own_fields: ClassVar[tuple[Field, ...]] = (
        Field("words", Text(is_list=True), "words and names, each as a whole", is_required=True),
        Field("kind", Choice(("cast", "character", "artist", "work", "brand")), "what they name"),
    )

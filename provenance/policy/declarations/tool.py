"""A tool that the production uses, and the terms under which it does."""

from __future__ import annotations

from typing import ClassVar

from provenance.model.declared import Licence
from provenance.policy.declaration_interface import Declaration
from provenance.policy.fields import Choice, Day, Field, Name, Sha256, Text

_ANSWER = Choice(("yes", "no", "unknown"))


class Tool(Declaration):
    """A generative tool: its licence, the day of its terms, and what it does with what it is given."""

    name = "tool"
    plural = "tools"
    title = "Tool"
    about = "A tool that the production may use, with the terms that were read. Marks of it in files are then declared."
    own_fields: ClassVar[tuple[Field, ...]] = (
        Field("name", Name(), "its name", is_required=True),
        Field("vendor", Name(), "who offers it", is_required=True),
        Field("licence", Choice(tuple(Licence)), "the tier in use", is_required=True),
        Field("terms_date", Day(), "the day of the terms that were read", is_required=True),
        Field("keeps_inputs", _ANSWER, "whether it keeps what it is given", is_required=True),
        Field("trains_on_inputs", _ANSWER, "whether it trains models on what it is given", is_required=True),
        Field("enterprise_secured", _ANSWER, "whether it runs in an environment secured for firms", is_required=True),
        Field("version", Text(), "the version in use"),
        Field("terms_sha256", Sha256(), "of the copy of the terms that was kept"),
        Field("found_as", Name(is_list=True), "names by which marks in files call it"),
        Field("allowed_inputs", Choice(("own", "licensed", "none"), is_list=True), "what may be given to it"),
        Field("note", Text(), "anything else"),
    )

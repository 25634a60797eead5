"""A written approval of exactly some contents."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.model.declaration import Entry
from provenance.policy.declaration_interface import Declaration, Objection, Surroundings, is_same_person
from provenance.policy.fields import Choice, Day, Digests, Field, Name, Reference, Sha256, Territories, Text


class Approval(Declaration):
    """Who approved what, why, until when, and where the letter is."""

    name = "approval"
    plural = "approvals"
    title = "Approval"
    about = (
        "A permission to keep what was found in exactly these contents, until a day. It covers what is known of them "
        "when it is entered."
    )
    is_permission = True
    own_fields: ClassVar[tuple[Field, ...]] = (
        Field("content", Digests(), "what is approved", is_required=True),
        Field("approved_by", Name(), "who approves", is_required=True, aliases=("--who",)),
        Field("reason", Text(), "why it may stay", is_required=True),
        Field("reference", Text(), "where the approval is kept: letter, ticket, clearance number", is_required=True),
        Field("until", Day(), "the last day on which it counts", is_required=True, aliases=("--expires",)),
        Field("from", Day(), "the first day on which it counts"),
        Field("reference_file", Text(), "the letter, beside the register or below; it is digested when entered"),
        Field("reference_sha256", Sha256(), "of the letter"),
        Field("also_matched", Choice(("yes",)), "it also covers copies of the content that are found in other files"),
        Field("deliverable", Text(), "the deliverable that it is given for"),
        Field("territory", Territories(), "where it holds"),
        Field("second", Name(), "a second person who agrees"),
        Field("use", Reference("use"), "the use that is approved, by its id"),
    )

    def object(self, entry: Entry, around: Surroundings) -> Iterator[Objection]:
        """Nobody approves their own work, and a second person is another one."""
        approver, second = entry.get("approved_by"), entry.get("second")
        if is_same_person(approver, second):
            yield Objection("second", f"{second!r} is the person who approves", "name another person, or none")
        for use in around.find_uses(entry):
            for field, person in (("approved_by", approver), ("second", second)):
                if is_same_person(person, use.get("who")):
                    problem = f"{person!r} is the person of the use {use.id}, which is approved"
                    yield Objection(field, problem, "have somebody else approve it")

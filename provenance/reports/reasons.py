"""What a finding rests on, taken apart the same way for every page: who says it, what, exactly where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Because
from provenance.model.match import Match
from provenance.reports import sentences


@dataclass(frozen=True, slots=True)
class Pair:
    """A known picture beside the place in which it was found."""

    known_path: str
    verdict: str
    """In words."""
    at: str
    """When it was found; empty in a still."""
    known: str = ""
    """`data:` URI; empty, as the other, when the page has no room for more pictures."""
    found: str = ""
    """The same, the found area outlined."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a claim rests on. All of it is hostile text until a format has escaped it."""

    said: str
    """What was read, in a sentence."""
    place: str
    """The exact place in the file, or in the cut."""
    by: str
    """The carrier, method, timeline or stage that told it."""
    standing: str
    """How far it can be believed; empty for what is no evidence."""
    origin: str
    """What it says of the origin; empty when it says nothing."""
    tool: str = ""
    used: str = ""
    """Model, prompt, inputs and the like, as the mark tells them."""
    pair: Pair | None = None
    """Of a match, where a page shows it."""

    @property
    def facts(self) -> Iterator[str]:
        """Standing, place and tool in the order in which people ask for them; empty ones left out."""
        yield from filter(None, (self.standing, self.by, self.place, self.tool))


def reason(because: Because) -> Reason:
    """The parts of one reason, whatever its kind."""
    if isinstance(because, Evidence):
        return Reason(
            because.detail,
            because.where,
            because.carrier,
            because.standing,
            because.origin,
            because.tool or "",
            sentences.used(because.used) if because.used else "",
        )
    if isinstance(because, Match):
        said = sentences.capital(sentences.matched(because))
        return Reason(said, because.known.digest, because.method, "matched", because.known.origin)
    if isinstance(because, Trouble):
        return Reason(f"{sentences.CAUSES[because.cause]}: {because.detail}", because.stage, because.cause, "", "")
    said = f"{because.source} ({because.source_in} – {because.source_out}) stands in the cut"
    place = f"{because.timeline}, track {because.track}, {because.record_in} – {because.record_out}"
    return Reason(said, place, because.resolved_by, "", "")

"""The evidence under a finding, taken apart the same way for every page: who says it, in which words, exactly where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model.cut import Use
from provenance.model.evidence import Evidence, Trouble
from provenance.model.finding import Because
from provenance.model.match import Match
from provenance.reports import sentences
from provenance.reports.language import translate
from provenance.reports.trust_sentences import describe_voucher


@dataclass(frozen=True, slots=True)
class PicturePair:
    """A known picture and the picture in which it was found, side by side."""

    known_path: str
    verdict: str
    """In words."""
    at: str
    """When it was found; empty in a still."""
    known: str = ""
    """`data:` URI; both are empty when the page has reached its limit for pictures."""
    found: str = ""
    """`data:` URI of the other picture, with the found area outlined."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that a finding rests on. All of it is hostile text until a format has escaped it."""

    text: str
    """A sentence that says what was read."""
    place: str
    """The exact place in the file, or in the cut."""
    by: str
    """The carrier, method, timeline or stage that reported it."""
    standing: str
    """How far it can be believed; empty for anything but evidence and matches."""
    origin: str
    """What it says about the origin; empty when it says nothing."""
    tool: str = ""
    vouched: str = ""
    """The trust list that vouched for the signer: `by C2PA Trust List of 2026-08-05 (…)`."""
    used: str = ""
    """Model, prompt, inputs and the like, as the mark gives them."""
    pair: PicturePair | None = None
    cutout: str = ""
    """The picture of a label, as a data URI; empty without one, and where the page has it already."""
    """Of a match, where a page shows it."""
    anchor: str = ""
    """Its name on the page, where others link to it."""

    @property
    def facts(self) -> Iterator[str]:
        """Standing, source, place and tool, in the order in which people ask for them; empty ones left out."""
        standing = f"{sentences.name_word(self.standing)} {self.vouched}".strip()
        yield from filter(None, (standing, sentences.name_word(self.by), self.place, self.tool))


def describe_reason(because: Because) -> Reason:
    """The parts of one reason, whatever its kind."""
    if isinstance(because, Evidence):
        return _describe_evidence(because)
    if isinstance(because, Match):
        # its place is in the other file, so the digest of that file stands for it
        text = sentences.capitalize(sentences.describe_match(because))
        return Reason(text, because.known.digest, because.method, "matched", because.known.origin)
    if isinstance(because, Trouble):
        text = sentences.capitalize(f"{sentences.describe_cause(because)}: {because.detail}")
        if because.stage == "search":
            # Nothing is wrong with a file: there was nothing to compare it with.
            text = sentences.capitalize(because.detail)
        return Reason(text, because.stage, because.cause, "", "")
    return _describe_use(because)


def _describe_evidence(evidence: Evidence) -> Reason:
    return Reason(
        text=evidence.detail,
        place=evidence.where,
        by=evidence.carrier,
        standing=evidence.standing,
        origin=evidence.origin,
        tool=evidence.tool or "",
        vouched=describe_voucher(evidence),
        used=sentences.describe_generation(evidence.used) if evidence.used else "",
    )


def _describe_use(use: Use) -> Reason:
    text = translate("The cut uses {source}", source=use.source or translate("a source without a name"))
    if use.source_in and use.source_out:
        text += f" ({use.source_in} – {use.source_out})"
    track = translate("track {track}", track=use.track)
    place = f"{use.timeline}, {track}, {use.record_in} – {use.record_out}"
    return Reason(text, place, use.resolved_by, "", "")

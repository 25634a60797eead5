"""The statement on the cover of a dossier: nothing, assistive processing or generative content was found.

It follows from the evidence alone. It never says that no AI was used: nobody can read that from a file.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from provenance.model.cut import Use
from provenance.model.finding import Case
from provenance.model.report import Report
from provenance.model.vocabulary import AI_ORIGINS, SUSPECT, Origin
from provenance.reports.language import translate, translate_count


class Kind(enum.StrEnum):
    """What was found, as delivery papers ask for it: one of three."""

    NOTHING = "nothing-found"
    ASSISTIVE = "assistive"
    GENERATIVE = "generative"


@dataclass(frozen=True, slots=True)
class Counts:
    """Assets of a delivery, or uses in its cuts, by the gravest that each is or shows."""

    generated: int = 0
    """In whole or in part."""
    possibly: int = 0
    enhanced: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.generated + self.possibly + self.enhanced


@dataclass(frozen=True, slots=True)
class Statement:
    """What a report found, in one of three words, with the figures behind it."""

    kind: Kind | None
    """None: the report judges no deliverable, so there is nothing to make a statement on."""
    is_certain: bool
    """Whether generative content is more than possible."""
    assets: Counts
    uses: Counts
    could_not: int
    """Assets that could not be checked."""
    unresolved: int
    """Uses in the cuts of which it is not known what they show."""


def derive_statement(report: Report) -> Statement:
    """The statement that the evidence of a report gives; approvals change nothing about it."""
    judged = [case for case in report.cases if case.is_judged]
    used = list(_list_uses_once(report))
    assets = _count(map(_list_origins, judged))
    uses = _count(map(_list_origins_of_use, used))
    unresolved = sum(use.resolved_by in ("missing", "outside", "ambiguous") for use in used)
    is_certain = assets.generated + uses.generated > 0
    kind: Kind | None = Kind.NOTHING
    if is_certain or assets.possibly + uses.possibly:
        kind = Kind.GENERATIVE
    elif assets.enhanced + uses.enhanced:
        kind = Kind.ASSISTIVE
    elif not judged and not report.timelines:
        kind = None
    return Statement(kind, is_certain, assets, uses, report.coverage.could_not, unresolved)


def _list_uses_once(report: Report) -> Iterator[Use]:
    """The enabled uses. One cut often lies there in two formats, or in two versions: what both have is one use."""
    names = {timeline.path: timeline.name.strip().casefold() for timeline in report.timelines}
    first: dict[object, str] = {}
    for use in report.uses:
        if not use.enabled:
            continue
        # A cut without a name is the same as no other.
        cut = names.get(use.timeline) or use.timeline
        key = (cut, use.track, use.record_in, use.record_out, use.digest or use.source.casefold())
        if first.setdefault(key, use.timeline) == use.timeline:
            yield use


def _list_origins(case: Case) -> set[Origin]:
    return {case.origin, *(match.known.origin for match in case.matches)}


def _list_origins_of_use(use: Use) -> set[Origin]:
    return {use.origin, *(match.known.origin for match in use.contains)}


def _count(things: Iterable[Collection[Origin]]) -> Counts:
    generated = possibly = enhanced = 0
    for origins in things:
        if not AI_ORIGINS.isdisjoint(origins):
            generated += 1
        elif not SUSPECT.isdisjoint(origins):
            possibly += 1
        elif Origin.ENHANCED in origins:
            enhanced += 1
    return Counts(generated, possibly, enhanced)


def name_statement(statement: Statement) -> str:
    """The statement as a heading."""
    if statement.kind is None:
        return translate("No statement: this report judges no deliverable")
    if statement.kind is Kind.NOTHING:
        return translate("Nothing found")
    if statement.kind is Kind.ASSISTIVE:
        return translate("Assistive processing found")
    if statement.is_certain:
        return translate("Generative content found")
    return translate("Possibly generative content found")


def describe_statement(statement: Statement) -> str:
    """The figures behind the statement, in sentences."""
    return " ".join(_describe(statement))


def _describe(statement: Statement) -> Iterator[str]:
    assets, uses = statement.assets, statement.uses
    if statement.kind is None:
        return
    if not assets.total + uses.total:
        yield translate(
            "The material that was checked carries no mark of AI, and no known generated material was found in it."
        )
    if assets.generated:
        yield translate_count(
            "{number} asset of the delivery was made by generative AI, in whole or in part, or shows such material.",
            "{number} assets of the delivery were made by generative AI, in whole or in part, or show such material.",
            assets.generated,
        )
    if uses.generated:
        yield translate_count(
            "The cut uses such material {number} time.", "The cut uses such material {number} times.", uses.generated
        )
    if assets.possibly + uses.possibly:
        yield translate_count(
            "{number} asset or use in the cut carries or shows marks that generative AI leaves, but other software as "
            "well; a person has to decide.",
            "{number} assets or uses in the cut carry or show marks that generative AI leaves, but other software as "
            "well; a person has to decide.",
            assets.possibly + uses.possibly,
        )
    if assets.enhanced + uses.enhanced:
        yield translate_count(
            "{number} asset or use in the cut was improved by an algorithm, for example upscaled or denoised.",
            "{number} assets or uses in the cut were improved by an algorithm, for example upscaled or denoised.",
            assets.enhanced + uses.enhanced,
        )
    if statement.kind is Kind.ASSISTIVE:
        yield translate("No generative content was found.")


def list_statement_limits(report: Report, statement: Statement) -> list[str]:
    """What stands beside the statement, so that nobody reads more into it."""
    limits = [
        translate(
            "This is derived from what the program read and found. It does not replace a declaration by the producer."
        )
    ]
    if statement.kind is not Kind.GENERATIVE or not statement.is_certain:
        limits.append(
            translate(
                "It is not proof that nothing was generated: a re-encode or a screenshot removes every mark, and only "
                "material that the catalogue knows can be found again by content."
            )
        )
    else:
        limits.append(
            translate("There may be more than was found. Approvals are not considered here: approved content counts.")
        )
    if report.inputs.searched is None:
        limits.append(translate("This run made no search for known material; matches are those of earlier runs."))
    if any(trouble.is_about_search for trouble in report.all_troubles):
        limits.append(translate("It was not searched for everything that is known: see what could not be checked."))
    if statement.could_not:
        limits.append(
            translate_count(
                "{number} asset could not be checked; nothing is said about it.",
                "{number} assets could not be checked; nothing is said about them.",
                statement.could_not,
            )
        )
    if left := report.coverage.left_for_next_night:
        limits.append(
            translate_count(
                "{number} file was left for the next night; nothing is said about it.",
                "{number} files were left for the next night; nothing is said about them.",
                left,
            )
        )
    if statement.unresolved:
        limits.append(
            translate_count(
                "Of {number} use in the cut it is not known what it shows.",
                "Of {number} uses in the cut it is not known what they show.",
                statement.unresolved,
            )
        )
    return limits

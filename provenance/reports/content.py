"""Own marks and found content, kept apart: what a file says of itself, and what known material was found in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model.finding import Case
from provenance.model.match import COPY, Match
from provenance.model.report import Report
from provenance.model.vocabulary import SUSPECT, Origin
from provenance.reports.language import format_number, translate, translate_count


@dataclass(frozen=True, slots=True)
class FoundContent:
    """The gravest known material in an asset that is or may be generated."""

    origin: Origin
    verdict: str
    """A copy where there is one: `confirmed-copy`, else `shares-content`."""
    matches: int
    """Matches with any material that is or may be generated."""


def find_content(case: Case) -> FoundContent | None:
    """What was found in an asset; None without known material that is or may be generated."""
    matches = [match for match in case.matches if match.known.origin in SUSPECT]
    if not matches:
        return None
    gravest = min(matches, key=_order)
    return FoundContent(gravest.known.origin, gravest.verdict, len(matches))


def _order(match: Match) -> tuple[int, bool]:
    return list(Origin).index(match.known.origin), match.verdict != COPY


def describe_content(case: Case) -> str:
    """`copy of generated material`, `shares content with partly-generated material`; empty when none was found."""
    found = find_content(case)
    if found is None:
        return ""
    if found.verdict == COPY:
        return translate("copy of {origin} material", origin=translate(str(found.origin)))
    return translate("shares content with {origin} material", origin=translate(str(found.origin)))


def describe_both(case: Case) -> str:
    """Own marks and found content in a few words: `own marks unknown; found content: copy of generated material`."""
    content = describe_content(case)
    origin = translate(str(case.origin))
    if not content:
        return translate("own marks {origin}", origin=origin)
    return translate("own marks {origin}; found content: {content}", origin=origin, content=content)


def describe_found_content(report: Report) -> str:
    """`known material in 4 assets (3 generated, 1 possibly-generated)`, each asset by the gravest found in it."""
    numbers = Counter(list_found_origins(report))
    if numbers:
        counts = [f"{format_number(numbers[origin])} {translate(str(origin))}" for origin in Origin if numbers[origin]]
        return translate_count(
            "known material in {number} asset ({origins})",
            "known material in {number} assets ({origins})",
            numbers.total(),
            origins=", ".join(counts),
        )
    if report.inputs.searched:
        return translate("none")
    # without a search there is nothing that "none" could stand for
    return translate("none recorded; this run made no search")


def list_found_origins(report: Report) -> Iterator[Origin]:
    """The gravest found origin of every asset in which known material that is or may be generated was found."""
    for found in map(find_content, report.cases):
        if found:
            yield found.origin

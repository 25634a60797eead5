"""Known material found again, as lists: marks that were lost on the way, and matches without a finding."""

from __future__ import annotations

from dataclasses import dataclass

from provenance.model.evidence import Evidence
from provenance.model.finding import Case
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.model.vocabulary import AI_ORIGINS, Zone
from provenance.reports import sentences
from provenance.reports.compose import collect_reasons


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """Known material in one asset of a report."""

    path: str
    root: str
    digest: str
    match: Match

    @property
    def at(self) -> str:
        """Where in the asset: frames, timecodes, else seconds; empty when it is all of it."""
        return sentences.describe_match_place(self.match)

    @property
    def mark(self) -> Evidence | None:
        """The mark of generation that the known asset carried when it was ingested."""
        return self.match.known.mark

    @property
    def verdict(self) -> str:
        """In words."""
        return sentences.describe_match_verdict(self.match)


def find_lost_marks(report: Report) -> list[FoundMatch]:
    """Material that carried a mark of generation when it was ingested and is without one in a deliverable.

    An asset that says itself that AI made it, or a part of it, has lost nothing. What was judged is a deliverable,
    whatever its zone.
    """
    lost = []
    for case in report.cases:
        # `report --for` judges a folder of any zone as a deliverable
        is_delivered = case.is_judged or case.location.zone is Zone.DELIVERABLE
        if is_delivered and case.origin not in AI_ORIGINS:
            lost += [row for row in _list_matches(case) if row.mark]
    return lost


def list_matches_without_finding(report: Report) -> list[FoundMatch]:
    """Matches on which no finding rests: the material is not generated, or the client's pack allows it."""
    with_finding = collect_reasons(report, Match)
    allowed = []
    for case in report.cases:
        allowed += [row for row in _list_matches(case) if row.match not in with_finding]
    return allowed


def _list_matches(case: Case) -> list[FoundMatch]:
    location, digest = case.location, case.reading.asset.digest
    return [FoundMatch(location.path, location.root, digest, match) for match in case.matches]

"""Known material found again, told as lists: marks that were lost on the way, and matches that no rule minds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provenance.model.evidence import Evidence
from provenance.model.finding import Case
from provenance.model.match import Match
from provenance.model.report import Report
from provenance.model.vocabulary import AI_ORIGINS, Zone
from provenance.reports import sentences
from provenance.reports.compose import findings_of


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """Known material in one asset of a report."""

    path: str
    root: str
    digest: str
    match: Match

    @property
    def at(self) -> str:
        """Where in the asset: frames, timecodes, else seconds; empty when all of it."""
        return sentences.found_at(self.match)

    @property
    def mark(self) -> Evidence | None:
        """The mark of generation that the known asset came in with."""
        return self.match.known.mark

    @property
    def verdict(self) -> str:
        """In words."""
        return sentences.verdict_of(self.match)


def mark_lost(report: Report) -> list[FoundMatch]:
    """What carried a mark of generation when it came in, and stands without one in a deliverable.

    An asset that says itself that AI made it, or a part of it, has lost nothing. Whatever a rule minds counts as a
    deliverable.
    """
    minded = findings_of(report)
    return [
        found
        for case in report.cases
        if case.origin not in AI_ORIGINS
        and (case.location.zone is Zone.DELIVERABLE or (case.location.path, case.reading.asset.digest) in minded)
        for found in _found(case)
        if found.mark
    ]


def unminded(report: Report) -> list[FoundMatch]:
    """Known material that no finding rests on: what is not generated, or what the client's pack lets be."""
    told = {reason for finding in report.findings for reason in finding.because if isinstance(reason, Match)}
    return [found for case in report.cases for found in _found(case) if found.match not in told]


def _found(case: Case) -> Iterator[FoundMatch]:
    location = case.location
    return (FoundMatch(location.path, location.root, case.reading.asset.digest, match) for match in case.matches)

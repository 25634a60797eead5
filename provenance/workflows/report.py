"""`report`: the dossier of what the catalogue knows, with findings. Opens no media, and writes to no catalogue."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from provenance.catalogue.store import Catalogue
from provenance.errors import UsageError
from provenance.intake.walk import outermost
from provenance.model.debt import Debt
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.report import Report
from provenance.model.vocabulary import Cause, Zone
from provenance.policy import packs
from provenance.trust import TrustStore
from provenance.workflows.debt import compute_debt, read_debt_record
from provenance.workflows.judge import Judgement, judge_cases, make_report, relocate, shown_roots
from provenance.workflows.night_delta import list_stored_places
from provenance.workflows.run import RunContext, describe_inputs, list_reading_runs
from provenance.workflows.searched import describe_searches
from provenance.workflows.since_read import note_changes

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report while the catalogue that it was made from is still open, at the moment that it describes."""

    report: Report
    catalogue: Catalogue
    context: RunContext
    store: TrustStore
    policies: tuple[str, ...]
    """Names of packs, or paths of files."""
    roots: tuple[bytes, ...]
    """The folders and files that were named; none for everything."""


@contextmanager
def open_report(
    paths: Sequence[str], since: str | None, policies: Sequence[str], context: RunContext, *, pictures: bool = True
) -> Iterator[OpenReport]:
    """What the catalogue knows, below `paths` or altogether.

    Below `paths` everything is judged as a deliverable, otherwise only what was catalogued as one. `since`: only what
    was first seen on that day or later, `YYYY-MM-DD`. `pictures`: whether somebody will look at those of matches.
    """
    if since and not _DAY.fullmatch(since):
        raise UsageError(f"--since {since!r} is not a day", "write it as YYYY-MM-DD")
    asked, store = packs.load_all(policies), context.load_trust_store()
    roots = outermost([os.fsencode(path) for path in paths])

    def is_deliverable(case: Case) -> bool:
        return bool(paths) or case.location.zone is Zone.DELIVERABLE

    with context.open_catalogue(write=False) as catalogue:
        # Whatever is written meanwhile: report, ledger head and everything that a bundle adds are of one moment.
        catalogue.hold_still()
        cases = relocate(catalogue.cases(under=roots or None, since=since), roots)
        judged = judge_cases(context, catalogue, asked, store, cases, is_deliverable=is_deliverable, pictures=pictures)
        for run in catalogue.list_runs()[:1]:
            if run.outcome != "done":
                state = "was interrupted" if run.ended_at else "has not ended"
                reason = f"the {run.kind} that began at {run.started_at} {state}: what it did not reach is missing"
                judged.stats.count_troubles(Trouble(run.detail, "run", Cause.UNREADABLE, reason))
        searched, search_troubles = describe_searches(context, catalogue, judged, roots)
        judged.stats.loose_troubles.extend(search_troubles)
        runs = list_reading_runs(catalogue, judged.cases)
        inputs = describe_inputs(context, asked[0], store, shown_roots(roots), catalogue, searched=searched, runs=runs)
        described = note_changes(catalogue, judged.cases, roots)
        for root in roots:
            if not any(case.location.is_below(root) for case in judged.cases):
                folder = os.fsdecode(root)
                hint = f"scan it first: provenance scan {shlex.quote(folder)}"
                raise UsageError(f"the catalogue knows nothing below {folder}", hint)
        troubles = judged.stats.loose_troubles
        debt = _count_debt(context, catalogue, judged, is_whole=not paths and not since)
        made = make_report(context, inputs, described, judged, troubles, judged.stats.coverage(), debt=debt)
        yield OpenReport(made, catalogue, context, store, tuple(policies), tuple(roots))


def _count_debt(context: RunContext, catalogue: Catalogue, judged: Judgement, *, is_whole: bool) -> Debt | None:
    """The generated material in these deliverables; None when there is none and no night has counted any.

    The trend of the nights is that of all deliverables, so that a report about a part of them has none.
    """
    record = read_debt_record(catalogue)
    storages = list_stored_places(context.settings)
    debt = compute_debt(context, catalogue, judged, storages, record if is_whole else replace(record, nights=()))
    return debt if debt.items or debt.nights else None

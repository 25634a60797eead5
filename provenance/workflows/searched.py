"""Whether the searches that a report speaks of are those of today: it makes none itself.

Each search is kept under the digest of what it looked for. The digest of all that is known now follows from the rows of
the catalogue, without reading a fingerprint. Where the two differ, known material came in since, and may be there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from provenance.catalogue.store import Catalogue
from provenance.intake.search_pass import is_searchable, is_searched_for
from provenance.intake.walk import outermost
from provenance.model.evidence import Trouble
from provenance.model.finding import Case
from provenance.model.report import SearchScope
from provenance.model.vocabulary import SUSPECT, Cause, Origin
from provenance.policy.rules.generated_in_deliverable import GeneratedInDeliverable
from provenance.workflows.judge import Judgement
from provenance.workflows.run import RunContext
from provenance.workflows.search_plan import (
    INCOMPLETE,
    describe_index,
    find_search_of_whole,
    list_names,
    make_stored_digest,
)


def describe_searches(
    context: RunContext, catalogue: Catalogue, judged: Judgement, roots: Sequence[bytes]
) -> tuple[SearchScope | None, list[Trouble]]:
    """What the judged cases were compared with, when that is all that is known now; else what is to be said instead.

    `roots`: the folders that the report is about; those of the cases if empty.
    """
    searchable = [case for case in judged.cases if case.is_judged and is_searchable(case.reading.asset)]
    if not searchable:
        return None, []
    searchers = context.name_searchers()
    works = describe_index(catalogue, searchers, ())
    known = describe_index(catalogue, searchers, SUSPECT)
    wanted = [case for case in searchable if is_searched_for(case.reading.asset, known)]
    outdated = _list_outdated(catalogue, wanted, make_stored_digest(known, works))
    if outdated:
        # A search for material of every origin looked for this as well.
        everything = describe_index(catalogue, searchers, tuple(Origin))
        outdated = _list_outdated(catalogue, outdated, make_stored_digest(everything, works))
    if outdated:
        return None, [_explain_outdated([case.location.path for case in outdated])]
    about = roots or [os.fsencode(case.location.root) for case in searchable]
    pictures, clips, sounds = known.other_works
    scope = SearchScope(
        catalogue.count_known(outside=outermost(about)),
        known.pictures - pictures,
        known.clips - clips,
        known.sounds - sounds,
        reference_works=known.reference_works,
    )
    troubles = []
    if scope.known == 0 and any(is_searchable(case.reading.asset) for case in list_unapproved(judged)):
        troubles.append(explain_no_search(f"the catalogue {context.settings.catalogue}"))
    return scope, troubles


def list_unapproved(judged: Judgement) -> Iterator[Case]:
    """The cases without those that are generated as a whole and approved: what a search could say of them is said.

    Known material that turns up in one of them later is a finding of its own, which that approval does not cover.
    """
    rule = GeneratedInDeliverable().id
    approved = {(row.root, row.path) for row in judged.findings if row.rule == rule and row.waived_by}
    for case in judged.cases:
        if (case.location.root, case.location.path) not in approved:
            yield case


def explain_no_search(where: str) -> Trouble:
    """A catalogue that knows nothing but this delivery was not searched: that is not a pass."""
    detail = (
        f"{where} knows nothing but this delivery, so it was compared with itself alone; "
        "ingest the material of the edit first, or say --marks-only if no search is meant"
    )
    return Trouble(".", "search", Cause.UNREADABLE, detail)


def _list_outdated(catalogue: Catalogue, cases: Sequence[Case], current: bytes) -> list[Case]:
    """The cases of which no newest search has this digest."""
    return [case for case in cases if current not in _list_searches(catalogue, case)]


def _list_searches(catalogue: Catalogue, case: Case) -> Iterator[bytes]:
    """Digests of what the content of a case, and what it is a part of, were last searched for."""
    own = catalogue.find_index_digest(case.location.root, case.location.path_bytes)
    for stored in (own, find_search_of_whole(catalogue, case)):
        if stored is not None:
            # One that did not see everything has left a trouble, which the case carries.
            yield stored.removeprefix(INCOMPLETE)


def _explain_outdated(paths: Sequence[str]) -> Trouble:
    detail = (
        f"not searched for all the generated material that the catalogue knows now: {list_names(paths)}; "
        "it came in since the last search, or there was none; scan again, then make the report anew"
    )
    return Trouble(".", "search", Cause.UNREADABLE, detail)

"""What the register says about the content of one report: the extract that a bundle carries."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from datetime import date

from provenance.catalogue.store import Catalogue
from provenance.model.finding import BoundApproval
from provenance.policy.approvals import is_in_force
from provenance.reports import document
from provenance.workflows.run import RunContext, load_approvals

SCHEMA = "provenance-register/1"


def load_register_extract(catalogue: Catalogue, context: RunContext, digests: Collection[str]) -> dict[str, object]:
    """Every entry about one of these contents, as plain values for JSON. Entries about other material stay out."""
    approvals, today = load_approvals(catalogue, context)
    rows = [_build_row(bound, today) for bound in approvals if bound.approval.digest in digests]
    rows.sort(key=document.dump_row)
    return {"schema": SCHEMA, "as_of": today.isoformat(), "approvals": rows}


def _build_row(bound: BoundApproval, today: date) -> dict[str, object]:
    covers = [dataclasses.asdict(covered) for covered in bound.covers]
    counts = is_in_force(bound.approval, today)
    return {**dataclasses.asdict(bound.approval), "counts": counts, "covers": covers}

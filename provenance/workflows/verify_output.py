"""What `verify REPORT` prints."""

from __future__ import annotations

from collections.abc import Iterator

from provenance.reports import document
from provenance.reports.escape import make_visible
from provenance.workflows.verified import Part, ReportVerification, State

SCHEMA = "provenance-verify/1"


def render_document(result: ReportVerification) -> str:
    """The result as one JSON document."""
    parts = list(map(_build_row, result.parts))
    return document.dump_row({"schema": SCHEMA, "agrees": result.agrees, "parts": parts})


def _build_row(part: Part) -> dict[str, object]:
    return {"part": part.part, "name": part.name, "state": part.state, "detail": part.detail}


def render_lines(result: ReportVerification, *, is_quiet: bool = False) -> Iterator[str]:
    """A line for each part that does not agree, and one for the whole."""
    for part in result.parts:
        if part.state is not State.AGREES and (part.counts or not is_quiet):
            yield make_visible(f"{part.state}: {_name(part)}: {part.detail}")
    for part in result.parts:
        # What a proof shows is what people want to read, not only that it is right.
        if part.part == "member" and part.name == "row" and part.state is State.AGREES:
            yield make_visible(f"proven: {part.detail}")
    if not is_quiet:
        yield make_visible(_sum_up(result))


def _name(part: Part) -> str:
    return f"{part.part} {part.name}".strip()


def _sum_up(result: ReportVerification) -> str:
    counts = f"{sum(part.state is State.AGREES for part in result.parts)} of {len(result.parts)} parts agree"
    if result.exit_code == 5:
        return f"THE LEDGER IS DAMAGED; {counts}"
    if result.exit_code == 1:
        return f"DOES NOT AGREE; {counts}"
    if result.exit_code == 3:
        return f"NOT ESTABLISHED: nothing differs, but see above; {counts}"
    signers = [part.name for part in result.parts if part.part == "signer"]
    return f"agrees: signed by {', '.join(signers)}; {counts}"

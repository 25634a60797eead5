"""`register check`: what was declared against what was found. Opens no media and writes nothing."""

from __future__ import annotations

import dataclasses
import os
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from provenance.errors import UsageError
from provenance.intake.walk import outermost
from provenance.model.finding import Case
from provenance.model.reconciliation import IN_ORDER, Outcome, RegisterItem
from provenance.model.vocabulary import AI_ORIGINS, Origin
from provenance.policy.reconcile import Register
from provenance.reports.document import dump
from provenance.reports.escape import make_visible
from provenance.workflows.judge import relocate
from provenance.workflows.reconcile import load_register
from provenance.workflows.run import RunContext

SCHEMA = "provenance-register-check/1"
_MOST_PATHS = 3
"""Places that an item about a tool names."""


@dataclass(frozen=True, slots=True)
class RegisterCheck:
    """What was declared against what was found."""

    as_of: str
    """The day on which approvals count or not."""
    items: tuple[RegisterItem, ...]
    could_not: int
    """Assets in scope that could not be looked at."""

    @property
    def exit_code(self) -> int:
        """0 all agrees, 1 something differs, 3 nothing differs, but something could not be looked at."""
        if any(item.outcome not in IN_ORDER for item in self.items):
            return 1
        return 3 if self.could_not else 0


def check(paths: Sequence[str], context: RunContext) -> RegisterCheck:
    """Hold the register against what the catalogue knows below these paths, or altogether. Opens no media.

    Raises `UsageError` for a path of which the catalogue knows nothing.
    """
    roots = outermost([os.fsencode(os.path.realpath(path)) for path in paths])
    with context.open_catalogue(write=False) as catalogue:
        register = load_register(catalogue, context)
        cases = list(relocate(catalogue.cases(under=roots or None), roots))
        for root in roots:
            if not any(case.location.is_below(root) for case in cases):
                folder = os.fsdecode(root)
                hint = f"scan it first: provenance scan {shlex.quote(folder)}"
                raise UsageError(f"the catalogue knows nothing below {folder}", hint)
        items = [*_list_differences(register, cases), *register.conclude(_index(cases), _list_tools(cases))]
    could_not = sum(bool(case.reading.troubles) for case in cases)
    order = list(Outcome)
    items.sort(key=lambda item: (item.outcome in IN_ORDER, order.index(item.outcome), item.kind, item.id, item.path))
    return RegisterCheck(str(register.today), tuple(items), could_not)


def _list_differences(register: Register, cases: Iterable[Case]) -> Iterator[RegisterItem]:
    """What single assets show, each thing once: the same content may be at many places, and a tool in many files."""
    tools: dict[str, list[RegisterItem]] = {}
    seen: set[tuple[str, ...]] = set()
    for case in cases:
        for item in register.compare(case):
            key = (item.outcome, item.id, item.digest, item.message)
            if item.outcome is Outcome.UNDECLARED_TOOL:
                tools.setdefault(item.message, []).append(item)
            elif item.outcome not in (Outcome.EXPIRED, Outcome.EXPIRING, Outcome.CONSENT_MISSING) and key not in seen:
                # Those are said of the entry itself.
                seen.add(key)
                yield item
    for items in tools.values():
        message = items[0].message
        paths = list(dict.fromkeys(item.path for item in items))
        others = ", ".join(paths[1:_MOST_PATHS])
        if len(paths) > _MOST_PATHS:
            others += f" and {len(paths) - _MOST_PATHS:,} more"
        if others:
            message += f" Also in {others}."
        yield dataclasses.replace(items[0], message=message)


def _index(cases: Iterable[Case]) -> dict[str, Case]:
    """By digest: where a content was found, itself or as known material in another asset."""
    found: dict[str, Case] = {}
    for case in cases:
        for match in case.matches:
            found.setdefault(match.known.digest, case)
    for case in cases:
        found[case.reading.asset.digest] = case
    return found


def _list_tools(cases: Iterable[Case]) -> Iterator[str]:
    for case in cases:
        for row in case.reading.evidence:
            if row.tool and row.origin in {*AI_ORIGINS, Origin.POSSIBLY_GENERATED, Origin.ENHANCED}:
                yield row.tool
        for match in case.matches:
            mark = match.known.mark
            if mark and mark.tool:
                yield mark.tool


def check_document(found: RegisterCheck) -> str:
    """The JSON document of `register check`."""
    items = []
    for item in found.items:
        row = dataclasses.asdict(item)
        del row["because"]
        items.append(row)
    return dump({"schema": SCHEMA, "as_of": found.as_of, "items": items})


def check_lines(found: RegisterCheck) -> Iterator[str]:
    """The same for a person: what differs first."""
    differing = [item for item in found.items if item.outcome not in IN_ORDER]
    noun = "difference" if len(differing) == 1 else "differences"
    yield f"{len(differing):,} {noun} between the register and what was found, as of {found.as_of}"
    for item in found.items:
        place = f"{item.path}: " if item.path else ""
        yield make_visible(f"{item.outcome:<18} {place}{item.message}")
        if item.remedy and item.outcome not in IN_ORDER:
            yield make_visible(f"{'':<18} {item.remedy}")
    if found.could_not:
        yield f"{found.could_not:,} could not be looked at"

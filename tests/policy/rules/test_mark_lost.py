from __future__ import annotations

from dataclasses import replace

from provenance.model.finding import Case
from provenance.model.match import COPY, SHARES
from provenance.model.vocabulary import Origin, Standing
from tests.policy.build import case, evidence, match


def shown(standing: Standing, verdict: str = COPY, *own: Origin) -> Case:
    found = match(verdict, Origin.GENERATED)
    found = replace(found, known=replace(found.known, mark=evidence(standing=standing)))
    return case(found, *map(evidence, own))


FIRES = {
    "a copy of what a standard field declares": shown(Standing.DECLARED),
    "a copy of what a credential says": shown(Standing.TRUSTED),
}
QUIET = {
    "nothing known": case(),
    "a tool's own trace is no label": shown(Standing.TRACE),
    "it shares content and is no copy": shown(Standing.DECLARED, SHARES),
    "it says itself that it is generated": shown(Standing.DECLARED, COPY, Origin.GENERATED),
    "known by content alone": case(match(COPY, Origin.GENERATED)),
}

"""Outcomes as JSON and back, for an engine that carries them from one machine to another.

Not as pickles, which run code where they are read: every value is rebuilt from its own annotations and checked on
arrival, so that what comes back can be an outcome and nothing else.
"""

from __future__ import annotations

import typing
from collections.abc import Sequence

from provenance.catalogue.codec import from_plain, to_json
from provenance.intake.jobs import Outcome

_KINDS: dict[str, type[Outcome]] = {kind.__name__: kind for kind in typing.get_args(Outcome)}


def pack_outcomes(outcomes: Sequence[Outcome]) -> str:
    """JSON: for each outcome a list of the name of its class and its value."""
    rows = [f'["{type(outcome).__name__}",{to_json(outcome)}]' for outcome in outcomes]
    return f"[{','.join(rows)}]"


def unpack_outcomes(plain: object) -> list[Outcome]:
    """The outcomes out of parsed JSON, equal in every field. Raises `ValueError` for anything else."""
    if not isinstance(plain, list):
        raise ValueError(f"found {plain!r:.40} instead of a list of outcomes")
    outcomes: list[Outcome] = []
    for row in plain:
        if not isinstance(row, list) or len(row) != 2 or not isinstance(row[0], str) or row[0] not in _KINDS:
            raise ValueError(f"found {row!r:.40} instead of an outcome")
        outcomes.append(from_plain(_KINDS[row[0]], row[1]))
    return outcomes

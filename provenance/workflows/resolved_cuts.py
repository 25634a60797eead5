"""What the cut lists of a run say, for whoever reports it without reading any."""

from __future__ import annotations

from dataclasses import dataclass, field

from provenance.model.cut import Timeline, Use
from provenance.model.evidence import Trouble


@dataclass(slots=True)
class ResolvedCuts:
    """What the cut lists of a run say."""

    timelines: list[Timeline] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)

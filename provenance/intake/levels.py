"""How much of a content is kept so that it is found again. Imported by every run, also by one that reads nothing."""

from __future__ import annotations

from collections.abc import Iterable

from provenance.model.asset import FingerprintLevel
from provenance.model.evidence import Evidence
from provenance.model.vocabulary import SUSPECT
from provenance.origin import decide_origin

DECODING_LEVELS = frozenset({FingerprintLevel.LIGHT, FingerprintLevel.FULL})
"""Levels at which something is decoded."""


def raise_level(evidence: Iterable[Evidence], wanted: FingerprintLevel) -> FingerprintLevel:
    """How much is kept to find something again: everything of what is or may be generated, unless nothing is wanted."""
    if wanted is not FingerprintLevel.NONE and decide_origin(evidence) in SUSPECT:
        return FingerprintLevel.FULL
    return wanted

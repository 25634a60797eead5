"""Readings to which no rule can object, whatever the policy: a night need not decode them to judge them.

Every rule about assets says whether it is silent on them (`Rule.objects_to_plain`). What is found by a search, what the
register says, and what other readings of the same bytes show, is no part of a reading and is looked at besides.
"""

from __future__ import annotations

from dataclasses import dataclass

from provenance.model.asset import Asset, Reading
from provenance.model.evidence import Credential, Evidence, Trouble
from provenance.model.vocabulary import Origin, Standing

VERSION = 1
"""Raised when another reading is plain than before: which are is found out anew then."""

_HARMLESS = frozenset({Origin.CAPTURED, Origin.CREATED})
"""Origins that no rule objects to. A new one is not among them until somebody has looked at every rule."""
_WEAK = frozenset({"camera"})
"""Signals whose evidence without an origin no rule objects to: what a camera may have written."""
_IN_PICTURES = frozenset({"visible_label", "stock_preview", "unfinished_slate"})
"""Signals that rules object to whatever origin they say."""


@dataclass(frozen=True, slots=True)
class ReadingPart:
    """The part of a reading that says what it is: decoding all of it takes several times as long."""

    asset: Asset
    evidence: tuple[Evidence, ...] = ()
    credentials: tuple[Credential, ...] = ()
    troubles: tuple[Trouble, ...] = ()


def is_plain(reading: ReadingPart | Reading) -> bool:
    """Whether no rule can object to a reading: nothing in it is generated, altered, broken, or could not be looked at.

    A statement about how something was made, such as a prompt, may contain what the register watches for.
    """
    if not reading.asset.digest or reading.troubles:
        return False
    if any("broken" in (row.binding, row.signature) for row in reading.credentials):
        return False
    return all(_is_harmless(row) for row in reading.evidence)


def _is_harmless(evidence: Evidence) -> bool:
    if evidence.standing is Standing.BROKEN or evidence.used is not None or evidence.signal in _IN_PICTURES:
        return False
    return evidence.origin in _HARMLESS or (evidence.origin is Origin.UNKNOWN and evidence.signal in _WEAK)

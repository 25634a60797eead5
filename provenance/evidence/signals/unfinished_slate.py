"""Slates of editors in the picture: `TEMP`, `VFX TBD`, `SHOT MISSING`, `MEDIA OFFLINE`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text import visible_text
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.visible_text import Meaning
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_MEANINGS = frozenset({Meaning.SLATE, Meaning.WEAK_SLATE})


class UnfinishedSlate(Signal):
    """Recognised by a whole line in the picture with which an editor marks what is missing or not final.

    It says nothing about the origin of the picture.
    """

    name = "unfinished_slate"
    title = "Slates of unfinished shots"
    written_by = (
        "Editors and editing systems, into a cut that is not final: `TEMP VFX`, `PLACEHOLDER`, `VFX TBD`, "
        "`SHOT MISSING`, `FPO`, `PREVIS`, `MEDIA OFFLINE`, when `--look-for labels` is given."
    )
    trust = "It says what somebody wrote into the picture. It is no evidence of AI."
    traps = (
        "Words that also stand on gauges, signs and documents (`TEMP`, `DRAFT`) count only where they are large and "
        "still, and where little else is written."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence, without an origin, for every line that is such a slate."""
        for statement in select_visible(statements):
            if statement.key not in visible_text.LINES:
                continue
            if not _MEANINGS.isdisjoint(visible_text.find_meanings(statement.value)):
                detail = (
                    f'The picture shows the words "{statement.value}", with which editors mark what is not final. '
                    "It says nothing about how the picture was made."
                )
                standing = Standing.TRACE
                if statement.key == visible_text.LINE_ONCE:
                    standing = Standing.INFERRED
                yield make_evidence(self.name, statement, Origin.UNKNOWN, detail, standing=standing)

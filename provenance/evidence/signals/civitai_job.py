"""Civitai's generator: the two EXIF fields that it fills in even where the settings are gone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


class CivitaiJob(Signal):
    """`ai` as Artist with a UUID as Software: a fair hint, too thin to call it generated."""

    name = "civitai_job"
    title = "Civitai job number"
    written_by = 'The generator of Civitai, in the EXIF of its JPEG files: Artist "ai" and a UUID as Software.'
    trust = "A weak trace without the name of a tool. Told as possibly generated; the settings beside it say more."
    traps = "A UUID as Software alone, or an artist who signs `AI`: only both in one block count."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence resting on the job number, for every carrier that has both."""
        rows = list(select_visible(statements))
        signed = {row.carrier for row in rows if normalise_key(row.key) == "artist" and row.value.strip("\0 ") == "ai"}
        for row in rows:
            number = row.value[:64].strip("\0 ")
            if row.carrier in signed and normalise_key(row.key) == "software" and UUID.fullmatch(number):
                detail = f'Artist "ai" and the job number {number} as software, the pair that Civitai writes.'
                yield make_evidence(self.name, row, Origin.POSSIBLY_GENERATED, detail, tool="Civitai")

"""Civitai's generator: the two EXIF fields that it fills in even if the settings were removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin

_LONGEST_NUMBER = 64
"""Characters of the software field that are compared; a UUID has 36."""


class CivitaiJob(Signal):
    """Recognised by `ai` as Artist with a UUID as Software: a fair hint, too weak to call the file generated."""

    name = "civitai_job"
    title = "Civitai job number"
    written_by = 'The generator of Civitai, in the EXIF of its JPEG files: Artist "ai" and a UUID as Software.'
    trust = (
        "A weak trace without the name of a tool. The file is reported as possibly generated; if it also contains the "
        "settings, these say more."
    )
    traps = "A UUID as Software alone, or an artist who signs `AI`: only both in one block count."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every carrier that has both fields; it rests on the job number."""
        # The two fields can be in either order, so the artists are collected before the numbers are compared.
        rows = list(select_visible(statements))
        # 1. The artist alone is any artist who signs like this ...
        carriers = set()
        for row in rows:
            if normalise_key(row.key) == "artist" and row.value.strip("\0 ") == "ai":
                carriers.add(row.carrier)

        # 2. ... and a UUID alone is any program's. Both in one block of metadata are Civitai's.
        for row in rows:
            number = row.value[:_LONGEST_NUMBER].strip("\0 ")
            is_number = normalise_key(row.key) == "software" and UUID.fullmatch(number)
            if row.carrier in carriers and is_number:
                detail = f'The file names the artist "ai" and the job number {number} as software, as Civitai does.'
                yield make_evidence(self.name, row, Origin.POSSIBLY_GENERATED, detail, tool="Civitai")

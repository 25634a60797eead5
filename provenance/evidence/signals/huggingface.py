"""Hugging Face: the number of the job that wrote a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


class Huggingface(Signal):
    """A hint at the host, not at a model: worth a look, no more."""

    name = "huggingface"
    title = "Hugging Face job"
    written_by = "Jobs and spaces on Hugging Face, in PNG text: `hf-job-id` with a UUID."
    trust = "A weak trace: it names the machine that wrote the file, not what it did. Told as possibly generated."
    traps = "A job may crop, convert or segment camera pictures just as well."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every job number."""
        for statement in select_visible(statements):
            if normalise_key(statement.key) == "hf-job-id" and UUID.fullmatch(statement.value.strip()):
                detail = f"Written by the Hugging Face job {statement.value.strip()}; such jobs mostly generate."
                yield make_evidence(self.name, statement, Origin.POSSIBLY_GENERATED, detail, tool="Hugging Face job")

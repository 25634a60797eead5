"""Hugging Face: the number of the job that wrote a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import UUID, normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin


class Huggingface(Signal):
    """Recognised by a job number: it names the host, not a model, so it is a reason to look and no more."""

    name = "huggingface"
    title = "Hugging Face job"
    written_by = "Jobs and spaces on Hugging Face, in PNG text: `hf-job-id` with a UUID."
    trust = (
        "A weak trace: it names the machine that wrote the file, not what the machine did. The file is reported as "
        "possibly generated."
    )
    traps = "A job may crop, convert or segment camera pictures just as well."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every job number."""
        for statement in select_visible(statements):
            number = statement.value.strip()
            if normalise_key(statement.key) == "hf-job-id" and UUID.fullmatch(number):
                detail = f"The Hugging Face job {number} wrote the file; most such jobs generate."
                yield make_evidence(self.name, statement, Origin.POSSIBLY_GENERATED, detail, tool="Hugging Face job")

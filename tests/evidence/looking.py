"""Whole looks at files made in a test: the file's own reading, and one for each thing inside it."""

from __future__ import annotations

import os
from pathlib import Path

from provenance.intake.examine import examine
from provenance.intake.jobs import FileRead, ReadFile
from provenance.limits import DEFAULT, Limits
from provenance.model.asset import Reading
from provenance.model.vocabulary import Cause, Origin
from provenance.origin import decide_origin
from tests.evidence.build import png, png_chunk

MARKED = png([png_chunk(b"tEXt", b"parameters\0a cat\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8")])
"""A picture that says how it was generated."""
PLAIN = png()


class Look:
    """What one look at a file gave."""

    def __init__(self, data: bytes, folder: Path, name: str = "file", limits: Limits = DEFAULT) -> None:
        path = folder / name
        path.write_bytes(data)
        told = examine(ReadFile(os.fsencode(path), len(data)), limits)
        assert isinstance(told, FileRead), told
        self.own = told.reading
        self.inside: dict[str, Reading] = {thing.place: thing.reading for thing in told.embedded}
        self.parents = {thing.place: thing.parent for thing in told.embedded}

    @property
    def origin(self) -> Origin:
        return decide_origin(self.own.evidence)

    @property
    def origins(self) -> dict[str, Origin]:
        return {place: decide_origin(reading.evidence) for place, reading in self.inside.items()}

    @property
    def types(self) -> dict[str, str]:
        return {place: reading.asset.media_type for place, reading in self.inside.items()}

    @property
    def causes(self) -> set[Cause]:
        return {trouble.cause for trouble in self.own.troubles}

    def told(self, cause: Cause) -> str:
        """The details of the file's own troubles with that cause."""
        return "; ".join(trouble.detail for trouble in self.own.troubles if trouble.cause is cause)

    def says(self, key: str) -> list[str]:
        return [row.value for row in self.own.statements if row.key == key]

"""Notes that generators leave beside what they made: a text or JSON file of the same name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.readable import Block
from provenance.media.sniff import needs_no_carrier, sniff
from provenance.media.source import Source
from provenance.media.text import decoded, utf16
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_FIELD = re.compile(r"[ \t]*([A-Za-z][\w ()-]{0,60}?)[ \t]*:[ \t]+(\S.*)")
_FEWEST = 3
"""Lines of `name: value` by which a text is known as a list of settings."""
_MOST = 200


class Sidecar(Carrier):
    """The whole note under the key `sidecar`; of a list of settings each line under its own name, too.

    A note need not speak of generation: what it means, the signals decide.
    """

    name: ClassVar[str] = "sidecar"
    title: ClassVar[str] = "notes (.txt, .json) beside pictures, movies and sound"
    media: ClassVar[frozenset[str]] = frozenset({"image/*", "video/*", "audio/*"})
    sidecars: ClassVar[tuple[str, ...]] = (".txt", ".json")

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield the statements of each note; nothing for what is no text."""
        for name in source.sidecars:
            if name.lower().endswith(self.sidecars) and (data := source.beside(name)) is not None:
                if len(data) >= source.limits.packet:
                    yield Trouble("", self.name, Cause.OVERSIZED, f"{name}: only its first {len(data)} bytes were read")
                if needs_no_carrier(sniff(Block(data, source.limits).at)):
                    text = _text(data)
                    yield Statement(self.name, f"sidecar {name}", "sidecar", text)
                    yield from _fields(text, name)


def _text(data: bytes) -> str:
    return utf16(data[: len(data) & ~1], "<") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else decoded(data)


def _fields(text: str, name: str) -> Iterator[Statement]:
    """The lines of a list of settings, as Easy Diffusion writes it."""
    lines = [line for line in text.splitlines()[:_MOST] if line.strip()]
    fields = [found for line in lines if (found := _FIELD.fullmatch(line))]
    if len(fields) >= max(_FEWEST, len(lines) // 2):
        yield from (Statement(Sidecar.name, f"sidecar {name}, {found[1]}", found[1], found[2]) for found in fields)

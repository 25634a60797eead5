"""Notes that generators write beside a generated file: a text or JSON file of the same name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.readable import Block
from provenance.media.sniff import sniff
from provenance.media.source import Source
from provenance.media.text import decode_text, decode_utf16
from provenance.media.types import needs_no_carrier
from provenance.model.evidence import Statement, Trouble
from provenance.model.vocabulary import Cause

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_FIELD = re.compile(r"[ \t]*([A-Za-z][\w ()-]{0,60}?)[ \t]*:[ \t]+(\S.*)")
"""A line `name: value`."""
_FEWEST_FIELDS = 3
"""Such lines that make a text a list of settings; at least half of its lines must be such."""
_MOST_LINES = 200
"""Lines of a note that are searched for fields."""


class Sidecar(Carrier):
    """A note beside the file: its whole text, and each line of a list of settings under the setting's own name.

    A note need not be about generation: captions and credits are in such files as well. The signals decide that.
    """

    name: ClassVar[str] = "sidecar"
    title: ClassVar[str] = "notes (.txt, .json) beside pictures, movies and sound"
    media: ClassVar[frozenset[str]] = frozenset({"image/*", "video/*", "audio/*"})
    sidecars: ClassVar[tuple[str, ...]] = (".txt", ".json")
    # It accepts every picture, and reads nothing in it.
    counts_as_read: ClassVar[bool] = False

    def accepts_type(self, media_type: str) -> bool:  # noqa: ARG002 - the type does not matter
        """False for every type: without a note beside it there is nothing to read."""
        return False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report the whole of each note under the key `sidecar`, then its settings; nothing if it is not text."""
        for name, data in self.load_sidecars(source):
            # A sidecar is cut at this many bytes, so one that has them all was probably longer.
            if len(data) >= source.limits.packet:
                detail = f"{name}: only the first {len(data):,} bytes were read"
                yield Trouble("", self.name, Cause.OVERSIZED, detail)
            is_text = needs_no_carrier(sniff(Block(data, source.limits).at))
            if is_text:
                text = _decode_note(data)
                yield Statement(self.name, f"sidecar {name}", "sidecar", text)
                yield from _read_fields(text, name)


def _decode_note(data: bytes) -> str:
    if data[:2] in _UTF16_MARKS:
        even_length = len(data) & ~1
        return decode_utf16(data[:even_length], "<")
    return decode_text(data)


def _read_fields(text: str, name: str) -> Iterator[Statement]:
    """Report the lines of a list of settings, as Easy Diffusion writes it; nothing for any other text."""
    lines = [line for line in text.splitlines()[:_MOST_LINES] if line.strip()]
    matches = [match for line in lines if (match := _FIELD.fullmatch(line))]
    # A caption has a line or two with a colon; a list of settings has little else.
    if len(matches) < max(_FEWEST_FIELDS, len(lines) // 2):
        return
    for match in matches:
        key, value = match[1], match[2]
        yield Statement(Sidecar.name, f"sidecar {name}, {key}", key, value)

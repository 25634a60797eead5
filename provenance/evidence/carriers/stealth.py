"""Words in the lowest bits of the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.evidence.pixels import stealth
from provenance.evidence.text.vocabulary import load_object
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble


class Stealth(Carrier):
    """The same words that stand in PNG text, under the same names, so that every signal understands them here too.

    Looked for in pictures that keep these bits: PNG, lossless WebP, and alpha of any WebP that is not animated. A
    picture that cannot be decoded says nothing here.
    """

    name: ClassVar[str] = "stealth"
    title: ClassVar[str] = "Lowest bits of the pixels"
    media: ClassVar[frozenset[str]] = stealth.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield the text as `parameters`, or one statement for each key of an object of texts."""
        for found in stealth.hidden(source):
            if found.loss:
                yield Trouble("", self.name, found.loss, f"{found.where}: not all of the text could be read")
            if not found.text:
                continue
            fields = load_object(found.text)
            if fields and all(key and isinstance(value, str) for key, value in fields.items()):
                for key, value in fields.items():
                    yield Statement(self.name, found.where, key, str(value))
            else:
                yield Statement(self.name, found.where, "parameters", found.text)

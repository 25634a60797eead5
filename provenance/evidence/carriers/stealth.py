"""Texts hidden in the lowest bits of the pixels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.evidence.pixels import stealth
from provenance.evidence.text.parse_text import parse_json_object
from provenance.media.source import Source
from provenance.model.evidence import Statement, Trouble


class Stealth(Carrier):
    """Text that generators hide in the lowest bits of the pixels ("stealth PNG info"), under the names of PNG text.

    Only pictures that keep these bits are searched: PNG, lossless WebP, and the alpha channel of any still WebP. For a
    picture that cannot be decoded nothing is reported here.
    """

    name: ClassVar[str] = "stealth"
    title: ClassVar[str] = "lowest bits of the pixels"
    media: ClassVar[frozenset[str]] = stealth.MEDIA

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report the text as `parameters`, or as one statement for each key if it is a JSON object of texts."""
        for message in stealth.find_hidden_texts(source):
            if message.loss:
                yield Trouble("", self.name, message.loss, f"{message.where}: not all of the text could be read")
            if not message.text:
                continue
            # NovelAI hides all its PNG texts as one object; other generators hide the one text alone.
            fields = parse_json_object(message.text)
            if fields and all(key and isinstance(value, str) for key, value in fields.items()):
                for key, value in fields.items():
                    yield Statement(self.name, message.where, key, str(value))
            else:
                yield Statement(self.name, message.where, "parameters", message.text)

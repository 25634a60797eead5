"""The label at the head of a text: front matter, as Markdown has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.sniff import TEXT
from provenance.media.source import Source
from provenance.media.text import decoded
from provenance.model.evidence import Statement

_KEY = "AIGC"
_HEAD = re.compile(r"---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_LABEL = re.compile(rf"^{_KEY}[ \t]*:[ \t]*(.*)((?:\r?\n[ \t]+.*)*)", re.MULTILINE)
_FIELD = re.compile(r"^[ \t]+[\"']?(\w{1,64})[\"']?[ \t]*:(.*)$", re.MULTILINE)


class FrontMatter(Carrier):
    """Of YAML front matter the field AIGC alone, on one line as JSON or spread over lines of its own.

    Whoever made the text, nothing else in it is a mark of origin.
    """

    name: ClassVar[str] = "front_matter"
    title: ClassVar[str] = "front matter of texts"
    media: ClassVar[frozenset[str]] = frozenset({TEXT})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Yield one statement for each label."""
        if source.at(0, 6).removeprefix(b"\xef\xbb\xbf").startswith(b"---") and (
            head := _HEAD.match(decoded(source.head))
        ):
            for found in _LABEL.finditer(head[1]):
                fields = {name: _unquoted(value) for name, value in _FIELD.findall(found[2])}
                value = _unquoted(found[1]) or (json.dumps(fields, ensure_ascii=False) if fields else "")
                if value:
                    yield Statement(self.name, f'front matter "{_KEY}"', _KEY, value)


def _unquoted(scalar: str) -> str:
    """A scalar without its quotes; what a comment or an escape would change is of no concern here."""
    value = scalar.strip()
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value

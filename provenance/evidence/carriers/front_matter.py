"""The AI label at the beginning of a text file: YAML front matter, as Markdown files have it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import ClassVar

from provenance.evidence.interface import Carrier, CarrierOutput
from provenance.media.source import Source
from provenance.media.text import decode_text
from provenance.media.types import TEXT
from provenance.model.evidence import Statement

_KEY = "AIGC"
_FENCE = b"---"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
"""Everything between the opening `---` and the closing `---` or `...`."""
_LABEL = re.compile(rf"^{_KEY}[ \t]*:[ \t]*(.*)((?:\r?\n[ \t]+.*)*)", re.MULTILINE)
"""The label: the rest of its line, and the indented lines below it."""
_FIELD = re.compile(r"^[ \t]+[\"']?(\w{1,64})[\"']?[ \t]*:(.*)$", re.MULTILINE)
"""One indented line of it: name and value."""


class FrontMatter(Carrier):
    """The field `AIGC` in the YAML front matter of a text file, as JSON on one line or as indented lines below it.

    No other field is read: none of them says how the text was made.
    """

    name: ClassVar[str] = "front_matter"
    title: ClassVar[str] = "the AIGC label in the front matter of text files"
    media: ClassVar[frozenset[str]] = frozenset({TEXT})
    counts_as_read: ClassVar[bool] = False

    def read(self, source: Source) -> Iterator[CarrierOutput]:
        """Report one statement for each label."""
        # Most texts have no front matter: six bytes show it before 64 KiB are decoded.
        beginning = source.at(0, len(_BYTE_ORDER_MARK) + len(_FENCE))
        if not beginning.removeprefix(_BYTE_ORDER_MARK).startswith(_FENCE):
            return
        front_matter = _FRONT_MATTER.match(decode_text(source.head))
        if not front_matter:
            return
        for label in _LABEL.finditer(front_matter[1]):
            value = _strip_quotes(label[1]) or _collect_fields(label[2])
            if value:
                yield Statement(self.name, f'front matter "{_KEY}"', _KEY, value)


def _collect_fields(lines: str) -> str:
    """Collect indented `name: value` lines into the JSON that the label has on a single line; empty if there are none.

    So signals have to understand one notation only.
    """
    fields = {name: _strip_quotes(value) for name, value in _FIELD.findall(lines)}
    if not fields:
        return ""
    return json.dumps(fields, ensure_ascii=False)


def _strip_quotes(scalar: str) -> str:
    """Strip the quotes around a YAML scalar; comments and escapes are left as they are, for no label needs them."""
    value = scalar.strip()
    is_quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    if is_quoted:
        return value[1:-1]
    return value

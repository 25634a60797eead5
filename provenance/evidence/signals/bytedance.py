"""ByteDance apps (Dreamina, Doubao, Douyin): the note that they write into exported files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import normalise_key, strip_padding
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_FIELDS = frozenset({"imagedescription", "usercomment", "comment", "description"})
# The notes are matched as text, not parsed: they are JSON whose values are often JSON in a string again.
_PRODUCT = re.compile(r'"product"\s*:\s*"([a-z_]{1,40})"', re.IGNORECASE)
_GENERATION = re.compile(r'"exportType"\s*:\s*"generation"', re.IGNORECASE)
_AIGC = re.compile(r'"aigc_type"\s*:\s*"?1"?\s*[,}]', re.IGNORECASE)
_LABEL = re.compile(r'"aigc_label_type"\s*:\s*"?[12]"?\s*[,}]', re.IGNORECASE)
_DREAMINA = frozenset({"dreamina", "dreamina_oversea"})
_DOUYIN = "aweme"
_LONGEST_NOTE = 262_144
"""Characters of a note that are searched."""


class Bytedance(Signal):
    """Recognised by an export note that says in so many words that its content was generated."""

    name = "bytedance"
    title = "ByteDance export notes"
    written_by = (
        "Exports of Dreamina, Doubao, Xinghui and Douyin: JSON with `product`, `exportType` and `aigc_info` in the "
        "EXIF ImageDescription or UserComment, or in the comment of a movie."
    )
    trust = "A declaration by the app that exported the file: unsigned and lost by any re-save."
    traps = (
        "The product alone says nothing: the same apps export camera material and plain edits. `aigc_label_type` 0 "
        "declares nothing."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every export note that declares generation."""
        for statement in select_visible(statements):
            text = strip_padding(statement.value[:_LONGEST_NOTE])
            # The note is a JSON object, or a JSON string with one in it; then all its quotes are escaped.
            if normalise_key(statement.key) not in _FIELDS or not text.startswith(("{", '"{')):
                continue
            declaration = _find_declaration(text.replace('\\"', '"'))
            if declaration:
                app, words = declaration
                detail = f"The export note of a ByteDance app contains {words}, which declares generated content."
                yield make_evidence(
                    self.name, statement, Origin.GENERATED, detail, tool=app, standing=Standing.DECLARED
                )


def _find_declaration(text: str) -> tuple[str, str] | None:
    """Return the app and the words that declare generation; None if the note does not declare it."""
    products = {match[1].casefold() for match in _PRODUCT.finditer(text)}
    if products & _DREAMINA and _GENERATION.search(text):
        return "Dreamina", "exportType generation"
    if '"aigc_info"' not in text:
        return None
    if _DOUYIN in products and _AIGC.search(text):
        return "Douyin", "aigc_type 1"
    label = _LABEL.search(text)
    if label:
        return "ByteDance", label[0].strip(" ,}").replace('"', "")
    return None

"""ByteDance apps (Dreamina, Doubao, Douyin): what their export notes say of AI."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.parse_text import normalise_key
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_FIELDS = frozenset({"imagedescription", "usercomment", "comment", "description"})
_PRODUCT = re.compile(r'"product"\s*:\s*"([a-z_]{1,40})"', re.IGNORECASE)
_GENERATION = re.compile(r'"exportType"\s*:\s*"generation"', re.IGNORECASE)
_AIGC = re.compile(r'"aigc_type"\s*:\s*"?1"?\s*[,}]', re.IGNORECASE)
_LABEL = re.compile(r'"aigc_label_type"\s*:\s*"?[12]"?\s*[,}]', re.IGNORECASE)
_READ = 262_144


class Bytedance(Signal):
    """An export note counts only where it says generation in so many words."""

    name = "bytedance"
    title = "ByteDance export notes"
    written_by = (
        "Exports of Dreamina, Doubao, Xinghui and Douyin: JSON with `product`, `exportType` and `aigc_info` in the "
        "EXIF ImageDescription or UserComment, or in the comment of a movie."
    )
    trust = "A declaration by the app that exported: unsigned and lost by any re-save."
    traps = (
        "The product alone says nothing: the same apps export camera material and plain edits. `aigc_label_type` 0 is "
        "no statement."
    )

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every export note that says generation."""
        for statement in select_visible(statements):
            text = statement.value[:_READ].strip("\0 \t\r\n")
            if normalise_key(statement.key) not in _FIELDS or not text.startswith(("{", '"{')):
                continue
            if reason := _reason(text.replace('\\"', '"')):
                tool, words = reason
                detail = f"The export note of a ByteDance app says {words}, which declares generated content."
                yield make_evidence(self.name, statement, Origin.GENERATED, detail, tool=tool, standing=Standing.DECLARED)


def _reason(text: str) -> tuple[str, str] | None:
    """The app and the words that declare generation; None where the note does not say so."""
    products = {match[1].casefold() for match in _PRODUCT.finditer(text)}
    if products & {"dreamina", "dreamina_oversea"} and _GENERATION.search(text):
        return "Dreamina", "exportType generation"
    if '"aigc_info"' in text and "aweme" in products and _AIGC.search(text):
        return "Douyin", "aigc_type 1"
    if '"aigc_info"' in text and (label := _LABEL.search(text)):
        return "ByteDance", label[0].strip(" ,}").replace('"', "")
    return None

"""The Chinese AI label: GB 45438-2025, the metadata element AIGC."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import make_evidence, select_visible
from provenance.evidence.text.parse_text import (
    FREE_TEXT_FIELDS,
    as_object,
    as_text,
    normalise_key,
    parse_json_object,
    shorten,
)  # fmt: skip
from provenance.model.evidence import Evidence, Statement
from provenance.model.vocabulary import Origin, Standing

_FIELDS = {
    "label": "Label",
    "contentproducer": "ContentProducer",
    "produceid": "ProduceID",
    "reservedcode1": "ReservedCode1",
    "contentpropagator": "ContentPropagator",
    "propagateid": "PropagateID",
    "reservedcode2": "ReservedCode2",
}
"""The fields of the standard, by their names in lower case."""
_REQUIRED_FIELDS = ("label", "contentproducer", "produceid")
_TENCENT_FIELDS = frozenset({"serviceprovider", "serviceuser", "contentid"})
"""Fields of Tencent's own form, which has no Label; the form itself declares generation."""
_NOT_GENERATED = "0"
_MEANINGS = {
    "1": (Origin.GENERATED, "generated"),
    "aigc": (Origin.GENERATED, "generated"),
    "2": (Origin.POSSIBLY_GENERATED, "possibly generated"),
    "3": (Origin.POSSIBLY_GENERATED, "suspected to be generated"),
}
"""Values of Label, and what they declare."""
_PERMITTED_TEXT = re.compile(r"[\x21-\x7e]*")
"""The characters that the standard permits in values: visible ASCII."""
_PREFIX = re.compile(r"\AAIGC[\s:=]*(?=\{)")
"""The name of the label directly before its object, as in a segment of a JPEG."""
_JSON_BEGINNING = 64
"""Characters at the beginning of a text in which the object must start."""


class Tc260(Signal):
    """Recognised by an object with at least one field of the standard, under the name AIGC, in any carrier."""

    name = "tc260"
    title = "Chinese AI label (GB 45438)"
    written_by = (
        "Services under Chinese law since September 2025 (Kling, Hailuo, Jimeng, Doubao, Qwen, Wan …): JSON named AIGC "
        "in XMP (TC260:AIGC), PNG text, EXIF UserComment, QuickTime keys, Matroska and Vorbis tags, RIFF, ID3, PDF, "
        "Office."
    )
    trust = (
        "A declaration required by law: unsigned as far as can be verified here (a signature under ReservedCode1 needs "
        "keys of the vendor). Label 1 means generated, 2 possibly, 3 suspected. A label that departs from the standard "
        "counts all the same; the evidence says how it departs."
    )
    traps = "The letters AIGC in any other text; an object of that name without a field of the standard; Label 0."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Yield evidence for every label; each says if there are several different ones in the file."""
        labels = []
        for statement in select_visible(statements):
            label = _parse_label(statement)
            if label:
                labels.append((statement, label))
        # Writers often put the same label into several places, which is fine. Different labels contradict each other.
        different = {tuple(sorted(label.items())) for _, label in labels}
        for statement, label in labels:
            origin, meaning = _interpret(label)
            if origin is Origin.UNKNOWN:
                continue
            producer = label.get("contentproducer") or label.get("serviceprovider") or ""
            faults = list(_find_faults(label))
            if len(different) > 1:
                faults.append(f"{len(different)} different labels in one file")
            detail = _describe(meaning, producer, faults)
            yield make_evidence(self.name, statement, origin, detail, tool=producer, standing=Standing.DECLARED)


def _describe(meaning: str, producer: str, faults: Sequence[str]) -> str:
    detail = f"A Chinese AI label says that the content is {meaning}"
    if producer:
        detail += f", by {shorten(producer, 60)}"
    if faults:
        detail += f" ({'; '.join(faults)})"
    return f"{detail}."


def _parse_label(statement: Statement) -> Mapping[str, str]:
    """Parse the label in a statement, names in lower case; empty if there is none.

    The name AIGC must be there: as key of the statement, before the object, or as key of an object around it.
    """
    # 1. Only fields in which labels occur, and only texts that can be a JSON object.
    field = normalise_key(statement.key)
    text = statement.value.strip("\ufeff\0 \t\r\n")
    has_name = field == "aigc" or _PREFIX.match(text) is not None
    if "{" not in text[:_JSON_BEGINNING] or not (has_name or field in FREE_TEXT_FIELDS):
        return {}

    # 2. Some writers put the object into XMP with escaped quotes.
    if "&quot;" in text:
        text = html.unescape(text)
    text, prefixes = _PREFIX.subn("", text)
    has_name = field == "aigc" or prefixes > 0

    # 3. The label is the value of AIGC, as an object or as JSON in a string, or the object itself.
    document = parse_json_object(text)
    inner = _get_aigc(document)
    label = document
    if isinstance(inner, str):
        label = parse_json_object(inner)
    elif inner is not None:
        label = as_object(inner)
    elif not has_name:
        return {}

    # 4. It must have a field of the standard, or of the form that deviates from it.
    fields = {name.casefold(): as_text(value) for name, value in label.items()}
    if fields.keys() & (_FIELDS.keys() | _TENCENT_FIELDS):
        return fields
    return {}


def _get_aigc(document: Mapping[str, object]) -> object:
    for name, value in document.items():
        if name.casefold() == "aigc":
            return value
    return None


def _interpret(label: Mapping[str, str]) -> tuple[Origin, str]:
    """Return the origin that a label declares, and its meaning in words; `UNKNOWN` if it denies generation."""
    value = label.get("label", "")
    if value == _NOT_GENERATED:
        return Origin.UNKNOWN, ""
    if not value and _TENCENT_FIELDS & label.keys():
        return Origin.GENERATED, "generated"
    # A value that the standard does not define still is a label: somebody has to look.
    unknown = (Origin.POSSIBLY_GENERATED, f'"{shorten(value, 20)}", a value that the standard does not define')
    return _MEANINGS.get(value.casefold(), unknown)


def _find_faults(label: Mapping[str, str]) -> Iterator[str]:
    """Yield in words how a label departs from the standard."""
    if _TENCENT_FIELDS & label.keys():
        yield "in a vendor's own form"
        return
    missing = [_FIELDS[field] for field in _REQUIRED_FIELDS if not label.get(field)]
    if missing:
        yield f"{' and '.join(missing)} missing"
    if not all(_PERMITTED_TEXT.fullmatch(label.get(field, "")) for field in _FIELDS):
        yield "with characters that the standard forbids"

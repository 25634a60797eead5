"""The Chinese AI label: GB 45438-2025, the metadata element AIGC."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from provenance.evidence.interface import Signal
from provenance.evidence.text.make_evidence import select_visible, make_evidence
from provenance.evidence.text.parse_text import FREE_TEXT_FIELDS, shorten, parse_json_object, as_object, normalise_key, as_text
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
_VARIANT = frozenset({"serviceprovider", "serviceuser", "contentid"})
_REQUIRED = ("label", "contentproducer", "produceid")
_LABELS = {
    "1": (Origin.GENERATED, "generated"),
    "aigc": (Origin.GENERATED, "generated"),
    "2": (Origin.POSSIBLY_GENERATED, "possibly generated"),
    "3": (Origin.POSSIBLY_GENERATED, "suspected to be generated"),
}
_PRINTABLE = re.compile(r"[\x21-\x7e]*")
_LOOSE = re.compile(r"\AAIGC[\s:=]*(?=\{)")


class Tc260(Signal):
    """An object with at least one field of the standard, under the name AIGC, in any carrier."""

    name = "tc260"
    title = "Chinese AI label (GB 45438)"
    written_by = (
        "Services under Chinese law since September 2025 (Kling, Hailuo, Jimeng, Doubao, Qwen, Wan …): JSON named AIGC "
        "in XMP (TC260:AIGC), PNG text, EXIF UserComment, QuickTime keys, Matroska and Vorbis tags, RIFF, ID3, PDF, "
        "Office."
    )
    trust = (
        "A declaration required by law: unsigned as far as can be checked here (a signature under ReservedCode1 needs "
        "keys of the vendor). Label 1 says generated, 2 possibly, 3 suspected. Faults of form are told and do not undo "
        "it."
    )
    traps = "The letters AIGC in any other text; an object of that name without a field of the standard; Label 0."

    def read(self, statements: Sequence[Statement]) -> Iterator[Evidence]:
        """Evidence for every label; that there are several is told with each."""
        labels = [(row, label) for row in select_visible(statements) if (label := _label_of(row))]
        different = len({tuple(sorted(label.items())) for _, label in labels})
        for row, label in labels:
            origin, meaning = _meaning(label)
            if origin is Origin.UNKNOWN:
                continue
            producer = label.get("contentproducer") or label.get("serviceprovider") or ""
            faults = list(_faults(label))
            if different > 1:
                faults.append(f"{different} different labels in one file")
            by = f", by {shorten(producer, 60)}" if producer else ""
            form = f" ({'; '.join(faults)})" if faults else ""
            detail = f"A Chinese AI label says {meaning}{by}{form}."
            yield make_evidence(self.name, row, origin, detail, tool=producer, standing=Standing.DECLARED)


def _label_of(statement: Statement) -> Mapping[str, str]:
    """The label in a statement, names case folded; empty if it holds none."""
    key, text = normalise_key(statement.key), statement.value.strip("\ufeff\0 \t\r\n")
    named = key == "aigc"
    if "{" not in text[:64] or not (named or key in FREE_TEXT_FIELDS or _LOOSE.match(text)):
        return {}
    if "&quot;" in text:
        text = html.unescape(text)
    bare, count = _LOOSE.subn("", text)
    outer = parse_json_object(bare)
    inner = next((value for given, value in outer.items() if given.casefold() == "aigc"), None)
    if inner is None and not (named or count):
        return {}
    label = as_object(parse_json_object(inner) if isinstance(inner, str) else inner) if inner is not None else outer
    fields = {given.casefold(): as_text(value) for given, value in label.items()}
    return fields if fields.keys() & (_FIELDS.keys() | _VARIANT) else {}


def _meaning(label: Mapping[str, str]) -> tuple[Origin, str]:
    said = label.get("label", "")
    if said == "0":
        return Origin.UNKNOWN, ""
    if not said and _VARIANT & label.keys():
        return Origin.GENERATED, "generated"
    return _LABELS.get(said.casefold(), (Origin.POSSIBLY_GENERATED, f'"{shorten(said, 20)}", which the standard lacks'))


def _faults(label: Mapping[str, str]) -> Iterator[str]:
    """Where a label departs from the standard, in words."""
    if _VARIANT & label.keys():
        yield "in a vendor's own form"
        return
    missing = [_FIELDS[field] for field in _REQUIRED if not label.get(field)]
    if missing:
        yield f"{' and '.join(missing)} missing"
    if any(not _PRINTABLE.fullmatch(label.get(field, "")) for field in _FIELDS):
        yield "with characters that the standard forbids"

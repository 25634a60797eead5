"""What the register says of a content, in the words of conditions."""

from __future__ import annotations

from provenance.model.declaration import Entry, EntryEvent, Event, RegisteredEntry
from provenance.model.declared import Declared, DeclaredUse, Licence, PresentedAsReal, Prominence, Purpose
from provenance.policy.conditions import CHOICES
from provenance.policy.declarations.tool import Tool
from provenance.policy.declarations.use import Use
from provenance.policy.declared import collect_declared
from provenance.policy.fields import Choice

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def registered(kind: str, name: str, *, event: Event = Event.ADDED, **values: str | tuple[str, ...]) -> RegisteredEntry:
    rows = tuple((key, (value,) if isinstance(value, str) else value) for key, value in values.items())
    return RegisteredEntry((EntryEvent(event, Entry(kind, name, rows), "2026-11-27T00:00:00Z", "me"),))


def test_uses_tools_and_rights_come_together_by_content() -> None:
    declared = collect_declared(
        [
            registered("tool", "t1", licence="enterprise"),
            registered("use", "u1", tool="t1", purpose="background", prominence="incidental", content=(ONE, TWO)),
            registered("use", "u2", tool="gone", purpose="talent", presented_as_real="yes", content=(TWO,)),
            registered("use", "u3", purpose="ideation"),
            registered("use", "u4", event=Event.WITHDRAWN, purpose="ideation", content=(ONE,)),
            registered("right", "r1", content=(ONE,), territory=("CN", "DE")),
        ]
    )
    background = DeclaredUse(Purpose.BACKGROUND, Prominence.INCIDENTAL, Licence.ENTERPRISE)
    talent = DeclaredUse(Purpose.TALENT, presented_as_real=PresentedAsReal.YES)
    assert declared == {ONE: Declared((background,), ("CN", "DE")), TWO: Declared((background, talent))}


def test_conditions_and_register_have_the_same_words() -> None:
    fields = {field.name: field.type for kind in (Use(), Tool()) for field in kind.own_fields}
    for key, words in CHOICES.items():
        if key != "zone":
            kind = fields[key]
            assert isinstance(kind, Choice), key
            assert set(kind.words) == set(words), key

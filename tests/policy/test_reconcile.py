"""What was declared against what was found: each difference is said with what it rests on, and nothing else is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from provenance.model.declaration import Entry, EntryEvent, Event, RegisteredEntry
from provenance.model.evidence import Evidence, Used
from provenance.model.finding import Case
from provenance.model.match import COPY, SHARES
from provenance.model.reconciliation import Outcome, RegisterItem
from provenance.model.vocabulary import Origin, Zone
from provenance.policy.reconcile import ApprovedPlace, Register
from tests.policy.build import DIGEST, case, evidence, match
from tests.policy.test_register_rows import entry_of

TODAY = date(2026, 11, 22)
KNOWN = "sha256:" + "cd" * 32
OTHER = "sha256:" + "ef" * 32


def register(*entries: Entry, withdrawn: Sequence[Entry] = (), **more: object) -> Register:
    rows = [RegisteredEntry((EntryEvent(Event.ADDED, row, "", ""),)) for row in entries]
    rows += [RegisteredEntry((EntryEvent(Event.WITHDRAWN, row, "", ""),)) for row in withdrawn]
    return Register(rows, TODAY, **more)  # type: ignore[arg-type]


def outcomes(found: Register, seen: Case) -> list[tuple[Outcome, str]]:
    items = list(found.compare(seen))
    assert all(item.because for item in items), "a finding rests on something"
    return [(item.outcome, item.id) for item in items]


def made(tool: str | None = "Gen 2.1", origin: Origin = Origin.GENERATED, used: Used | None = None) -> Evidence:
    return replace(evidence(origin, tool=tool), used=used)


TOOL = entry_of("tool", found_as="Gen; Generator Pro")
USE = entry_of("use", content=DIGEST)
GENERAL = entry_of("use")


@pytest.mark.parametrize(
    ("name", "is_declared"),
    [
        ("Gen", True),
        ("gen  2.1", True),
        ("GENERATOR PRO (v3)", True),
        ("Firm Gen", True),
        ("Genesis", False),
        ("Other Gen", False),
        ("", False),
    ],
)
def test_a_tool_is_known_by_its_names_up_to_a_version(name: str, is_declared: bool) -> None:
    assert (register(TOOL).find_tool(name) is not None) is is_declared


def test_tools_and_uses_that_nobody_declared() -> None:
    seen = case(made())
    assert outcomes(register(), seen) == [(Outcome.UNDECLARED_TOOL, ""), (Outcome.UNDECLARED_USE, "")]
    assert outcomes(register(TOOL), seen) == [(Outcome.UNDECLARED_USE, "")]
    assert outcomes(register(TOOL, USE), seen) == outcomes(register(TOOL, GENERAL), seen) == []
    assert outcomes(register(TOOL, entry_of("use", content=OTHER)), seen) == [(Outcome.UNDECLARED_USE, "")]
    assert outcomes(register(TOOL, entry_of("use", purpose="key-visual")), seen) == [(Outcome.UNDECLARED_USE, "")]
    approval = entry_of("approval", content=DIGEST, use="u1")
    assert outcomes(register(TOOL, entry_of("use", content=OTHER), approval), seen) == [], "an approval of that use"
    assert (Outcome.UNDECLARED_TOOL, "") in outcomes(register(USE, withdrawn=[TOOL]), seen)


def test_what_is_not_generated_needs_no_declaration() -> None:
    for origin in (Origin.CAPTURED, Origin.ENHANCED, Origin.POSSIBLY_GENERATED, Origin.CREATED):
        assert outcomes(register(), case(made("Camera", origin))) == []
    assert outcomes(register(), case(match(SHARES, Origin.GENERATED))) == []
    assert outcomes(register(), case(match(COPY, Origin.CAPTURED))) == []


def test_a_copy_is_declared_with_what_it_is_a_copy_of() -> None:
    film = case(match(COPY, Origin.GENERATED))
    assert outcomes(register(), film) == [(Outcome.UNDECLARED_USE, "")]
    assert outcomes(register(entry_of("use", content=KNOWN)), film) == []
    assert outcomes(register(USE), film) == [], "the film itself is declared"


def test_rules_are_silent_about_kinds_that_nobody_keeps() -> None:
    seen = case(made())
    assert list(register(entry_of("watch")).compare_where_kept(seen)) == []
    assert [item.outcome for item in register(TOOL).compare_where_kept(seen)] == []
    assert [item.outcome for item in register(GENERAL).compare_where_kept(seen)] == [Outcome.UNDECLARED_USE], (
        "of a tool that is not in the register, as long as no tools are"
    )


@pytest.mark.parametrize(
    ("prompt", "words", "is_found"),
    [
        ("portrait of Mara Dawn, film still", "mara dawn", True),
        ("portrait of mara_dawn", "Mara Dawn", True),
        ("marathon at dawn", "Mara", False),
        ("in the style of Café", "CAFE\u0301", True),
        ("穿红衣的张三在海边", "张三", True),
        ("c++ poster", "C++", True),
        ("nothing", "other; more", False),
    ],
)
def test_watched_words_are_found_as_whole_words(prompt: str, words: str, is_found: bool) -> None:
    seen = case(made(used=Used(prompt=prompt)))
    found = (Outcome.WATCHED_WORD, "w1") in outcomes(register(entry_of("watch", words=words)), seen)
    assert found is is_found


def test_a_word_that_was_to_be_avoided_is_not_watched() -> None:
    seen = case(made(used=Used(prompt="a castle", negative_prompt="Mara Dawn")))
    assert (Outcome.WATCHED_WORD, "w1") not in outcomes(register(entry_of("watch", words="Mara Dawn")), seen)


def named(zone: Zone, origin: Origin = Origin.UNKNOWN) -> Case:
    plain = case(digest=OTHER)
    return replace(plain, origin=origin, location=replace(plain.location, zone=zone))


def test_material_of_the_production_in_a_tool_that_may_not_have_it() -> None:
    seen = case(made("Gen", used=Used(inputs=("C:\\shots\\plate_01.png [input]", "noise.png"))))
    files = {"plate_01.png": [named(Zone.EDITORIAL)]}

    def judged(tool: Entry, *more: Entry) -> list[str]:
        found = register(tool, USE, *more, find_named=lambda name: files.get(name, []))
        return [item.message for item in found.compare(seen) if item.outcome is Outcome.INPUT_NOT_ALLOWED]

    [message] = judged(entry_of("tool", keeps_inputs="yes"))
    assert "plate_01.png" in message
    assert judged(entry_of("tool", trains_on_inputs="yes", allowed_inputs="own")) == []
    assert judged(entry_of("tool")) == [], "its terms protect what it is given"
    assert len(judged(entry_of("tool", allowed_inputs="none"))) == 1
    right = entry_of("right", content=OTHER)
    assert len(judged(entry_of("tool", allowed_inputs="own"), right)) == 1, "it is licensed, not own"
    assert judged(entry_of("tool", allowed_inputs="own; licensed"), right) == []
    for other in (named(Zone.REFERENCE), named(Zone.TEMP), named(Zone.EDITORIAL, Origin.GENERATED)):
        files["plate_01.png"] = [other]
        assert judged(entry_of("tool", allowed_inputs="none")) == []


def test_another_content_where_an_approved_one_was() -> None:
    approval = entry_of("approval", content=KNOWN)
    place = ApprovedPlace("a1", KNOWN, "shots/a.png", "/delivery/shots/a.png")
    gone = register(TOOL, USE, approval, places=[place])
    assert outcomes(gone, case()) == [(Outcome.CHANGED_CONTENT, "a1")], "the very place"
    elsewhere = replace(place, place="/other/shots/a.png")
    assert outcomes(register(TOOL, USE, approval, places=[elsewhere]), case()) == [], "the name alone says little"
    assert outcomes(register(TOOL, USE, approval, places=[elsewhere]), case(made())) == [
        (Outcome.CHANGED_CONTENT, "a1")
    ]
    assert outcomes(register(approval, places=[replace(place, path="b.png", place="/x/b.png")]), case()) == []
    still_there = register(
        approval, places=[place], is_present=lambda digest, root: (digest, root) == (KNOWN, "/delivery")
    )
    assert outcomes(still_there, case()) == [], "it was moved, and not changed"
    both = register(approval, entry_of("approval", id="a2"), places=[place])
    assert outcomes(both, case()) == [], "what is there now is approved as well"


@pytest.mark.parametrize(
    ("days", "wanted"),
    [
        (["2026-11-21"], [(Outcome.EXPIRED, "a0")]),
        (["2026-11-22"], [(Outcome.EXPIRING, "a0")]),
        (["2026-12-22"], [(Outcome.EXPIRING, "a0")]),
        (["2026-12-23"], []),
        (["2026-11-21", "2027-11-21"], []),
    ],
)
def test_the_approval_that_lasts_longest_counts(days: list[str], wanted: list[tuple[Outcome, str]]) -> None:
    rows = [entry_of("approval", id=f"a{number}", until=day) for number, day in enumerate(days)]
    assert outcomes(register(*rows), case()) == wanted
    concluded = {item.id: item.outcome for item in register(*rows).conclude({DIGEST: case()}, [])}
    assert concluded["a0"] is (wanted[0][0] if wanted else {1: Outcome.AGREES}.get(len(days), Outcome.EXPIRED))
    assert {item.outcome for item in register(rows[0]).conclude({}, [])} <= {Outcome.NOT_FOUND, Outcome.EXPIRING}


def test_a_use_of_talent_needs_a_consent_that_was_signed_before() -> None:
    use = entry_of("use", purpose="talent", content=DIGEST, **{"from": "2026-03-01"})
    missing = [(Outcome.CONSENT_MISSING, "u1")]
    assert outcomes(register(use), case()) == missing
    assert outcomes(register(use, entry_of("consent", content=DIGEST)), case()) == []
    assert outcomes(register(use, entry_of("consent", content=OTHER)), case()) == missing
    assert outcomes(register(use, entry_of("consent", content=DIGEST, signed_on="2026-03-02")), case()) == missing
    assert outcomes(register(use, entry_of("consent", content=DIGEST, until="2026-11-21")), case()) == missing
    assert outcomes(register(use, entry_of("consent")), case()) == missing, "of whom, nobody can say"
    named_use = entry_of("use", purpose="talent", content=DIGEST, description="younger face of Jo Actor in scene 3")
    assert outcomes(register(named_use, entry_of("consent")), case()) == []
    assert outcomes(register(entry_of("use", content=DIGEST)), case()) == [], "a background is no talent"
    assert (
        outcomes(register(entry_of("use", purpose="talent", content=KNOWN)), case(match(COPY, Origin.CAPTURED)))
        == missing
    )


def concluded(found: Register, *seen: Case, tools: Sequence[str] = ()) -> dict[str, str]:
    items: list[RegisterItem] = list(found.conclude({row.reading.asset.digest: row for row in seen}, tools))
    assert all(item.message for item in items)
    return {item.id: item.outcome.value for item in items}


def test_what_became_of_each_entry() -> None:
    entries = [
        TOOL,
        entry_of("tool", id="t2", name="Unused"),
        USE,
        entry_of("use", id="u2"),
        entry_of("use", id="u3", content=OTHER),
        entry_of("use", id="u4", purpose="talent"),
        entry_of("right"),
        entry_of("consent"),
        entry_of("watch"),
    ]
    found = concluded(register(*entries), case(digest="sha256:" + "ab" * 32), tools=["Gen 3"])
    assert found == {
        "t1": "agrees",
        "t2": "not-found",
        "u1": "agrees",
        "u2": "agrees",
        "u3": "not-found",
        "u4": "consent-missing",
        "r1": "agrees",
        "c1": "not-found",
        "w1": "not-found",
    }

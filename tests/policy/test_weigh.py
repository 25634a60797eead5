"""Entries with conditions: which one counts, what it is told to rest on, and what a pack must not leave open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from provenance.errors import UsageError
from provenance.model.cut import Timeline, Use
from provenance.model.declared import Declared, DeclaredUse, Licence, PresentedAsReal, Prominence, Purpose
from provenance.model.finding import Case, Finding
from provenance.model.match import COPY
from provenance.model.vocabulary import Origin, Severity, Zone
from provenance.policy import packs
from provenance.policy.judge import judge
from provenance.policy.judge_cuts import judge_cuts
from tests.policy.build import DIGEST, case, evidence, match

TODAY = date(2026, 11, 27)
KNOWN = match(COPY, Origin.GENERATED).known.digest
NETFLIX = packs.load("netflix")
INCIDENTAL = DeclaredUse(Purpose.BACKGROUND, Prominence.INCIDENTAL)
HEAD = 'name = "house"\nversion = "1"\ntitle = "t"\nsource = "s"\n'


def entry(severity: str, *conditions: str, rule: str = '"enhanced"') -> str:
    lines = [f"id = {rule}", f'severity = "{severity}"', 'clause = "C"', 'says = "s"', *conditions]
    return "\n".join(["[[rule]]", *lines, ""])


def pack(*entries: str) -> packs.Pack:
    return packs.parse((HEAD + "".join(entries)).encode(), "policy x.toml")


def found(
    one: Case, policy: packs.Pack, *uses: DeclaredUse, of: str = DIGEST, territories: tuple[str, ...] = ()
) -> list[Finding]:
    declarations = {of: Declared(uses, territories)} if uses or territories else {}
    return list(judge([one], policy, (), TODAY, declarations))


@pytest.mark.parametrize(
    ("uses", "severity", "clause"),
    [
        ((), Severity.BLOCK, "NFX-P4"),
        ((DeclaredUse(Purpose.IDEATION),), Severity.BLOCK, "NFX-01"),
        ((INCIDENTAL,), Severity.REVIEW, "NFX-02"),
        ((DeclaredUse(Purpose.BACKGROUND, Prominence.STORY),), Severity.BLOCK, "NFX-02"),
        ((DeclaredUse(Purpose.BACKGROUND),), Severity.BLOCK, "NFX-P4"),
        ((DeclaredUse(Purpose.KEY_VISUAL),), Severity.BLOCK, "NFX-03"),
        ((DeclaredUse(Purpose.TALENT),), Severity.BLOCK, "NFX-04"),
        ((DeclaredUse(Purpose.TRAINING),), Severity.BLOCK, "NFX-05"),
        ((DeclaredUse(Purpose.PROPRIETARY, licence=Licence.FREE),), Severity.BLOCK, "NFX-06"),
        ((DeclaredUse(Purpose.PROPRIETARY, licence=Licence.ENTERPRISE),), Severity.BLOCK, "NFX-P4"),
        ((INCIDENTAL, DeclaredUse(Purpose.TALENT)), Severity.BLOCK, "NFX-04"),
        ((INCIDENTAL, DeclaredUse()), Severity.BLOCK, "NFX-P4"),
    ],
)
def test_the_matrix_of_uses(uses: tuple[DeclaredUse, ...], severity: Severity, clause: str) -> None:
    (finding,) = found(case(evidence()), NETFLIX, *uses)
    assert finding.severity is severity
    assert (finding.clause or "").startswith(clause + ": ")


def test_a_finding_says_by_what_it_was_weighed_and_what_nobody_declared() -> None:
    (finding,) = found(case(evidence()), NETFLIX, INCIDENTAL)
    assert (finding.conditions, finding.not_declared) == (("purpose: background", "prominence: incidental"), ())
    (finding,) = found(case(evidence()), NETFLIX)
    assert (finding.conditions, finding.not_declared) == ((), ("purpose", "prominence", "licence"))
    # Of talent nothing else would change anything.
    (finding,) = found(case(evidence()), NETFLIX, DeclaredUse(Purpose.TALENT))
    assert finding.not_declared == ()
    (finding,) = found(case(evidence()), NETFLIX, DeclaredUse(Purpose.BACKGROUND))
    assert finding.not_declared == ("prominence",)


def test_of_a_copy_the_declarations_of_the_known_material_count() -> None:
    shown = case(match(COPY, Origin.GENERATED))
    assert [row.severity for row in found(shown, NETFLIX, INCIDENTAL, of=KNOWN)] == [Severity.REVIEW]
    # A use of the film says nothing of what was found in it.
    assert [row.severity for row in found(shown, NETFLIX, INCIDENTAL)] == [Severity.BLOCK]


def test_the_gravest_of_the_entries_that_hold_counts_whatever_their_order() -> None:
    real = DeclaredUse(Purpose.BACKGROUND, presented_as_real=PresentedAsReal.YES)
    mild, grave = entry("note", 'purpose = "background"'), entry("block", 'presented_as_real = "yes"')
    for policy in (pack(mild, grave, entry("review")), pack(entry("review"), grave, mild)):
        assert [row.severity for row in found(case(evidence(Origin.ENHANCED)), policy, real)] == [Severity.BLOCK]


def test_a_zone_and_a_territory() -> None:
    policy = pack(entry("block", 'zone = ["archive", "temp"]'), entry("note"))
    one = case(evidence(Origin.ENHANCED))
    kept = replace(one, location=replace(one.location, zone=Zone.TEMP))
    assert [found(row, policy)[0].severity for row in (one, kept)] == [Severity.NOTE, Severity.BLOCK]
    policy = pack(entry("block", 'territory = "CN"'), entry("review"))
    for territories, severity in ((("CN", "TW"), "block"), (("world",), "block"), (("DE",), "review"), ((), "review")):
        assert found(one, policy, territories=territories)[0].severity == severity


def test_a_rule_may_be_asked_in_one_zone_alone_and_the_report_says_so() -> None:
    policy = pack(entry("block", 'zone = "archive"'))
    assert found(case(evidence(Origin.ENHANCED)), policy) == []
    named = {row.rule: row.but_where for row in policy.identity.not_asked}
    assert named["enhanced"] == "zone: archive"
    assert named["altered-archive"] == ""


def test_uses_in_a_cut_are_weighed_by_what_is_declared_of_the_source() -> None:
    timeline = Timeline("cut.edl", "/d", "sha256:00", "cmx3600", "cut", "24", "file", False, None, 24, ("V1",), 1)
    use = Use(
        "cut.edl", "V1", "1", "01:00:00:00", "01:00:01:00", (0, 24), "a.png", None, None, DIGEST, "digest",
        origin=Origin.PARTLY_GENERATED,
    )  # fmt: skip
    for uses, severity in (((), Severity.BLOCK), ((INCIDENTAL,), Severity.REVIEW)):
        (finding,) = judge_cuts([timeline], [use], NETFLIX, {}, {DIGEST: Declared(uses)})
        assert finding.severity is severity


@pytest.mark.parametrize(
    ("entries", "says", "hint"),
    [
        ([entry("note", 'zone = "attic"')], "zone = 'attic'", "archive, deliverable, editorial"),
        ([entry("note", 'purpose = "fun"'), entry("note")], "purpose = 'fun'", "valid: background"),
        ([entry("note", 'territory = "Ruritania"'), entry("note")], "territory = 'Ruritania'", "ISO 3166"),
        ([entry("note", "presented_as_real = true"), entry("note")], "must be a text", "valid: no, yes"),
        ([entry("note", "zone = []")], "zone must be", "valid: "),
        ([entry("note", 'when = "always"')], "unknown key 'when'", "zone"),
        ([entry("note", 'purpose = "talent"')], "only where purpose is declared", "without conditions"),
        ([entry("block", 'purpose = "talent"'), entry("note", 'zone = "temp"')], "only where purpose", ""),
        ([entry("note"), entry("block")], "names 'enhanced' twice", "different conditions"),
        ([entry("note", 'zone = "temp"', rule='"package_incomplete"')], "takes no conditions", "a package"),
        ([entry("note", 'zone = "temp"', rule='"generated_in_cut"')], "no other zone than 'archive'", ""),
        ([entry("note", rule="[]")], "id must name a rule", ""),
        ([entry("note", rule='["enhanced", "enhansed"]')], "unknown rule 'enhansed'", "did you mean"),
    ],
)
def test_conditions_that_leave_something_open_stop_the_run(entries: list[str], says: str, hint: str) -> None:
    with pytest.raises(UsageError) as complaint:
        pack(*entries)
    assert says in complaint.value.message
    assert hint in complaint.value.hint

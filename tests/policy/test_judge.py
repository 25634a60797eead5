from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.model.evidence import Credential, Evidence, Statement, Trouble
from provenance.model.finding import Because, BoundApproval, Case, Finding
from provenance.model.match import Known, Match, Span
from provenance.model.vocabulary import AI_ORIGINS, Cause, Origin, Severity, Standing
from provenance.policy import packs
from provenance.policy.judge import gate, judge, judge_troubles
from tests.policy.build import approval, bound, case, credential, evidence, match, statement, trouble

TODAY = date(2026, 11, 22)
PACK = packs.load("netflix")


def found(*cases: Case, approvals: tuple[BoundApproval, ...] = (), pack: packs.Pack = PACK) -> list[Finding]:
    return list(judge(cases, pack, approvals, TODAY))


def test_severity_clause_and_remedy_come_from_pack_and_rule() -> None:
    (finding,) = found(case(evidence(Origin.GENERATED), path="art/poster.png"))
    rule = packs.load_rules()["generated-in-deliverable"]
    assert (finding.rule, finding.severity, finding.path) == (rule.id, Severity.BLOCK, "art/poster.png")
    assert finding.remedy == rule.remedy
    assert finding.clause is not None
    assert finding.clause.startswith("NFX-P4: ")


def test_another_client_weighs_the_same_case_otherwise() -> None:
    mild = packs.parse(
        b'name="m"\nversion="1"\ntitle="t"\nsource="s"\n'
        b'[[rule]]\nid="generated-in-deliverable"\nseverity="note"\nclause="C"\nsays="s"\n',
        "mild",
    )
    rows = found(case(evidence(Origin.GENERATED), trouble()), pack=mild)
    assert [(row.rule, row.severity) for row in rows] == [("generated-in-deliverable", Severity.NOTE)]


def test_nothing_known_is_no_finding() -> None:
    assert found(case()) == []


def test_a_frame_that_differs_is_named() -> None:
    (finding,) = found(case(evidence(Origin.GENERATED), frame=1017))
    assert finding.frame == 1017
    assert finding.message.startswith("Frame 1017: ")


def test_frame_zero_is_a_frame() -> None:
    (finding,) = found(case(evidence(Origin.GENERATED), frame=0))
    assert (finding.frame, finding.message[:8]) == (0, "Frame 0:")


def test_the_time_of_a_match_stands_in_the_finding() -> None:
    (finding,) = found(case(match("confirmed-copy", Origin.GENERATED, Span(1.0, 2.0))))
    assert (finding.time, finding.severity) == (Span(1.0, 2.0), Severity.BLOCK)


def test_order_is_that_of_cases_and_pack() -> None:
    both = case(evidence(Origin.GENERATED), trouble()), case(credential(binding="broken"), path="b.png")
    assert [row.rule for row in found(*both)] == ["generated-in-deliverable", "not-looked-at", "broken-credential"]
    assert found(*both) == found(*both)


def test_an_approved_finding_stays_and_names_its_approval() -> None:
    word = bound(evidence(Origin.GENERATED))
    (finding,) = found(case(evidence(Origin.GENERATED)), approvals=(word,))
    assert finding.waived_by == word.approval


def test_an_approval_holds_for_one_content_only() -> None:
    other = bound(evidence(Origin.GENERATED), digest="sha256:" + "ef" * 32)
    (finding,) = found(case(evidence(Origin.GENERATED)), approvals=(other,))
    assert finding.waived_by is None


def test_no_approval_lets_through_what_nobody_could_look_at() -> None:
    told = (evidence(Origin.GENERATED), trouble(Cause.OVERSIZED))
    rows = found(case(*told), approvals=(bound(*told),))
    assert {row.rule: row.waived_by is None for row in rows} == {
        "generated-in-deliverable": False,
        "not-looked-at": True,
    }


def test_troubles_without_an_asset_are_found_too() -> None:
    (finding,) = judge_troubles([trouble(Cause.UNREADABLE, "shots")], PACK)
    assert (finding.rule, finding.severity, finding.path, finding.digest) == (
        "not-looked-at",
        Severity.REVIEW,
        "shots",
        "",
    )


def test_what_the_search_lacks_is_not_mended_by_exporting_a_file_again() -> None:
    about_search, about_file = Trouble(".", "search", Cause.UNREADABLE, "ingest it"), trouble(Cause.UNREADABLE, "a.mov")
    found_in_search, found_in_file = judge_troubles([about_search, about_file], PACK)
    assert "export" in found_in_file.remedy
    assert "export" not in found_in_search.remedy
    assert "scan again" in found_in_search.remedy


BLOCKING = tuple(found(case(evidence(Origin.GENERATED))))
REVIEW = tuple(found(case(evidence(Origin.POSSIBLY_GENERATED))))
NOTED = tuple(found(case(evidence(Origin.ENHANCED))))
WAIVED = tuple(found(case(evidence(Origin.GENERATED)), approvals=(bound(evidence(Origin.GENERATED)),)))
LOST = trouble()


@pytest.mark.parametrize(
    ("findings", "troubles", "fail_on", "code"),
    [
        ((), [], Severity.NOTE, 0),
        ((), [LOST], Severity.BLOCK, 3),
        (BLOCKING, [], Severity.BLOCK, 1),
        (BLOCKING, [LOST], Severity.BLOCK, 1),
        (BLOCKING, [], Severity.NOTE, 1),
        (REVIEW, [], Severity.BLOCK, 0),
        (REVIEW, [LOST], Severity.BLOCK, 3),
        (REVIEW, [LOST], Severity.REVIEW, 1),
        (NOTED, [], Severity.REVIEW, 0),
        (NOTED, [], Severity.NOTE, 1),
        (WAIVED, [], Severity.NOTE, 0),
        (WAIVED, [LOST], Severity.BLOCK, 3),
        (WAIVED + BLOCKING, [], Severity.BLOCK, 1),
    ],
)
def test_exit_code(findings: tuple[Finding, ...], troubles: list[Trouble], fail_on: Severity, code: int) -> None:
    assert gate(iter(findings), iter(troubles), fail_on) == code


Told = Evidence | Trouble | Credential | Match | Statement
TOLD: st.SearchStrategy[Told] = st.one_of(
    st.builds(evidence, st.sampled_from(Origin), st.sampled_from(Standing), st.none() | st.text(max_size=80)),
    st.builds(trouble, st.sampled_from(Cause)),
    st.builds(credential, *[st.sampled_from(["intact", "valid", "broken", "unknown", "expired", ""])] * 4),
    st.builds(match, st.sampled_from(["confirmed-copy", "shares-content"]), st.sampled_from(Origin)),
    st.builds(statement, st.sampled_from(["Make", "tiff:Model", "ExposureTime", "", "a/b:c"]), st.text(max_size=5)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(TOLD, max_size=8))
def test_any_case_is_judged_and_nothing_grave_is_silent(told: list[Told]) -> None:
    judged = case(*told)
    rows = found(judged)
    rules = {row.rule for row in rows}
    assert all(isinstance(reason, get_args(Because)) for row in rows for reason in row.because)
    copies = any(isinstance(row, Match) and row.known.origin in AI_ORIGINS for row in judged.matches)
    if judged.origin in AI_ORIGINS:
        assert any(row.severity is Severity.BLOCK for row in rows)
    if judged.reading.troubles:
        assert rules & {"not-looked-at", "remote-credential"}
    if copies:
        assert rules & {"known-generated", "shares-generated-content"}


KNOWN = match("confirmed-copy", Origin.GENERATED).known.digest


def test_approved_known_material_may_stand_where_it_is_copied() -> None:
    other = replace(
        match("confirmed-copy", Origin.GENERATED), known=Known("sha256:" + "ef" * 32, "x", Origin.GENERATED)
    )
    cleared, blocked = found(
        case(match("confirmed-copy", Origin.GENERATED), other), approvals=(bound(evidence(), digest=KNOWN),)
    )
    assert cleared.waived_by == approval(digest=KNOWN)
    assert "temp/sky.png" in cleared.message
    assert blocked.waived_by is None
    assert gate([cleared], (), Severity.BLOCK) == 0
    assert gate([cleared, blocked], (), Severity.BLOCK) == 1


def test_another_take_of_approved_material_is_still_looked_at() -> None:
    (finding,) = found(case(match("shares-content", Origin.GENERATED)), approvals=(bound(evidence(), digest=KNOWN),))
    assert (finding.severity, finding.waived_by) == (Severity.REVIEW, None)


def test_approved_known_material_clears_no_mark_of_the_deliverable_itself() -> None:
    told = (evidence(), match("confirmed-copy", Origin.GENERATED))
    rows = found(case(*told), approvals=(bound(evidence(), digest=KNOWN),))
    assert {row.rule: row.waived_by is not None for row in rows} == {
        "generated-in-deliverable": False, "known-generated": True,
    }  # fmt: skip


def test_possibly_generated_material_found_again_is_weighed_as_the_pack_weighs_its_kind() -> None:
    rows = found(case(match("confirmed-copy", Origin.POSSIBLY_GENERATED, Span(1.0, 2.0))))
    assert [(row.rule, row.severity, row.time) for row in rows] == [
        ("possibly-generated", Severity.REVIEW, Span(1.0, 2.0))
    ]


def test_an_approval_that_is_over_is_named_and_lets_nothing_through() -> None:
    told = evidence(Origin.GENERATED)
    over = bound(told, expires="2026-11-21")
    (finding,) = found(case(told), approvals=(over, bound(told, expires="2026-01-01")))
    assert (finding.waived_by, finding.expired_approval) == (None, over.approval)
    assert gate([finding], (), Severity.BLOCK) == 1
    over_known = bound(told, digest=KNOWN, expires="2026-11-21")
    (copy,) = found(case(match("confirmed-copy", Origin.GENERATED)), approvals=(over_known,))
    assert (copy.waived_by, copy.expired_approval) == (None, over_known.approval)
    (lost,) = found(case(trouble()), approvals=(bound(trouble(), expires="2026-11-21"),))
    assert lost.expired_approval is None, "it never could"


def test_an_approval_in_force_hides_the_one_before_it() -> None:
    told = evidence(Origin.GENERATED)
    (finding,) = found(case(told), approvals=(bound(told, expires="2026-01-01"), bound(told)))
    assert (finding.waived_by, finding.expired_approval) == (approval(), None)


def later(*told: Evidence | Match, known: tuple[Evidence | Match, ...]) -> dict[str, str]:
    """What becomes of each finding of what is told now, when the approver knew what is `known`: its rule, and which."""
    states = {}
    for finding in found(case(*told), approvals=(bound(*known),)):
        states[finding.rule] = "waived" if finding.waived_by else "open"
        if not finding.waived_by:
            assert finding.uncovered_by == approval(), "the report says that this approval does not cover it"
    return states


def test_a_mark_that_was_read_later_is_not_covered() -> None:
    seen = evidence(tool="One")
    assert later(seen, known=(seen,)) == {"generated-in-deliverable": "waived"}
    newer = replace(seen, signal="a_newer_signal")
    assert later(seen, newer, known=(seen,)) == {"generated-in-deliverable": "open"}
    assert later(seen, evidence(tool="Two"), known=(seen,)) == {"generated-in-deliverable": "open"}
    assert later(seen, known=(seen, newer)) == {"generated-in-deliverable": "waived"}, "less than was known"


def test_how_a_mark_is_worded_and_believed_does_not_matter() -> None:
    seen = evidence(standing=Standing.SIGNED)
    told = replace(seen, standing=Standing.TRUSTED, where="elsewhere", detail="other words", carrier="png")
    assert later(told, known=(seen,)) == {"generated-in-deliverable": "waived"}


def test_a_graver_origin_is_another_rule() -> None:
    mild = evidence(Origin.POSSIBLY_GENERATED)
    assert later(mild, known=(mild,)) == {"possibly-generated": "waived"}
    assert later(mild, evidence(Origin.GENERATED), known=(mild,)) == {"generated-in-deliverable": "open"}


def test_severity_is_the_clients_and_may_change() -> None:
    seen = evidence(Origin.ENHANCED)
    strict = packs.parse(
        b'name="x"\nversion="1"\ntitle="t"\nsource="s"\n'
        b'[[rule]]\nid="enhanced"\nseverity="block"\nclause="C"\nsays="s"\n',
        "strict",
    )
    (finding,) = found(case(seen), approvals=(bound(seen),), pack=strict)
    assert (finding.severity, finding.waived_by) == (Severity.BLOCK, approval())


def shot(start: float, end: float, known: str = "cd", verdict: str = "confirmed-copy") -> Match:
    of = Known("sha256:" + known * 32, "temp/sky.png", Origin.GENERATED)
    return replace(match(verdict, Origin.GENERATED, Span(start, end)), known=of)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (shot(3, 7), "waived"),
        (replace(shot(3, 7), score=0.5, detail="measured anew"), "waived"),
        (shot(4, 5), "waived"),
        (shot(2.6, 7.4), "waived"),
        (shot(2, 7), "open"),
        (shot(3, 8), "open"),
        (shot(20, 24), "open"),
        (shot(3, 7, known="ef"), "open"),
        (replace(shot(3, 7), time=None), "open"),
        (replace(shot(3, 7), method="audio"), "open"),
        (replace(shot(3, 7), known=replace(shot(3, 7).known, origin=Origin.PARTLY_GENERATED)), "open"),
    ],
)
def test_known_material_is_covered_where_it_was_found(now: Match, state: str) -> None:
    assert later(now, known=(shot(3, 7),)) == {"known-generated": state}


def test_a_copy_is_more_than_shared_content() -> None:
    assert later(shot(3, 7), known=(shot(3, 7, verdict="shares-content"),)) == {"known-generated": "open"}


def test_known_material_in_a_sequence_without_a_rate_is_covered_in_its_frames() -> None:
    seen = replace(shot(3, 7), time=None, frames=(1004, 1100))
    assert later(replace(seen, frames=(1001, 1103)), known=(seen,)) == {"known-generated": "waived"}
    assert later(replace(seen, frames=(1300, 1400)), known=(seen,)) == {"known-generated": "open"}
    assert later(replace(seen, frames=None), known=(seen,)) == {"known-generated": "open"}


def test_two_spans_without_a_gap_are_one() -> None:
    assert later(shot(3, 9), known=(shot(3, 6), shot(6.2, 9))) == {"known-generated": "waived"}
    assert later(shot(3, 12), known=(shot(3, 6), shot(9, 12))) == {"known-generated": "open"}


def test_an_approval_that_does_not_cover_all_marks_of_its_content_lets_no_copy_through() -> None:
    partly = replace(bound(evidence(), digest=KNOWN), covers_copies=False)
    (finding,) = found(case(match("confirmed-copy", Origin.GENERATED)), approvals=(partly,))
    assert (finding.waived_by, finding.uncovered_by) == (None, partly.approval)


def test_of_two_approvals_the_one_that_covers_the_finding_counts() -> None:
    first, second = bound(evidence(tool="One"), reference="CLR-1"), bound(evidence(tool="Two"), reference="CLR-2")
    (finding,) = found(case(evidence(tool="Two")), approvals=(first, second))
    assert finding.waived_by == second.approval

"""What a report must say, looked for in every format."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from provenance.model.cut import Use
from provenance.model.finding import CHANGED, GONE, UNCHANGED, Case
from provenance.model.report import PolicyName, Report, RuleName
from provenance.model.vocabulary import Severity
from provenance.reports import escape, limits, sentences
from provenance.reports.compose import compose
from provenance.reports.content import describe_found_content
from provenance.reports.document import build_document
from provenance.reports.language import use_language
from provenance.reports.limits import list_limits
from provenance.reports.reading_days import describe_days
from provenance.trust import withhold_trust
from tests.reports.as_read import read_all, squeeze
from tests.reports.golden.report import golden_report

HOUSE = PolicyName(
    "house",
    "6" * 64,
    "2026.1",
    "House rules",
    "A memo",
    not_asked=(RuleName("generated-in-deliverable", "Generated material in a deliverable"),),
)


def with_policy(report: Report, policy: PolicyName, **changes: object) -> Report:
    inputs = dataclasses.replace(report.inputs, policy=policy)
    return dataclasses.replace(report, inputs=inputs, **changes)  # type: ignore[arg-type]


def say_in(report: Report, *sentences_: str, left_out: tuple[str, ...] = ()) -> None:
    """Assert that every format says each of these, but for those that have no place for running text."""
    for name, text in read_all(report).items():
        for sentence in sentences_:
            if name not in left_out:
                assert squeeze(sentence) in text, f"{name} does not say {sentence!r}"


def test_a_pack_that_leaves_rules_out_is_no_pass_over_generated_material(golden: Report) -> None:
    report = with_policy(golden, HOUSE, findings=())
    verdict = sentences.describe_verdict(report)
    assert verdict.startswith("9 assets are or may be generated, or show such material")
    assert verdict.endswith("The policy house leaves out 1 rule, listed below.")
    # json, jsonl and csv have rows for it, and no sentences
    say_in(report, verdict, left_out=("json", "jsonl", "csv"))
    say_in(report, "Generated material in a deliverable", "generated-in-deliverable", "house")
    document = build_document(report)
    assert document["summary"]["unopposed"] == len(document["unopposed"]) == 9  # type: ignore[index, arg-type]
    [sign] = [row for row in _list(report, "unopposed") if row["path"] == "artwork/sign.png"]
    assert sign["origin"] == "generated"


def test_a_rule_that_objects_needs_no_other_word(golden: Report) -> None:
    assert "no rule" not in sentences.describe_verdict(golden)
    assert build_document(golden)["unopposed"] == []


def test_a_note_is_no_objection_and_an_approval_is_not_silence(golden: Report) -> None:
    generated = [found for found in golden.findings if found.path == "artwork/poster_v3.png"]
    case = next(row for row in golden.cases if row.location.path == "artwork/poster_v3.png")
    alone = dataclasses.replace(golden, cases=(case,))
    as_note = dataclasses.replace(generated[0], severity=Severity.NOTE)
    told = sentences.describe_verdict(dataclasses.replace(alone, findings=(as_note,)))
    assert told.startswith("1 asset is or may be generated, or shows such material, and no rule")
    waived = next(found.waived_by for found in golden.findings if found.waived_by)
    approved = dataclasses.replace(generated[0], waived_by=waived)
    told = sentences.describe_verdict(dataclasses.replace(alone, findings=(approved,)))
    assert "no rule" not in told


def test_what_was_only_catalogued_is_not_judged(golden: Report) -> None:
    cases = [dataclasses.replace(case, is_judged=False) for case in golden.cases]
    report = compose(made_at=golden.made_at, version="0", inputs=golden.inputs, coverage=golden.coverage, cases=cases)
    assert "no rule" not in sentences.describe_verdict(report)


@pytest.mark.parametrize(("shipped", "says"), [(True, "shipped with the program"), (False, "not shipped with")])
def test_whose_pack_it_is_stands_in_every_report(golden: Report, shipped: bool, says: str) -> None:
    report = with_policy(golden, dataclasses.replace(HOUSE, is_shipped=shipped))
    say_in(report, f"house 2026.1, {says}", left_out=("json", "jsonl"))
    assert build_document(report)["inputs"]["policy"]["is_shipped"] is shipped  # type: ignore[index]


def test_the_list_that_vouched_stands_at_the_finding(golden: Report) -> None:
    say_in(golden, "trusted by C2PA (of 2026-08-05, sha256 777777777777…)", left_out=("json", "jsonl"))
    because = next(row["because"][0] for row in _list(golden, "findings") if row["path"] == "artwork/fill.jpg")
    assert because["vouched_by"] == {
        "name": "C2PA",
        "issued": "2026-08-05",
        "sha256": "7" * 64,
        "source": "c2pa-org/conformance-public",
    }


def test_a_list_that_states_no_date_is_given_none(golden: Report) -> None:
    say_in(golden, "studio.pem (no date stated)", left_out=("json", "jsonl", "csv"))
    assert [row["issued"] for row in build_document(golden)["inputs"]["trust_lists"]] == ["2026-08-05", "unknown"]  # type: ignore[index]


def test_a_report_without_the_list_does_not_say_trusted(golden: Report) -> None:
    own = golden.inputs.trust_lists[1:]
    cases = tuple(withhold_trust(case, own) for case in golden.cases)
    [fill] = [case for case in cases if case.location.path == "artwork/fill.jpg"]
    findings = tuple(
        dataclasses.replace(found, because=fill.reading.evidence) if found.path == "artwork/fill.jpg" else found
        for found in golden.findings
    )
    inputs = dataclasses.replace(golden.inputs, trust_lists=own)
    report = dataclasses.replace(golden, cases=cases, findings=findings, inputs=inputs)
    told = "signed here; when it was read, C2PA (of 2026-08-05, sha256 777777777777…) vouched for the signer"
    say_in(report, told, left_out=("json", "jsonl"))
    for name, text in read_all(report).items():
        assert "trustedby" not in text, name
    standings = {row["standing"] for case in _list(report, "assets") for row in case["evidence"]}
    assert "trusted" not in standings
    assert "signed" in standings


def test_own_marks_and_found_content_are_two_columns(golden: Report) -> None:
    # a reel without a mark of its own that shows a generated still
    say_in(golden, "copy of generated material", left_out=("json", "jsonl", "text"))
    told = "4 unknown. Found content: known material in 3 assets (3 generated)."
    say_in(golden, told, left_out=("json", "jsonl", "csv"))
    [reel] = [row for row in _list(golden, "assets") if row["path"] == "video/ep101.mov"]
    assert reel["origin"] == "unknown"
    assert reel["found_content"] == {"origin": "generated", "verdict": "confirmed-copy", "matches": 1}
    assert build_document(golden)["summary"]["found_content"]["generated"] == 3  # type: ignore[index]
    for name, text in read_all(golden).items():
        assert "fororagainstgenerativeAI.Thisdoesnotmeanthattheassetisclean" not in text, name


def test_an_algorithm_is_not_called_ai(golden: Report) -> None:
    for name, text in read_all(golden).items():
        assert not re.search("(?i)(enhanced|improved)byan?ai", text), name


def test_what_a_search_did_not_do_is_not_called_none() -> None:
    [reel] = [case for case in golden_report().cases if case.location.path == "video/ep101.mov"]
    bare = dataclasses.replace(golden_report(), cases=(dataclasses.replace(reel, matches=()),))
    assert describe_found_content(bare) == "none"
    unsearched = dataclasses.replace(bare, inputs=dataclasses.replace(bare.inputs, searched=None))
    assert describe_found_content(unsearched) == "none recorded; this run made no search"


def test_what_no_rule_objects_to_is_listed(golden: Report) -> None:
    report = with_policy(golden, HOUSE, findings=())
    say_in(report, "own marks unknown; found content: copy of generated material", left_out=("json", "jsonl", "csv"))


def test_a_clause_says_in_whose_words_it_is(golden: Report) -> None:
    say_in(golden, "in the pack's own words", left_out=("json", "jsonl"))
    for name, text in read_all(golden).items():
        assert "quotedfrom" not in text, name
    [poster] = [row for row in _list(golden, "findings") if row["path"] == "artwork/poster_v3.png"]
    assert poster["clause_is_quoted"] is False
    quoted = tuple(dataclasses.replace(found, clause_is_quoted=True) for found in golden.findings)
    say_in(dataclasses.replace(golden, findings=quoted), "quoted", left_out=("json", "jsonl"))


def test_title_version_and_source_of_the_pack_stand_in_every_report(golden: Report) -> None:
    say_in(with_policy(golden, HOUSE), "House rules", "A memo", "2026.1")


def test_the_limits_stand_in_every_report(golden: Report) -> None:
    credentials = [row for case in golden.cases for row in case.reading.credentials]
    assert len(credentials) == 1
    say_in(
        golden,
        "SynthID",
        "an OCSP response",
        "Of 1 content credential in this report, 1 carried no response that could be used.",
        "The deliverables were compared with 38 pictures, 12 clips and 5 sounds that are or may be generated",
        ".97 of 74 uses of stills",
        "who gave or entered an approval",
        "Every optional component was installed",
        left_out=("csv",),
    )
    assert not re.search("nobody|because|interest", " ".join(list_limits(golden)))


def test_what_was_not_installed_and_not_searched_is_said(golden: Report) -> None:
    inputs = dataclasses.replace(golden.inputs, searched=None, not_installed=("pikepdf (look into PDF files)",))
    report = dataclasses.replace(golden, inputs=inputs)
    say_in(report, "Not installed when this report was made: pikepdf", "This run made no search;", left_out=("csv",))


def test_an_ocsp_response_in_the_file_counts(golden: Report) -> None:
    with_proof = tuple(map(_prove, golden.cases))
    told = " ".join(list_limits(dataclasses.replace(golden, cases=with_proof)))
    assert "Of 1 content credential in this report, 0 carried no response" in told


def _prove(case: Case) -> Case:
    codes = ("signingCredential.ocsp.notRevoked",)
    proven = tuple(dataclasses.replace(row, codes=codes) for row in case.reading.credentials)
    return dataclasses.replace(case, reading=dataclasses.replace(case.reading, credentials=proven))


@pytest.mark.parametrize("language", ["en", "de"])
def test_no_limit_is_cut_off(golden: Report, language: str) -> None:
    with use_language(language):
        assert [text for text in list_limits(golden) if len(text) > escape.LONGEST] == []


def test_the_rates_are_those_of_the_page_on_matching() -> None:
    page = (Path(__file__).parents[2] / "docs" / "matching.md").read_text()
    stills, clips = limits.STILLS, limits.CLIPS
    found = re.search(rf"Recall is (\.\d+) of {stills}\.", page)
    assert found
    assert f"{float(found[1]):.2f}".removeprefix("0") == limits.STILLS_FOUND
    assert re.search(rf"\| {clips} uses of clips [^|]*\| {re.escape(limits.CLIPS_FOUND)} \|", page)
    assert stills + limits.HARD_UNRELATED == limits.UNRELATED_SHOTS
    row = rf"\| {limits.HARD_EDITS} uses under {limits.HARD_EDITS} edits \| {re.escape(limits.HARD_FOUND)} \|"
    assert re.search(rf"{row}.*\| 0 of {limits.HARD_UNRELATED}, 0 \|", page)
    assert f"none of {limits.SOUND_PAIRS} pairs of clip and mix" in page
    for level, rate in limits.SOUND_FOUND.items():
        assert re.search(rf"\| {level}(, and with Opus 64)? \| {re.escape(rate)} \|", page), level
    for command in (
        "benchmarks.matching recall --rounds 2 --seed 401",
        "hard --rounds 1 --unrelated 100 --seed 301",
        "benchmarks.sound --show --seed 21",
    ):
        assert command in page


def test_the_day_of_reading_stands_at_each_asset_and_run(golden: Report) -> None:
    say_in(golden, "as read on 2026-11-21", left_out=("json", "jsonl", "csv"))
    say_in(golden, "scan on 2026-11-21 of /deliveries/EP101", left_out=("json", "jsonl", "csv"))
    for name, text in read_all(golden).items():
        expected = len(golden.cases)
        if name == "text":  # which lists findings, not assets
            open_ = [found for found in golden.findings if not found.waived_by]
            # a cut list that was named has no day of reading
            expected = len([found for found in open_ if not isinstance(found.because[0], Use)])
        assert text.count("2026-11-21") >= expected, name
    assert {row["read_on"] for row in _list(golden, "assets")} == {"2026-11-21"}
    runs = build_document(golden)["inputs"]["runs"]  # type: ignore[index]
    assert runs == [{"kind": "scan", "on": "2026-11-21", "detail": "/deliveries/EP101", "outcome": "done"}]


def test_what_changed_since_it_was_read_is_said_first_and_listed(golden: Report) -> None:
    states = {"artwork/poster_v3.png": CHANGED, "video/ep101.mov": GONE}
    cases = [dataclasses.replace(row, state_now=states.get(row.location.path, UNCHANGED)) for row in golden.cases]
    report = dataclasses.replace(golden, cases=tuple(cases))
    told = "1 asset has changed and 1 asset has disappeared since this was read, and the report describes what"
    assert told in sentences.describe_verdict(report)
    assert "since this was read" not in sentences.describe_verdict(golden)
    say_in(report, told, "as read on 2026-11-21; the file has changed since", left_out=("json", "jsonl", "csv"))
    listed = {row["path"]: row["state_now"] for row in _list(report, "changed_since_read")}
    assert listed == {"artwork/poster_v3.png": "changed", "video/ep101.mov": "gone"}
    assert "gone" in read_all(report)["csv"]


def test_days_that_differ_are_a_range(golden: Report) -> None:
    first = dataclasses.replace(golden.cases[0], read_at="2026-11-03T00:00:00Z")
    report = dataclasses.replace(golden, cases=(first, *golden.cases[1:]))
    assert describe_days(report) == "as read between 2026-11-03 and 2026-11-21"


def _list(report: Report, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = build_document(report)[name]  # type: ignore[assignment]
    return rows

"""No rule objects to a plain reading, in any zone and under any pack: that is what a night rests on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance import plain
from provenance.model.asset import Reading
from provenance.model.evidence import Credential, Evidence, Trouble, Used
from provenance.model.finding import Case
from provenance.model.vocabulary import Cause, Origin, Standing, Zone
from provenance.plain import is_plain
from provenance.policy import packs
from provenance.policy.interface import Rule, Violation
from provenance.policy.selection import LABEL, PREVIEW, SLATE
from tests.catalogue import make
from tests.policy.build import case, credential, evidence
from tests.policy.test_reconcile import OTHER, register
from tests.policy.test_register_rows import GOOD, entry_of

HARMLESS = (Origin.CAPTURED, Origin.CREATED)
FACTS = st.sampled_from(
    ["intact", "missing", "unknown", "valid", "trusted", "untrusted", "revoked", "expired", "stamped"]
)
SIGNALS = st.sampled_from(["camera", "recorder", LABEL, PREVIEW, SLATE]) | st.text(max_size=9)
any_evidence = st.builds(
    Evidence, SIGNALS, st.text(max_size=9), st.text(max_size=9), st.sampled_from([*HARMLESS, Origin.UNKNOWN]),
    st.sampled_from(Standing), st.none() | st.text(max_size=9), st.text(max_size=9),
)  # fmt: skip
harmless = any_evidence.filter(plain._is_harmless)
credentials = st.builds(credential, FACTS, FACTS, FACTS, FACTS)


@given(make.readings, st.lists(harmless, max_size=3), st.lists(credentials, max_size=2), st.sampled_from(Zone))
def test_rules_are_silent(
    reading: Reading, evidence_rows: list[Evidence], credential_rows: list[Credential], zone: Zone
) -> None:
    asset = dataclasses.replace(reading.asset, digest=OTHER)
    rows, proofs = tuple(evidence_rows), tuple(credential_rows)
    reading = dataclasses.replace(reading, asset=asset, evidence=rows, credentials=proofs, troubles=())
    seen = dataclasses.replace(case(), reading=reading)
    seen = dataclasses.replace(seen, location=dataclasses.replace(seen.location, zone=zone), origin=Origin.UNKNOWN)
    assert is_plain(seen.reading)
    whole = register(*(entry_of(kind) for kind in GOOD))
    seen = dataclasses.replace(seen, register=tuple(whole.compare(seen)))
    assert seen.register == ()
    for rule in packs.load_rules().values():
        if not rule.objects_to_plain:
            assert list(rule.judge(seen)) == [], rule.id


@given(make.readings)
def test_what_a_rule_objects_to_is_not_plain(reading: Reading) -> None:
    seen = dataclasses.replace(case(), reading=reading)
    for rule in packs.load_rules().values():
        if any(True for _ in rule.judge(seen)):
            assert not is_plain(reading), rule.id


@pytest.mark.parametrize(
    "seen",
    [
        *(case(evidence(origin)) for origin in Origin if origin not in HARMLESS),
        case(evidence(Origin.CAPTURED, Standing.BROKEN)),
        case(evidence(Origin.UNKNOWN)),
        *(case(dataclasses.replace(evidence(Origin.CAPTURED), signal=name)) for name in (LABEL, PREVIEW, SLATE)),
        case(dataclasses.replace(evidence(Origin.CAPTURED), used=Used(prompt="a harbour"))),
        case(credential(binding="broken")),
        case(credential(signature="broken")),
        case(Trouble("", "png", Cause.REMOTE, "")),
        case(digest=""),
    ],
)
def test_what_is_not_plain(seen: Case) -> None:
    assert not is_plain(seen.reading)
    assert is_plain(case(evidence(Origin.CAPTURED, Standing.TRUSTED), credential()).reading)


def test_a_new_origin_is_not_plain_before_somebody_thought_of_it() -> None:
    assert frozenset(HARMLESS) == plain._HARMLESS
    assert frozenset([LABEL, PREVIEW, SLATE]) == plain._IN_PICTURES


@pytest.mark.parametrize("name", packs.list_packs())
def test_shipped_packs_ask_nothing_else(name: str) -> None:
    assert not packs.load(name).objects_to_plain


CONDITIONS = """
name = "mine"
version = "1"
title = "Mine"
source = "nobody"
about = "a test"
[[rule]]
id = "enhanced"
zone = ["deliverable", "temp"]
purpose = "background"
territory = ["CN"]
severity = "block"
clause = "C"
says = "So it is."
[[rule]]
id = "enhanced"
severity = "note"
clause = "C"
says = "So it is."
"""


def test_conditions_only_choose_among_what_a_rule_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "mine.toml"
    place.write_text(CONDITIONS)
    assert not packs.load(str(place)).objects_to_plain

    class Wide(Rule):
        name = "wide"

        def judge(self, case: Case) -> Iterator[Violation]:
            yield Violation(f"{case.location.path} is wide.", (evidence(),))

    monkeypatch.setattr(packs, "load_rules", lambda: {"enhanced": Wide()})
    assert packs.load(str(place)).objects_to_plain, "a rule that says nothing of it may object to anything"

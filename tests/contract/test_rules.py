"""Every rule: texts, a place in the default pack, and cases of its own that fire and that must not.

A rule's cases stand in `tests/policy/rules/test_<name>.py` as `FIRES` and `QUIET`: what the case shows -> the case.
"""

from __future__ import annotations

import importlib
import re

import pytest

from provenance import registry
from provenance.model.finding import Case
from provenance.policy import packs, rules
from provenance.policy.interface import Rule

RULES = registry.load_members(rules, Rule)
everyone = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


def cases(rule: Rule, which: str) -> dict[str, Case]:
    """The rule's own cases; a rule without them fails here."""
    told: dict[str, Case] = getattr(importlib.import_module(f"tests.policy.rules.test_{rule.name}"), which)
    assert told, f"{rule.name} has no case in {which}"
    return told


def test_there_are_rules() -> None:
    assert len(RULES) >= 8


@everyone
def test_texts_are_there_and_are_sentences(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert rule.title
    assert not rule.title.endswith(".")
    for text in (rule.why, rule.remedy):
        assert len(text.split()) > 4
        assert text.endswith(".")


@everyone
def test_the_default_pack_names_it_unless_it_serves_some_territories_alone(rule: Rule) -> None:
    asking = [name for name in packs.list_packs() if rule.id in packs.load(name).by_rule]
    assert asking
    assert ("netflix" in asking) is not rule.is_regional


@everyone
def test_it_fires_with_a_sentence_that_rests_on_something(rule: Rule) -> None:
    for shows, case in cases(rule, "FIRES").items():
        violations = list(rule.judge(case))
        assert violations, shows
        for violation in violations:
            assert violation.because, shows
            assert violation.message.endswith("."), shows


@everyone
def test_it_stays_quiet(rule: Rule) -> None:
    for shows, case in cases(rule, "QUIET").items():
        assert list(rule.judge(case)) == [], shows


@everyone
def test_it_says_the_same_twice(rule: Rule) -> None:
    for case in cases(rule, "FIRES").values():
        assert list(rule.judge(case)) == list(rule.judge(case))

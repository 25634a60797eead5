from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from provenance.errors import UsageError
from provenance.model.vocabulary import Severity
from provenance.policy import packs

HEAD = 'name = "studio"\nversion = "1"\ntitle = "t"\nsource = "letter of 2026"\n'
RULE = '[[rule]]\nid = "enhanced"\nseverity = "note"\nclause = "S-1"\nsays = "tell us"\n'


def test_the_default_pack_names_every_rule_and_its_digest() -> None:
    pack = packs.load("netflix")
    text = (Path(packs.__file__).parent / "packs" / "netflix.toml").read_bytes()
    assert pack.identity.sha256 == hashlib.sha256(text).hexdigest()
    regional = {name for name, rule in packs.load_all_rules().items() if rule.is_regional}
    assert sorted(pack.by_rule) == sorted(packs.load_all_rules().keys() - regional)


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ("generated-in-deliverable", Severity.BLOCK),
        ("partly-generated-in-deliverable", Severity.BLOCK),
        ("known-generated", Severity.BLOCK),
        ("possibly-generated", Severity.REVIEW),
        ("broken-credential", Severity.REVIEW),
        ("remote-credential", Severity.REVIEW),
        ("contradicting-evidence", Severity.REVIEW),
        ("not-looked-at", Severity.REVIEW),
        ("enhanced", Severity.NOTE),
    ],
)
def test_how_grave_the_default_pack_takes_it(rule: str, severity: Severity) -> None:
    assert [row.severity for row in packs.load("netflix").by_rule[rule] if not row.conditions.words] == [severity]


def test_a_file_is_a_pack(tmp_path: Path) -> None:
    path = tmp_path / "studio.toml"
    path.write_text(HEAD + RULE)
    pack = packs.load(str(path))
    assert (pack.name, pack.sha256) == ("studio", hashlib.sha256((HEAD + RULE).encode()).hexdigest())
    assert pack.rulings == (packs.Ruling("enhanced", Severity.NOTE, "S-1: tell us"),)


def test_a_file_in_the_current_folder_does_not_stand_in_for_a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netflix").write_text(HEAD + RULE)
    monkeypatch.chdir(tmp_path)
    assert packs.load("netflix").name == "netflix"


@pytest.mark.parametrize(
    "name",
    [
        "netflix",
        "Netflix",
        "NETFLIX 2026.11",
        "net-flix",
        "\uff4e\uff45\uff54\uff46\uff4c\uff49\uff58",
        "netflix\u200b",
    ],
)
def test_no_other_pack_calls_itself_by_a_shipped_name(name: str) -> None:
    text = HEAD.replace("studio", name) + RULE
    with pytest.raises(UsageError) as complaint:
        packs.parse(text.encode(), "policy x.toml")
    assert "comes with the program" in complaint.value.message
    assert "a name of its own" in complaint.value.hint


def test_a_copy_byte_for_byte_is_the_shipped_pack(tmp_path: Path) -> None:
    text = (Path(packs.__file__).parent / "packs" / "netflix.toml").read_bytes()
    (tmp_path / "copy.toml").write_bytes(text)
    assert packs.load(str(tmp_path / "copy.toml")) == packs.load("netflix")
    assert packs.load("netflix").identity.is_shipped
    for name in ("netflix-trailers", "studio"):
        own = packs.parse(text.replace(b'"netflix"', f'"{name}"'.encode()), "policy x.toml")
        assert not own.identity.is_shipped


def test_a_pack_names_the_rules_that_it_does_not_ask() -> None:
    assert all(row.is_regional for row in packs.load("netflix").identity.not_asked)
    pack = packs.parse((HEAD + RULE).encode(), "policy x.toml")
    not_asked = {row.rule: row.title for row in pack.identity.not_asked}
    assert sorted(not_asked) == sorted(packs.load_all_rules().keys() - {"enhanced"})
    assert not_asked["generated-in-deliverable"] == "Generated material in a deliverable"


def test_of_several_packs_each_has_a_name_of_its_own(tmp_path: Path) -> None:
    asked = packs.load_all(["eu-ai-act", "netflix"])
    assert [pack.name for pack in asked] == ["eu-ai-act", "netflix"]
    (tmp_path / "one.toml").write_text(HEAD + RULE)
    (tmp_path / "two.toml").write_text(HEAD.replace("studio", "Studio 2") + RULE)
    for names in (["netflix", "netflix"], [str(tmp_path / "one.toml"), str(tmp_path / "two.toml")]):
        with pytest.raises(UsageError, match="two policies are called"):
            packs.load_all(names)


def test_the_rules_that_find_generated_material_are_named_first() -> None:
    finding = {name for name, rule in packs.load_all_rules().items() if rule.finds_generated}
    assert {"generated-in-deliverable", "known-generated", "generated_in_cut", "reference-in-generated"} <= finding
    assert "enhanced" not in finding
    named = {row.rule for row in packs.load("california").identity.not_asked if row.finds_generated}
    assert named == finding


def test_an_unknown_name_lists_the_packs() -> None:
    with pytest.raises(UsageError) as complaint:
        packs.load("no-such-pack")
    assert "no-such-pack" in complaint.value.message
    assert "netflix" in complaint.value.hint


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ("", "names no rule", "[[rule]]"),
        (HEAD, "names no rule", "[[rule]]"),
        (HEAD + "rule = []\n", "names no rule", "[[rule]]"),
        (RULE, "name is missing", ""),
        (HEAD.replace('"1"', "1") + RULE, "version must be a text", ""),
        (HEAD.replace('"t"', '" "') + RULE, "title must not be blank", ""),
        (HEAD + 'severty = "x"\n' + RULE, "unknown key 'severty'", "valid: "),
        (HEAD + RULE.replace("severity", "severty"), "unknown key 'severty'", "did you mean 'severity'"),
        (HEAD + RULE + "waived = true\n", "unknown key 'waived'", ""),
        (HEAD + RULE.replace("enhanced", "enhansed"), "unknown rule 'enhansed'", "did you mean 'enhanced'"),
        (HEAD + RULE.replace("enhanced", "not_looked_at"), "unknown rule", "did you mean 'not-looked-at'"),
        (HEAD + RULE.replace('"note"', '"warn"'), "severity = 'warn'", "block, note, review"),
        (HEAD + RULE.replace('"note"', '"BLOCK"'), "severity = 'BLOCK'", "block, note, review"),
        (HEAD + RULE.replace('"note"', "1"), "severity must be a text", ""),
        (HEAD + RULE.replace('severity = "note"\n', ""), "severity is missing", ""),
        (HEAD + RULE.replace('clause = "S-1"\n', ""), "clause is missing", ""),
        (HEAD + RULE.replace('"tell us"', '""'), "says must not be blank", ""),
        (HEAD + 'quotes = "no"\n' + RULE, "quotes must be true or false", ""),
        (HEAD + RULE + RULE, "names 'enhanced' twice", ""),
        (HEAD + '[rule]\nid = "enhanced"\n', "rule must be a list", ""),
        (HEAD + 'rule = ["enhanced"]\n', "rule must be written as [[rule]]", ""),
        (HEAD + "[[rule]\n", "not valid TOML", ""),
        (HEAD + 'name = "again"\n' + RULE, "not valid TOML", ""),
        ("x = " + "[" * 5000, "not valid TOML", ""),
        (HEAD.replace("t", "\x00") + RULE, "not valid TOML", ""),
    ],
)
def test_a_bad_pack_stops_the_run_and_says_why(text: str, says: str, hint: str) -> None:
    with pytest.raises(UsageError) as complaint:
        packs.parse(text.encode(), "policy x.toml")
    assert says in complaint.value.message
    assert "x.toml" in complaint.value.message
    assert hint in complaint.value.hint


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(UsageError, match="not valid TOML"):
        packs.parse(b"\xff\xfe\x00", "policy x")


def test_what_cannot_be_read_is_no_pack(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nothing")
    (tmp_path / "huge.toml").write_text(HEAD + RULE + "#" * (1 << 20))
    for path in (tmp_path, tmp_path / "pipe.toml", tmp_path / "gone.toml", tmp_path / "huge.toml", "/dev/zero", ""):
        with pytest.raises(UsageError):
            packs.load(str(path))
